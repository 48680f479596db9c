/*
 * record_text.c: struct record <-> text. One table with a row a key is read
 * by both directions, so that they cannot drift; each kind of value has its
 * validator, for a record outlives the program that wrote it.
 */
#include "cert/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cert/record_private.h"

/* A change that an earlier certhaul would misread gets another number. */
#define FIRST_LINE "certhaul-record 1\n"
/* Without it, a record that lost its end would be one that says less. */
#define LAST_LINE "end\n"

enum kind {
	KIND_NAME,
	KIND_PATH,
	KIND_LINE,
	KIND_BOOL,
	KIND_HEX,
	KIND_TIME,
	KIND_COUNT,
	KIND_CODE,
	KIND_GENERATION,
	KIND_IDENT,
	KINDS
};

struct row {
	const char *key;
	enum kind kind;
	size_t offset, size; /* in struct record */
};

#define ROW(key, kind, member)                                                 \
	{                                                                      \
		key, kind, offsetof(struct record, member),                    \
		    sizeof(((struct record *)NULL)->member)                    \
	}

static const struct row rows[] = {
    ROW("name", KIND_NAME, lineage.name),
    ROW("lineage", KIND_PATH, lineage.dir),
    ROW("installed", KIND_BOOL, installed),
    ROW("digest", KIND_HEX, digest),
    ROW("intent", KIND_HEX, intent),
    ROW("pending", KIND_BOOL, pending),
    ROW("replaced", KIND_HEX, replaced),
    ROW("replaced-ours", KIND_BOOL, replaced_ours),
    ROW("replaced-out", KIND_BOOL, replaced_out),
    ROW("leaf-sha1", KIND_HEX, leaf_sha1),
    ROW("leaf-sha256", KIND_HEX, leaf_sha256),
    ROW("leaf-serial", KIND_LINE, leaf_serial),
    ROW("not-after", KIND_TIME, not_after_s),
    ROW("source-generation", KIND_GENERATION, source.generation),
    ROW("source-cert", KIND_IDENT, source.files[LINEAGE_CERT]),
    ROW("source-chain", KIND_IDENT, source.files[LINEAGE_CHAIN]),
    ROW("source-fullchain", KIND_IDENT, source.files[LINEAGE_FULLCHAIN]),
    ROW("source-privkey", KIND_IDENT, source.files[LINEAGE_PRIVKEY]),
    ROW("held", KIND_BOOL, held),
    ROW("out", KIND_BOOL, out),
    ROW("revoked", KIND_BOOL, revoked),
    ROW("begun", KIND_LINE, begun),
    ROW("bundle", KIND_IDENT, bundle),
    ROW("proved", KIND_BOOL, proved),
    ROW("proved-at", KIND_TIME, proved_s),
    ROW("proved-by", KIND_LINE, proved_by),
    ROW("proved-but", KIND_LINE, proved_but),
    ROW("reload-due", KIND_BOOL, reload_due),
    ROW("failed", KIND_BOOL, failure.present),
    ROW("failed-first", KIND_TIME, failure.first_s),
    ROW("failed-last", KIND_TIME, failure.last_s),
    ROW("failed-attempts", KIND_COUNT, failure.attempts),
    ROW("failed-code", KIND_CODE, failure.code),
    ROW("failed-text", KIND_LINE, failure.text),
    ROW("taken-back", KIND_HEX, taken.digest),
    ROW("taken-by", KIND_LINE, taken.path),
    ROW("taken-leaf", KIND_HEX, taken.leaf_sha256),
    ROW("taken-files", KIND_HEX, taken.config),
};
_Static_assert(COUNT_OF(rows) <= 64, "a bit of `seen` for each");
_Static_assert(sizeof(time_t) == sizeof(int64_t), "KIND_TIME");

/* 9999-12-31T23:59:59Z: the last that X.509 can say (RFC 5280, 4.1.2.5). */
#define TIME_MOST_S INT64_C(253402300799)

/* A whole number with `end` right behind it; *ret_next is behind that. */
static bool
read_number(const char *text, char end, long long least, long long most,
    long long *ret, const char **ret_next)
{
	char *next = NULL;
	long long number;

	if (*text != '-' && (*text < '0' || *text > '9'))
		return false;
	errno = 0;
	number = strtoll(text, &next, 10);
	if (errno != 0 || next == text || *next != end || number < least ||
	    number > most)
		return false;
	*ret = number;
	if (ret_next != NULL)
		*ret_next = next + 1;
	return true;
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == '\177')
			return true;
	}
	return false;
}

static bool
is_path(const char *text)
{
	return text[0] == '/' && !has_control(text);
}

/* What text_clean() would change did not come from us. */
static bool
is_line(const char *text)
{
	char line[LIMIT_ERR_DETAIL_BYTES];
	size_t len = strlen(text);

	if (len == 0 || len >= sizeof(line))
		return false;
	memcpy(line, text, len + 1);
	text_clean(line);
	return strcmp(line, text) == 0;
}

static bool
read_text(const char *value, void *to, size_t size)
{
	size_t len = strlen(value);

	if (len >= size)
		return false;
	memcpy(to, value, len + 1);
	return true;
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
record_text_hex(const char *text, size_t len, unsigned char *ret, size_t size)
{
	if (len != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = nibble(text[2 * i]);
		int low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool
read_unsigned(const char *text, unsigned long long *ret, const char **ret_next)
{
	char *next = NULL;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, &next, 10);
	*ret_next = next + 1;
	return errno == 0 && *next == ' ';
}

/* dev ino size mtime_ns ctime_ns; files from before 1970 exist. */
static bool
read_ident(const char *value, struct fs_ident *to)
{
	return read_unsigned(value, &to->dev, &value) &&
	    read_unsigned(value, &to->ino, &value) &&
	    read_unsigned(value, &to->size, &value) &&
	    read_number(
		value, ' ', INT64_MIN, INT64_MAX, &to->mtime_ns, &value) &&
	    read_number(value, '\0', INT64_MIN, INT64_MAX, &to->ctime_ns, NULL);
}

static bool
read_value(const struct row *row, const char *value, void *to)
{
	long long number = 0;

	switch (row->kind) {
	case KIND_NAME:
		return text_is_lineage_name(value) &&
		    read_text(value, to, row->size);
	case KIND_PATH:
		return is_path(value) && read_text(value, to, row->size);
	case KIND_LINE:
		return is_line(value) && read_text(value, to, row->size);
	case KIND_BOOL: *(bool *)to = true; return strcmp(value, "yes") == 0;
	case KIND_HEX:
		return record_text_hex(value, strlen(value), to, row->size);
	case KIND_TIME:
		if (!read_number(value, '\0', 0, TIME_MOST_S, &number, NULL))
			return false;
		*(time_t *)to = (time_t)number;
		return true;
	case KIND_COUNT:
		if (!read_number(value, '\0', 0, UINT_MAX, &number, NULL))
			return false;
		*(unsigned *)to = (unsigned)number;
		return true;
	case KIND_CODE:
		if (!read_number(value, '\0', INT_MIN, -1, &number, NULL))
			return false;
		*(int *)to = (int)number;
		return true;
	case KIND_GENERATION:
		if (!read_number(value, '\0', 0, LIMIT_LINEAGE_GENERATION,
			&number, NULL))
			return false;
		*(long *)to = (long)number;
		return true;
	case KIND_IDENT: return read_ident(value, to);
	case KINDS: break;
	}
	return false;
}

/* One line, without its end. A key that comes twice is no record of ours. */
static bool
read_line(char *line, struct record *ret, uint64_t *seen)
{
	char *value = strchr(line, ' ');

	if (value == NULL)
		return false;
	*value++ = '\0';
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (strcmp(line, rows[i].key) != 0)
			continue;
		if ((*seen & UINT64_C(1) << i) != 0)
			return false;
		*seen |= UINT64_C(1) << i;
		return read_value(
		    &rows[i], value, (char *)ret + rows[i].offset);
	}
	return true;
}

bool
record_text_read(
    const char *text, size_t len, const char *name, struct record *ret)
{
	/* The longest value is a path. */
	char line[LIMIT_PATH_BYTES + 64];
	const size_t first = strlen(FIRST_LINE);
	struct record record = {0};
	uint64_t seen = 0;

	if (strlen(text) != len || strncmp(text, FIRST_LINE, first) != 0)
		return false;
	for (text += first; strcmp(text, LAST_LINE) != 0;) {
		size_t line_len = strcspn(text, "\n");

		if (text[line_len] != '\n' || line_len >= sizeof(line))
			return false;
		memcpy(line, text, line_len);
		line[line_len] = '\0';
		text += line_len + 1;
		if (!read_line(line, &record, &seen))
			return false;
	}
	if (strcmp(record.lineage.name, name) != 0)
		return false;
	*ret = record;
	return true;
}

static int
write_hex(
    const struct row *row, const void *from, struct buf *ret, struct err *err)
{
	char hex[2 * PKI_SHA256_BYTES + 1];

	text_hex(from, row->size, hex);
	return buf_printf(ret, err, "%s %s\n", row->key, hex);
}

static int
write_ident(const struct row *row, const struct fs_ident *from, struct buf *ret,
    struct err *err)
{
	return buf_printf(ret, err, "%s %llu %llu %llu %lld %lld\n", row->key,
	    from->dev, from->ino, from->size, from->mtime_ns, from->ctime_ns);
}

/* Room for the longest of them, cleaned: what is read back must be equal. */
static int
write_line(
    const struct row *row, const char *from, struct buf *ret, struct err *err)
{
	char line[LIMIT_ERR_DETAIL_BYTES];

	if (snprintf(line, sizeof(line), "%.*s", (int)row->size - 1, from) < 0)
		line[0] = '\0';
	text_clean(line);
	return line[0] == '\0'
	    ? 0
	    : buf_printf(ret, err, "%s %s\n", row->key, line);
}

static int
write_path(
    const struct row *row, const char *from, struct buf *ret, struct err *err)
{
	if (!is_path(from))
		return err_set(err, ERR_INVALID, "writing the record", from,
		    "is not an absolute path of printable characters");
	return buf_printf(ret, err, "%s %s\n", row->key, from);
}

static int
write_number(
    const struct row *row, long long number, struct buf *ret, struct err *err)
{
	return buf_printf(ret, err, "%s %lld\n", row->key, number);
}

static int
write_value(
    const struct row *row, const void *from, struct buf *ret, struct err *err)
{
	switch (row->kind) {
	case KIND_NAME:
		return buf_printf(
		    ret, err, "%s %s\n", row->key, (const char *)from);
	case KIND_PATH: return write_path(row, from, ret, err);
	case KIND_LINE: return write_line(row, from, ret, err);
	case KIND_BOOL: return buf_printf(ret, err, "%s yes\n", row->key);
	case KIND_HEX: return write_hex(row, from, ret, err);
	case KIND_TIME:
		return write_number(row, *(const time_t *)from, ret, err);
	case KIND_COUNT:
		return write_number(row, *(const unsigned *)from, ret, err);
	case KIND_CODE: return write_number(row, *(const int *)from, ret, err);
	case KIND_GENERATION:
		return write_number(row, *(const long *)from, ret, err);
	case KIND_IDENT: return write_ident(row, from, ret, err);
	case KINDS: break;
	}
	return 0;
}

/* Strings: no text. All else: no bit; false, zero and never are not said. */
static bool
is_empty(const struct row *row, const char *from)
{
	if (row->kind == KIND_NAME || row->kind == KIND_PATH ||
	    row->kind == KIND_LINE)
		return from[0] == '\0';
	for (size_t i = 0; i < row->size; i++) {
		if (from[i] != '\0')
			return false;
	}
	return true;
}

int
record_text_write(const struct record *record, struct buf *ret, struct err *err)
{
	int rc;

	rc = buf_puts(ret, FIRST_LINE, err);
	for (size_t i = 0; rc == 0 && i < COUNT_OF(rows); i++) {
		const char *from = (const char *)record + rows[i].offset;

		if (!is_empty(&rows[i], from))
			rc = write_value(&rows[i], from, ret, err);
	}
	return rc < 0 ? rc : buf_puts(ret, LAST_LINE, err);
}
