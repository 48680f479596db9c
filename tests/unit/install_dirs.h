/*
 * install_dirs.h: a crt directory and its generations, for the tests of
 * install. All helpers fail the test where the machine refuses.
 */
#ifndef TESTS_INSTALL_DIRS_H
#define TESTS_INSTALL_DIRS_H

#include <stddef.h>

#include "cert/install.h"

struct install_dirs {
	char root[64], other[64]; /* other: on another file system, or "" */
	char bundles[128], generations[128];
	struct install_policy policy;
	struct install *install;
	struct err err; /* of the call that was made last */
};

/* cmocka's set-up and tear-down: *state is a struct install_dirs, open. */
int install_dirs_make(void **state);
int install_dirs_remove(void **state);

/* As the first, the generations in /dev/shm; *state is NULL without one. */
int install_dirs_make_apart(void **state);

/* Closes and opens, as the next run would. */
void install_dirs_reopen(struct install_dirs *dirs);

/* Writes `text` into `file` of `dir`, as somebody else would. */
void install_dirs_put(const char *dir, const char *file, const char *text);

/* Is `text` what `file` of `dir` has; NULL: there is no such file. */
void install_dirs_expect(const char *dir, const char *file, const char *text);

/* How many entries `dir` has, 0 where it is not there. */
size_t install_dirs_count(const char *dir);

/* install_stage() of `text`. */
int install_dirs_stage(struct install_dirs *dirs, const char *name,
    const char *text, struct install_staged *ret);

/* The whole way: stage, sync, publish, settle, each of which must succeed. */
void install_dirs_deploy(struct install_dirs *dirs, const char *name,
    const char *text, struct install_staged *ret);

#endif
