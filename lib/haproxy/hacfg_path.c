/*
 * hacfg_path.c: how names in haproxy.cfg become HAProxy's names of stores, and
 * paths that we can look at. Serves hacfg_lines.c and hacfg_bind.c.
 *
 * HAProxy puts crt-base in front of what is relative and takes slashes from
 * the end of it (so `crt ./ssl//` below /etc is the store list "/etc/./ssl"),
 * but never tidies a name further; a crt-list's own name gets no crt-base.
 */
#include "haproxy/hacfg_part.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *
hacfg_where(const struct hacfg_reader *reader, char *text, size_t size)
{
	if (snprintf(text, size, "%s:%u", reader->file, reader->line) < 0)
		text[0] = '\0';
	return text;
}

int
hacfg_path_check(int len, const char *what, struct err *err)
{
	if (len >= 0 && len < LIMIT_PATH_BYTES)
		return 0;
	return err_set(err, ERR_LIMIT, HACFG_DOING, what,
	    "the path is longer than %d bytes", LIMIT_PATH_BYTES - 1);
}

int
hacfg_name(const char *base, const char *word, char *ret, struct err *err)
{
	bool alone = *word == '/' || *word == '@' || *base == '\0';
	size_t len;
	int n, rc;

	n = snprintf(ret, LIMIT_PATH_BYTES, "%s%s%s", alone ? "" : base,
	    alone ? "" : "/", word);
	rc = hacfg_path_check(n, word, err);
	if (rc < 0)
		return rc;
	for (len = (size_t)n; len > 1 && ret[len - 1] == '/'; len--)
		ret[len - 1] = '\0';
	return 0;
}

int
hacfg_path(const char *dir, const char *name, char *ret, struct err *err)
{
	int n;

	if (*name == '/')
		n = snprintf(ret, LIMIT_PATH_BYTES, "%s", name);
	else if (*name == '@')
		n = snprintf(ret, LIMIT_PATH_BYTES, "%s", "");
	else
		n = snprintf(ret, LIMIT_PATH_BYTES, "%s/%s", dir, name);
	return hacfg_path_check(n, name, err);
}

/* Is there a file, or a directory, that `word` names below `base`? */
static bool
is_below(const struct hacfg_reader *reader, const char *base, const char *word)
{
	char name[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES];
	struct err ignored = ERR_INIT;

	return hacfg_name(base, word, name, &ignored) == 0 &&
	    hacfg_path(reader->dir, name, path, &ignored) == 0 &&
	    access(path, F_OK) == 0;
}

const char *
hacfg_crt_base(struct hacfg_reader *reader, const char *word)
{
	const char *base = reader->crt_base, *found = NULL;
	size_t left = reader->env.reading;

	if (*word == '/' || *word == '@')
		return base;
	for (size_t i = reader->crt_base_others;; i--) {
		bool below = is_below(reader, base, word);

		if (below && found != NULL && left == 0) {
			hacfg_env_more(&reader->env, reader->env.reading + 2);
			break;
		}
		if (below) {
			left -= found != NULL;
			found = base;
		}
		if (i == 0)
			break;
		base = reader->other_crt_bases[i - 1];
	}
	return found != NULL ? found : reader->crt_base;
}

const char *
hacfg_store_base(struct hacfg_reader *reader, const char *word)
{
	return *reader->store_base != '\0' ? reader->store_base
					   : hacfg_crt_base(reader, word);
}

const char *
hacfg_key_base(const struct hacfg_reader *reader)
{
	return *reader->store_key_base != '\0' ? reader->store_key_base
					       : reader->key_base;
}

int
hacfg_set_dir(struct hacfg_reader *reader, struct err *err)
{
	const char *slash = strrchr(reader->file, '/');
	int len = slash == NULL ? 0 : (int)(slash - reader->file), n = 0;

	switch (reader->relative) {
	case HACFG_CURRENT: reader->dir[0] = '\0'; break;
	case HACFG_CONFIG:
		n = snprintf(reader->dir, sizeof(reader->dir), "%.*s", len,
		    reader->file);
		break;
	case HACFG_PARENT:
		n = snprintf(reader->dir, sizeof(reader->dir), "%.*s/..", len,
		    reader->file);
		break;
	case HACFG_ORIGIN:
		n = snprintf(reader->dir, sizeof(reader->dir), "%s%s",
		    reader->origin[0] == '/' ? "" : "/", reader->origin);
		break;
	}
	return hacfg_path_check(n, reader->file, err);
}
