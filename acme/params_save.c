/*
 * params_save.c: the options of a run -> [renewalparams] of the conf, as
 * certbot writes them.
 */
#include "acme/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/option_private.h"
#include "acme/params_private.h"

/*
 * In certbot's order; what is newer than 2.1 stands beside its like. The last
 * two are always there, and at the end where they were not given.
 */
static const char *const keys[] = {"reuse_key", "allow_subset_of_names",
    "account", "http01_port", "http01_address", "rsa_key_size", "key_type",
    "elliptic_curve", "must_staple", "preferred_chain", "preferred_profile",
    "required_profile", "pref_challs", "pre_hook", "post_hook", "renew_hook",
    "autorenew", "user_agent", "config_dir", "work_dir", "logs_dir", "server",
    "authenticator", "installer", "manual_auth_hook", "manual_cleanup_hook",
    "webroot_path", "server", "key_type"};

static int
save_row(const struct options *params, const struct option_row *row,
    struct renewal *conf, struct err *err)
{
	const char *member = (const char *)params + row->offset;
	char number[32];

	switch (row->kind) {
	case OPTION_TRUE:
	case OPTION_FALSE:
		return renewal_set(conf, PARAMS_SECTION, row->renewal,
		    *(const bool *)(const void *)member ? "True" : "False",
		    err);
	case OPTION_TEXT:
	case OPTION_CHOICE:
		return renewal_set(conf, PARAMS_SECTION, row->renewal,
		    *(const char *const *)(const void *)member, err);
	case OPTION_NUMBER:
		(void)snprintf(number, sizeof(number), "%ld",
		    *(const long *)(const void *)member);
		return renewal_set(
		    conf, PARAMS_SECTION, row->renewal, number, err);
	case OPTION_LIST:
		return renewal_set_list(conf, PARAMS_SECTION, row->renewal,
		    *(const char *const *const *)(const void *)member,
		    *(const size_t *)(const void *)((const char *)params +
			row->count_offset),
		    err);
	case OPTION_COUNT:
	case OPTION_MAP: /* its section: save_webroots() */
	case OPTION_KNOWN:
	case OPTION_FOREIGN: break;
	}
	return 0;
}

/* As certbot: an installer that we have not is not kept. */
static int
drop_installer(struct renewal *conf, struct err *err)
{
	return params_foreign_installer(conf) == NULL
	    ? 0
	    : renewal_set(conf, PARAMS_SECTION, "installer", NULL, err);
}

static bool
is_webroot(const struct options *params)
{
	return params->authenticator != NULL &&
	    strcmp(params->authenticator, "webroot") == 0;
}

static int
save_webroots(const struct options *params, const char *const *names,
    size_t count, struct renewal *conf, struct err *err)
{
	int rc = 0;

	if (!is_webroot(params))
		return 0;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		const char *path = params_webroot(params, conf, names[i]);

		if (path != NULL)
			rc = renewal_set(
			    conf, PARAMS_WEBROOT_MAP, names[i], path, err);
	}
	return rc;
}

/* NULL: it is kept where it was given. */
static const char *
always(const char *key, size_t at, const struct options *params,
    const char *account)
{
	if (strcmp(key, "account") == 0)
		return account;
	if (strcmp(key, "authenticator") == 0)
		return params->authenticator;
	if (at == COUNT_OF(keys) - 2)
		return params->server;
	return at == COUNT_OF(keys) - 1 ? params->key_type : NULL;
}

static int
save_given(const struct options *params, const char *key, struct renewal *conf,
    struct err *err)
{
	size_t count;
	const struct option_row *rows = option_rows(&count);

	for (size_t i = 0; i < count; i++) {
		if (rows[i].renewal != NULL &&
		    strcmp(rows[i].renewal, key) == 0 &&
		    option_row_given(params, i))
			return save_row(params, &rows[i], conf, err);
	}
	return 0;
}

int
params_save(const struct options *params, const char *account,
    const char *const *names, size_t count, struct renewal *conf,
    struct err *err)
{
	int rc = drop_installer(conf, err);

	for (size_t i = 0; rc == 0 && i < COUNT_OF(keys); i++) {
		const char *value = always(keys[i], i, params, account);

		rc = value != NULL
		    ? renewal_set(conf, PARAMS_SECTION, keys[i], value, err)
		    : save_given(params, keys[i], conf, err);
	}
	return rc < 0 ? rc : save_webroots(params, names, count, conf, err);
}

/* --- what is said no more ------------------------------------------------- */

/* A name in the map that is none of the lineage's. */
struct surplus {
	const char *const *names;
	size_t count;
	bool any;
	char *name; /* owned; NULL: no memory */
};

static bool
look_at_name(void *context, const char *key, const char *value)
{
	struct surplus *surplus = context;

	(void)value;
	for (size_t i = 0; i < surplus->count; i++) {
		if (strcmp(surplus->names[i], key) == 0)
			return true;
	}
	surplus->any = true;
	surplus->name = strdup(key);
	return false;
}

static int
forget_names(const char *const *names, size_t count, struct renewal *conf,
    struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < LIMIT_RENEWAL_LINES; i++) {
		struct surplus surplus = {.names = names, .count = count};

		renewal_each(conf, PARAMS_WEBROOT_MAP, look_at_name, &surplus);
		if (!surplus.any)
			break;
		rc = surplus.name == NULL
		    ? err_nomem(err, "saving the renewal configuration")
		    : renewal_set(
			  conf, PARAMS_WEBROOT_MAP, surplus.name, NULL, err);
		free(surplus.name);
	}
	return rc;
}

static bool
is_always(const char *key)
{
	return strcmp(key, "account") == 0 ||
	    strcmp(key, "authenticator") == 0 || strcmp(key, "server") == 0 ||
	    strcmp(key, "key_type") == 0;
}

int
params_forget(const struct options *params, const char *const *names,
    size_t count, struct renewal *conf, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(keys); i++) {
		if (!is_always(keys[i]) && !params_key_given(params, keys[i]))
			rc = renewal_set(
			    conf, PARAMS_SECTION, keys[i], NULL, err);
	}
	if (rc == 0 && is_webroot(params))
		return forget_names(names, count, conf, err);
	renewal_drop_section(conf, PARAMS_WEBROOT_MAP);
	return rc;
}
