/*
 * preflight_advise.c: what came back, in terms of haproxy.cfg: the verdict,
 * and the lines that are missing. The last step of preflight().
 */
#include "wrapper/preflight_part.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "wrapper/elsewhere.h"
#include "wrapper/refit.h"
#include "wrapper/service.h"
#include "wrapper/unread.h"

/* The answer as one line: its status, and how it begins. */
static void
describe(const struct preflight_fetch *ask, char *detail, size_t size)
{
	char body[64];

	if (*ask->location != '\0') {
		(void)snprintf(
		    detail, size, "HTTP %d to %s", ask->status, ask->location);
	} else if (ask->body_len == 0) {
		(void)snprintf(
		    detail, size, "HTTP %d, an empty answer", ask->status);
	} else {
		(void)snprintf(body, sizeof(body), "%.60s", ask->body);
		text_clean(body);
		(void)snprintf(
		    detail, size, "HTTP %d, \"%s\"", ask->status, body);
	}
	text_clean(detail);
}

static enum preflight_verdict
judge_answer(
    const struct preflight_scene *scene, const struct preflight_fetch *ask)
{
	if (ask->status == 200 && strcmp(ask->body, scene->body) == 0)
		return PREFLIGHT_GOOD;
	if (*ask->location != '\0')
		return PREFLIGHT_REDIRECT;
	if (ask->status == 404)
		return PREFLIGHT_NOT_FOUND;
	if (ask->status >= 502 && ask->status <= 504)
		return PREFLIGHT_UNAVAILABLE;
	return PREFLIGHT_NO_RULE;
}

enum preflight_verdict
preflight_judge(const struct preflight_scene *scene,
    const struct preflight_fetch *ask, char *detail, size_t size)
{
	switch (ask->end) {
	case PREFLIGHT_FETCH_REFUSED:
		(void)snprintf(detail, size, "nobody listens there");
		return PREFLIGHT_REFUSED;
	case PREFLIGHT_FETCH_TIMEOUT:
		(void)snprintf(detail, size, "no answer within %d s%s",
		    LIMIT_PREFLIGHT_MS / 1000,
		    ask->spared ? " for others, so it was not asked" : "");
		return PREFLIGHT_TIMEOUT;
	case PREFLIGHT_FETCH_BROKEN:
		(void)snprintf(detail, size, "no HTTP came back: %s", ask->why);
		return PREFLIGHT_NO_RULE;
	case PREFLIGHT_FETCH_ANSWERED:
	case PREFLIGHT_FETCH_ENDS: break;
	}
	describe(ask, detail, size);
	return judge_answer(scene, ask);
}

/* What is missing, with its place. */
static int
put_edits(const struct refit *refit, struct buf *ret, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < refit->count && rc == 0; i++) {
		const struct refit_edit *edit = &refit->edits[i];
		const char *text = edit->text;

		if (*edit->section == '\0')
			rc = buf_printf(
			    ret, err, "at the end of %s:\n", edit->file);
		else
			rc = buf_printf(ret, err, "%s:%u, in %s, %s it:\n",
			    edit->file, edit->line, edit->section,
			    edit->replace ? "in place of" : "in front of");
		text += *text == '\n';
		if (rc == 0)
			rc = buf_puts(ret, text, err);
	}
	for (size_t i = 0; i < refit->note_count && rc == 0; i++)
		rc = buf_printf(ret, err, "%s\n", refit->notes[i]);
	return rc;
}

/* Asked once, for all names. */
static void
look_at_haproxy(struct preflight_scene *scene)
{
	const struct conf_list *sockets = &scene->conf->haproxy.sockets;

	scene->start_s = LONG_MAX;
	if (scene->silent)
		scene->mute = sockets->items[0];
	for (size_t i = 0; i < sockets->count && !scene->silent; i++) {
		struct err ignored = ERR_INIT;
		struct process process;
		int rc =
		    process_probe_soon(sockets->items[i], &process, &ignored);

		if (rc == ERR_TIMEOUT && scene->mute == NULL)
			scene->mute = sockets->items[i];
		else if (rc < 0 && scene->down == NULL)
			scene->down = sockets->items[i];
		if (rc < 0)
			continue;
		if (i == 0)
			scene->start_s = process.start_s;
		if (*scene->unread == '\0')
			unread_first_of(scene->conf, &process, scene->unread,
			    sizeof(scene->unread));
	}
}

/*
 * By how many seconds the configuration is newer than the process that would
 * have read it: exact to one, as HAProxy tells its age in seconds.
 */
static long
newer_by_s(const struct preflight_scene *scene)
{
	const struct hacfg_bind *bind =
	    scene->fronts.count > 0 ? scene->fronts.items[0].bind : NULL;
	struct stat st;

	if (bind == NULL || scene->start_s == LONG_MAX ||
	    stat(bind->file, &st) != 0)
		return LONG_MIN;
	return (long)st.st_mtim.tv_sec - scene->start_s;
}

/* The bind line that answered at `address`; NULL where none is known. */
static const struct hacfg_bind *
bind_at(const struct preflight_scene *scene, const char *address)
{
	for (size_t i = 0; i < scene->fronts.count; i++) {
		if (strcmp(scene->fronts.items[i].target.text, address) == 0)
			return scene->fronts.items[i].bind;
	}
	return NULL;
}

static int
put_reload(
    const struct preflight_scene *scene, struct buf *ret, struct err *err)
{
	char how[SERVICE_RELOAD_BYTES];

	return buf_printf(ret, err,
	    "haproxy.cfg has the lines, and HAProxy has not read them yet: "
	    "reload it (%s)\n",
	    service_reload(scene->conf, how, sizeof(how)));
}

static int
put_mute(const struct preflight_scene *scene, struct buf *ret, struct err *err)
{
	return buf_printf(ret, err,
	    "HAProxy takes what it is asked on %s, and gives no answer there: "
	    "it was stopped, hangs or is far too busy; look at it (systemctl "
	    "status haproxy), restart it if need be\n",
	    scene->mute);
}

/* The token could not be put into HAProxy's map. */
static int
put_no_map(
    const struct preflight_scene *scene, struct buf *ret, struct err *err)
{
	if (scene->mute != NULL)
		return put_mute(scene, ret, err);
	return scene->down == NULL
	    ? put_reload(scene, ret, err)
	    : buf_printf(ret, err,
		  "HAProxy does not answer on %s: start it, or mend its "
		  "`stats socket` line or haproxy.sockets (certhaul check)\n",
		  scene->down);
}

/* Where haproxy.cfg has all it needs, and yet the answer is another's. */
static int
put_other_cause(const struct preflight_scene *scene,
    const struct preflight_result *result, struct buf *ret, struct err *err)
{
	const struct hacfg_bind *bind = bind_at(scene, result->address);
	long newer_s = newer_by_s(scene);
	int rc;

	if (scene->hacfg == NULL)
		return buf_puts(ret,
		    "install HAProxy and give it a configuration, or have "
		    "haproxy.config in certhaul.conf name the files that it "
		    "reads\n",
		    err);
	if (result->verdict == PREFLIGHT_NO_MAP)
		return put_no_map(scene, ret, err);
	if (newer_s > 1)
		return put_reload(scene, ret, err);
	if (bind == NULL)
		return buf_puts(ret,
		    "no bind line of haproxy.cfg is known for this address "
		    "(challenge.http_addresses): look at what listens there "
		    "(ss -ltnp)\n",
		    err);
	rc = refit_ahead(scene->conf, bind, scene->in_proxy,
	    result->verdict == PREFLIGHT_REDIRECT          ? REFIT_REDIRECTED
		: result->verdict == PREFLIGHT_UNAVAILABLE ? REFIT_UNAVAILABLE
							   : REFIT_OTHER_ANSWER,
	    ret, err);
	if (rc == 0 && newer_s >= -1)
		rc = buf_puts(ret,
		    "(or haproxy.cfg was changed just now, and HAProxy has not "
		    "read it yet: reload it)\n",
		    err);
	return rc;
}

static int
put_refused(const struct preflight_scene *scene,
    const struct preflight_result *result, struct buf *ret, struct err *err)
{
	const struct hacfg_bind *bind = bind_at(scene, result->address);
	char how[SERVICE_RELOAD_BYTES];

	if (bind == NULL)
		return buf_printf(ret, err,
		    "nobody listens on %s, which challenge.http_addresses "
		    "names: mend that, or start what should listen there\n",
		    result->address);
	return buf_printf(ret, err,
	    "%s:%u binds this address: start HAProxy, or reload it (%s)\n",
	    bind->file, bind->line,
	    service_reload(scene->conf, how, sizeof(how)));
}

/* haproxy.cfg leaves this name to somebody else, as it was told. */
static int
put_elsewhere(const struct preflight_scene *scene,
    const struct preflight_result *result, struct buf *ret, struct err *err)
{
	const struct hacfg_bind *bind = bind_at(scene, result->address);

	return scene->in_proxy || bind == NULL
	    ? 0
	    : refit_elsewhere(scene->conf, bind, result->name, ret, err);
}

/* What haproxy.cfg lacks; nothing where it has it all. */
static int
put_missing(const struct preflight_scene *scene, const struct refit *refit,
    const struct preflight_result *result, struct buf *ret, struct err *err)
{
	int rc;

	if (*scene->unread != '\0')
		return buf_printf(
		    ret, err, "%s: " UNREAD_WORDS "\n", scene->unread);
	rc = put_elsewhere(scene, result, ret, err);
	if (rc == 0 && ret->len == 0 && refit->count + refit->note_count > 0)
		rc = put_edits(refit, ret, err);
	return rc;
}

/* Nothing came back: of a server that it was not meant for, maybe. */
static int
put_timeout(const struct preflight_scene *scene, const struct refit *refit,
    const struct preflight_result *result, struct buf *ret, struct err *err)
{
	const struct hacfg_bind *bind = bind_at(scene, result->address);
	int rc = put_missing(scene, refit, result, ret, err);

	if (rc == 0 && scene->mute != NULL)
		return put_mute(scene, ret, err);
	if (rc == 0 && ret->len == 0 && bind != NULL)
		rc = refit_ahead(scene->conf, bind, scene->in_proxy,
		    REFIT_NO_ANSWER, ret, err);
	return rc < 0
	    ? rc
	    : buf_puts(ret,
		  "HAProxy took the question and gave no answer: look for a "
		  "server that hangs, a tarpit, an inspect-delay, or a "
		  "firewall on loopback\n",
		  err);
}

static int
advise_one(const struct preflight_scene *scene, const struct refit *refit,
    const struct preflight_result *result, struct buf *ret, struct err *err)
{
	int rc;

	switch (result->verdict) {
	case PREFLIGHT_GOOD:
	case PREFLIGHT_VERDICTS: break;
	case PREFLIGHT_REFUSED: return put_refused(scene, result, ret, err);
	case PREFLIGHT_TIMEOUT:
		return put_timeout(scene, refit, result, ret, err);
	case PREFLIGHT_PORT_TAKEN:
		return buf_puts(ret,
		    "end that process; or set another challenge.port in "
		    "certhaul.conf and in the server line of haproxy.cfg; or "
		    "take --in-proxy, which needs no port\n",
		    err);
	case PREFLIGHT_AWAY:
		return buf_puts(ret,
		    "the CA comes to the machine that has the address: ask for "
		    "it there\n",
		    err);
	case PREFLIGHT_NO_FRONTEND:
	case PREFLIGHT_REDIRECT:
	case PREFLIGHT_NOT_FOUND:
	case PREFLIGHT_UNAVAILABLE:
	case PREFLIGHT_NO_RULE:
	case PREFLIGHT_NO_MAP:
		rc = put_missing(scene, refit, result, ret, err);
		return rc < 0 || ret->len > 0
		    ? rc
		    : put_other_cause(scene, result, ret, err);
	}
	return 0;
}

/* What is missing; what is asked for now is no longer somebody else's. */
static int
find_lines(const struct preflight_scene *scene,
    const struct preflight_result *results, size_t count, struct refit *ret,
    struct err *err)
{
	enum refit_scope scope = scene->in_proxy ? REFIT_MAP : REFIT_STANDALONE;
	struct elsewhere elsewhere = {NULL, 0};
	struct err ignored = ERR_INIT;
	int rc;

	rc = elsewhere_find(scene->conf, &elsewhere, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count; i++)
		elsewhere_drop(&elsewhere, results[i].name);
	/* A file that cannot be read is the detail already. */
	if (refit_find(scene->conf, scope, &elsewhere, ret, &ignored) ==
	    ERR_NOMEM)
		rc = err_nomem(err, PREFLIGHT_DOING);
	elsewhere_free(&elsewhere);
	return rc;
}

int
preflight_advise(struct preflight_scene *scene,
    struct preflight_result *results, size_t count, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_HACFG_BYTES);
	struct refit refit = {.edits = NULL};
	bool bad = false;
	int rc = 0;

	for (size_t i = 0; i < count; i++)
		bad |= results[i].verdict != PREFLIGHT_GOOD;
	if (bad)
		look_at_haproxy(scene);
	if (bad)
		rc = find_lines(scene, results, count, &refit, err);
	for (size_t i = 0; i < count && rc == 0; i++) {
		buf_reset(&text);
		rc = advise_one(scene, &refit, &results[i], &text, err);
		if (rc < 0)
			break;
		results[i].advice = strdup(buf_text(&text));
		if (results[i].advice == NULL)
			rc = err_nomem(err, PREFLIGHT_DOING);
	}
	refit_free(&refit);
	buf_free(&text);
	return rc;
}
