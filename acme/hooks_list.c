/*
 * hooks_list.c: the hooks that lie in renewal-hooks/, and lists of words: of
 * commands, and of what is in an environment.
 */
#include "acme/hooks_part.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

static const char doing[] = "looking for hooks";

static const char *const folders[] = {
    [HOOKS_PRE] = "renewal-hooks/pre",
    [HOOKS_DEPLOY] = "renewal-hooks/deploy",
    [HOOKS_POST] = "renewal-hooks/post",
};
_Static_assert(COUNT_OF(folders) == HOOKS_KINDS, "a kind has no directory");

bool
hooks_words_has(const struct hooks_words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++) {
		if (strcmp(words->items[i], word) == 0)
			return true;
	}
	return false;
}

int
hooks_words_add(struct hooks_words *words, const char *word, struct err *err)
{
	char **items = NULL;

	if (words->count == LIMIT_HOOKS)
		return err_set(err, ERR_LIMIT, doing, NULL,
		    "there are more than %d", LIMIT_HOOKS);
	items = realloc(words->items, (words->count + 2) * sizeof(*items));
	if (items == NULL)
		return err_nomem(err, doing);
	words->items = items;
	items[words->count] = strdup(word);
	if (items[words->count] == NULL)
		return err_nomem(err, doing);
	items[++words->count] = NULL;
	return 0;
}

void
hooks_words_free(struct hooks_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
	words->items = NULL;
	words->count = 0;
}

void
hooks_words_drop(struct hooks_words *words, const char *start)
{
	size_t kept = 0;

	for (size_t i = 0; i < words->count; i++) {
		if (strncmp(words->items[i], start, strlen(start)) == 0)
			free(words->items[i]);
		else
			words->items[kept++] = words->items[i];
	}
	words->count = kept;
	if (words->items != NULL)
		words->items[kept] = NULL;
}

int
hooks_words_put(struct hooks_words *words, const char *pair, struct err *err)
{
	size_t name_len = strcspn(pair, "=") + 1;
	char *name = NULL;

	/* With its "=", so that no longer name is meant. */
	name = strndup(pair, name_len);
	if (name == NULL)
		return err_nomem(err, doing);
	hooks_words_drop(words, name);
	free(name);
	return hooks_words_add(words, pair, err);
}

/* certbot's rule: a file that we may execute, and no editor's backup. */
static bool
is_hook(const char *path)
{
	struct stat st;

	return path[strlen(path) - 1] != '~' && stat(path, &st) == 0 &&
	    S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static int
by_bytes(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

int
hooks_list(const char *config_dir, enum hooks_kind kind,
    struct hooks_words *ret, struct err *err)
{
	char dir_path[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES];
	size_t before = ret->count;
	struct dirent *entry = NULL;
	DIR *dir = NULL;
	int rc;

	rc =
	    fs_join(dir_path, sizeof(dir_path), config_dir, folders[kind], err);
	if (rc < 0)
		return rc;
	dir = opendir(dir_path);
	if (dir == NULL)
		return errno == ENOENT
		    ? 0
		    : err_sys(err, doing, dir_path, "opendir");
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		rc = fs_join(path, sizeof(path), dir_path, entry->d_name, err);
		if (rc == 0 && is_hook(path))
			rc = hooks_words_add(ret, path, err);
	}
	(void)closedir(dir);
	if (rc == 0 && ret->count > before)
		qsort(ret->items + before, ret->count - before,
		    sizeof(*ret->items), by_bytes);
	return rc;
}
