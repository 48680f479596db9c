/*
 * cmdline.c: the words of the command line, one after the other: options
 * wherever they stand, the command, its operands, the rest.
 *
 * getopt_long() will not do: where it has moved operands behind a `--`, they
 * cannot be told from what stood behind it.
 */
#include "wrapper/cmdline.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wrapper/cmdline_part.h"

struct reading {
	const struct command *const *commands;
	size_t count;
	const char *const *next; /* the word that is read next, or NULL */
	bool over; /* --help or --version: what follows is of no interest */
	struct cmdline made;
};

static int
find_command(const struct reading *reading, const char *word,
    const struct command **ret, struct err *err)
{
	const char *words[LIMIT_COMMANDS + 2] = {"help"};
	const char *near;

	for (size_t i = 0; i < reading->count && i < LIMIT_COMMANDS; i++) {
		if (strcmp(reading->commands[i]->name, word) == 0) {
			*ret = reading->commands[i];
			return 0;
		}
		words[i + 1] = reading->commands[i]->name;
	}
	near = text_nearest(word, words);
	return err_set(err, ERR_USAGE, cmdline_doing, word,
	    "no such command%s%s%s See certhaul --help",
	    near == NULL ? "." : "; did you mean \"", near == NULL ? "" : near,
	    near == NULL ? "" : "\"?");
}

/* The value of an option that takes one: `given` behind its `=`, or a word. */
static int
take_value(struct reading *reading, const struct cmdline_option *option,
    const char *word, const char *given, const char **ret, struct err *err)
{
	if (option->row->kind == COMMAND_FLAG) {
		if (given == NULL) {
			*ret = "";
			return 0;
		}
		return err_set(
		    err, ERR_USAGE, cmdline_doing, word, "takes no value");
	}
	/* A forgotten value is not to swallow the next option. */
	if (given == NULL && *reading->next != NULL &&
	    strncmp(*reading->next, "--", 2) != 0)
		given = *reading->next++;
	if (given == NULL)
		return err_set(err, ERR_USAGE, cmdline_doing, word,
		    "needs a value: --%s %s", option->row->name,
		    option->row->value);
	*ret = given;
	return cmdline_option_check(option->row, given, err);
}

static void
keep_global(struct reading *reading, size_t at, const char *value)
{
	struct cmdline *made = &reading->made;

	switch ((enum cmdline_global)at) {
	case CMDLINE_CONFIG: made->call.conf_path = value; break;
	case CMDLINE_VERBOSE: made->call.verbose = true; break;
	case CMDLINE_TELL:
		made->kind = CMDLINE_HELP;
		made->help_of = made->call.command;
		reading->over = true;
		break;
	case CMDLINE_TELL_VERSION:
		made->kind = CMDLINE_VERSION;
		reading->over = true;
		break;
	case CMDLINE_GLOBALS: break;
	}
}

static int
keep_option(struct reading *reading, const struct cmdline_option *option,
    const char *word, const char *given, struct err *err)
{
	const char *value = NULL, **place;
	int rc;

	rc = take_value(reading, option, word, given, &value, err);
	if (rc < 0)
		return rc;
	if (option->global) {
		keep_global(reading, option->at, value);
		return 0;
	}
	place = &reading->made.call.values[option->at];
	/* Twice the same is a slip; two different ones are a mistake. */
	if (*place != NULL && strcmp(*place, value) != 0)
		return err_set(err, ERR_USAGE, cmdline_doing, value,
		    "--%s was \"%s\" before; give it once", option->row->name,
		    *place);
	*place = value;
	return 0;
}

/* -nv, or -cFILE: letters, until one takes a value. */
static int
take_letters(struct reading *reading, const char *word, struct err *err)
{
	struct cmdline_option option;
	const char *given;
	int rc = 0;

	for (size_t i = 1; rc == 0 && !reading->over && word[i] != '\0'; i++) {
		rc = cmdline_option_letter(
		    reading->made.call.command, word[i], word, &option, err);
		if (rc < 0)
			break;
		given = NULL;
		if (option.row->kind != COMMAND_FLAG && word[i + 1] != '\0')
			given = word + i + 1;
		rc = keep_option(reading, &option, word, given, err);
		if (given != NULL)
			break;
	}
	return rc;
}

static int
take_long(struct reading *reading, const char *word, struct err *err)
{
	const char *equals = strchr(word, '=');
	struct cmdline_option option;
	int rc;

	rc =
	    cmdline_option_long(reading->made.call.command, word, &option, err);
	if (rc < 0)
		return rc;
	return keep_option(
	    reading, &option, word, equals == NULL ? NULL : equals + 1, err);
}

/* `certhaul help`, `certhaul help COMMAND` */
static int
take_help(struct reading *reading, struct err *err)
{
	reading->made.kind = CMDLINE_HELP;
	reading->over = true;
	if (*reading->next == NULL || **reading->next == '-')
		return 0;
	return find_command(
	    reading, *reading->next, &reading->made.help_of, err);
}

static void
take_operand(struct reading *reading, const char *word)
{
	struct cmdline *made = &reading->made;

	made->operands[made->call.name_count++] = word;
}

/* Everything behind `--`: the rest, or operands where there is no rest. */
static int
take_rest(struct reading *reading, const char *word, struct err *err)
{
	struct command_call *call = &reading->made.call;

	if (call->command == NULL)
		return err_set(err, ERR_USAGE, cmdline_doing, word,
		    "the command comes first; see certhaul --help");
	if (call->command->rest)
		call->rest = reading->next;
	for (; *reading->next != NULL; reading->next++) {
		if (call->command->rest)
			call->rest_count++;
		else
			take_operand(reading, *reading->next);
	}
	return 0;
}

static int
take_word(struct reading *reading, struct err *err)
{
	const char *word = *reading->next++;
	struct command_call *call = &reading->made.call;

	if (strcmp(word, "--") == 0)
		return take_rest(reading, word, err);
	if (strncmp(word, "--", 2) == 0)
		return take_long(reading, word, err);
	if (word[0] == '-' && word[1] != '\0')
		return take_letters(reading, word, err);
	if (call->command == NULL && strcmp(word, "help") == 0)
		return take_help(reading, err);
	if (call->command == NULL)
		return find_command(reading, word, &call->command, err);
	take_operand(reading, word);
	return 0;
}

static int
check_operands(const struct command_call *call, struct err *err)
{
	const struct command *command = call->command;

	if (command == NULL)
		return err_set(err, ERR_USAGE, cmdline_doing, NULL,
		    "which command? See certhaul --help");
	if (call->name_count < command->least)
		return err_set(err, ERR_USAGE, cmdline_doing, command->name,
		    "needs %s; see certhaul %s --help", command->operands,
		    command->name);
	if (call->name_count <= command->most)
		return 0;
	if (command->most == 0)
		return err_set(err, ERR_USAGE, cmdline_doing, call->names[0],
		    "%s takes nothing but options", command->name);
	return err_set(err, ERR_USAGE, cmdline_doing,
	    call->names[command->most], "is one too many; %s takes %s",
	    command->name, command->operands);
}

int
cmdline_read(int argc, char **argv, const struct command *const *commands,
    size_t count, struct cmdline *ret, struct err *err)
{
	struct reading reading = {
	    .commands = commands,
	    .count = count,
	    .next = (const char *const *)argv + (argc > 0),
	    .made = {.kind = CMDLINE_COMMAND},
	};
	int rc = 0;

	memset(ret, 0, sizeof(*ret));
	reading.made.operands =
	    calloc((size_t)argc + 1, sizeof(*reading.made.operands));
	if (reading.made.operands == NULL)
		return err_nomem(err, cmdline_doing);
	reading.made.call.names = reading.made.operands;
	if (*reading.next == NULL)
		reading.made.kind = CMDLINE_NOTHING;
	while (rc == 0 && !reading.over && *reading.next != NULL)
		rc = take_word(&reading, err);
	if (rc == 0 && reading.made.kind == CMDLINE_COMMAND)
		rc = check_operands(&reading.made.call, err);
	if (rc == 0) {
		*ret = reading.made;
		return 0;
	}
	/* Whose usage is to be shown? */
	ret->call.command = reading.made.call.command;
	cmdline_free(&reading.made);
	return rc;
}

void
cmdline_free(struct cmdline *cmdline)
{
	if (cmdline == NULL)
		return;
	free(cmdline->operands);
	cmdline->operands = NULL;
}
