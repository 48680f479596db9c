/*
 * refit.h: what an operator's haproxy.cfg lacks for certhaul, line by line.
 *
 * Nobody's configuration is rewritten: each thing that is missing is an edit
 * (lines to put in front of a line, or in place of it). The preflight shows
 * those that concern the challenge, `init` shows all as a diff and applies
 * them with --write. What there is already, in whatever form, is left alone,
 * so that a file that was refitted lacks nothing.
 */
#ifndef WRAPPER_REFIT_H
#define WRAPPER_REFIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"

struct hacfg_bind;
struct elsewhere;

/* Names whose challenges our rules leave to others. */
#define REFIT_ELSEWHERE "certhaul_elsewhere"
#define REFIT_ELSEWHERE_ACL                                                    \
	"acl " REFIT_ELSEWHERE " req.hdr(host),field(1,:),lower -m str"

enum refit_item {
	REFIT_SOCKET, /* stats socket with level admin */
	REFIT_STATS_TIMEOUT, /* 2m: a commit must not be cut (H2) */
	REFIT_HARD_STOP, /* old workers end some day */
	REFIT_IDLE_CLOSE, /* option idle-close-on-response */
	REFIT_FRONTEND, /* there is no plain http frontend at all */
	REFIT_MAP_RULE, /* http-01 inside HAProxy */
	REFIT_OTHERS, /* the names that others answer for */
	REFIT_REDIRECT, /* one that takes the challenge to https */
	REFIT_USE_BACKEND, /* http-01 to a listener */
	REFIT_BACKEND, /* that listener's */
	REFIT_BASE, /* defaults that new sections can build on */
	REFIT_HTTPS, /* there is no bind line with ssl at all */
	REFIT_CERTS, /* none loads bundle_dir */
	REFIT_DEFAULT, /* it may not be empty: no certificate in front */
	REFIT_ITEMS
};

/* Which of them. */
enum refit_scope {
	REFIT_MAP = 1, /* http-01 inside HAProxy */
	REFIT_STANDALONE = 2, /* http-01 by a listener */
	REFIT_SITE = 4, /* everything else */
	REFIT_ALL = 7
};

struct refit_edit {
	enum refit_item item;
	char *file; /* owned */
	unsigned line; /* in front of it; one past the last: at the end */
	bool replace; /* in place of it */
	char *section; /* "frontend http"; "" for a new one; owned */
	char *text; /* lines, each with its newline; owned */
};

struct refit {
	struct refit_edit *edits; /* by file and line; owned */
	size_t count;
	char **notes; /* what no line of ours can mend; owned */
	size_t note_count;
	char **next; /* what is to be done once that is; owned */
	size_t next_count;
	char *dir_to; /* what haproxy.bundle_dir is to be first, as a note says;
	    NULL: it stays; owned */
	bool stopped; /* a rule that is noted keeps challenges from listeners */
	char *socket_from, *socket_to; /* what haproxy.sockets has, and is to
	    have in its place with the edits; NULL: it stays; owned */
	bool socket_there; /* haproxy.cfg has it already, as a note says */
};

/*
 * Looks through haproxy.config. For names of `elsewhere` (may be NULL) nothing
 * is to change. Errors as hacfg_read(). Owned: refit_free().
 */
int refit_find(const struct conf *conf, enum refit_scope scope,
    const struct elsewhere *elsewhere, struct refit *ret,
    struct err *err) MUST_CHECK;
void refit_free(struct refit *refit);

/* What came back instead of the challenge. */
enum refit_answer {
	REFIT_REDIRECTED,
	REFIT_UNAVAILABLE,
	REFIT_NO_ANSWER, /* nothing, while the connection stands */
	REFIT_OTHER_ANSWER
};

/*
 * For a challenge that does not come through by `bind`, although nothing is
 * missing: which rule is ahead of it, or which server does not answer, and
 * what goes where, as lines appended to `ret`: none where no rule is known that
 * gives REFIT_NO_ANSWER. Errors as hacfg_read().
 */
int refit_ahead(const struct conf *conf, const struct hacfg_bind *bind,
    bool in_proxy, enum refit_answer answer, struct buf *ret,
    struct err *err) MUST_CHECK;

/*
 * Where the rules of the section of `bind` leave `name` to others, by an ACL
 * that refit_find() proposed: what to do about it, appended to `ret`. Errors as
 * hacfg_read().
 */
int refit_elsewhere(const struct conf *conf, const struct hacfg_bind *bind,
    const char *name, struct buf *ret, struct err *err) MUST_CHECK;

/* Where haproxy.cfg leads challenges, whatever certhaul.conf says. */
struct refit_led {
	long port; /* of the server; 0: nowhere, or not told */
	char where[LIMIT_PATH_BYTES]; /* "haproxy.cfg:12", its line */
	char lead[LIMIT_PATH_BYTES]; /* the same of the use_backend */
	long servers[256]; /* the ports of servers, here or anywhere */
	size_t server_count;
	bool alone; /* HAProxy has no port 80, nor plain http elsewhere that
	    port 80 of others could lead to: who wants it may have it */
	bool everywhere; /* nobody else can have port 80, on any address; or
	    challenge.http_addresses tells where the CA comes in */
};

/* Is the port one of its servers'? */
bool refit_led_has(const struct refit_led *led, long port);

/* Errors as hacfg_read(). */
int refit_led(
    const struct conf *conf, struct refit_led *ret, struct err *err) MUST_CHECK;

/* Are they the same edits, at the same lines? */
bool refit_equal(const struct refit *a, const struct refit *b);

/* What is missing, as a phrase; static storage. */
const char *refit_item_text(enum refit_item item);

/* The rule that answers out of the map; into `ret`. ERR_LIMIT, ERR_NOMEM. */
int refit_map_rule(
    const struct conf *conf, struct buf *ret, struct err *err) MUST_CHECK;

/*
 * `text`, that of `file`, with the edits that are `file`'s; appended to `ret`.
 * ERR_LIMIT, ERR_NOMEM.
 */
int refit_apply(const struct refit *refit, const char *file, const char *text,
    struct buf *ret, struct err *err) MUST_CHECK;

/* The same as a unified diff. */
int refit_diff(const struct refit *refit, const char *file, const char *text,
    struct buf *ret, struct err *err) MUST_CHECK;

#endif
