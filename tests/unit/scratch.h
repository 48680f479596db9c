/*
 * scratch.h: a directory of its own for a unit test.
 */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <stddef.h>

/* cmocka set-up and tear-down: *state is the directory's path. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* "DIR/NAME" in memory that the next 8 calls leave alone. */
const char *scratch_path(void *const *state, const char *name);

/* Writes `len` bytes into the file `name` with the mode `mode`. */
void scratch_write(void *const *state, const char *name, const void *data,
    size_t len, unsigned mode);

#endif
