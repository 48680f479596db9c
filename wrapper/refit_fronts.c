/*
 * refit_fronts.c: which frontends are for plain http, and the whole of one
 * where there is none. A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <string.h>
#include <unistd.h>

#include "wrapper/holder.h"
#include "wrapper/unread.h"

enum { PORT_HTTP = 80, PORT_HTTPS = 443 };

/* Those of others lead here, nobody has said where: as if none were named. */
int
refit_find_fronts(struct refit_work *work, struct err *err)
{
	const struct conf_list *given = &work->conf->challenge.http_addresses;
	int rc;

	rc = discovery_fronts(
	    work->hacfg, given->items, given->count, &work->fronts, err);
	for (size_t i = 0; rc == 0 && i < work->fronts.count; i++) {
		const struct discovery_front *front = &work->fronts.items[i];

		work->named |=
		    given->count > 0 && (front->here || front->bind != NULL);
	}
	return rc < 0 || work->named || given->count == 0
	    ? rc
	    : discovery_fronts(work->hacfg, NULL, 0, &work->fronts, err);
}

/* For everybody; where IPv6 is switched off, a bind to :: would fail. */
static const char *
open_address(void)
{
	return access("/proc/net/if_inet6", F_OK) == 0 ? ":::80 v4v6" : ":80";
}

/* The whole of it, with these bind lines. */
static int
add_frontend(struct refit_work *work, const char *binds, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	char name[64], backend[256];
	struct refit_base base;
	int rc;

	refit_free_name(&work->text, "http", false, name, sizeof(name));
	rc = refit_find_backend(work, NULL, backend, sizeof(backend), err);
	if (rc == 0)
		rc = refit_base_find(work, &base, err);
	if (rc == 0)
		rc = buf_printf(&text, err,
		    "\nfrontend %s%s\n\tmode http\n"
		    "\toption idle-close-on-response\n%s%s",
		    name, base.from, base.client, binds);
	if (rc == 0 && *work->conf->challenge.map != '\0') {
		rc = buf_puts(&text, "\t", err);
		if (rc == 0)
			rc = refit_map_rule(work->conf, &text, err);
		if (rc == 0)
			rc = buf_puts(&text, "\n", err);
	}
	if (rc == 0)
		rc = buf_printf(&text, err,
		    "\thttp-request redirect scheme https code 301 unless %s\n"
		    "\tuse_backend %s if %s\n",
		    REFIT_CONDITION, backend, REFIT_CONDITION);
	if (rc == 0)
		rc = refit_add_section(
		    work, REFIT_FRONTEND, buf_text(&text), err);
	buf_free(&text);
	return rc;
}

/* Something has the port, and no rule of ours would help there. */
static int
note_taken(struct refit_work *work, const struct hacfg_bind *bind,
    unsigned port, struct err *err)
{
	if (port == PORT_HTTP && !discovery_listens(bind, port, true))
		return refit_note(work, err,
		    "%s:%u, in %s, takes port 80 for this machine alone, and "
		    "no bind line takes it for others, where a CA is: have "
		    "that one listen for them, or put a frontend of mode http "
		    "on an address of theirs (bind ADDRESS:80)",
		    bind->file, bind->line, bind->section);
	return refit_note(work, err,
	    "%s:%u, in %s, takes port %u already, %s: none is proposed beside "
	    "it, as HAProxy would share the connections out among both. Have "
	    "the challenge (" REFIT_PATH ") sent from there to a frontend of "
	    "mode http, and name that in challenge.http_addresses",
	    bind->file, bind->line, bind->section, port,
	    bind->ssl         ? "with ssl"
		: !bind->http ? "in mode tcp"
			      : "for itself");
}

/* A bind line into `ret`, where there is nothing on its port. */
static int
add_bind(struct refit_work *work, const char *address, unsigned port,
    struct buf *ret, struct err *err)
{
	const struct hacfg_bind *taken = refit_taken(work, port);

	if (taken != NULL)
		return note_taken(work, taken, port, err);
	if (holder_is_there(port))
		return refit_note_held(work, port, err);
	return buf_printf(ret, err, "\tbind %s\n", address);
}

/* At each address that is named and this machine's, or at port 80. */
static int
propose(struct refit_work *work, struct err *err)
{
	const struct conf_list *given = &work->conf->challenge.http_addresses;
	struct buf binds = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	int rc = 0;

	if (given->count > 0 && !work->named)
		return refit_note(work, err,
		    "challenge.http_addresses names other machines (%s), and "
		    "no bind line here takes plain http: have a frontend of "
		    "mode http where they send it",
		    given->items[0]);
	if (!work->named)
		rc = add_bind(work, open_address(), PORT_HTTP, &binds, err);
	for (size_t i = 0; work->named && rc == 0 && i < work->fronts.count;
	     i++) {
		const struct discovery_front *front = &work->fronts.items[i];

		if (front->here && front->bind == NULL)
			rc = add_bind(
			    work, front->target.text, front->port, &binds, err);
	}
	if (rc == 0 && binds.len > 0)
		rc = add_frontend(work, buf_text(&binds), err);
	buf_free(&binds);
	return rc;
}

static bool
is_plain_http(const struct hacfg_bind *bind)
{
	return !bind->ssl && !bind->quic && bind->http;
}

/* Has a bind line for other machines `port`? */
static bool
has_open(const struct refit_work *work, unsigned port, bool plain_http)
{
	for (size_t i = 0; i < work->hacfg->bind_count; i++) {
		const struct hacfg_bind *bind = &work->hacfg->binds[i];

		if (discovery_listens(bind, port, true) &&
		    (!plain_http || is_plain_http(bind)))
			return true;
	}
	return false;
}

bool
refit_is_alone(const struct conf *conf, const struct hacfg *hacfg)
{
	bool tls = false, plain = false;
	char path[LIMIT_PATH_BYTES];

	if (conf->challenge.http_addresses.count > 0)
		return false;
	for (size_t i = 0; i < hacfg->bind_count; i++) {
		const struct hacfg_bind *bind = &hacfg->binds[i];

		if (discovery_listens(bind, PORT_HTTP, false))
			return false;
		tls |= discovery_listens(bind, PORT_HTTPS, false);
		plain |= is_plain_http(bind);
	}
	/* Asked last, as it may take its time. */
	return (tls || !plain) && !unread_first(conf, path, sizeof(path));
}

bool
refit_is_everywhere(const struct conf *conf, const struct hacfg *hacfg)
{
	bool found = conf->challenge.http_addresses.count > 0;

	for (size_t i = 0; i < hacfg->bind_count && !found; i++)
		found = discovery_listens_all(&hacfg->binds[i], PORT_HTTP);
	return found;
}

/*
 * Is there nothing on port 80, and nothing that it could lead to? Where port
 * 443 is HAProxy's own, or is going to be, no mapping stands in front of it.
 */
static bool
is_missing(const struct refit_work *work)
{
	const struct discovery_fronts *fronts = &work->fronts;

	if (work->conf->challenge.http_addresses.count > 0 ||
	    has_open(work, PORT_HTTP, false))
		return false;
	if (refit_lacks_https(work))
		return true;
	if (fronts->count > 0 && fronts->entrance == DISCOVERY_LOOPBACK)
		return false;
	return has_open(work, PORT_HTTPS, false) || !has_open(work, 0, true);
}

/* The plain http sections that are looked at: by position in `binds`. */
static bool
is_wanted(const struct refit_work *work, const struct hacfg_bind *bind)
{
	const struct discovery_fronts *fronts = &work->fronts;
	size_t i;

	if (!is_plain_http(bind))
		return false;
	/* None that we can reach (an address of VRRP): the first will do. */
	if (fronts->count == 0)
		return discovery_listens(bind,
		    has_open(work, PORT_HTTP, true) ? PORT_HTTP : 0, true);
	/* Who asks port 80 may come to any of those that have it. */
	if (fronts->entrance == DISCOVERY_PORT_80 && !work->named &&
	    discovery_listens(bind, PORT_HTTP, true))
		return true;
	for (i = 0; i < fronts->count; i++) {
		const struct hacfg_bind *front = fronts->items[i].bind;

		/* Two branches of a condition may have the same section. */
		if (front != NULL &&
		    strcmp(front->section, bind->section) == 0 &&
		    strcmp(front->file, bind->file) == 0)
			return true;
	}
	return false;
}

/* No rule of any section that is looked at would do. */
static int
find_none(struct refit_work *work, struct err *err)
{
	for (size_t i = 0; i < work->fronts.count; i++) {
		const struct discovery_front *front = &work->fronts.items[i];

		if (front->bind != NULL)
			return refit_note(work, err,
			    "%s takes plain http in mode tcp: the rules for "
			    "the challenge go to wherever it sends that",
			    front->target.text);
	}
	return propose(work, err);
}

/* CAs come to most names by IPv4: HAProxy may have nothing there. */
static int
note_six(struct refit_work *work, struct err *err)
{
	const struct hacfg_bind *six = NULL;

	if ((work->scope & REFIT_SITE) == 0 ||
	    work->conf->challenge.http_addresses.count > 0)
		return 0;
	for (size_t i = 0; i < work->hacfg->bind_count; i++) {
		const struct hacfg_bind *bind = &work->hacfg->binds[i];

		if (discovery_listens_four(bind, PORT_HTTP))
			return 0;
		if (six == NULL && discovery_listens(bind, PORT_HTTP, true))
			six = bind;
	}
	return six == NULL
	    ? 0
	    : refit_note(work, err,
		  "%s:%u, in %s, takes port 80 of IPv6 alone, and no bind line "
		  "has that of IPv4, by which a CA comes to names with an A "
		  "record: put `bind :80` beside it, or name in "
		  "challenge.http_addresses where they come in",
		  six->file, six->line, six->section);
}

int
refit_find_http(struct refit_work *work, struct err *err)
{
	const struct refit_section *section, *last = NULL;
	const struct hacfg *hacfg = work->hacfg;
	const struct discovery_fronts *fronts = &work->fronts;
	bool all = fronts->count > 0 &&
	    (fronts->items[0].port == PORT_HTTP || work->named);
	size_t i;
	int rc = 0;

	if (is_missing(work))
		return propose(work, err);
	for (i = 0; i < hacfg->bind_count && rc == 0; i++) {
		if (!is_wanted(work, &hacfg->binds[i]))
			continue;
		section = refit_section_of(&work->text, &hacfg->binds[i]);
		if (section == NULL || section == last ||
		    (last != NULL && !all &&
			strcmp(section->name, last->name) != 0))
			continue;
		rc = refit_find_in(work, section, err);
		last = section;
	}
	if (rc == 0 && last == NULL)
		return find_none(work, err);
	if (rc == 0)
		rc = note_six(work, err);
	return rc == 0 && work->named ? propose(work, err) : rc;
}
