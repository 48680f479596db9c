/*
 * cliini.h: where certbot looks for its cli.ini (its constants.py), whatever
 * its --config-dir is.
 */
#ifndef CERT_CLIINI_H
#define CERT_CLIINI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

enum { CLIINI_FILES = 2 };

/*
 * The path of file `i`, whether it is there or not; what the first of them
 * sets, the next does not: the user's, by `get_env` (getenv(3)) or, without
 * HOME, by passwd, then everybody's. False: there can be none.
 */
bool cliini_path(char *(*get_env)(const char *), size_t i, char *ret,
    size_t size) MUST_CHECK;

#endif
