/*
 * poll.c: the pauses between two looks at an order.
 */
#include "acme/poll.h"

#include "base/clock.h"
#include "base/limits.h"

void
poll_begin(struct poll_pace *pace, long patience_s)
{
	pace->patience_s =
	    patience_s > 0 ? patience_s : LIMIT_ISSUANCE_TIMEOUT_S;
	pace->until_ms = clock_mono_ms() + (int64_t)pace->patience_s * 1000;
	pace->next_ms = LIMIT_POLL_LEAST_MS;
}

int
poll_wait(struct poll_pace *pace, struct loop *loop, long retry_after_s,
    const char *doing, const char *on, struct err *err)
{
	int64_t left_ms = pace->until_ms - clock_mono_ms();
	long ms = pace->next_ms;

	if (left_ms <= 0)
		return err_set(err, ERR_TIMEOUT, doing, on,
		    "the CA is not done after %ld s", pace->patience_s);
	if (retry_after_s > LIMIT_RETRY_AFTER_S ||
	    (retry_after_s > 0 && retry_after_s * 1000 > left_ms)) {
		(void)err_set(err, ERR_TIMEOUT, doing, on,
		    "the CA asks to come back in %ld s", retry_after_s);
		err->retry_after_s = retry_after_s;
		return ERR_TIMEOUT;
	}
	if (retry_after_s > 0)
		return loop_pause(loop, retry_after_s * 1000, err);
	pace->next_ms += pace->next_ms / 2;
	if (pace->next_ms > LIMIT_POLL_MOST_MS)
		pace->next_ms = LIMIT_POLL_MOST_MS;
	return loop_pause(loop, ms < left_ms ? ms : (long)left_ms, err);
}
