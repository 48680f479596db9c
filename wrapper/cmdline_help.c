/*
 * cmdline_help.c: usage and help, made from the rows of the commands, so that
 * a text cannot tell of an option that is not there.
 */
#include "wrapper/cmdline.h"

#include <stdio.h>
#include <string.h>

#include "wrapper/cmdline_part.h"

enum {
	LEFT_BYTES = 64, /* "  -n, --cert-name NAME" */
	GAP_COLUMNS = 2, /* between what it is and what it does */
};

/* Pads to `column`, then `text` in lines of at most LIMIT_HELP_COLUMNS. */
static int
put_wrapped(struct buf *ret, size_t at, size_t column, const char *text,
    struct err *err)
{
	size_t len;
	int rc = 0;

	for (text += strspn(text, " "); rc == 0 && *text != '\0';
	     text += strspn(text, " ")) {
		len = strcspn(text, " ");
		if (at > column && at + 1 + len > LIMIT_HELP_COLUMNS) {
			rc = buf_puts(ret, "\n", err);
			at = 0;
		}
		if (rc == 0 && at <= column)
			rc =
			    buf_printf(ret, err, "%*s", (int)(column - at), "");
		else if (rc == 0)
			rc = buf_puts(ret, " ", err);
		at = at <= column ? column + len : at + 1 + len;
		if (rc == 0)
			rc = buf_add(ret, text, len, err);
		text += len;
	}
	return rc < 0 ? rc : buf_puts(ret, "\n", err);
}

/* Paragraphs, a line each; a line that begins with a space stays as it is. */
static int
put_paragraphs(struct buf *ret, const char *text, struct err *err)
{
	char line[LIMIT_LOG_LINE_BYTES];
	size_t len;
	int rc = 0;

	while (rc == 0 && *text != '\0') {
		len = strcspn(text, "\n");
		(void)snprintf(line, sizeof(line), "%.*s", (int)len, text);
		if (line[0] == ' ')
			rc = buf_printf(ret, err, "%s\n", line);
		else
			rc = put_wrapped(ret, 0, 0, line, err);
		text += len + (text[len] == '\n');
	}
	return rc;
}

static void
left_of(const struct command_option *row, char *ret, size_t size)
{
	char letter[] = "-x, ";

	letter[1] = row->letter;
	(void)snprintf(ret, size, "  %s--%s%s%s",
	    row->letter == 0 ? "    " : letter, row->name,
	    row->value == NULL ? "" : " ",
	    row->value == NULL ? "" : row->value);
}

static size_t
widest_of(const struct command_option *rows, size_t least)
{
	char left[LEFT_BYTES];
	size_t len;

	for (; rows->name != NULL; rows++) {
		left_of(rows, left, sizeof(left));
		len = strlen(left);
		least = len > least ? len : least;
	}
	return least;
}

static int
put_options(struct buf *ret, const struct command_option *rows, size_t column,
    struct err *err)
{
	char left[LEFT_BYTES];
	int rc = 0;

	for (; rc == 0 && rows->name != NULL; rows++) {
		left_of(rows, left, sizeof(left));
		rc = buf_puts(ret, left, err);
		if (rc == 0)
			rc = put_wrapped(
			    ret, strlen(left), column, rows->help, err);
	}
	return rc;
}

int
cmdline_usage(const struct command *command, struct buf *ret, struct err *err)
{
	const struct command_option *row;
	int rc;

	if (command == NULL)
		return buf_puts(ret,
		    "usage: certhaul [-c CONF] [-v] COMMAND [OPTION...] "
		    "[NAME...] [-- ARGUMENT...]",
		    err);
	rc = buf_printf(ret, err, "usage: certhaul %s", command->name);
	for (row = command->options; rc == 0 && row->name != NULL; row++)
		rc = buf_printf(ret, err, " [--%s%s%s]", row->name,
		    row->value == NULL ? "" : " ",
		    row->value == NULL ? "" : row->value);
	if (rc == 0 && command->operands[0] != '\0')
		rc = buf_printf(ret, err, " %s", command->operands);
	if (rc == 0 && command->rest)
		rc = buf_puts(ret, " [-- ARGUMENT...]", err);
	return rc;
}

static int
help_all(const struct command *const *commands, size_t count, struct buf *ret,
    struct err *err)
{
	size_t column = 0, len;
	int rc;

	for (size_t i = 0; i < count; i++) {
		len = strlen(commands[i]->name);
		column = len > column ? len : column;
	}
	column += 2 + GAP_COLUMNS;
	rc = cmdline_usage(NULL, ret, err);
	if (rc == 0)
		rc = buf_puts(ret, "\n\n", err);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = buf_printf(ret, err, "  %s", commands[i]->name);
		if (rc == 0)
			rc = put_wrapped(ret, 2 + strlen(commands[i]->name),
			    column, commands[i]->help, err);
	}
	if (rc == 0)
		rc = buf_puts(ret, "\n", err);
	if (rc == 0)
		rc = put_options(ret, cmdline_globals,
		    widest_of(cmdline_globals, 0) + GAP_COLUMNS, err);
	if (rc < 0)
		return rc;
	return buf_puts(ret,
	    "\n\"certhaul COMMAND --help\" tells more of a command.\n\n"
	    "exit status: 0 done or nothing to do, 1 failed, 2 usage or "
	    "configuration,\n"
	    "  3 refused by validation, 4 refused by HAProxy and rolled back, "
	    "5 installed or\n"
	    "  renewed but not proved to be served, or revoked and still "
	    "served, 6 a lock was\n"
	    "  not had, 7 the preflight failed and the CA was not asked, "
	    "8 not confirmed\n",
	    err);
}

int
cmdline_help(const struct command *const *commands, size_t count,
    const struct command *command, struct buf *ret, struct err *err)
{
	size_t column;
	int rc;

	if (command == NULL)
		return help_all(commands, count, ret, err);
	column = widest_of(cmdline_globals, widest_of(command->options, 0)) +
	    GAP_COLUMNS;
	rc = cmdline_usage(command, ret, err);
	if (rc == 0)
		rc = buf_puts(ret, "\n\n", err);
	if (rc == 0)
		rc = put_wrapped(ret, 0, 0, command->help, err);
	if (rc == 0 && command->more[0] != '\0')
		rc = buf_puts(ret, "\n", err);
	if (rc == 0)
		rc = put_paragraphs(ret, command->more, err);
	if (rc == 0)
		rc = buf_puts(ret, "\n", err);
	if (rc == 0)
		rc = put_options(ret, command->options, column, err);
	if (rc == 0)
		rc = put_options(ret, cmdline_globals, column, err);
	return rc;
}
