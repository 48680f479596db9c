/*
 * term.c: what the programs show to somebody who sits in front of them, beside
 * the lines of log.c.
 */
#include "base/term.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum {
	WIDTH_DEFAULT = 80,
	DRAW_EVERY_MS = 100,
	LINE_BYTES = 1024, /* of the line that moves */
	ANSWER_BYTES = 64,
	MINUTE_S = 60,
	HOUR_S = 60 * 60,
};

/* To the left margin; and from the cursor to the end of the line, nothing. */
#define TO_MARGIN "\r"
#define WIPE "\033[K"
#define ELLIPSIS "\xe2\x80\xa6"

struct range {
	uint32_t first, last;
};

/* What takes no column of its own: combining marks, joiners, selectors. */
static const struct range narrow[] = {
    {0x0300, 0x036f},
    {0x0483, 0x0489},
    {0x0591, 0x05bd},
    {0x0610, 0x061a},
    {0x064b, 0x065f},
    {0x0900, 0x0902},
    {0x093c, 0x093c},
    {0x0941, 0x0948},
    {0x0e34, 0x0e3a},
    {0x0e47, 0x0e4e},
    {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff},
    {0x200b, 0x200f},
    {0x20d0, 0x20ff},
    {0xfe00, 0xfe0f},
    {0xfe20, 0xfe2f},
    {0xfeff, 0xfeff},
    {0xe0100, 0xe01ef},
};

/* East Asian Wide and Fullwidth, by blocks (Unicode, UAX 11). */
static const struct range wide[] = {
    {0x1100, 0x115f},
    {0x2e80, 0x303e},
    {0x3041, 0x33ff},
    {0x3400, 0x4dbf},
    {0x4e00, 0x9fff},
    {0xa000, 0xa4cf},
    {0xa960, 0xa97f},
    {0xac00, 0xd7a3},
    {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},
    {0xff00, 0xff60},
    {0xffe0, 0xffe6},
    {0x16fe0, 0x18aff},
    {0x1b000, 0x1b2ff},
    {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff},
    {0x1f900, 0x1f9ff},
    {0x20000, 0x3fffd},
};

bool
term_is(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) == 1 && term != NULL && *term != '\0' &&
	    strcmp(term, "dumb") != 0;
}

bool
term_has_colour(int fd)
{
	const char *no = getenv("NO_COLOR");

	return (no == NULL || *no == '\0') && term_is(fd);
}

unsigned
term_width(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	char *end = NULL;
	long width;

	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	if (columns == NULL)
		return WIDTH_DEFAULT;
	width = strtol(columns, &end, 10);
	return *columns != '\0' && *end == '\0' && width > 0 &&
		width <= LIMIT_TERM_COLUMNS
	    ? (unsigned)width
	    : WIDTH_DEFAULT;
}

static bool
is_in(const struct range *ranges, size_t count, uint32_t c)
{
	for (size_t i = 0; i < count; i++) {
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	}
	return false;
}

/* The next character of `text`: its columns; *ret_len gets its bytes. */
static size_t
next(const char *text, size_t *ret_len)
{
	uint32_t c = 0;

	*ret_len = text_decode(text, &c);
	/* A terminal shows one sign for a byte that is no UTF-8. */
	if (*ret_len == 0)
		*ret_len = 1;
	/* Most of all text. */
	if (c < narrow[0].first)
		return 1;
	if (is_in(narrow, COUNT_OF(narrow), c))
		return 0;
	return is_in(wide, COUNT_OF(wide), c) ? 2 : 1;
}

size_t
term_columns(const char *text)
{
	size_t columns = 0, len;

	for (; *text != '\0'; text += len)
		columns += next(text, &len);
	return columns;
}

void
term_cut(char *text, size_t size, size_t columns)
{
	size_t used = 0, at = 0, len, take;

	if (size == 0 || term_columns(text) <= columns)
		return;
	/* As much as leaves a column, and the bytes, for the ellipsis. */
	while (text[at] != '\0') {
		take = next(text + at, &len);
		if (used + take + 1 > columns ||
		    at + len + sizeof(ELLIPSIS) > size)
			break;
		used += take;
		at += len;
	}
	if (columns > 0 && at + sizeof(ELLIPSIS) <= size)
		memcpy(text + at, ELLIPSIS, sizeof(ELLIPSIS));
	else
		text[at] = '\0';
}

/* In one write, so that it is not mixed with what others write. */
static void
put(int fd, const char *text)
{
	ssize_t n;

	/* There is nobody left to tell that the terminal is gone. */
	do
		n = write(fd, text, strlen(text));
	while (n < 0 && errno == EINTR);
}

void
term_progress_begin(
    struct term_progress *progress, int fd, const char *what, size_t total)
{
	*progress = (struct term_progress){
	    .fd = fd,
	    .on = term_is(fd),
	    .what = what,
	    .total = total,
	    .begun_ms = clock_mono_ms(),
	};
}

/*
 * ", 3 s left": what is left takes as long as what is done took, and the one
 * that is at work has begun; where it takes longer nobody knows.
 */
static void
left(const struct term_progress *progress, long long now_ms, char *ret,
    size_t size)
{
	double spent_s =
	    (double)(progress->done_ms - progress->begun_ms) / 1000;
	double at_work_s = (double)(now_ms - progress->done_ms) / 1000;
	double left_s;

	*ret = '\0';
	if (progress->unlike || progress->done == 0 ||
	    progress->done >= progress->total)
		return;
	left_s = spent_s / (double)progress->done *
		(double)(progress->total - progress->done) -
	    at_work_s;
	if (left_s < 0)
		return;
	if (left_s < MINUTE_S)
		(void)snprintf(ret, size, ", %.0f s left", left_s);
	else if (left_s < HOUR_S)
		(void)snprintf(ret, size, ", %.0f min left", left_s / MINUTE_S);
	else
		(void)snprintf(ret, size, ", %.1f h left", left_s / HOUR_S);
}

static void
draw(struct term_progress *progress, const char *now, long long now_ms)
{
	char text[LINE_BYTES], line[LINE_BYTES + 16], of[64] = "", eta[64];
	size_t at = progress->done + (now != NULL);

	if (progress->total > 0)
		(void)snprintf(of, sizeof(of), " of %zu", progress->total);
	left(progress, now_ms, eta, sizeof(eta));
	(void)snprintf(text, sizeof(text), "%s %zu%s%s%s%s", progress->what, at,
	    of, eta, now == NULL ? "" : ": ", now == NULL ? "" : now);
	text_clean(text);
	/* The last column is left free: some terminals wrap behind it. */
	term_cut(text, sizeof(text), term_width(progress->fd) - 1);
	(void)snprintf(line, sizeof(line), TO_MARGIN "%s" WIPE, text);
	put(progress->fd, line);
	progress->drawn = true;
	progress->drawn_ms = now_ms;
}

void
term_progress_at(struct term_progress *progress, size_t done, const char *now)
{
	long long now_ms;

	if (!progress->on)
		return;
	now_ms = clock_mono_ms();
	if (done != progress->done)
		progress->done_ms = now_ms;
	progress->done = done;
	if (progress->slow || progress->drawn_ms == 0 ||
	    now_ms - progress->drawn_ms >= DRAW_EVERY_MS)
		draw(progress, now, now_ms);
}

void
term_progress_hide(struct term_progress *progress)
{
	if (!progress->drawn)
		return;
	put(progress->fd, TO_MARGIN WIPE);
	progress->drawn = false;
}

void
term_progress_end(struct term_progress *progress)
{
	term_progress_hide(progress);
	progress->on = false;
}

/* A line of stdin, byte by byte: what is behind it is for others. */
static bool
read_answer(char *ret, size_t size)
{
	size_t used = 0;
	ssize_t got;
	char c;

	for (;;) {
		got = read(STDIN_FILENO, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got != 1)
			return false;
		if (c == '\n')
			break;
		if (used + 1 < size)
			ret[used++] = c;
	}
	ret[used] = '\0';
	return true;
}

/* Where a question is shown; -1: nowhere. `*ret_own`: to be closed. */
static int
open_question(bool *ret_own)
{
	*ret_own = false;
	if (isatty(STDIN_FILENO) != 1)
		return -1;
	if (isatty(STDERR_FILENO) == 1)
		return STDERR_FILENO;
	if (isatty(STDOUT_FILENO) == 1)
		return STDOUT_FILENO;
	*ret_own = true;
	return open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC);
}

static void
close_question(int to, bool own)
{
	if (own && to >= 0)
		(void)close(to);
}

bool
term_can_confirm(void)
{
	bool own;
	int to = open_question(&own);

	close_question(to, own);
	return to >= 0;
}

bool
term_confirm(const char *question)
{
	char line[LINE_BYTES], answer[ANSWER_BYTES];
	bool own, answered;
	int to = open_question(&own);

	if (to < 0)
		return false;
	(void)snprintf(line, sizeof(line), "%s", question);
	text_clean(line);
	put(to, line);
	put(to, " [y/N] ");
	answered = read_answer(answer, sizeof(answer));
	if (!answered)
		put(to, "\n");
	close_question(to, own);
	return answered &&
	    (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0);
}
