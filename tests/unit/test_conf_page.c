/*
 * test_conf_page.c: man/certhaul.conf.5 has every option of the table with
 * its type, bounds, unit and default, and no other.
 */
#include "base/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/limits.h"

static const char item[] = "\n.It Va ";

static void
read_page(struct buf *ret)
{
	const char *top = getenv("CERTHAUL_SRCDIR");
	struct err err = ERR_INIT;
	char path[LIMIT_PATH_BYTES];

	assert_non_null(top);
	(void)snprintf(path, sizeof(path), "%s/man/certhaul.conf.5", top);
	assert_int_equal(
	    fs_read(AT_FDCWD, path, FS_TRUST_ANY, ret, NULL, &err), 0);
}

/* "integer, 0 to 3600000 ms": what the row takes, as the page says it. */
static void
put_type(const struct conf_option *row, struct buf *ret, struct err *err)
{
	const char *values = row->values;
	int rc = ERR_USAGE;

	switch (row->type) {
	case CONF_BOOL: rc = buf_puts(ret, "boolean", err); break;
	case CONF_INT:
		rc = buf_printf(ret, err, "integer, %ld to %ld%s%s", row->least,
		    row->most, row->unit[0] == '\0' ? "" : " ", row->unit);
		break;
	case CONF_STRING:
	case CONF_PATH:
		rc = buf_printf(ret, err, "%s, %ld to %ld bytes",
		    row->type == CONF_PATH ? "path" : "string", row->least,
		    row->most);
		break;
	case CONF_MODE:
		rc = buf_printf(ret, err, "mode, %ld to %ld octal digits",
		    row->least, row->most);
		break;
	case CONF_ENUM:
		rc = buf_puts(ret, "one of ", err);
		for (; rc == 0 && *values != '\0'; values++)
			rc = *values == '|' ? buf_puts(ret, ", ", err)
					    : buf_add(ret, values, 1, err);
		break;
	case CONF_LIST:
	case CONF_PATHS:
		rc = buf_printf(ret, err, "list of %ld to %ld %s", row->least,
		    row->most, row->type == CONF_PATHS ? "paths" : "strings");
		break;
	}
	assert_int_equal(rc, 0);
}

/* The default as one word of mdoc. */
static void
put_default(const char *fallback, struct buf *ret, struct err *err)
{
	const char *around = strchr(fallback, ' ') == NULL ? "" : "\"";
	int rc = buf_puts(ret, around, err);

	for (; rc == 0 && *fallback != '\0'; fallback++)
		rc = *fallback == '"' ? buf_puts(ret, "\\(dq", err)
				      : buf_add(ret, fallback, 1, err);
	if (rc == 0)
		rc = buf_puts(ret, around, err);
	assert_int_equal(rc, 0);
}

static void
every_option_is_in_the_page(void **state)
{
	struct buf page = BUF_INIT(LIMIT_CONF_BYTES);
	const struct conf_option *rows;
	struct err err = ERR_INIT;
	size_t count;

	(void)state;
	read_page(&page);
	rows = conf_options(&count);
	assert_true(count > 30);
	for (size_t i = 0; i < count; i++) {
		struct buf want = BUF_INIT(LIMIT_CONF_BYTES);

		assert_int_equal(
		    buf_printf(&want, &err, "%s%s\n.Pq ", item, rows[i].name),
		    0);
		put_type(&rows[i], &want, &err);
		assert_int_equal(buf_puts(&want, "; default Li ", &err), 0);
		put_default(rows[i].fallback, &want, &err);
		assert_int_equal(buf_puts(&want, "\n", &err), 0);
		if (strstr(buf_text(&page), buf_text(&want)) == NULL)
			fail_msg(
			    "the page lacks these lines:%s", buf_text(&want));
		buf_free(&want);
	}
	buf_free(&page);
}

static bool
is_option(const char *name, size_t len)
{
	const struct conf_option *rows;
	size_t count;

	rows = conf_options(&count);
	for (size_t i = 0; i < count; i++) {
		if (strlen(rows[i].name) == len &&
		    memcmp(rows[i].name, name, len) == 0)
			return true;
	}
	return false;
}

static void
the_page_has_no_other(void **state)
{
	struct buf page = BUF_INIT(LIMIT_CONF_BYTES);
	size_t count, seen = 0;
	const char *at;

	(void)state;
	read_page(&page);
	(void)conf_options(&count);
	for (at = buf_text(&page); (at = strstr(at, item)) != NULL; seen++) {
		size_t len;

		at += strlen(item);
		len = strcspn(at, "\n");
		if (!is_option(at, len))
			fail_msg("no such option: %.*s", (int)len, at);
	}
	assert_int_equal(seen, count);
	buf_free(&page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_option_is_in_the_page),
	    cmocka_unit_test(the_page_has_no_other),
	};

	return cmocka_run_group_tests_name("conf_page", tests, NULL, NULL);
}
