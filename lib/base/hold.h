/*
 * hold.h: what tells us to end waits while something must not be left half
 * done: SIGINT, SIGTERM and SIGHUP, but for those that are ignored (nohup).
 */
#ifndef BASE_HOLD_H
#define BASE_HOLD_H

#include <signal.h>

#include "base/attr.h"

/* Which they are; safe after fork. */
void hold_set(sigset_t *ret);

/* From here on they wait; `ret_before`: for hold_end(). */
void hold_begin(sigset_t *ret_before);

/* The number of one that waits, which is over then; 0: none does. */
int hold_taken(void) MUST_CHECK;

/* They come as before; one that waits does now. */
void hold_end(const sigset_t *before);

#endif
