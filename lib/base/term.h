/*
 * term.h: what a terminal can show: width, colour, a line that moves.
 *
 * Everything here is silent where the descriptor is no terminal (or TERM is
 * "dumb"), so callers need not ask.
 */
#ifndef BASE_TERM_H
#define BASE_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/* Is it a terminal that can go back in its line? */
bool term_is(int fd);

/* ... that shows colours, and NO_COLOR is not set (or empty)? */
bool term_has_colour(int fd);

/* Its width in columns: the kernel's answer, else COLUMNS, else 80. */
unsigned term_width(int fd);

/* How many columns the UTF-8 `text` takes (wide characters two). */
size_t term_columns(const char *text);

/*
 * Cuts `text` in place to at most `columns` columns, with an ellipsis at the
 * end where something was lost; never through a character.
 */
void term_cut(char *text, size_t size, size_t columns);

/*
 * One line at the bottom that tells how far long work has come:
 * "deploying 128 of 1000, 3 s left: www.example.com", which is the 128th. Drawn
 * at most ten times a second, gone when it ends. `total` 0: not known.
 */
struct term_progress {
	int fd;
	bool on; /* fd is a terminal; else nothing is ever written */
	const char *what; /* borrowed: "deploying" */
	size_t done, total;
	bool slow; /* each is drawn: the next may be long in coming */
	bool unlike; /* one takes not as long as another: no time is told */
	long long begun_ms, done_ms, drawn_ms; /* done_ms: when done grew */
	bool drawn; /* there is a line to wipe */
};

void term_progress_begin(
    struct term_progress *progress, int fd, const char *what, size_t total);

/* `done` of them are done; `now` is what comes next (may be NULL). */
void term_progress_at(
    struct term_progress *progress, size_t done, const char *now);

/* Wipes the line, so that another can be printed; drawn again at the next. */
void term_progress_hide(struct term_progress *progress);
void term_progress_end(struct term_progress *progress);

/*
 * Asks `question`, with " [y/N] " behind it, on the terminal (stderr, stdout,
 * else the one that we belong to, as with `2>&1 | tee`) and reads a line of
 * stdin: true for y or yes, in any case; anything else, and the end of input,
 * is no. Where stdin is no terminal, or none shows
 * the question, nothing is asked and it is no: callers that can do without an
 * answer (--yes) look first.
 */
bool term_confirm(const char *question) MUST_CHECK;

/* Would it ask? */
bool term_can_confirm(void) MUST_CHECK;

#endif
