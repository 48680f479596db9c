/*
 * cmdline_option.c: a word of the command line -> the option that it means;
 * and is a value one that the option takes?
 */
#include "wrapper/cmdline_part.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
	/* Of one command and of certhaul together. */
	NAMES_MOST =
	    COUNT_OF(((struct command_call *)0)->values) + CMDLINE_GLOBALS,
	NAME_BYTES = 64,
};

const char cmdline_doing[] = "reading the command line";

const struct command_option cmdline_globals[] = {
    [CMDLINE_CONFIG] = {"config", 'c', COMMAND_TEXT, "CONF", NULL, 0, 0,
	"read CONF instead of /etc/certhaul/certhaul.conf"},
    [CMDLINE_VERBOSE] = {"verbose", 'v', COMMAND_FLAG, NULL, NULL, 0, 0,
	"say more"},
    [CMDLINE_TELL] = {"help", 'h', COMMAND_FLAG, NULL, NULL, 0, 0,
	"this text; behind a command, that command's"},
    [CMDLINE_TELL_VERSION] = {"version", 'V', COMMAND_FLAG, NULL, NULL, 0, 0,
	"the version"},
    [CMDLINE_GLOBALS] = {NULL, 0, COMMAND_FLAG, NULL, NULL, 0, 0, NULL},
};
_Static_assert(COUNT_OF(cmdline_globals) == CMDLINE_GLOBALS + 1, "a row each");

/* The command's rows first, then the global ones; false past the last. */
static bool
row_at(const struct command *command, size_t i, struct cmdline_option *ret)
{
	size_t own = 0;

	while (command != NULL && command->options[own].name != NULL)
		own++;
	ret->global = i >= own;
	ret->at = ret->global ? i - own : i;
	if (ret->global && ret->at >= CMDLINE_GLOBALS)
		return false;
	ret->row =
	    ret->global ? &cmdline_globals[ret->at] : &command->options[i];
	return true;
}

static int
no_such_option(const struct command *command, const char *word,
    const char *name, struct err *err)
{
	const char *names[NAMES_MOST + 1] = {NULL};
	struct cmdline_option option;
	const char *near;

	for (size_t i = 0; i < NAMES_MOST && row_at(command, i, &option); i++)
		names[i] = option.row->name;
	near = text_nearest(name, names);
	return err_set(err, ERR_USAGE, cmdline_doing, word,
	    "no such option%s%s%s%s See certhaul %s%s--help",
	    command == NULL ? " in front of the command" : "",
	    near == NULL ? "." : "; did you mean --", near == NULL ? "" : near,
	    near == NULL ? "" : "?", command == NULL ? "" : command->name,
	    command == NULL ? "" : " ");
}

int
cmdline_option_long(const struct command *command, const char *word,
    struct cmdline_option *ret, struct err *err)
{
	size_t len = strcspn(word + 2, "=");
	char name[NAME_BYTES];

	(void)snprintf(name, sizeof(name), "%.*s", (int)len, word + 2);
	for (size_t i = 0; row_at(command, i, ret); i++) {
		if (strlen(ret->row->name) == len &&
		    strncmp(ret->row->name, word + 2, len) == 0)
			return 0;
	}
	return no_such_option(command, word, name, err);
}

int
cmdline_option_letter(const struct command *command, char letter,
    const char *word, struct cmdline_option *ret, struct err *err)
{
	const char name[2] = {letter, '\0'};

	for (size_t i = 0; row_at(command, i, ret); i++) {
		if (ret->row->letter != 0 && ret->row->letter == letter)
			return 0;
	}
	return no_such_option(command, word, name, err);
}

static int
check_number(
    const struct command_option *row, const char *value, struct err *err)
{
	char *end = NULL;
	long number;

	errno = 0;
	number = strtol(value, &end, 10);
	if (errno == 0 && end != value && *end == '\0' &&
	    number >= row->least && number <= row->most)
		return 0;
	return err_set(err, ERR_USAGE, cmdline_doing, value,
	    "--%s takes a number from %ld to %ld", row->name, row->least,
	    row->most);
}

static int
check_choice(
    const struct command_option *row, const char *value, struct err *err)
{
	const char *words[NAMES_MOST + 1] = {NULL}, *near;
	char names[NAMES_MOST][NAME_BYTES];
	const char *at = row->values;
	size_t count = 0, len;

	while (count < NAMES_MOST) {
		len = strcspn(at, "|");
		(void)snprintf(names[count], NAME_BYTES, "%.*s", (int)len, at);
		if (strcmp(names[count], value) == 0)
			return 0;
		words[count] = names[count];
		count++;
		if (at[len] == '\0')
			break;
		at += len + 1;
	}
	near = text_nearest(value, words);
	return err_set(err, ERR_USAGE, cmdline_doing, value,
	    "--%s takes one of %s%s%s%s", row->name, row->values,
	    near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near,
	    near == NULL ? "" : "\"?");
}

int
cmdline_option_check(
    const struct command_option *row, const char *value, struct err *err)
{
	switch (row->kind) {
	case COMMAND_FLAG: return 0;
	case COMMAND_TEXT:
		if (*value != '\0')
			return 0;
		return err_set(err, ERR_USAGE, cmdline_doing, row->name,
		    "its %s may not be empty", row->value);
	case COMMAND_NUMBER: return check_number(row, value, err);
	case COMMAND_CHOICE: return check_choice(row, value, err);
	}
	return 0;
}
