/*
 * test_cmdline.c: options and operands in any order are read as meant; what is
 * wrong is named, with the nearest that would be right.
 */
#include "wrapper/cmdline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

enum { WORDS_MOST = 20 };

static int
run_nothing(const struct command_call *call, int *ret_status, struct err *err)
{
	(void)call;
	(void)err;
	*ret_status = 0;
	return 0;
}

static const struct command_option fetch_options[] = {
    {"force", 'f', COMMAND_FLAG, NULL, NULL, 0, 0, "do it all the same"},
    {"to", 't', COMMAND_NUMBER, "N", NULL, 1, 100, "how far"},
    {"sort", 0, COMMAND_CHOICE, "KEY", "name|expiry", 0, 0, "in which order"},
    {"cert-name", 0, COMMAND_TEXT, "NAME", NULL, 0, 0, "what it is called"},
    {"cert-type", 0, COMMAND_TEXT, "TYPE", NULL, 0, 0,
	"a text that is so long that it cannot be said in one line of the "
	"help, whatever the width of the column on its left"},
    {NULL, 0, COMMAND_FLAG, NULL, NULL, 0, 0, NULL},
};
static const struct command_option none[] = {
    {NULL, 0, COMMAND_FLAG, NULL, NULL, 0, 0, NULL},
};
static const struct command fetch = {
    .name = "fetch",
    .operands = "NAME...",
    .least = 1,
    .most = 3,
    .rest = true,
    .help = "bring them here",
    .more = "Slowly.\n\n  certhaul fetch a.example",
    .options = fetch_options,
    .run = run_nothing,
};
static const struct command look = {
    .name = "look",
    .operands = "",
    .help = "look around",
    .more = "",
    .options = none,
    .run = run_nothing,
};
static const struct command *const commands[] = {&fetch, &look};

/* "fetch --to 3 a": split at spaces, in the memory of the test. */
struct line {
	char text[200];
	char *words[WORDS_MOST + 2];
	int count;
};

static int
read_line(
    const char *text, struct line *line, struct cmdline *ret, struct err *err)
{
	static char program[] = "certhaul";
	char *at = line->text;
	size_t len;

	assert_true(strlen(text) < sizeof(line->text));
	memcpy(line->text, text, strlen(text) + 1);
	line->words[0] = program;
	line->count = 1;
	while (*(at += strspn(at, " ")) != '\0') {
		assert_true(line->count <= WORDS_MOST);
		line->words[line->count++] = at;
		len = strcspn(at, " ");
		if (at[len] != '\0')
			at[len++] = '\0';
		at += len;
	}
	line->words[line->count] = NULL;
	return cmdline_read(
	    line->count, line->words, commands, COUNT_OF(commands), ret, err);
}

static void
reads_options_and_operands_in_any_order(void **state)
{
	static const char *const lines[] = {
	    "-c F -v fetch --force --to 7 --cert-name x a b -- --dns -c G",
	    "fetch a --to=7 -f b --cert-name=x -v --config F -- --dns -c G",
	    "-vcF fetch -ft7 a --cert-name x b -- --dns -c G",
	    "--verbose fetch a b --force -t 7 -cF --cert-name x -- --dns -c G",
	};
	struct cmdline cmdline;
	struct line line;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		const struct command_call *call = &cmdline.call;
		struct err err = ERR_INIT;

		assert_int_equal(read_line(lines[i], &line, &cmdline, &err), 0);
		assert_int_equal(cmdline.kind, CMDLINE_COMMAND);
		assert_ptr_equal(call->command, &fetch);
		assert_string_equal(call->conf_path, "F");
		assert_true(call->verbose);
		assert_true(command_has(call, "force"));
		assert_false(command_has(call, "sort"));
		assert_false(command_has(call, "no-such-option"));
		assert_int_equal(command_number(call, "to", 1), 7);
		assert_string_equal(command_text(call, "cert-name"), "x");
		assert_null(command_text(call, "cert-type"));
		assert_int_equal(call->name_count, 2);
		assert_string_equal(call->names[0], "a");
		assert_string_equal(call->names[1], "b");
		assert_int_equal(call->rest_count, 3);
		assert_string_equal(call->rest[0], "--dns");
		assert_string_equal(call->rest[2], "G");
		assert_null(call->rest[3]);
		cmdline_free(&cmdline);
	}
}

static void
what_is_not_given_has_its_fallback(void **state)
{
	struct err err = ERR_INIT;
	struct cmdline cmdline;
	struct line line;

	(void)state;
	assert_int_equal(read_line("fetch a", &line, &cmdline, &err), 0);
	assert_int_equal(command_number(&cmdline.call, "to", 42), 42);
	assert_null(cmdline.call.conf_path);
	assert_false(cmdline.call.verbose);
	assert_int_equal(cmdline.call.rest_count, 0);
	cmdline_free(&cmdline);
}

static void
behind_two_dashes_operands_where_there_is_no_rest(void **state)
{
	struct err err = ERR_INIT;
	struct cmdline cmdline;
	struct line line;

	(void)state;
	assert_int_equal(
	    read_line("look -- -x", &line, &cmdline, &err), ERR_USAGE);
	assert_string_equal(err.on, "-x");
	assert_ptr_equal(cmdline.call.command, &look);
}

static void
help_and_version_wherever_they_stand(void **state)
{
	static const struct {
		const char *line;
		enum cmdline_kind kind;
		const struct command *of;
	} rows[] = {
	    {"", CMDLINE_NOTHING, NULL},
	    {"--help", CMDLINE_HELP, NULL},
	    {"-h", CMDLINE_HELP, NULL},
	    {"help", CMDLINE_HELP, NULL},
	    {"help fetch", CMDLINE_HELP, &fetch},
	    {"fetch --help", CMDLINE_HELP, &fetch},
	    {"fetch a --to 3 -h --nonsense", CMDLINE_HELP, &fetch},
	    {"look -v --help", CMDLINE_HELP, &look},
	    {"--version", CMDLINE_VERSION, NULL},
	    {"-V", CMDLINE_VERSION, NULL},
	    {"fetch -V", CMDLINE_VERSION, NULL},
	};
	struct cmdline cmdline;
	struct line line;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(
		    read_line(rows[i].line, &line, &cmdline, &err), 0);
		assert_int_equal(cmdline.kind, rows[i].kind);
		assert_ptr_equal(cmdline.help_of, rows[i].of);
		cmdline_free(&cmdline);
	}
}

static void
what_is_wrong_is_named_with_what_is_near(void **state)
{
	static const struct {
		const char *line, *on, *word;
		const struct command *command; /* whose usage is shown */
	} rows[] = {
	    {"fetsh a", "fetsh", "did you mean \"fetch\"?", NULL},
	    {"hepl", "hepl", "did you mean \"help\"?", NULL},
	    {"bring a", "bring", "no such command. See", NULL},
	    {"help fetsh", "fetsh", "did you mean \"fetch\"?", NULL},
	    {"-v", "", "which command?", NULL},
	    {"--force fetch a", "--force", "in front of the command", NULL},
	    {"-- fetch", "--", "the command comes first", NULL},
	    {"fetch", "fetch", "needs NAME...", &fetch},
	    {"fetch a b c d", "d", "one too many", &fetch},
	    {"look a", "a", "nothing but options", &look},
	    {"fetch --frce a", "--frce", "did you mean --force?", &fetch},
	    {"fetch --nonsense a", "--nonsense", "See certhaul fetch --help",
		&fetch},
	    {"fetch --=3 a", "--=3", "no such option", &fetch},
	    {"fetch -x a", "-x", "no such option", &fetch},
	    {"fetch -fx a", "-fx", "no such option", &fetch},
	    {"fetch --cert x a", "--cert", "no such option. See", &fetch},
	    {"fetch --forc a", "--forc", "did you mean --force?", &fetch},
	    {"fetch --f a", "--f", "did you mean --force?", &fetch},
	    {"fetch --s=name a", "--s=name", "did you mean --sort?", &fetch},
	    {"--verb fetch a", "--verb", "did you mean --verbose?", NULL},
	    {"fetch --force=1 a", "--force=1", "takes no value", &fetch},
	    {"fetch a --to", "--to", "needs a value: --to N", &fetch},
	    {"fetch a --to --force", "--to", "needs a value", &fetch},
	    {"fetch a -t", "-t", "needs a value", &fetch},
	    {"fetch a --to 0", "0", "from 1 to 100", &fetch},
	    {"fetch a --to 101", "101", "from 1 to 100", &fetch},
	    {"fetch a --to 7x", "7x", "from 1 to 100", &fetch},
	    {"fetch a --to -1", "-1", "from 1 to 100", &fetch},
	    {"fetch a --to=", "", "from 1 to 100", &fetch},
	    {"fetch a --to 99999999999999999999", "99999999999999999999",
		"from 1 to 100", &fetch},
	    {"fetch a --sort expirey", "expirey", "did you mean \"expiry\"?",
		&fetch},
	    {"fetch a --sort size", "size", "one of name|expiry", &fetch},
	    {"fetch a --cert-name=", "cert-name", "may not be empty", &fetch},
	    {"fetch a --to 3 --to 4", "4", "give it once", &fetch},
	};
	struct cmdline cmdline;
	struct line line;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(
		    read_line(rows[i].line, &line, &cmdline, &err), ERR_USAGE);
		assert_string_equal(err.on, rows[i].on);
		assert_non_null(strstr(err.detail, rows[i].word));
		assert_ptr_equal(cmdline.call.command, rows[i].command);
		assert_null(cmdline.operands);
	}
}

static void
usage_is_one_line(void **state)
{
	struct buf text = BUF_INIT(LIMIT_HELP_BYTES);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(cmdline_usage(&fetch, &text, &err), 0);
	assert_string_equal(buf_text(&text),
	    "usage: certhaul fetch [--force] [--to N] [--sort KEY] "
	    "[--cert-name NAME] [--cert-type TYPE] NAME... "
	    "[-- ARGUMENT...]");
	buf_reset(&text);
	assert_int_equal(cmdline_usage(&look, &text, &err), 0);
	assert_string_equal(buf_text(&text), "usage: certhaul look");
	buf_reset(&text);
	assert_int_equal(cmdline_usage(NULL, &text, &err), 0);
	assert_non_null(strstr(buf_text(&text), "COMMAND"));
	buf_free(&text);
}

/* Each line below 81 columns but the usage's; each option and command. */
static void
help_names_everything_and_fits(void **state)
{
	static const struct {
		const struct command *of;
		const char *const words[9];
	} rows[] = {
	    {NULL,
		{"\n  fetch  bring them here\n", "\n  look ", "--config CONF",
		    "exit status", NULL}},
	    {&fetch,
		{"bring them here\n\nSlowly.\n\n  certhaul fetch a",
		    "-f, --force ", "-t, --to N ", "    --sort KEY ",
		    "--cert-type TYPE ", "-h, --help ", NULL}},
	    {&look, {"look around\n\n  -c, --config CONF ", NULL}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf text = BUF_INIT(LIMIT_HELP_BYTES);
		struct err err = ERR_INIT;
		const char *line;

		assert_int_equal(cmdline_help(commands, COUNT_OF(commands),
				     rows[i].of, &text, &err),
		    0);
		for (size_t j = 0; rows[i].words[j] != NULL; j++)
			assert_non_null(
			    strstr(buf_text(&text), rows[i].words[j]));
		line = strchr(buf_text(&text), '\n') + 1;
		for (; *line != '\0'; line += strcspn(line, "\n") + 1)
			assert_in_range(
			    strcspn(line, "\n"), 0, LIMIT_HELP_COLUMNS);
		buf_free(&text);
	}
}

static void
a_text_that_is_full_is_an_error(void **state)
{
	struct buf whole = BUF_INIT(LIMIT_HELP_BYTES);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(cmdline_help(commands, 2, &fetch, &whole, &err), 0);
	for (size_t max = 0; max < whole.len; max++) {
		struct buf text = BUF_INIT(max);

		err_clear(&err);
		assert_int_equal(
		    cmdline_help(commands, 2, &fetch, &text, &err), ERR_LIMIT);
		buf_free(&text);
	}
	buf_free(&whole);
}

static void
each_failure_has_its_exit_status(void **state)
{
	static const struct {
		int code, status;
	} rows[] = {
	    {ERR_USAGE, COMMAND_EXIT_USAGE},
	    {ERR_CONF, COMMAND_EXIT_USAGE},
	    {ERR_LOCKED, COMMAND_EXIT_LOCKED},
	    {ERR_INVALID, COMMAND_EXIT_REFUSED},
	    {ERR_NOENT, COMMAND_EXIT_FAILED},
	    {ERR_STOPPED, COMMAND_EXIT_FAILED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = ERR_INIT;

		(void)err_set(&err, rows[i].code, "testing", NULL, "x");
		assert_int_equal(command_exit_for(&err), rows[i].status);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_options_and_operands_in_any_order),
	    cmocka_unit_test(what_is_not_given_has_its_fallback),
	    cmocka_unit_test(behind_two_dashes_operands_where_there_is_no_rest),
	    cmocka_unit_test(help_and_version_wherever_they_stand),
	    cmocka_unit_test(what_is_wrong_is_named_with_what_is_near),
	    cmocka_unit_test(usage_is_one_line),
	    cmocka_unit_test(help_names_everything_and_fits),
	    cmocka_unit_test(a_text_that_is_full_is_an_error),
	    cmocka_unit_test(each_failure_has_its_exit_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
