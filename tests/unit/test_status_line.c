/*
 * test_status_line.c: the lines that people see, byte for byte, on terminals
 * of all widths and on none.
 */
#include "wrapper/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/term.h"
#include "tests/unit/observations.h"

enum { DAY_S = OBSERVATIONS_DAY_S, THREE = 3 };

/* One that is well, one whose bundle is older, one that has expired. */
static void
make_three(struct observation ret[THREE])
{
	ret[0] = observations_well("a.example");
	ret[1] = observations_well("b.example");
	ret[1].at[OBSERVE_BUNDLE].verdict = OBSERVE_OTHER;
	ret[1].at[OBSERVE_BUNDLE].not_after_s -= DAY_S;
	ret[1].at[OBSERVE_MEMORY].verdict = OBSERVE_ABSENT;
	ret[1].at[OBSERVE_WIRE].verdict = OBSERVE_UNKNOWN;
	ret[2] = observations_well("a-name.that.is.long.example");
	observations_left(&ret[2], -3L * DAY_S);
}

static void
expect_lines(unsigned width, const char *wanted)
{
	struct buf text = BUF_INIT(100000);
	struct observations_view made;
	struct observation three[THREE];
	struct err err = ERR_INIT;

	make_three(three);
	observations_view(&made, three, THREE, width);
	assert_int_equal(status_lines(&made.view, &text, &err), 0);
	assert_string_equal(buf_text(&text), wanted);
	buf_free(&text);
}

static void
without_a_terminal_nothing_is_cut(void **state)
{
	(void)state;
	expect_lines(0,
	    "NAME                         LIFE LEFT        RENEWS  LBMW  ISSUER"
	    "  NAMES\n"
	    "a.example                    █████▎░░   60 d  ~30 d   ●●●●  Lab E1"
	    "  a.example +2\n"
	    "b.example                    █████▎░░   60 d  ~30 d   ●≠○?  Lab E1"
	    "  a.example +2  the bundle has an older certificate\n"
	    "a-name.that.is.long.example  ░░░░░░░░   -3 d  now     ●●●●  Lab E1"
	    "  a.example +2  expired 3 days ago\n"
	    "3 lineages, 2 with a problem; HAProxy 2.6.12, 1 of 1 socket "
	    "answers; engine certbot /usr/bin/certbot\n");
}

/* Of a life of decades, as default certificates have: in a pipe, and not. */
static void
many_days_are_not_cut(void **state)
{
	struct observation item = observations_well("a.example");
	struct observations_view made;

	(void)state;
	observations_left(&item, 36500L * OBSERVATIONS_DAY_S);
	item.renew_s = OBSERVATIONS_NOW_S + 24333L * OBSERVATIONS_DAY_S;
	for (unsigned width = 0; width <= 60; width += 60) {
		struct buf text = BUF_INIT(100000);
		struct err err = ERR_INIT;

		observations_view(&made, &item, 1, width);
		assert_int_equal(status_lines(&made.view, &text, &err), 0);
		assert_non_null(strstr(buf_text(&text),
		    "a.example  ████████ 36500 d  ~24333 d  ●●●●"));
		buf_free(&text);
	}
}

static void
a_terminal_of_40_columns_has_the_least(void **state)
{
	(void)state;
	expect_lines(40,
	    "NAME          LEFT    LBMW\n"
	    "a.example       60 d  ●●●●  a.example +…\n"
	    "b.example       60 d  ●≠○?  the bundle …\n"
	    "a-name.that…    -3 d  ●●●●  expired 3 d…\n"
	    "3 lineages, 2 with a problem; HAProxy 2…\n"
	    "engine certbot /usr/bin/certbot\n");
}

static void
a_terminal_of_80_columns_has_names_or_words(void **state)
{
	(void)state;
	expect_lines(80,
	    "NAME                      LIFE LEFT        RENEWS  LBMW\n"
	    "a.example                 █████▎░░   60 d  ~30 d   ●●●●  "
	    "a.example "
	    "+2 (Lab E1)\n"
	    "b.example                 █████▎░░   60 d  ~30 d   ●≠○?  the "
	    "bundle "
	    "has an olde…\n"
	    "a-name.that.is.long.exa…  ░░░░░░░░   -3 d  now     ●●●●  expired "
	    "3 "
	    "days ago\n"
	    "3 lineages, 2 with a problem; HAProxy 2.6.12, 1 of 1 socket "
	    "answers\n"
	    "engine certbot /usr/bin/certbot\n");
}

static void
a_terminal_of_200_columns_has_it_all(void **state)
{
	(void)state;
	expect_lines(200,
	    "NAME                         LIFE LEFT        RENEWS  LBMW  ISSUER"
	    "  NAMES\n"
	    "a.example                    █████▎░░   60 d  ~30 d   ●●●●  Lab E1"
	    "  a.example +2\n"
	    "b.example                    █████▎░░   60 d  ~30 d   ●≠○?  Lab E1"
	    "  a.example +2  the bundle has an older certificate\n"
	    "a-name.that.is.long.example  ░░░░░░░░   -3 d  now     ●●●●  Lab E1"
	    "  a.example +2  expired 3 days ago\n"
	    "3 lineages, 2 with a problem; HAProxy 2.6.12, 1 of 1 socket "
	    "answers; engine certbot /usr/bin/certbot\n");
}

/* What is cut gets the columns that no words need. */
static void
a_wide_terminal_has_all_of_an_issuer(void **state)
{
	static const char issuer[] =
	    "Sectigo RSA Domain Validation Secure Server CA";
	static const struct {
		unsigned width;
		bool whole;
	} rows[] = {{0, true}, {100, false}, {120, true}, {200, true}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf text = BUF_INIT(100000);
		struct observation item = observations_well("a.example");
		struct observations_view made;
		struct err err = ERR_INIT;

		(void)snprintf(item.issuer, sizeof(item.issuer), "%s", issuer);
		observations_view(&made, &item, 1, rows[i].width);
		assert_int_equal(status_lines(&made.view, &text, &err), 0);
		if ((strstr(text.data, issuer) != NULL) != rows[i].whole)
			fail_msg("%u columns:\n%s", rows[i].width, text.data);
		buf_free(&text);
	}
}

/* Whatever the width, colours included. */
static void
no_line_is_wider_than_the_terminal(void **state)
{
	struct observations_view made;
	struct observation three[THREE];
	struct err err = ERR_INIT;

	(void)state;
	make_three(three);
	(void)snprintf(three[0].issuer, sizeof(three[0].issuer),
	    "Sectigo RSA Domain Validation Secure Server CA");
	for (unsigned width = 15; width < 240; width++) {
		struct buf text = BUF_INIT(100000);

		observations_view(&made, three, THREE, width);
		assert_int_equal(status_lines(&made.view, &text, &err), 0);
		for (char *line = text.data; *line != '\0';) {
			size_t len = strcspn(line, "\n");

			line[len] = '\0';
			assert_in_range(term_columns(line), 1, width);
			line += len + 1;
		}
		buf_free(&text);
	}
}

static void
colours_end_where_they_should(void **state)
{
	struct buf plain = BUF_INIT(100000), text = BUF_INIT(100000);
	struct observations_view made;
	struct observation three[THREE];
	struct err err = ERR_INIT;
	size_t on = 0, off = 0, kept = 0;

	(void)state;
	make_three(three);
	observations_view(&made, three, THREE, 80);
	assert_int_equal(status_lines(&made.view, &plain, &err), 0);
	made.view.colour = true;
	assert_int_equal(status_lines(&made.view, &text, &err), 0);
	assert_non_null(strstr(text.data, "\033[31m≠\033[0m"));
	assert_non_null(strstr(text.data, "\033[32m●\033[0m"));
	/* Without them it is the same text. */
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] != '\033') {
			text.data[kept++] = text.data[i];
			continue;
		}
		off += strncmp(text.data + i, "\033[0m", 4) == 0;
		on += strncmp(text.data + i, "\033[0m", 4) != 0;
		i += strcspn(text.data + i, "m");
	}
	text.data[kept] = '\0';
	assert_int_equal(on, off);
	assert_string_equal(text.data, plain.data);
	buf_free(&plain);
	buf_free(&text);
}

static void
the_bar_shows_what_is_left_of_the_life(void **state)
{
	static const struct {
		long left_s;
		const char *bar;
	} rows[] = {
	    {90L * DAY_S, "████████"},
	    {45L * DAY_S, "████░░░░"},
	    {3L * DAY_S, "▎░░░░░░░"},
	    {60, "░░░░░░░░"},
	    {-60, "░░░░░░░░"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct observation item = observations_well("a.example");
		char bar[STATUS_BAR_CELLS * 4 + 1];

		observations_left(&item, rows[i].left_s);
		status_bar(&item, OBSERVATIONS_NOW_S, bar, sizeof(bar));
		assert_string_equal(bar, rows[i].bar);
	}
}

static void
nothing_is_an_answer_too(void **state)
{
	struct buf text = BUF_INIT(100000);
	struct observations_view made;
	struct err err = ERR_INIT;

	(void)state;
	observations_view(&made, NULL, 0, 0);
	made.observed.haproxy = (struct observe_haproxy){
	    .sockets = 2, .up = 1, .needed = true, .why = "no such file"};
	made.view.engine = NULL;
	assert_int_equal(status_lines(&made.view, &text, &err), 0);
	assert_string_equal(buf_text(&text),
	    "0 lineages, 0 with a problem; HAProxy 1 of 2 sockets answer: no "
	    "such file; engine none\n");
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_terminal_nothing_is_cut),
	    cmocka_unit_test(many_days_are_not_cut),
	    cmocka_unit_test(a_terminal_of_40_columns_has_the_least),
	    cmocka_unit_test(a_terminal_of_80_columns_has_names_or_words),
	    cmocka_unit_test(a_terminal_of_200_columns_has_it_all),
	    cmocka_unit_test(a_wide_terminal_has_all_of_an_issuer),
	    cmocka_unit_test(no_line_is_wider_than_the_terminal),
	    cmocka_unit_test(colours_end_where_they_should),
	    cmocka_unit_test(the_bar_shows_what_is_left_of_the_life),
	    cmocka_unit_test(nothing_is_an_answer_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
