/*
 * clock.h: the one source of time, and of random numbers.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"

/* Seconds since the epoch; what clock_set() fixed, if it was called. */
time_t clock_now_s(void);

/* Milliseconds of the monotonic clock, for deadlines. */
int64_t clock_mono_ms(void);

/* Sleeps `ms` milliseconds of the monotonic clock, signals or not. */
void clock_pause_ms(long ms);

/* For tests: clock_now_s() answers `now_s` from here on; 0 ends that. */
void clock_set(time_t now_s);

/* "2026-11-24T01:58:39Z" into `text` of at least 21 bytes; returns it. */
const char *clock_iso(time_t when_s, char *text, size_t size);

/* Fills `data` with `len` bytes from the kernel's generator. ERR_IO. */
int clock_random(void *data, size_t len, struct err *err) MUST_CHECK;

#endif
