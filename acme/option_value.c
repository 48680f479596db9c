/*
 * option_value.c: one option's value checked and put into its member.
 */
#include "acme/option_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "acme/wire.h"
#include "base/text.h"

bool
option_takes_value(const struct option_row *row)
{
	switch (row->kind) {
	case OPTION_TRUE:
	case OPTION_FALSE:
	case OPTION_COUNT: return false;
	case OPTION_TEXT:
	case OPTION_NUMBER:
	case OPTION_CHOICE:
	case OPTION_LIST:
	case OPTION_MAP: return true;
	case OPTION_KNOWN:
	case OPTION_FOREIGN: return row->value != NULL;
	}
	return false;
}

static int
store_number(struct options *options, const struct option_row *row,
    const char *value, const char *origin, struct err *err)
{
	char *end = NULL;
	long number;

	/* As certbot: argparse looks whether it is a number, and that no count
	 * is below 0; what it is for finds the rest out, where that is used. */
	errno = 0;
	number = strtol(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || number < row->least ||
	    number > row->most)
		return err_set(err, ERR_USAGE, OPTION_DOING, origin,
		    "\"%s\" is no whole number from %ld to %ld", value,
		    row->least, row->most);
	*(long *)((char *)options + row->offset) = number;
	return 0;
}

/* Where it is kept that a plugin is asked for that we have not. */
static const char **
foreign_of(struct options *options, const struct option_row *row)
{
	return row->offset == offsetof(struct options, installer)
	    ? &options->foreign_installer
	    : &options->foreign;
}

/*
 * To certbot's command line a plugin's name is any word: whether there is one
 * is minded where it is used (option_check_plugins()).
 */
static int
store_foreign(struct options *options, const struct option_row *row,
    const char *value, struct err *err)
{
	char text[LIMIT_ERR_ON_BYTES];
	int len = snprintf(text, sizeof(text), "%.*s %s",
	    (int)strcspn(row->names, " "), row->names, value);

	*(const char **)((char *)options + row->offset) = NULL;
	if (len < 0 || (size_t)len >= sizeof(text))
		len = (int)sizeof(text) - 1;
	return option_keep(
	    options, text, (size_t)len, foreign_of(options, row), err);
}

/* The last one counts: was the one before it asked for by this row? */
static void
drop_foreign(struct options *options, const struct option_row *row)
{
	const char **foreign = foreign_of(options, row);
	size_t len = strcspn(row->names, " ");

	if (*foreign != NULL && strncmp(*foreign, row->names, len) == 0)
		*foreign = NULL;
}

static int
store_choice(struct options *options, const struct option_row *row,
    const char *value, const char *origin, struct err *err)
{
	size_t len = strlen(value);
	/* CAs and RFC 5280 write keyCompromise, and certbot takes it. */
	bool folded = row->offset == offsetof(struct options, reason);
	bool plugin = row->value != NULL && strcmp(row->value, "PLUGIN") == 0;

	for (const char *at = row->values; *at != '\0';) {
		size_t word = strcspn(at, "|");

		if (word == len &&
		    (folded ? strncasecmp(at, value, len)
			    : strncmp(at, value, len)) == 0) {
			*(const char **)((char *)options + row->offset) = value;
			if (plugin)
				drop_foreign(options, row);
			return 0;
		}
		at += word + (at[word] == '|');
	}
	if (plugin)
		return store_foreign(options, row, value, err);
	return err_set(err, ERR_USAGE, OPTION_DOING, origin,
	    "\"%s\" is none of %s", value, row->values);
}

/* One more element; names of hosts count where -w stood before them. */
static int
append(struct options *options, const struct option_row *row, const char *value,
    size_t len, struct err *err)
{
	char ***list = (char ***)((char *)options + row->offset);
	size_t *count = (size_t *)((char *)options + row->count_offset);
	char **grown;

	grown = realloc(*list, (*count + 2) * sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, OPTION_DOING);
	*list = grown;
	grown[*count] = strndup(value, len);
	if (grown[*count] == NULL)
		return err_nomem(err, OPTION_DOING);
	grown[++*count] = NULL;
	if (list == &options->domains) {
		size_t *before = realloc(options->webroot_before,
		    *count * sizeof(*options->webroot_before));

		if (before == NULL)
			return err_nomem(err, OPTION_DOING);
		before[*count - 1] = options->webroot_path_count;
		options->webroot_before = before;
	}
	return 0;
}

/* "a.example,,b.example"; "" names none. */
static bool
has_gap(const char *list)
{
	size_t parts = 0, gaps = 0;

	for (;; list++) {
		list += strspn(list, " \t");
		gaps += *list == ',' || *list == '\0';
		parts++;
		list += strcspn(list, ",");
		if (*list == '\0')
			return gaps > 0 && parts > 1;
	}
}

static int
store_list(struct options *options, const struct option_row *row,
    const char *value, struct err *err)
{
	int rc = 0;

	if (row->offset == offsetof(struct options, domains) && has_gap(value))
		return err_set(err, ERR_INVALID, OPTION_DOING, "--domains",
		    "there is an empty name in \"%s\"", value);
	/* A directory's name may have a comma in it, or (in error) be none. */
	if (row->offset == offsetof(struct options, webroot_path))
		return append(options, row, value, strlen(value), err);
	while (rc == 0 && *value != '\0') {
		size_t len, end;

		value += strspn(value, " \t");
		len = strcspn(value, ",");
		end = len;
		while (end > 0 && strchr(" \t", value[end - 1]) != NULL)
			end--;
		if (end > 0)
			rc = append(options, row, value, end, err);
		value += len + (value[len] == ',');
	}
	return rc;
}

/* A map that is being stored, and where its names go besides. */
struct map {
	struct options *options;
	const struct option_row *row, *domains;
};

/* As certbot: each name is asked for, as if -d had named it. */
static int
store_pair(void *context, const char *names, const char *dir, struct err *err)
{
	struct map *map = context;
	struct options *options = map->options;
	size_t first = options->domain_count;
	int rc = store_list(options, map->domains, names, err);

	for (size_t i = first; rc == 0 && i < options->domain_count; i++) {
		const char *name = options->domains[i];

		rc = append(options, map->row, name, strlen(name), err);
		if (rc == 0)
			rc = append(options, map->row, dir, strlen(dir), err);
	}
	return rc;
}

static int
store_map(struct options *options, const struct option_row *row,
    const char *value, struct err *err)
{
	static const char names[] = "--domains";
	struct map map = {.options = options, .row = row};
	size_t domains = 0, count;
	int rc = option_find(names, strlen(names), &domains, err);

	map.domains = &option_rows(&count)[domains];
	return rc < 0 ? rc : wire_read_webroots(value, store_pair, &map, err);
}

/*
 * As certbot: a deploy hook is the one of renewals, too. Each may be said
 * again, and both, where they are the same by then.
 */
static int
store_deploy_hook(struct options *options, const char *value, struct err *err)
{
	const char *deploy = options->deploy_hook, *renew = options->renew_hook;

	if (renew != NULL && strcmp(renew, value) != 0 &&
	    (deploy == NULL || strcmp(deploy, renew) != 0))
		return err_set(err, ERR_USAGE, OPTION_DOING, "--deploy-hook",
		    "conflicts with --renew-hook value");
	options->deploy_hook = value;
	options->renew_hook = value;
	return 0;
}

static int
store_text(struct options *options, const struct option_row *row,
    const char *value, struct err *err)
{
	const char *deploy = options->deploy_hook;

	if (row->offset == offsetof(struct options, deploy_hook))
		return store_deploy_hook(options, value, err);
	if (row->offset == offsetof(struct options, renew_hook) &&
	    deploy != NULL && strcmp(deploy, value) != 0)
		return err_set(err, ERR_USAGE, OPTION_DOING, "--renew-hook",
		    "conflicts with --deploy-hook value");
	*(const char **)((char *)options + row->offset) = value;
	return 0;
}

int
option_store(struct options *options, size_t index, const char *value,
    const char *origin, struct err *err)
{
	size_t count;
	const struct option_row *row = &option_rows(&count)[index];
	void *member = (char *)options + row->offset;

	options->given[index / 64] |= 1ULL << index % 64;
	switch (row->kind) {
	case OPTION_TRUE:
	case OPTION_FALSE: *(bool *)member = row->kind == OPTION_TRUE; return 0;
	case OPTION_COUNT: ++*(long *)member; return 0;
	case OPTION_TEXT: return store_text(options, row, value, err);
	case OPTION_NUMBER:
		return store_number(options, row, value, origin, err);
	case OPTION_CHOICE:
		return store_choice(options, row, value, origin, err);
	case OPTION_LIST: return store_list(options, row, value, err);
	case OPTION_MAP: return store_map(options, row, value, err);
	case OPTION_KNOWN: options->foreign = row->names; return 0;
	case OPTION_FOREIGN: break;
	}
	return option_foreign(origin, strlen(origin), err);
}

int
option_keep(struct options *options, const char *text, size_t len,
    const char **ret, struct err *err)
{
	char **grown = realloc(
	    options->memory, (options->memory_count + 2) * sizeof(*grown));

	if (grown == NULL)
		return err_nomem(err, OPTION_DOING);
	options->memory = grown;
	grown[options->memory_count] = strndup(text, len);
	if (grown[options->memory_count] == NULL)
		return err_nomem(err, OPTION_DOING);
	*ret = grown[options->memory_count++];
	grown[options->memory_count] = NULL;
	return 0;
}
