/*
 * store_paths.c: where the parts of a lineage are: certbot's own places, or
 * those that a renewal conf has. Every path of store comes from here.
 */
#include "acme/store_part.h"

#include <stdio.h>
#include <string.h>

#include "base/fs.h"

static const char doing[] = "looking for the lineage";

enum { DELETE = 0x7f };

const enum lineage_kind store_order[LINEAGE_KINDS] = {
    LINEAGE_CERT,
    LINEAGE_PRIVKEY,
    LINEAGE_CHAIN,
    LINEAGE_FULLCHAIN,
};

static const char *const stems[] = {
    [LINEAGE_CERT] = "cert",
    [LINEAGE_CHAIN] = "chain",
    [LINEAGE_FULLCHAIN] = "fullchain",
    [LINEAGE_PRIVKEY] = "privkey",
};
_Static_assert(COUNT_OF(stems) == LINEAGE_KINDS, "a kind has no file name");

const char *
store_stem(enum lineage_kind kind)
{
	return stems[kind];
}

/* CONFIG/FOLDER/BEFORE NAME AFTER */
static int
make(const struct store_dirs *dirs, const char *folder, const char *before,
    const char *name, const char *after, char *ret, struct err *err)
{
	int len;

	len = snprintf(ret, LIMIT_PATH_BYTES, "%s/%s/%s%s%s", dirs->config_dir,
	    folder, before, name, after);
	if (len < 0 || len >= LIMIT_PATH_BYTES)
		return err_set(
		    err, ERR_LIMIT, doing, name, "the path is too long");
	return 0;
}

/* The next component of `*at`, which moves behind it; its bytes, or 0. */
static size_t
next_part(const char **at, const char **ret)
{
	*ret = *at + strspn(*at, "/");
	*at = *ret + strcspn(*ret, "/");
	return (size_t)(*at - *ret);
}

/* Moves both behind the components that they have in common. */
static void
skip_common(const char **a, const char **b)
{
	const char *a_next = *a, *b_next = *b, *a_part, *b_part;
	size_t len = next_part(&a_next, &a_part);

	while (len > 0 && next_part(&b_next, &b_part) == len &&
	    memcmp(a_part, b_part, len) == 0) {
		*a = a_next;
		*b = b_next;
		len = next_part(&a_next, &a_part);
	}
}

/*
 * From live/NAME to the archive, as certbot makes its links: up, and down
 * again. By the whole path where that would be too long.
 */
static void
set_target(struct store_place *place)
{
	const char *live = place->live, *archive = place->archive, *part;
	size_t used = 0, size = sizeof(place->target), len;

	skip_common(&live, &archive);
	while (used < size && next_part(&live, &part) > 0)
		used += (size_t)snprintf(place->target + used, size - used,
		    "%s..", used > 0 ? "/" : "");
	while (used < size && (len = next_part(&archive, &part)) > 0)
		used += (size_t)snprintf(place->target + used, size - used,
		    "%s%.*s", used > 0 ? "/" : "", (int)len, part);
	if (used >= size)
		memcpy(place->target, place->archive, size);
}

bool
store_is_name(const char *name)
{
	size_t len = strnlen(name, LIMIT_LINEAGE_NAME_BYTES + 1);

	if (len == 0 || len > LIMIT_LINEAGE_NAME_BYTES || name[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)name[i] < ' ' || name[i] == '/' ||
		    name[i] == DELETE)
			return false;
	}
	return true;
}

int
store_place_default(const struct store_dirs *dirs, const char *name,
    struct store_place *ret, struct err *err)
{
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (!store_is_name(name))
		return err_set(err, ERR_USAGE, doing, name,
		    "a certificate's name has 1 to %d bytes, no dot first, and "
		    "neither a slash nor a control character",
		    LIMIT_LINEAGE_NAME_BYTES);
	if (dirs->config_dir[0] != '/')
		return err_set(err, ERR_USAGE, doing, dirs->config_dir,
		    "the configuration directory must be an absolute path");
	rc = make(dirs, "archive", "", name, "", ret->archive, err);
	if (rc == 0)
		rc = make(dirs, "live", "", name, "", ret->live, err);
	if (rc == 0)
		rc = make(dirs, "renewal", "", name, ".conf", ret->conf, err);
	if (rc == 0)
		rc = make(dirs, "renewal", ".", name, ".conf.certhaul",
		    ret->aside, err);
	if (rc == 0)
		set_target(ret);
	return rc;
}

int
store_ref(const struct store_dirs *dirs, const char *name,
    struct lineage_ref *ret, struct err *err)
{
	struct store_place place;
	char *to = ret->dir;
	int rc = store_place_default(dirs, name, &place, err);

	if (rc < 0)
		return rc;
	memcpy(ret->name, name, strlen(name) + 1);
	/* One slash between components: hooks are told it. */
	for (const char *at = place.live; *at != '\0'; at++) {
		if (at[0] != '/' || at[1] != '/')
			*to++ = *at;
	}
	*to = '\0';
	return 0;
}

static int
wrong(const char *path, const char *what, struct err *err)
{
	return err_set(err, ERR_SYNTAX, doing, path, "%s", what);
}

/* The directory that the conf's four paths have in common. */
static int
live_of(
    const struct renewal *conf, const char *path, char *ret, struct err *err)
{
	char end[STORE_FILE_BYTES + 1];
	const char *value = NULL;
	size_t len, end_len;

	ret[0] = '\0';
	for (size_t i = 0; i < LINEAGE_KINDS; i++) {
		value = renewal_get(conf, "", store_stem(store_order[i]));
		if (value == NULL)
			return wrong(path,
			    "it is missing a required file reference: one of "
			    "cert, privkey, chain, fullchain",
			    err);
		/* It fits: no stem is longer. */
		(void)snprintf(
		    end, sizeof(end), "/%s.pem", store_stem(store_order[i]));
		len = strlen(value);
		end_len = strlen(end);
		if (value[0] != '/' || len <= end_len ||
		    len >= LIMIT_PATH_BYTES ||
		    strcmp(value + len - end_len, end) != 0)
			return wrong(path,
			    "cert, privkey, chain and fullchain must be "
			    "absolute paths to KIND.pem",
			    err);
		len -= end_len;
		if (i > 0 &&
		    (strlen(ret) != len || strncmp(ret, value, len) != 0))
			return wrong(path,
			    "cert, privkey, chain and fullchain are not in one "
			    "directory",
			    err);
		memcpy(ret, value, len);
		ret[len] = '\0';
	}
	return 0;
}

int
store_place_of(const struct store_dirs *dirs, const char *name,
    const struct renewal *conf, struct store_place *ret, struct err *err)
{
	const char *archive = renewal_get(conf, "", "archive_dir");
	struct store_place own;
	size_t len;
	int rc;

	rc = store_place_default(dirs, name, &own, err);
	if (rc == 0)
		rc = live_of(conf, own.conf, own.live, err);
	if (rc < 0)
		return rc;
	len = archive == NULL ? 0 : strlen(archive);
	if (archive != NULL &&
	    (archive[0] != '/' || len >= sizeof(own.archive)))
		return wrong(
		    own.conf, "archive_dir must be an absolute path", err);
	if (archive != NULL)
		memcpy(own.archive, archive, len + 1);
	set_target(&own);
	*ret = own;
	return 0;
}

int
store_place_read(const struct store_dirs *dirs, const char *name,
    struct store_place *ret, struct err *err)
{
	struct renewal *conf = NULL;
	int rc = store_place_default(dirs, name, ret, err);

	if (rc == 0)
		rc = renewal_read(ret->conf, &conf, err);
	if (rc == 0)
		rc = store_place_of(dirs, name, conf, ret, err);
	renewal_free(conf);
	return rc;
}

int
store_conf_fill(
    struct renewal *conf, const struct store_place *place, struct err *err)
{
	char path[LIMIT_PATH_BYTES], file[STORE_FILE_BYTES];
	int rc = 0;

	/* What a later certbot wrote stays its own. */
	if (renewal_get(conf, "", "version") == NULL)
		rc = renewal_set(conf, "", "version", STORE_CONF_VERSION, err);
	if (rc == 0)
		rc = renewal_set(conf, "", "archive_dir", place->archive, err);
	for (size_t i = 0; rc == 0 && i < LINEAGE_KINDS; i++) {
		/* It fits: no stem is longer. */
		(void)snprintf(
		    file, sizeof(file), "%s.pem", store_stem(store_order[i]));
		rc = fs_join(path, sizeof(path), place->live, file, err);
		if (rc == 0)
			rc = renewal_set(
			    conf, "", store_stem(store_order[i]), path, err);
	}
	return rc;
}
