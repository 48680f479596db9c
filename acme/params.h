/*
 * params.h: how a lineage is renewed: the options that a renewal conf keeps,
 * laid under those of the command line, and written back.
 */
#ifndef ACME_PARAMS_H
#define ACME_PARAMS_H

#include "acme/option.h"
#include "cert/renewal.h"
#include "base/attr.h"
#include "base/err.h"

/*
 * The command line's options, completed by [renewalparams] of `conf` (borrowed
 * for the life of `ret`): what the command line gave wins. Plugins that are
 * certbot's own are left out: see below. ERR_SYNTAX names the key whose value
 * is none. `ret` is owned: params_free().
 */
int params_restore(const struct options *cli, const struct renewal *conf,
    struct options *ret, struct err *err) MUST_CHECK;

/*
 * Can certbot read [renewalparams] at all, whether it is to renew by it or not?
 * ERR_SYNTAX: a number that is none, and that the command line does not give,
 * or a reference to what is not there.
 */
int params_check(const struct options *cli, const struct renewal *conf,
    struct err *err) MUST_CHECK;

/*
 * Can we answer as `conf` has it, or the command line? ERR_USAGE or ERR_INVALID
 * where it is a plugin of certbot's own.
 */
int params_check_authenticator(const struct options *cli,
    const struct renewal *conf, struct err *err) MUST_CHECK;

/*
 * The installer in `conf` (borrowed from it) that is certbot's own and will not
 * install what is renewed here, or NULL. params_save() takes it out, as certbot
 * does where it has not the plugin.
 */
const char *params_foreign_installer(const struct renewal *conf);

/* Frees what params_restore() made; the rest is the command line's. */
void params_free(struct options *params, const struct options *cli);

/*
 * Writes into `conf` what certbot would keep: server, account, authenticator,
 * key_type always; others where they were given. `names` are the lineage's,
 * for the webroot map.
 */
int params_save(const struct options *params, const char *account,
    const char *const *names, size_t count, struct renewal *conf,
    struct err *err) MUST_CHECK;

/*
 * Takes out of `conf`, after params_save(), what it says besides of how it is
 * renewed: certonly says that anew. What stays does so where it is. ERR_NOMEM,
 * ERR_SYNTAX.
 */
int params_forget(const struct options *params, const char *const *names,
    size_t count, struct renewal *conf, struct err *err) MUST_CHECK;

/*
 * The webroot of `name`: by --webroot-map, else -w before it on the command
 * line, else the last -w there, else, where the options were restored from
 * `conf` (or NULL), its [[webroot_map]] (not beside a map of today) or the last
 * of its webroot_path. NULL: none.
 */
const char *params_webroot(
    const struct options *params, const struct renewal *conf, const char *name);

#endif
