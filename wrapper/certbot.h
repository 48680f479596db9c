/*
 * certbot.h: the engine's command lines. The only place that knows certbot's
 * options; certhaul-acme takes the same ones.
 */
#ifndef WRAPPER_CERTBOT_H
#define WRAPPER_CERTBOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "cert/lineage.h"
#include "wrapper/engine.h"

/* An argument vector that grows; `items` ends with a NULL. */
struct certbot_argv {
	char **items; /* owned */
	size_t count;
};

enum certbot_way {
	CERTBOT_STANDALONE, /* --standalone on challenge.address and port */
	CERTBOT_IN_PROXY, /* --manual with certhaul-hook auth and cleanup */
	CERTBOT_OTHER, /* what stands behind `--` says how */
};

struct certbot_request {
	const char *const *names; /* ASCII, checked */
	size_t name_count;
	const char *cert_name, *key_type; /* or NULL */
	bool staging; /* added; the rest may have it, too */
	bool dry_run, force, expand;
	enum certbot_way way;
	const char *hook_path, *conf_path; /* for CERTBOT_IN_PROXY */
	const char *const *rest; /* appended unchanged */
	size_t rest_count;
	bool rest_first; /* it says which names a web root is for */
	const bool *in_rest; /* one a name: the rest gives it */
};

/*
 * certonly -n with directories, account, names and the way. ERR_NOMEM.
 */
int certbot_certonly(const struct engine *engine, const struct conf *conf,
    const struct certbot_request *request, struct certbot_argv *ret,
    struct err *err) MUST_CHECK;

struct certbot_renewal {
	const char *name; /* NULL: every lineage */
	bool force, dry_run, quiet;
};

/*
 * renew -n, never with --server: certbot would not load the stored account.
 * Without certbot's own sleep of up to 8 minutes: certhaul's timer and cron
 * line spread the runs themselves. ERR_NOMEM.
 */
int certbot_renew(const struct engine *engine, const struct conf *conf,
    const struct certbot_renewal *renewal, struct certbot_argv *ret,
    struct err *err) MUST_CHECK;

/* The reasons that `revoke` knows (RFC 5280, 5.3.1), as "a|b|c". */
extern const char certbot_reasons[];

/*
 * revoke -n --cert-name, with server and account of the lineage's renewal conf
 * (certbot asks which account where there are several, and nobody is there to
 * answer); `reason` or NULL. certbot deletes the lineage when it is done. An
 * ERR_NOENT, ERR_SYNTAX, ... where that conf cannot be read; ERR_NOMEM.
 */
int certbot_revoke(const struct engine *engine, const struct conf *conf,
    const struct lineage_ref *ref, const char *reason, struct certbot_argv *ret,
    struct err *err) MUST_CHECK;

/* delete -n --cert-name. ERR_NOMEM. */
int certbot_delete(const struct engine *engine, const struct conf *conf,
    const char *name, struct certbot_argv *ret, struct err *err) MUST_CHECK;

/*
 * What has the standalone lineage answer on challenge.address and port, to be
 * typed in a shell; appended to `ret`. It is renewed so, and all else of its
 * renewal conf stays: certonly would go by certhaul.conf. ERR_LIMIT, ERR_NOMEM.
 */
int certbot_put_move(const struct conf *conf, const char *name, struct buf *ret,
    struct err *err) MUST_CHECK;

/*
 * What has the engine rehearse the lineage's renewal at `server`, to be typed
 * in a shell; appended to `ret`. By itself it does that at Let's Encrypt,
 * whatever the renewal conf says, unless cli.ini names a server. ERR_LIMIT,
 * ERR_NOMEM.
 */
int certbot_put_rehearsal(const struct conf *conf, const char *name,
    const char *server, struct buf *ret, struct err *err) MUST_CHECK;

/*
 * What has the engine revoke, or delete, the lineage with no word to HAProxy,
 * to be typed in a shell; appended to `ret`. ERR_LIMIT, ERR_NOMEM.
 */
int certbot_put_removal(const struct conf *conf, const char *name, bool revoke,
    struct buf *ret, struct err *err) MUST_CHECK;

void certbot_argv_free(struct certbot_argv *argv);

/*
 * Does another certbot hold its locks on these directories? Only looks.
 * ERR_LOCKED names its process and what to do.
 */
int certbot_probe(const struct conf *conf, struct err *err) MUST_CHECK;

#endif
