/*
 * cmdline_part.h: what cmdline.c and its parts share.
 */
#ifndef WRAPPER_CMDLINE_PART_H
#define WRAPPER_CMDLINE_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "wrapper/command.h"

/* The options that are certhaul's and not one command's. */
enum cmdline_global {
	CMDLINE_CONFIG,
	CMDLINE_VERBOSE,
	CMDLINE_TELL,
	CMDLINE_TELL_VERSION,
	CMDLINE_GLOBALS
};

/* A row for each; ends with a NULL name. */
extern const struct command_option cmdline_globals[CMDLINE_GLOBALS + 1];

/* An option that was found: a row, and which one of its table. */
struct cmdline_option {
	const struct command_option *row;
	size_t at; /* in the command's rows, or an enum cmdline_global */
	bool global;
};

/*
 * The option that `word` ("--name" or "--name=value") means: one of
 * `command`'s (NULL: none yet) or a global one. No abbreviation will do: a slip
 * is not to delete. ERR_USAGE: none, with the nearest.
 */
int cmdline_option_long(const struct command *command, const char *word,
    struct cmdline_option *ret, struct err *err) MUST_CHECK;

/* The same of a letter; `word` is what it stands in, for the message. */
int cmdline_option_letter(const struct command *command, char letter,
    const char *word, struct cmdline_option *ret, struct err *err) MUST_CHECK;

/* Is `value` one that the option takes? ERR_USAGE says what it takes. */
int cmdline_option_check(const struct command_option *row, const char *value,
    struct err *err) MUST_CHECK;

/* What stands in front of each error about the command line. */
extern const char cmdline_doing[];

#endif
