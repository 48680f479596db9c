/*
 * program.h: where a program is that we hand the work to.
 */
#ifndef WRAPPER_PROGRAM_H
#define WRAPPER_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/*
 * Each stores the absolute path of the program `name` in `ret` of `size` bytes
 * and is true where there is one that we may execute: in the directory `dir`,
 * beside the running program, in the directories of PATH (relative ones are
 * passed over: they would be whoever's).
 */
bool program_in(
    const char *dir, const char *name, char *ret, size_t size) MUST_CHECK;
bool program_beside(const char *name, char *ret, size_t size) MUST_CHECK;
bool program_in_path(const char *name, char *ret, size_t size) MUST_CHECK;

/* Is `path` a regular file that we may execute? */
bool program_is(const char *path) MUST_CHECK;

#endif
