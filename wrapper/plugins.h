/*
 * plugins.h: the plugins that certbot has, by which it answers the CA.
 */
#ifndef WRAPPER_PLUGINS_H
#define WRAPPER_PLUGINS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/proc.h"
#include "wrapper/engine.h"

/* Is it in every certbot, and in certhaul-acme? */
bool plugins_is_common(const char *plugin);

/*
 * `certbot plugins`, which takes it a second: what it told, in ret->output;
 * `ret` is always to be freed. Errors of proc_run(), and ERR_CHILD: it did not
 * tell, or not all.
 */
int plugins_ask(const struct engine *engine, const struct conf *conf,
    struct proc_result *ret, struct err *err) MUST_CHECK;

/* Is `plugin` among what it told: "* dns-cloudflare" on a line of its own? */
bool plugins_has(const char *told, const char *plugin);

#endif
