/*
 * cmdline.h: argv -> which command, with what; and the texts of --help.
 *
 *	certhaul [-c CONF] [-v] COMMAND [OPTION...] [OPERAND...] [-- REST...]
 *
 * Options and operands may stand in any order; long options are whole words;
 * `--name=value` and `--name value`.
 */
#ifndef WRAPPER_CMDLINE_H
#define WRAPPER_CMDLINE_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "wrapper/command.h"

enum cmdline_kind {
	CMDLINE_COMMAND,
	CMDLINE_HELP,
	CMDLINE_VERSION,
	CMDLINE_NOTHING, /* no word at all: the help of all, as an error */
};

struct cmdline {
	enum cmdline_kind kind;
	const struct command *help_of; /* --help: of this one; NULL: of all */
	struct command_call call; /* conf is left to main */
	const char **operands; /* owned; what call.names points at */
};

/*
 * Reads `argv` (borrowed for the life of `ret`) against the table of `count`
 * commands. ERR_USAGE: the detail says what is wrong, the nearest command or
 * option where one is near, and how to be told more; `on` is the word at fault.
 * `ret` then holds but the command, where it was known (whose usage to show).
 */
int cmdline_read(int argc, char **argv, const struct command *const *commands,
    size_t count, struct cmdline *ret, struct err *err) MUST_CHECK;
void cmdline_free(struct cmdline *cmdline);

/*
 * "usage: certhaul renew [--force] ..." in one line, for an error; of certhaul
 * itself where `command` is NULL.
 */
int cmdline_usage(
    const struct command *command, struct buf *ret, struct err *err) MUST_CHECK;

/* The text of --help: of one command, or (NULL) of all of them. */
int cmdline_help(const struct command *const *commands, size_t count,
    const struct command *command, struct buf *ret, struct err *err) MUST_CHECK;

#endif
