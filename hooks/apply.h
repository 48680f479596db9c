/*
 * apply.h: one bundle into HAProxy's memory and onto the disk: THE
 * transaction of design.md; its crash table is in cert/install.h.
 *
 *   for the first store:  new, set on every process   (nothing live yet)
 *   the disk:             keep a generation, rename
 *   for every store:      commit, add to its crt-list
 */
#ifndef HOOKS_APPLY_H
#define HOOKS_APPLY_H

#include "base/attr.h"
#include "base/err.h"
#include "hooks/item.h"
#include "hooks/site.h"

/* Work that is useful while HAProxy thinks; called once for each wait. */
struct apply_idle {
	void (*work)(void *context);
	void *context;
};

/*
 * Carries out item->publish and item->memory (unless item->reload: then the
 * disk alone), once more where HAProxy was reloaded in between. A failure
 * before the rename leaves all as it was; a failure after it is rolled back
 * here. How it ended is in the item.
 */
void apply_item(
    struct item *item, struct site *site, const struct apply_idle *idle);

#endif
