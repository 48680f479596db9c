/*
 * hooks_part.h: what the parts of hooks share: hooks.c (which are run, and
 * when), hooks_run.c (one of them), hooks_list.c (the directory, and lists of
 * words).
 */
#ifndef ACME_HOOKS_PART_H
#define ACME_HOOKS_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "acme/hooks.h"
#include "base/attr.h"
#include "base/err.h"

/* Commands, or "NAME=value" pairs; NULL-terminated while not empty. */
struct hooks_words {
	char **items;
	size_t count;
};

bool hooks_words_has(
    const struct hooks_words *words, const char *word) MUST_CHECK;
int hooks_words_add(
    struct hooks_words *words, const char *word, struct err *err) MUST_CHECK;
void hooks_words_free(struct hooks_words *words);

/* Puts "NAME=value" in the place of another value, or at the end. */
int hooks_words_put(
    struct hooks_words *words, const char *pair, struct err *err) MUST_CHECK;

/* Removes those that begin so. */
void hooks_words_drop(struct hooks_words *words, const char *start);

/*
 * Appends the paths of the hooks in config_dir/renewal-hooks/`kind`, sorted
 * bytewise. None where there is no such directory. ERR_PERM, ERR_IO.
 */
int hooks_list(const char *config_dir, enum hooks_kind kind,
    struct hooks_words *ret, struct err *err) MUST_CHECK;

struct hooks {
	struct hooks_policy policy;
	struct hooks_words pre_done; /* commands */
	struct hooks_words post_owed; /* commands */
	/* What certbot puts into its own environment, so that all hooks
	 * after it have it. */
	struct hooks_words environment;
};

/* What one hook is called. */
struct hooks_label {
	const char *running; /* "deploy-hook" */
	const char *reported; /* "Hook 'deploy-hook'" */
};

void hooks_say(const struct hooks *hooks, enum hooks_level level,
    const char *fmt, ...) PRINTF_LIKE(3, 4);

/*
 * Runs one with `more` (may be NULL) laid over its environment, and says what
 * came of it. Its stdout, stripped, is appended to `ret_output` (may be NULL).
 */
int hooks_run(const struct hooks *hooks, const struct hooks_label *label,
    const char *command, const struct hooks_words *more, struct buf *ret_output,
    struct err *err) MUST_CHECK;

#endif
