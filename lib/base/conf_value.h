/*
 * conf_value.h: private to conf: one option's value from the file into its
 * place in struct conf.
 */
#ifndef BASE_CONF_VALUE_H
#define BASE_CONF_VALUE_H

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"

struct config_setting_t; /* libconfig's */

/* The start of every message of conf. */
#define CONF_DOING "reading the configuration"

/*
 * Checks `setting` against `row` and stores it in `conf`, in place of what was
 * there. `file` is for the message. ERR_CONF, ERR_NOMEM.
 */
int conf_value_set(struct conf *conf, const struct conf_option *row,
    const struct config_setting_t *setting, const char *file,
    struct err *err) MUST_CHECK;

/* Frees what `row` holds in `conf`. */
void conf_value_free(struct conf *conf, const struct conf_option *row);
void conf_environment_free(struct conf_environment *environment);

/* Fills `err` with "FILE:LINE: KEY: ..." and returns ERR_CONF. */
int conf_value_err(const struct config_setting_t *setting, const char *file,
    const char *key, struct err *err, const char *fmt, ...) PRINTF_LIKE(5, 6);

#endif
