/*
 * taker.h: whose certificate is it that is shown in place of ours?
 */
#ifndef HOOKS_TAKER_H
#define HOOKS_TAKER_H

#include <stdbool.h>
#include <stddef.h>

#include "hooks/site.h"

/*
 * The file with the leaf of this SHA-256, of those that bind lines load, into
 * `ret`; "" where none has it. `*ret_ours`: it is in the bundle directory.
 */
void taker_find(const struct site *site, const unsigned char *sha256, char *ret,
    size_t size, bool *ret_ours);

#endif
