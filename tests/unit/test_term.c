/*
 * test_term.c: what a terminal is shown, seen from the other end of a
 * pseudo-terminal; and that nothing else is shown anything.
 */
#define _GNU_SOURCE /* posix_openpt */
#include "base/term.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* The terminal: what the program has of it, and what sits in front. */
static int slave_fd = -1, master_fd = -1;

static int
setup(void **state)
{
	struct winsize size = {.ws_row = 24, .ws_col = 40};
	struct termios mode;
	char name[64];

	(void)state;
	master_fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(master_fd >= 0);
	assert_int_equal(grantpt(master_fd), 0);
	assert_int_equal(unlockpt(master_fd), 0);
	assert_int_equal(ptsname_r(master_fd, name, sizeof(name)), 0);
	slave_fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave_fd >= 0);
	assert_int_equal(ioctl(slave_fd, TIOCSWINSZ, &size), 0);
	/* What we type is not shown to us, and a newline is one byte. */
	assert_int_equal(tcgetattr(slave_fd, &mode), 0);
	mode.c_lflag &= (tcflag_t)~ECHO;
	mode.c_oflag &= (tcflag_t)~OPOST;
	assert_int_equal(tcsetattr(slave_fd, TCSANOW, &mode), 0);
	assert_int_equal(setenv("TERM", "xterm", 1), 0);
	assert_int_equal(unsetenv("NO_COLOR"), 0);
	assert_int_equal(unsetenv("COLUMNS"), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)close(slave_fd);
	(void)close(master_fd);
	return 0;
}

/*
 * All that was written to the terminal since the last look. The kernel hands
 * it over when it likes, so a mark of ours is put behind it and waited for.
 */
static const char *
shown(void)
{
	static char text[4096];
	size_t used = 0;
	ssize_t got;

	assert_int_equal(write(slave_fd, "\001", 1), 1);
	do {
		got = read(master_fd, text + used, sizeof(text) - 1 - used);
		assert_true(got > 0);
		used += (size_t)got;
	} while (text[used - 1] != '\001');
	text[used - 1] = '\0';
	return text;
}

static void
a_terminal_is_one_that_can_go_back(void **state)
{
	int file_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_true(file_fd >= 0);
	assert_true(term_is(slave_fd));
	assert_false(term_is(file_fd));
	assert_false(term_is(-1));
	(void)close(file_fd);
	assert_int_equal(setenv("TERM", "dumb", 1), 0);
	assert_false(term_is(slave_fd));
	assert_int_equal(setenv("TERM", "", 1), 0);
	assert_false(term_is(slave_fd));
	assert_int_equal(unsetenv("TERM"), 0);
	assert_false(term_is(slave_fd));
}

static void
colour_is_for_terminals_that_want_it(void **state)
{
	(void)state;
	assert_true(term_has_colour(slave_fd));
	assert_int_equal(setenv("NO_COLOR", "", 1), 0);
	assert_true(term_has_colour(slave_fd));
	assert_int_equal(setenv("NO_COLOR", "1", 1), 0);
	assert_false(term_has_colour(slave_fd));
	assert_true(term_is(slave_fd));
	assert_int_equal(unsetenv("NO_COLOR"), 0);
	assert_int_equal(setenv("TERM", "dumb", 1), 0);
	assert_false(term_has_colour(slave_fd));
}

static void
the_width_is_the_kernels_then_columns_then_eighty(void **state)
{
	static const char *const wrong[] = {
	    "", "0", "-5", "x", "12x", "1001", "99999999999999999999"};
	const struct winsize unknown = {.ws_row = 0};

	(void)state;
	assert_int_equal(setenv("COLUMNS", "123", 1), 0);
	assert_int_equal(term_width(slave_fd), 40);
	assert_int_equal(ioctl(slave_fd, TIOCSWINSZ, &unknown), 0);
	assert_int_equal(term_width(slave_fd), 123);
	assert_int_equal(term_width(-1), 123);
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		assert_int_equal(setenv("COLUMNS", wrong[i], 1), 0);
		assert_int_equal(term_width(slave_fd), 80);
	}
	assert_int_equal(unsetenv("COLUMNS"), 0);
	assert_int_equal(term_width(slave_fd), 80);
}

static void
characters_are_counted_as_they_are_shown(void **state)
{
	(void)state;
	assert_int_equal(term_columns(""), 0);
	assert_int_equal(term_columns("a.example"), 9);
	assert_int_equal(term_columns("b\xc3\xbc"
				      "cher"),
	    6);
	assert_int_equal(term_columns("bu\xcc\x88"
				      "cher"),
	    6);
	assert_int_equal(term_columns("\xe4\xbe\x8b\xe3\x81\x88"), 4);
	assert_int_equal(term_columns("\xf0\x9f\x94\x92"), 2);
	assert_int_equal(term_columns("a\xff"
				      "b"),
	    3);
}

static void
assert_cut(const char *from, size_t size, size_t columns, const char *to)
{
	char text[64];

	assert_true(strlen(from) < size && size <= sizeof(text));
	memcpy(text, from, strlen(from) + 1);
	term_cut(text, size, columns);
	assert_string_equal(text, to);
	assert_true(term_columns(text) <= columns);
}

static void
a_cut_never_goes_through_a_character(void **state)
{
	(void)state;
	assert_cut("a.example", 64, 9, "a.example");
	assert_cut("a.example", 64, 8, "a.examp\xe2\x80\xa6");
	assert_cut("a.example", 64, 1, "\xe2\x80\xa6");
	assert_cut("a.example", 64, 0, "");
	assert_cut("\xc3\xbc\xc3\xbc\xc3\xbc", 64, 2, "\xc3\xbc\xe2\x80\xa6");
	/* Two columns do not go into one. */
	assert_cut(
	    "\xe4\xbe\x8b\xe4\xbe\x8b", 64, 3, "\xe4\xbe\x8b\xe2\x80\xa6");
	assert_cut("\xe4\xbe\x8b\xe4\xbe\x8b", 64, 2, "\xe2\x80\xa6");
	/* A mark stays with what it is on. */
	assert_cut("u\xcc\x88"
		   "bel",
	    64, 2, "u\xcc\x88\xe2\x80\xa6");
	/* Where the memory has no room for an ellipsis, less is kept. */
	assert_cut("abcd", 5, 3, "a\xe2\x80\xa6");
	assert_cut("ab", 3, 1, "");
}

static void
progress_is_one_line_that_moves(void **state)
{
	struct term_progress progress;

	(void)state;
	term_progress_begin(&progress, slave_fd, "deploying", 1000);
	assert_string_equal(shown(), "");
	term_progress_at(&progress, 0, "a.example");
	assert_string_equal(shown(), "\rdeploying 1 of 1000: a.example\033[K");
	/* Too soon for another. */
	term_progress_at(&progress, 1, "b.example");
	assert_string_equal(shown(), "");
	/* One second for a quarter of it: three more. */
	progress.begun_ms -= 1000;
	progress.drawn_ms -= 100;
	term_progress_at(&progress, 250, NULL);
	assert_string_equal(shown(), "\rdeploying 250 of 1000, 3 s left\033[K");
	term_progress_hide(&progress);
	assert_string_equal(shown(), "\r\033[K");
	term_progress_hide(&progress);
	assert_string_equal(shown(), "");
	progress.drawn_ms -= 100;
	term_progress_at(&progress, 1000, NULL);
	assert_string_equal(shown(), "\rdeploying 1000 of 1000\033[K");
	term_progress_end(&progress);
	assert_string_equal(shown(), "\r\033[K");
	progress.drawn_ms -= 100;
	term_progress_at(&progress, 1000, NULL);
	assert_string_equal(shown(), "");
}

static void
what_is_slow_is_drawn_at_once(void **state)
{
	struct term_progress progress;

	(void)state;
	term_progress_begin(&progress, slave_fd, "step", 3);
	progress.slow = progress.unlike = true;
	term_progress_at(&progress, 0, "one");
	assert_string_equal(shown(), "\rstep 1 of 3: one\033[K");
	term_progress_at(&progress, 1, "two");
	assert_string_equal(shown(), "\rstep 2 of 3: two\033[K");
}

static void
long_work_is_told_in_minutes_and_hours(void **state)
{
	struct term_progress progress;

	(void)state;
	term_progress_begin(&progress, slave_fd, "x", 3);
	progress.begun_ms -= 150L * 1000;
	term_progress_at(&progress, 1, NULL);
	assert_string_equal(shown(), "\rx 1 of 3, 5 min left\033[K");
	term_progress_begin(&progress, slave_fd, "x", 3);
	progress.begun_ms -= 2700L * 1000;
	term_progress_at(&progress, 1, NULL);
	assert_string_equal(shown(), "\rx 1 of 3, 1.5 h left\033[K");
	/* It counts down, while the next takes no longer. */
	progress.drawn_ms = 0;
	progress.begun_ms -= 3600L * 1000;
	progress.done_ms -= 3600L * 1000;
	term_progress_at(&progress, 1, NULL);
	assert_string_equal(shown(), "\rx 1 of 3, 30 min left\033[K");
	/* Where the end is not known, there is nothing to reckon with. */
	term_progress_begin(&progress, slave_fd, "x", 0);
	term_progress_at(&progress, 7, "y");
	assert_string_equal(shown(), "\rx 8: y\033[K");
}

static void
the_line_fits_and_is_clean(void **state)
{
	struct term_progress progress;

	(void)state;
	term_progress_begin(&progress, slave_fd, "deploying", 10);
	term_progress_at(&progress, 0, "a-name-that-is-long.example.com");
	assert_string_equal(shown(),
	    "\rdeploying 1 of 10: a-name-that-is-long\xe2\x80\xa6\033[K");
	progress.drawn_ms -= 100;
	term_progress_at(&progress, 0, "a\033[2J\nb");
	assert_string_equal(shown(), "\rdeploying 1 of 10: a [2J b\033[K");
}

static void
nothing_is_drawn_where_no_line_can_move(void **state)
{
	struct term_progress progress;
	char text[64];
	int pair[2];

	(void)state;
	assert_int_equal(pipe(pair), 0);
	term_progress_begin(&progress, pair[1], "deploying", 10);
	term_progress_at(&progress, 5, "a.example");
	term_progress_hide(&progress);
	term_progress_end(&progress);
	(void)close(pair[1]);
	assert_int_equal(read(pair[0], text, sizeof(text)), 0);
	(void)close(pair[0]);
	assert_int_equal(setenv("TERM", "dumb", 1), 0);
	term_progress_begin(&progress, slave_fd, "deploying", 10);
	term_progress_at(&progress, 5, "a.example");
	term_progress_end(&progress);
	assert_string_equal(shown(), "");
}

/* Asks with the terminal, or `in` and `out`, as stdin and stderr. */
static bool
ask(int in, int out)
{
	int kept_in = dup(STDIN_FILENO), kept_out = dup(STDERR_FILENO);
	bool yes;

	assert_true(kept_in >= 0 && kept_out >= 0);
	assert_int_equal(dup2(in, STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(dup2(out, STDERR_FILENO), STDERR_FILENO);
	yes = term_confirm("revoke a.example?");
	(void)dup2(kept_in, STDIN_FILENO);
	(void)dup2(kept_out, STDERR_FILENO);
	(void)close(kept_in);
	(void)close(kept_out);
	return yes;
}

static void
type(const char *text)
{
	assert_int_equal(
	    write(master_fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void
only_yes_is_yes(void **state)
{
	static const char *const yes[] = {"y\n", "Y\n", "yes\n", "YES\n"};
	static const char *const no[] = {
	    "\n", "n\n", "yess\n", "no\n", " y\n", "j\n"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(yes); i++) {
		type(yes[i]);
		assert_true(ask(slave_fd, slave_fd));
		assert_string_equal(shown(), "revoke a.example? [y/N] ");
	}
	for (size_t i = 0; i < COUNT_OF(no); i++) {
		type(no[i]);
		assert_false(ask(slave_fd, slave_fd));
		assert_string_equal(shown(), "revoke a.example? [y/N] ");
	}
	/* The end of input. */
	type("\004");
	assert_false(ask(slave_fd, slave_fd));
	assert_string_equal(shown(), "revoke a.example? [y/N] \n");
}

static void
an_answer_ends_with_its_line(void **state)
{
	(void)state;
	type("no\nyes\n");
	assert_false(ask(slave_fd, slave_fd));
	assert_true(ask(slave_fd, slave_fd));
}

static void
without_a_terminal_nothing_is_asked(void **state)
{
	char text[64];
	int in[2], out[2];

	(void)state;
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	assert_int_equal(write(in[1], "yes\n", 4), 4);
	assert_false(ask(in[0], slave_fd));
	assert_string_equal(shown(), "");
	/* It is not read either. */
	assert_int_equal(read(in[0], text, sizeof(text)), 4);
	(void)close(in[0]);
	(void)close(in[1]);
	(void)close(out[0]);
	(void)close(out[1]);
}

#define ON_A_TERMINAL(test)                                                    \
	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    ON_A_TERMINAL(a_terminal_is_one_that_can_go_back),
	    ON_A_TERMINAL(colour_is_for_terminals_that_want_it),
	    ON_A_TERMINAL(the_width_is_the_kernels_then_columns_then_eighty),
	    cmocka_unit_test(characters_are_counted_as_they_are_shown),
	    cmocka_unit_test(a_cut_never_goes_through_a_character),
	    ON_A_TERMINAL(progress_is_one_line_that_moves),
	    ON_A_TERMINAL(what_is_slow_is_drawn_at_once),
	    ON_A_TERMINAL(long_work_is_told_in_minutes_and_hours),
	    ON_A_TERMINAL(the_line_fits_and_is_clean),
	    ON_A_TERMINAL(nothing_is_drawn_where_no_line_can_move),
	    ON_A_TERMINAL(only_yes_is_yes),
	    ON_A_TERMINAL(an_answer_ends_with_its_line),
	    ON_A_TERMINAL(without_a_terminal_nothing_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
