/*
 * params.c: the options of a renewal conf, by the rows of the option table.
 */
#include "acme/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/option_private.h"
#include "acme/params_private.h"

static const char doing[] = "reading the renewal configuration";

bool
params_key_given(const struct options *options, const char *key)
{
	size_t count;
	const struct option_row *rows = option_rows(&count);

	for (size_t i = 0; i < count; i++) {
		if (rows[i].renewal != NULL &&
		    strcmp(rows[i].renewal, key) == 0 &&
		    option_row_given(options, i))
			return true;
	}
	return false;
}

static bool
is_list(const struct option_row *row)
{
	return row->kind == OPTION_LIST;
}

static void
forget_list(struct options *options, const struct option_row *row)
{
	*(char ***)((char *)options + row->offset) = NULL;
	*(size_t *)((char *)options + row->count_offset) = 0;
}

static int
restore_list(struct options *ret, const struct renewal *conf, size_t row,
    const struct option_row *rows, struct err *err)
{
	char **items = NULL;
	int rc;

	forget_list(ret, &rows[row]);
	rc = renewal_get_list(
	    conf, PARAMS_SECTION, rows[row].renewal, &items, err);
	for (size_t i = 0; rc == 0 && items != NULL && items[i] != NULL; i++)
		rc = option_store(ret, row, items[i], rows[row].renewal, err);
	renewal_list_free(items);
	return rc;
}

/* certbot writes None for what was never set. */
static bool
is_none(const char *value)
{
	return strcmp(value, "None") == 0 || value[0] == '\0';
}

/* Is it a word of the choice? */
static bool
is_ours(const struct option_row *row, const char *value)
{
	size_t len = strlen(value), word;

	for (const char *at = row->values; *at != '\0';
	     at += word + (at[word] == '|')) {
		word = strcspn(at, "|");
		if (word == len && strncmp(at, value, len) == 0)
			return true;
	}
	return false;
}

/* Does the row say which plugin? */
static bool
is_plugin(const struct option_row *row)
{
	return row->kind == OPTION_CHOICE &&
	    (strcmp(row->renewal, "authenticator") == 0 ||
		strcmp(row->renewal, "installer") == 0);
}

static int
restore_row(struct options *ret, const struct renewal *conf, size_t row,
    const struct option_row *rows, struct err *err)
{
	const char *key = rows[row].renewal;
	const char *value = renewal_get(conf, PARAMS_SECTION, key);
	bool wanted;

	/* Confs of before certbot 1.25: their keys were all of that type. */
	if (value == NULL && strcmp(key, "key_type") == 0)
		value = "rsa";
	if (value == NULL || is_none(value))
		return 0;
	if (is_plugin(&rows[row]) && !is_ours(&rows[row], value))
		return 0;
	switch (rows[row].kind) {
	case OPTION_TRUE:
	case OPTION_FALSE:
		wanted = rows[row].kind == OPTION_TRUE;
		if (renewal_get_bool(conf, PARAMS_SECTION, key, !wanted) ==
		    wanted)
			return option_store(ret, row, NULL, key, err);
		return 0;
	case OPTION_LIST: return restore_list(ret, conf, row, rows, err);
	case OPTION_TEXT:
	case OPTION_NUMBER:
	case OPTION_CHOICE: return option_store(ret, row, value, key, err);
	case OPTION_COUNT:
	case OPTION_MAP:
	case OPTION_KNOWN:
	case OPTION_FOREIGN: break;
	}
	return 0;
}

/* Is another server asked than the conf's? */
static bool
is_elsewhere(const struct options *cli)
{
	return cli->staging || cli->dry_run || params_key_given(cli, "server");
}

/* An account is one server's: another server's has another. */
static bool
is_of_server(const char *key)
{
	return strcmp(key, "server") == 0 || strcmp(key, "account") == 0;
}

/* Where we are told to work is where the conf is, wherever it was made. */
static bool
is_of_place(const char *key)
{
	return strcmp(key, "config_dir") == 0 || strcmp(key, "work_dir") == 0 ||
	    strcmp(key, "logs_dir") == 0;
}

int
params_check_authenticator(
    const struct options *cli, const struct renewal *conf, struct err *err)
{
	const char *who = renewal_get(conf, PARAMS_SECTION, "authenticator");

	if (cli->authenticator == NULL && who != NULL &&
	    strcmp(who, "standalone") != 0 && strcmp(who, "webroot") != 0 &&
	    strcmp(who, "manual") != 0)
		return err_set(err, ERR_USAGE, doing, who,
		    "is a plugin of certbot's: install certbot to renew "
		    "this, or give --standalone, --webroot or --manual");
	return option_check_plugins(cli, err);
}

const char *
params_foreign_installer(const struct renewal *conf)
{
	const char *who = renewal_get(conf, PARAMS_SECTION, "installer");
	size_t count;
	const struct option_row *rows = option_rows(&count);

	if (who == NULL || is_none(who))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (rows[i].renewal != NULL && is_plugin(&rows[i]) &&
		    strcmp(rows[i].renewal, "installer") == 0 &&
		    is_ours(&rows[i], who))
			return NULL;
	}
	return who;
}

/* The error's option is a key of the conf. */
static int
blame_conf(struct err *err)
{
	struct err why = *err;

	return err_set(err, ERR_SYNTAX, doing, PARAMS_SECTION, "%s: %s", why.on,
	    why.detail);
}

int
params_check(
    const struct options *cli, const struct renewal *conf, struct err *err)
{
	const char *key = renewal_unresolved(conf, PARAMS_SECTION);
	size_t count;
	const struct option_row *rows = option_rows(&count);
	struct options trial = *cli;
	int rc = 0;

	if (key != NULL)
		return err_set(err, ERR_SYNTAX, doing, PARAMS_SECTION,
		    "%s refers by %%(...)s to what is not there", key);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (rows[i].kind == OPTION_NUMBER && rows[i].renewal != NULL &&
		    !params_key_given(cli, rows[i].renewal))
			rc = restore_row(&trial, conf, i, rows, err);
	}
	return rc < 0 ? blame_conf(err) : 0;
}

int
params_restore(const struct options *cli, const struct renewal *conf,
    struct options *ret, struct err *err)
{
	size_t count;
	const struct option_row *rows = option_rows(&count);
	struct options made = *cli;
	int rc = params_check(cli, conf, err);

	if (rc < 0)
		return rc;
	made.webroot_restored = !params_key_given(cli, "webroot_path");
	for (size_t i = 0; i < count; i++) {
		if (is_list(&rows[i]) && rows[i].renewal != NULL &&
		    !option_row_given(cli, i))
			forget_list(&made, &rows[i]);
	}
	/* A server of the command line's own (staging in a dry run) stays. */
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (rows[i].renewal == NULL ||
		    params_key_given(cli, rows[i].renewal))
			continue;
		if (is_of_place(rows[i].renewal) ||
		    (is_elsewhere(cli) && is_of_server(rows[i].renewal)))
			continue;
		rc = restore_row(&made, conf, i, rows, err);
	}
	if (rc == 0)
		rc = option_check_agent(&made, err);
	if (rc < 0) {
		params_free(&made, cli);
		return blame_conf(err);
	}
	*ret = made;
	return 0;
}

static char **
list_of(const struct options *options, const struct option_row *row)
{
	char **list;

	memcpy(&list, (const char *)options + row->offset, sizeof(list));
	return list;
}

void
params_free(struct options *params, const struct options *cli)
{
	size_t count;
	const struct option_row *rows = option_rows(&count);

	for (size_t i = 0; i < count; i++) {
		char **list;

		if (!is_list(&rows[i]))
			continue;
		list = list_of(params, &rows[i]);
		if (list == NULL || list == list_of(cli, &rows[i]))
			continue;
		for (size_t k = 0; list[k] != NULL; k++)
			free(list[k]);
		free(list);
		forget_list(params, &rows[i]);
	}
}

const char *
params_webroot(
    const struct options *params, const struct renewal *conf, const char *name)
{
	const char *path = option_mapped_webroot(params, name);

	if (path != NULL)
		return path;
	for (size_t i = 0; i < params->domain_count; i++) {
		size_t before = params->webroot_before[i];

		if (strcmp(params->domains[i], name) == 0 && before > 0 &&
		    before <= params->webroot_path_count)
			return params->webroot_path[before - 1];
	}
	/* As certbot: in renewals, and where none is said of today. */
	if (conf != NULL && params->webroot_map_count == 0 &&
	    params->webroot_restored)
		path = renewal_get(conf, PARAMS_WEBROOT_MAP, name);
	if (path == NULL && params->webroot_path_count > 0)
		path = params->webroot_path[params->webroot_path_count - 1];
	return path;
}
