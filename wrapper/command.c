/*
 * command.c: what a command was called with, asked for by name; and the exit
 * status of what ended it.
 */
#include "wrapper/command.h"

#include <stdlib.h>
#include <string.h>

static const char *
value_of(const struct command_call *call, const char *option)
{
	const struct command_option *rows = call->command->options;

	for (size_t i = 0; i < COUNT_OF(call->values) && rows[i].name; i++) {
		if (strcmp(rows[i].name, option) == 0)
			return call->values[i];
	}
	return NULL;
}

bool
command_has(const struct command_call *call, const char *option)
{
	return value_of(call, option) != NULL;
}

const char *
command_text(const struct command_call *call, const char *option)
{
	return value_of(call, option);
}

long
command_number(
    const struct command_call *call, const char *option, long fallback)
{
	const char *value = value_of(call, option);

	/* cmdline.c has looked at it: a number, and within its bounds. */
	return value == NULL ? fallback : strtol(value, NULL, 10);
}

int
command_exit_for(const struct err *err)
{
	switch (err->code) {
	case ERR_USAGE:
	case ERR_CONF: return COMMAND_EXIT_USAGE;
	case ERR_LOCKED: return COMMAND_EXIT_LOCKED;
	case ERR_INVALID: return COMMAND_EXIT_REFUSED;
	default: return COMMAND_EXIT_FAILED;
	}
}
