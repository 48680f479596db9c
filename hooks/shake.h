/*
 * shake.h: the handshakes for one item, and what may be wrong at an address
 * without being HAProxy's fault.
 */
#ifndef HOOKS_SHAKE_H
#define HOOKS_SHAKE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "haproxy/verify.h"
#include "hooks/item.h"
#include "hooks/site.h"

/*
 * Shakes hands for the item's bundle with all addresses that take connections:
 * `targets` is room for them, and tells which were passed over. Those are the
 * ones where nobody listens: of a line that HAProxy may not read (`.if`), or of
 * any while HAProxy has not read its configuration since that was changed, but
 * holds the bundle. `seen` is zeroed and filled. Errors as verify_names() and
 * verify_default().
 *
 * A process that shares the port has a part of the handshakes, so each address
 * has SHAKE_LEAST once a run, where a bundle is new by one that is (whoever
 * shares the port may have what has not changed), and SHAKE_DOUBTED with
 * `doubted`: after a look that went wrong one good one among many may be luck.
 */
enum { SHAKE_LEAST = 10, SHAKE_DOUBTED = 32 };

int shake_hands(struct item *item, struct site *site, bool doubted,
    struct discovery_targets *targets, struct verify_seen *seen,
    struct err *err) MUST_CHECK;

/*
 * Is what `seen` tells wrong at addresses alone where HAProxy may not listen,
 * while it shows the bundle at another, or holds it nowhere? Then somebody else
 * is there, and going back would change nothing about it. Not so where the very
 * lines that load the bundle there have what was shown, with one of its names.
 */
bool shake_is_spared(const struct item *item, const struct site *site,
    const struct verify_seen *seen);

/*
 * Say so, and note it for the record; where it was shown nowhere at all, the
 * item is unseen from then on, and nothing is proved.
 */
void shake_tell_spared(
    struct item *item, const struct verify_seen *seen, const struct err *why);
void shake_tell_closed(struct item *item, const struct site *site,
    const struct discovery_targets *targets);

#endif
