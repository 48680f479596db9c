/*
 * refit_certs.c: the bind lines with ssl: is the crt directory loaded, and
 * which line is to load it where none does? A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "wrapper/holder.h"
#include "wrapper/refit_ours.h"

/* Would a new bundle be loaded in another way: a crt-list? */
static int
is_listed(const struct discovery *discovery, bool *ret, struct err *err)
{
	struct discovery_stores *stores;
	int rc;

	stores = calloc(1, sizeof(*stores));
	if (stores == NULL)
		return err_nomem(err, REFIT_DOING);
	rc = discovery_stores(discovery, "certhaul.pem", stores, err);
	*ret = rc == 0 && stores->count > 0;
	free(stores);
	return rc;
}

static bool
is_word(const char *raw, size_t start, size_t end, const char *word)
{
	return end - start == strlen(word) &&
	    memcmp(raw + start, word, end - start) == 0;
}

int
refit_edit_bind(struct refit_work *work, enum refit_item item,
    const struct hacfg_bind *bind, bool in_front, const char *text,
    struct err *err)
{
	const struct refit_section *section;
	struct buf raw = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	struct buf made = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	size_t start, end, at = 0;
	bool crt = false;
	int rc;

	section = refit_section_of(&work->text, bind);
	if (section == NULL)
		return 0;
	rc = refit_raw(bind->file, bind->line, &raw, err);
	for (size_t i = 2;
	     rc == 0 && refit_span(buf_text(&raw), i, &start, &end); i++) {
		bool is_crt = is_word(buf_text(&raw), start, end, "crt") ||
		    is_word(buf_text(&raw), start, end, "crt-list");

		if (is_crt && in_front && !crt)
			at = start;
		if (is_crt && !in_front &&
		    refit_span(buf_text(&raw), i + 1, &start, &end))
			at = end;
		if (!crt && !is_crt &&
		    is_word(buf_text(&raw), start, end, "ssl"))
			at = end;
		crt |= is_crt;
	}
	if (rc == 0)
		rc = buf_printf(&made, err, "%.*s%s%s%s%s", (int)at,
		    buf_text(&raw), in_front ? "" : " ", text,
		    in_front ? " " : "", buf_text(&raw) + at);
	if (rc == 0)
		rc = refit_add(work, item, section, bind->line, true,
		    buf_text(&made), err);
	buf_free(&made);
	buf_free(&raw);
	return rc;
}

enum { PORT_HTTPS = 443, LEFT_MOST = 3 };

/* How well the bundles would be loaded by the line; 0: not at all. */
static unsigned
rank_of(const struct hacfg_bind *bind)
{
	if (!bind->ssl || bind->quic)
		return 0;
	return 1U + bind->http +
	    2U * discovery_listens(bind, PORT_HTTPS, false);
}

static bool
same_section(const struct hacfg_bind *a, const struct hacfg_bind *b)
{
	return strcmp(a->section, b->section) == 0 &&
	    strcmp(a->file, b->file) == 0;
}

/*
 * The bind line that should have the bundles: on port 443, of mode http first.
 * Without port 443 only one of mode http that is alone will do (`*ret_clear`):
 * mail and others have certificates of their own.
 */
static const struct hacfg_bind *
best_bind(const struct hacfg *hacfg, bool *ret_clear)
{
	const struct hacfg_bind *found = NULL;
	size_t i;

	*ret_clear = true;
	for (i = 0; i < hacfg->bind_count; i++) {
		const struct hacfg_bind *bind = &hacfg->binds[i];
		unsigned rank = rank_of(bind), best;

		best = found == NULL ? 0 : rank_of(found);
		if (rank > best) {
			found = bind;
			*ret_clear = rank > 1;
		} else if (rank == best && rank == 2 &&
		    !same_section(bind, found)) {
			*ret_clear = false;
		}
	}
	return found;
}

bool
refit_lacks_https(const struct refit_work *work)
{
	bool clear;

	return (work->scope & REFIT_SITE) != 0 &&
	    best_bind(work->hacfg, &clear) == NULL &&
	    refit_taken(work, PORT_HTTPS) == NULL &&
	    !holder_is_there(PORT_HTTPS);
}

/* TLS goes through port 443 to somewhere else. */
static int
note_taken(struct refit_work *work, const struct hacfg_bind *bind,
    const char *first, struct err *err)
{
	return refit_note(work, err,
	    "%s:%u, in %s, takes port 443 already, without ssl: no frontend is "
	    "proposed beside it, as HAProxy would share the connections out "
	    "among both. Where this HAProxy is to end TLS, its bind line wants "
	    "`ssl crt %s crt %s/`",
	    bind->file, bind->line, bind->section, first,
	    work->conf->haproxy.bundle_dir);
}

/* The whole of it, where there is no ssl at all. */
static int
add_https(struct refit_work *work, const char *first, struct err *err)
{
	const char *address =
	    access("/proc/net/if_inet6", F_OK) == 0 ? ":::443 v4v6" : ":443";
	struct buf text = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	struct refit_base base;
	char name[64];
	int rc;

	refit_free_name(&work->text, "https", false, name, sizeof(name));
	rc = refit_base_find(work, &base, err);
	if (rc == 0)
		rc = buf_printf(&text, err,
		    "\nfrontend %s%s\n\tmode http\n"
		    "\toption idle-close-on-response\n%s"
		    "\tbind %s ssl crt %s crt %s/ alpn h2,http/1.1\n"
		    "\thttp-request set-header X-Forwarded-Proto https\n"
		    "\t# Your rules and backends go here: use_backend ...\n"
		    "\thttp-request return status 421\n",
		    name, base.from, base.client, address, first,
		    work->conf->haproxy.bundle_dir);
	if (rc == 0)
		rc = refit_add_section(work, REFIT_HTTPS, buf_text(&text), err);
	buf_free(&text);
	return rc;
}

/*
 * Does the line go with the best one: those of the same rank beside it have
 * other addresses, and QUIC is the same site once more.
 */
static bool
goes_with(const struct hacfg_bind *bind, const struct hacfg_bind *best)
{
	return same_section(bind, best) &&
	    (rank_of(bind) == rank_of(best) || (bind->ssl && bind->quic));
}

/* That of several for https only some get them. */
static int
note_left(struct refit_work *work, const struct discovery *discovery,
    const struct hacfg_bind *best, struct err *err)
{
	struct buf left = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	const struct hacfg *hacfg = discovery_hacfg(discovery);
	size_t count = 0;
	int rc = 0;

	for (size_t i = 0; i < hacfg->bind_count && rc == 0; i++) {
		const struct hacfg_bind *bind = &hacfg->binds[i];

		if (goes_with(bind, best) || !discovery_passes(discovery, i) ||
		    ++count > LEFT_MOST)
			continue;
		rc = buf_printf(&left, err, "%s%.200s:%u (%.60s)",
		    count > 1 ? ", " : "", bind->file, bind->line,
		    bind->section);
	}
	if (rc == 0 && count > 0)
		rc = refit_note(work, err,
		    "%.200s is chosen to load %.200s/, and left as it is: "
		    "%s%s. Put `crt %.200s/` into each bind line that is to "
		    "show these certificates, too",
		    best->section, work->conf->haproxy.bundle_dir,
		    buf_text(&left), count > LEFT_MOST ? " and others" : "",
		    work->conf->haproxy.bundle_dir);
	buf_free(&left);
	return rc;
}

/*
 * A directory that certhaul can go on with is better than a second one: of two
 * certificates for one name, a renewal of the one is not seen.
 */
static int
note_dir(struct refit_work *work, const struct hacfg_bind *bind,
    const struct hacfg_source *dir, const char *lineage, struct err *err)
{
	const struct conf *conf = work->conf;

	free(work->refit->dir_to);
	work->refit->dir_to = strdup(dir->path);
	if (work->refit->dir_to == NULL)
		return err_nomem(err, REFIT_DOING);
	return refit_note(work, err,
	    "%s:%u loads %s/, where %s.pem is for lineage %s already: before "
	    "anything else, haproxy.bundle_dir is to be that directory, "
	    "haproxy: { bundle_dir = \"%s\"; }; in %s (init --write puts it "
	    "in), and init to be run again. certhaul takes over what is called "
	    "LINEAGE.pem there, and "
	    "leaves the rest alone",
	    bind->file, bind->line, dir->name, lineage, lineage, dir->path,
	    conf->path != NULL ? conf->path : CONF_DEFAULT_PATH);
}

/* The best line, and what goes with it. */
static int
load_dir(struct refit_work *work, const struct hacfg_bind *best,
    const struct refit_ours *ours, const char *first, struct err *err)
{
	char text[2 * LIMIT_PATH_BYTES + 16];
	int rc = 0;

	/* Of all lines, before one of them is given another directory. */
	for (size_t i = 0; i < work->hacfg->bind_count; i++) {
		const struct hacfg_bind *bind = &work->hacfg->binds[i];
		const struct hacfg_source *dir;
		const char *lineage;

		if (!goes_with(bind, best))
			continue;
		dir = refit_ours_dir(ours, bind, &lineage);
		if (dir != NULL)
			return note_dir(work, bind, dir, lineage, err);
	}
	for (size_t i = 0; i < work->hacfg->bind_count && rc == 0; i++) {
		const struct hacfg_bind *bind = &work->hacfg->binds[i];
		bool none = bind->source_count == 0;

		if (!goes_with(bind, best))
			continue;
		(void)snprintf(text, sizeof(text), "%s%s%scrt %s/",
		    none ? "crt " : "", none ? first : "", none ? " " : "",
		    work->conf->haproxy.bundle_dir);
		rc = refit_edit_bind(work, REFIT_CERTS, bind, false, text, err);
	}
	return rc;
}

/* No line loads them, unless by a crt-list. */
static int
choose(struct refit_work *work, const struct discovery *discovery,
    const struct refit_ours *ours, const char *first, struct err *err)
{
	const struct hacfg_bind *taken = refit_taken(work, PORT_HTTPS), *bind;
	bool listed = false, clear = true;
	int rc;

	rc = is_listed(discovery, &listed, err);
	if (rc < 0 || listed)
		return rc;
	bind = best_bind(work->hacfg, &clear);
	if (bind == NULL && taken != NULL)
		return note_taken(work, taken, first, err);
	if (bind == NULL)
		return refit_lacks_https(work)
		    ? add_https(work, first, err)
		    : refit_note_held(work, PORT_HTTPS, err);
	if (!clear)
		return refit_note(work, err,
		    "no bind line loads %s/, and which one is to is not clear: "
		    "none with ssl is on port 443, and %s:%u, in %s, is %s. "
		    "Put `crt %s/` into yours",
		    work->conf->haproxy.bundle_dir, bind->file, bind->line,
		    bind->section,
		    bind->http ? "not the only one of mode http"
			       : "of mode tcp, as mail is, which has "
				 "certificates of its own",
		    work->conf->haproxy.bundle_dir);
	rc = load_dir(work, bind, ours, first, err);
	return rc < 0 || work->refit->dir_to != NULL
	    ? rc
	    : note_left(work, discovery, bind, err);
}

int
refit_find_certs(struct refit_work *work, struct err *err)
{
	const struct conf *conf = work->conf;
	struct discovery *discovery = NULL;
	struct refit_ours *ours = NULL;
	char first[LIMIT_PATH_BYTES];
	bool loaded = false;
	int rc;

	rc = discovery_default_path(
	    conf->haproxy.bundle_dir, first, sizeof(first), err);
	if (rc == 0)
		rc = refit_find_defaults(work, first, &loaded, err);
	if (rc == 0)
		rc = refit_ours_read(conf, &ours, err);
	if (rc == 0)
		rc = discovery_load(conf->haproxy.config.items,
		    conf->haproxy.config.count, conf->haproxy.environment,
		    conf->haproxy.bundle_dir, conf->haproxy.crt_list,
		    &discovery, err);
	if (rc == 0 && !loaded)
		rc = choose(work, discovery, ours, first, err);
	if (rc == 0 && work->refit->dir_to == NULL)
		rc = refit_tell_beside(work, discovery, ours, first, err);
	discovery_free(discovery);
	refit_ours_free(ours);
	return rc;
}
