/*
 * due.h: is it time to renew? certbot 4's rule: with a third of the life left,
 * a half where the life is under ten days; renew_before_expiry of the renewal
 * conf where it is set.
 */
#ifndef CERT_DUE_H
#define CERT_DUE_H

#include <stdbool.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"

/* By the rule alone, whatever the renewal conf says. */
time_t due_by_life(time_t not_before_s, time_t not_after_s);

/* certbot before 4.0: 30 days before the end, of a shorter life at once. */
time_t due_by_days(time_t not_before_s, time_t not_after_s);

/* Is `due_s` what one of the two rules says, and not what the conf does? */
bool due_is_by_rule(time_t due_s, time_t not_before_s, time_t not_after_s);

/*
 * When any certbot would renew what is taken to be due at `due_s`: where that
 * is by one of the two rules, the later; else it is what the conf says.
 */
time_t due_by_any(time_t due_s, time_t not_before_s, time_t not_after_s);

/*
 * When each has surely tried. certbot from 4.1 on goes by the CA's word alone,
 * where that has one and the conf has none (ARI, RFC 9773), and that may have
 * it wait a while: for half of what is left then.
 */
time_t due_by_all(time_t due_s, time_t not_before_s, time_t not_after_s);

/*
 * `before_expiry` as certbot has it ("30 days", "2 weeks", "720 hours", a bare
 * number is days), or NULL. ERR_SYNTAX.
 */
int due_moment(time_t not_before_s, time_t not_after_s,
    const char *before_expiry, time_t *ret_due_s, struct err *err) MUST_CHECK;

#endif
