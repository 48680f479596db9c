/*
 * timers.h: what starts a renewal in the night, certhaul's or certbot's own:
 * systemd's timers where it runs, cron's lines elsewhere, and everywhere those
 * that do not leave it to systemd.
 */
#ifndef WRAPPER_TIMERS_H
#define WRAPPER_TIMERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"

/* In state_dir: a link to the file of cron's that `certhaul init` made. */
#define TIMERS_NOTE "cron"

enum timers_whose { TIMERS_CERTHAUL, TIMERS_CERTBOT, TIMERS_OWNERS };

/*
 * The first that will start one: the path of a unit's link or of a file of
 * cron's; NULL: none. Static storage. `root` stands in front of every path:
 * "", and a directory in tests.
 */
const char *timers_find(const char *root, enum timers_whose whose);

/* What TIMERS_NOTE leads to, wherever --cron-dir had it; false: nowhere. */
bool timers_noted(const struct conf *conf, char *ret, size_t size);

/* As timers_find() of TIMERS_CERTHAUL, or else that file. */
const char *timers_find_own(
    const char *root, const struct conf *conf, char *ret, size_t size);

/* Is it one of systemd's timers? */
bool timers_is_unit(const char *path);

/* Does systemd run here? (sd_booted(3)) */
bool timers_has_systemd(const char *root);

#endif
