/*
 * certbot_hooks.h: the hooks that certbot runs for each lineage, as files of
 * its hook directories or by cli.ini. For check, and for init.
 */
#ifndef WRAPPER_CERTBOT_HOOKS_H
#define WRAPPER_CERTBOT_HOOKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "haproxy/discovery.h"

/*
 * Calls `see` for each file of CONFIG/renewal-hooks/KIND that certbot would
 * run if it can be executed; false where there is no such directory.
 */
bool certbot_hooks_walk(const struct conf *conf, const char *kind,
    void (*see)(const char *path, void *context), void *context);

/* Is the file of a hook directory a copy of certhaul-hook, ours or another? */
bool certbot_hooks_is_ours(const char *path);

/* What to do about one that certbot_hooks_named() found. */
#define CERTBOT_HOOKS_TAKE_OUT                                                 \
	": if it writes bundles there, take it out; certhaul-hook does that"

/*
 * A path that bundles are read from, bundle_dir or what `discovery` (or NULL)
 * has on a bind line, which the text of the hook names, if it is not ours: the
 * script that certhaul replaces, likely. Borrowed; NULL: none.
 */
const char *certbot_hooks_named(const struct conf *conf,
    const struct discovery *discovery, const char *path);

/*
 * Who may stop HAProxy before each renewal: a pre hook that is not ours, or
 * cli.ini that names one. Its path into `ret`, or "".
 */
void certbot_hooks_find_pre(const struct conf *conf, char *ret, size_t size);

#endif
