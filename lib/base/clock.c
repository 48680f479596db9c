/*
 * clock.c: time and randomness, from the kernel, through one door each.
 */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

/* Only tests set it; see clock_set(). */
static time_t fixed_now_s;

time_t
clock_now_s(void)
{
	return fixed_now_s != 0 ? fixed_now_s : time(NULL);
}

void
clock_set(time_t now_s)
{
	fixed_now_s = now_s;
}

int64_t
clock_mono_ms(void)
{
	struct timespec now = {0, 0};

	/* It cannot fail with a clock that Linux always has. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
clock_pause_ms(long ms)
{
	struct timespec until = {0, 0};

	if (ms <= 0)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) ==
	    EINTR)
		continue;
}

const char *
clock_iso(time_t when_s, char *text, size_t size)
{
	struct tm utc;

	if (gmtime_r(&when_s, &utc) == NULL ||
	    strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		(void)snprintf(text, size, "out of range");
	return text;
}

int
clock_random(void *data, size_t len, struct err *err)
{
	unsigned char *at = data;
	ssize_t got;

	while (len > 0) {
		got = getrandom(at, len, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_set(err, ERR_IO, "getting random bytes",
			    NULL, "getrandom: the kernel gave none");
		at += got;
		len -= (size_t)got;
	}
	return 0;
}
