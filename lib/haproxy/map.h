/*
 * map.h: entries of a map file in HAProxy's memory (`add map`, `del map`).
 */
#ifndef HAPROXY_MAP_H
#define HAPROXY_MAP_H

#include "base/attr.h"
#include "base/err.h"
#include "haproxy/process.h"

/*
 * Sets `key` to `value` in the map loaded from the file `map` (matched by its
 * text, else by device and inode over `show map`), replacing what it had:
 * `set map`, and `add map` only where there is no such key (HAProxy would keep
 * both). Both must be text_is_cli_word(), else ERR_INVALID. ERR_NOENT: this
 * HAProxy has no such map (the detail has the configuration line that loads
 * it). ERR_HAPROXY.
 */
int map_set(const struct process *process, const char *map, const char *key,
    const char *value, struct err *err) MUST_CHECK;

/* Removes `key`; absent is no error. Errors as above. */
int map_del(const struct process *process, const char *map, const char *key,
    struct err *err) MUST_CHECK;

#endif
