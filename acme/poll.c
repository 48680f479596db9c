/*
 * poll.c: the pauses between two looks at an order.
 */
#include "acme/poll.h"

#include "base/clock.h"
#include "base/limits.h"

static const bool never = false;

void
poll_begin(
    struct poll_pace *pace, long patience_s, int64_t since_ms, const bool *sign)
{
	int64_t now_ms = clock_mono_ms();

	pace->patience_s =
	    patience_s > 0 ? patience_s : LIMIT_ISSUANCE_TIMEOUT_S;
	pace->until_ms = now_ms + (int64_t)pace->patience_s * 1000;
	pace->next_ms = LIMIT_POLL_LEAST_MS;
	pace->passed_ms = now_ms - since_ms;
	pace->sign = sign != NULL ? sign : &never;
}

int
poll_wait(struct poll_pace *pace, struct loop *loop, long retry_after_s,
    const char *doing, const char *on, struct err *err)
{
	int64_t left_ms = pace->until_ms - clock_mono_ms();
	int64_t ms = pace->next_ms - pace->passed_ms;
	const bool *sign = pace->sign;

	/* Both are of the first pause alone. */
	pace->passed_ms = 0;
	pace->sign = &never;
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
	return loop_pause_until(
	    loop, sign, (long)(ms < left_ms ? ms : left_ms), err);
}
