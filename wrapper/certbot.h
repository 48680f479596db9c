/*
 * certbot.h: the engine's command lines. The only place that knows certbot's
 * options; certhaul-acme takes the same ones.
 */
#ifndef WRAPPER_CERTBOT_H
#define WRAPPER_CERTBOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
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
	bool staging, dry_run, force, expand;
	enum certbot_way way;
	const char *hook_path, *conf_path; /* for CERTBOT_IN_PROXY */
	const char *const *rest; /* appended unchanged */
	size_t rest_count;
};

/* certonly -n with directories, account, names and the way. ERR_NOMEM. */
int certbot_certonly(const struct engine *engine, const struct conf *conf,
    const struct certbot_request *request, struct certbot_argv *ret,
    struct err *err) MUST_CHECK;

/*
 * renew -n, never with --server (certbot would not load the stored account);
 * `name` NULL: every lineage. `sleep`: let certbot sleep before it begins, as
 * it does without a terminal; else --no-random-sleep-on-renew.
 */
int certbot_renew(const struct engine *engine, const struct conf *conf,
    const char *name, bool force, bool dry_run, bool sleep,
    struct certbot_argv *ret, struct err *err) MUST_CHECK;

/*
 * revoke -n --cert-name, with the server of the lineage's renewal conf;
 * `reason` or NULL. certbot deletes the lineage when it is done.
 */
int certbot_revoke(const struct engine *engine, const struct conf *conf,
    const char *name, const char *reason, struct certbot_argv *ret,
    struct err *err) MUST_CHECK;

/* delete -n --cert-name. */
int certbot_delete(const struct engine *engine, const struct conf *conf,
    const char *name, struct certbot_argv *ret, struct err *err) MUST_CHECK;

void certbot_argv_free(struct certbot_argv *argv);

#endif
