/*
 * timers.h: what starts a renewal in the night, certhaul's or certbot's own:
 * systemd's timers where it runs, cron's lines elsewhere, and everywhere those
 * that do not leave it to systemd.
 */
#ifndef WRAPPER_TIMERS_H
#define WRAPPER_TIMERS_H

#include <stdbool.h>

enum timers_whose { TIMERS_CERTHAUL, TIMERS_CERTBOT, TIMERS_OWNERS };

/*
 * The first that will start one: the path of a unit's link or of a file of
 * cron's; NULL: none. Static storage. `root` stands in front of every path:
 * "", and a directory in tests.
 */
const char *timers_find(const char *root, enum timers_whose whose);

/* Is it one of systemd's timers? */
bool timers_is_unit(const char *path);

/* Does systemd run here? (sd_booted(3)) */
bool timers_has_systemd(const char *root);

#endif
