/*
 * sandbox_private.h: private to sandbox: its two walls.
 */
#ifndef BASE_SANDBOX_PRIVATE_H
#define BASE_SANDBOX_PRIVATE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

/* The start of every message. */
#define SANDBOX_DOING "giving up rights"

/* Closes all paths but `readable`; `*ret` is false where Landlock is not. */
int sandbox_paths(
    const char *const *readable, bool *ret, struct err *err) MUST_CHECK;

/* Closes all system calls but the listed ones. */
int sandbox_calls(struct err *err) MUST_CHECK;

#endif
