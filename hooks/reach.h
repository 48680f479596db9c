/*
 * reach.h: the sockets of the configuration one by one: every one of them is to
 * be updated.
 */
#ifndef HOOKS_REACH_H
#define HOOKS_REACH_H

#include "hooks/item.h"
#include "hooks/site.h"

/*
 * A socket that is silent: the item, so far well, is installed, not everywhere,
 * and ends so. Where none answers there may be none, and the handshake has its
 * say; with update = "reload" none need answer.
 */
void reach_check(struct item *item, const struct site *site);

/*
 * Of several sockets, a line for each: what became of the item there. Nothing
 * of one that waits for a reload, or was rolled back.
 */
void reach_tell(const struct item *item, const struct site *site);

#endif
