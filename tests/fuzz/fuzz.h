/*
 * fuzz.h: what the harnesses share. Each is one parser of what comes from
 * outside; it may refuse whatever it likes, and must neither crash nor leak
 * nor contradict itself. With --enable-fuzzing libFuzzer has main(), else
 * replay.c has it.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input. Not assert(): NDEBUG does not end it. */
#define FUZZ_HOLDS(what)                                                       \
	do {                                                                   \
		if (!(what))                                                   \
			abort();                                               \
	} while (0)

enum { FUZZ_PATH_BYTES = 64 };

/*
 * The input as a file that is in memory only: its descriptor, to be closed,
 * and the path it can be opened by.
 */
int fuzz_file(const uint8_t *data, size_t size, char path[FUZZ_PATH_BYTES]);

/* The input as text with a 0 behind it; to be freed. */
char *fuzz_text(const uint8_t *data, size_t size);

/* The input as a buffer that its parser borrows; buf_free(). */
struct buf fuzz_buf(const uint8_t *data, size_t size);

#endif
