/*
 * err.c: fills, names and prints a failure. Everything in the program that
 * can fail ends here; main turns the result into a line and an exit status.
 */
#include "base/err.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static const char *const names[] = {
    [0] = "none",
    [-ERR_USAGE] = "usage",
    [-ERR_CONF] = "conf",
    [-ERR_NOMEM] = "nomem",
    [-ERR_IO] = "io",
    [-ERR_NOENT] = "noent",
    [-ERR_EXISTS] = "exists",
    [-ERR_PERM] = "perm",
    [-ERR_UNSAFE] = "unsafe",
    [-ERR_LIMIT] = "limit",
    [-ERR_SYNTAX] = "syntax",
    [-ERR_TIMEOUT] = "timeout",
    [-ERR_LOCKED] = "lock",
    [-ERR_INVALID] = "invalid",
    [-ERR_HAPROXY] = "haproxy",
    [-ERR_DOWN] = "down",
    [-ERR_MISMATCH] = "mismatch",
    [-ERR_UNPROVED] = "unproved",
    [-ERR_CRYPTO] = "crypto",
    [-ERR_CHILD] = "child",
    [-ERR_STOPPED] = "stopped",
    [-ERR_REFUSED_CA] = "ca",
    [-ERR_REFUSED_INPUT] = "input",
};
_Static_assert(COUNT_OF(names) == -ERR_LAST + 1, "a code has no name");

/* A cut must not leave half a character, which would be cleaned to `?`s. */
static void
drop_half_character(char *text, size_t len)
{
	size_t start = len;

	while (start > 0 && len - start < 3 &&
	    ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0xc0)
		text[start - 1] = '\0';
}

static void
copy_cut(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size);

	if (len < size) {
		memcpy(to, from, len + 1);
		return;
	}
	memcpy(to, from, size - 1);
	to[size - 1] = '\0';
	drop_half_character(to, size - 1);
}

static void format_cut(char *to, size_t size, const char *fmt, va_list args)
    PRINTF_LIKE(3, 0);

static void
format_cut(char *to, size_t size, const char *fmt, va_list args)
{
	int len = vsnprintf(to, size, fmt, args);

	if (len < 0)
		to[0] = '\0';
	else if ((size_t)len >= size)
		drop_half_character(to, size - 1);
}

int
err_set(struct err *err, int code, const char *doing, const char *on,
    const char *fmt, ...)
{
	/* A caller may hand us parts of `err` itself. */
	struct err made = ERR_INIT;
	va_list args;

	va_start(args, fmt);
	format_cut(made.detail, sizeof(made.detail), fmt, args);
	va_end(args);
	copy_cut(made.doing, sizeof(made.doing), doing);
	copy_cut(made.on, sizeof(made.on), on != NULL ? on : "");
	text_clean(made.doing);
	text_clean(made.on);
	text_clean(made.detail);
	made.code = code;
	*err = made;
	return code;
}

static int
code_of_errno(int number)
{
	switch (number) {
	case EACCES:
	case EPERM: return ERR_PERM;
	case ENOENT: return ERR_NOENT;
	case EEXIST: return ERR_EXISTS;
	case ENOMEM: return ERR_NOMEM;
	default: return ERR_IO;
	}
}

int
err_sys(struct err *err, const char *doing, const char *on, const char *call)
{
	int number = errno, code = code_of_errno(number);
	struct passwd entry, *found = NULL;
	char space[1024];

	if (code != ERR_PERM)
		return err_set(
		    err, code, doing, on, "%s: %s", call, strerror(number));
	if (getpwuid_r(geteuid(), &entry, space, sizeof(space), &found) != 0)
		found = NULL;
	return err_set(err, code, doing, on, "%s: %s (as user %s, uid %lu)",
	    call, strerror(number), found != NULL ? entry.pw_name : "?",
	    (unsigned long)geteuid());
}

int
err_nomem(struct err *err, const char *doing)
{
	return err_set(err, ERR_NOMEM, doing, NULL, "out of memory");
}

void
err_clear(struct err *err)
{
	*err = (struct err)ERR_INIT;
}

const char *
err_text(const struct err *err, char *line, size_t size)
{
	int len;

	if (size == 0)
		return line;
	len = snprintf(line, size, "%s%s%s%s%s", err->doing,
	    err->on[0] != '\0' ? " " : "", err->on,
	    err->detail[0] != '\0' ? ": " : "", err->detail);
	if (len < 0)
		line[0] = '\0';
	else if ((size_t)len >= size)
		drop_half_character(line, size - 1);
	text_clean(line);
	return line;
}

const char *
err_name(int code)
{
	if (code > 0 || code < ERR_LAST)
		return "unknown";
	return names[-code];
}
