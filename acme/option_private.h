/*
 * option_private.h: what the parts of option share.
 */
#ifndef ACME_OPTION_PRIVATE_H
#define ACME_OPTION_PRIVATE_H

#include <stddef.h>

#include "acme/option.h"
#include "base/attr.h"
#include "base/err.h"

/* The start of every message. */
#define OPTION_DOING "reading the command line"

/*
 * The row of a long option ("--domain", or an unambiguous part of it) or of a
 * letter ("-d"). ERR_USAGE: none (with the nearest), ambiguous (with both), or
 * one that is a plugin's of certbot's.
 */
int option_find(
    const char *name, size_t len, size_t *ret_row, struct err *err) MUST_CHECK;

/*
 * Stores `value` (borrowed; NULL for what takes none) by its row. `origin` is
 * for the message: "--rsa-key-size" or "FILE:LINE: rsa-key-size".
 */
int option_store(struct options *options, size_t row, const char *value,
    const char *origin, struct err *err) MUST_CHECK;

/* Was this row given, on the command line, in cli.ini or by a conf? */
bool option_row_given(const struct options *options, size_t row);

/* --config's file, then cli.ini in both places. */
int option_read_ini(char *(*get_env)(const char *), struct options *options,
    struct err *err) MUST_CHECK;

/* Fits the options the verb and each other? ERR_USAGE. */
int option_check(struct options *options, struct err *err) MUST_CHECK;

/*
 * Can --user-agent and its comment be said in a header line? ERR_INVALID,
 * ERR_USAGE; also for what a conf has.
 */
int option_check_agent(
    const struct options *options, struct err *err) MUST_CHECK;

/*
 * ERR_USAGE: certbot has the option with a plugin alone. Others are of certbot
 * itself, and only want the plugin: option_check_plugins().
 */
int option_foreign(const char *name, size_t len, struct err *err) MUST_CHECK;

/* ERR_INVALID: they ask for a plugin of certbot's own. */
int option_check_plugins(
    const struct options *options, struct err *err) MUST_CHECK;

/*
 * As certbot: what is relative counts from where it was typed, and the path is
 * written the shortest way. ERR_INVALID: it is too long.
 */
int option_absolute(
    const char *path, char *ret, size_t size, struct err *err) MUST_CHECK;

/*
 * Makes the webroots absolute. ERR_INVALID: one is no directory, or which of
 * several a name has is not clear.
 */
int option_check_webroots(struct options *options, struct err *err) MUST_CHECK;

/* Text that lives as long as the options: a value of cli.ini. */
int option_keep(struct options *options, const char *text, size_t len,
    const char **ret, struct err *err) MUST_CHECK;

/* Does the row take a value? */
bool option_takes_value(const struct option_row *row);

#endif
