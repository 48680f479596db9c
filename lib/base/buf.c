/*
 * buf.c: the buffer that everything is read into and composed in.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char doing[] = "filling a buffer";

void
buf_wipe(void *data, size_t len)
{
	if (len > 0)
		explicit_bzero(data, len);
}

/*
 * Grows to `cap` bytes of text. realloc() would leave a copy of a secret
 * behind that nobody wipes.
 */
static int
grow(struct buf *buf, size_t cap, struct err *err)
{
	char *data = NULL;

	if (!buf->secret) {
		data = realloc(buf->data, cap + 1);
		if (data == NULL)
			return err_nomem(err, doing);
	} else {
		data = malloc(cap + 1);
		if (data == NULL)
			return err_nomem(err, doing);
		if (buf->data != NULL) {
			memcpy(data, buf->data, buf->len);
			buf_wipe(buf->data, buf->cap + 1);
			free(buf->data);
		}
	}
	data[buf->len] = '\0';
	buf->data = data;
	buf->cap = cap;
	return 0;
}

static int
reserve(struct buf *buf, size_t more, struct err *err)
{
	size_t need, cap;

	if (buf->len > buf->max_bytes || more > buf->max_bytes - buf->len)
		return err_set(err, ERR_LIMIT, doing, NULL,
		    "more than %zu bytes", buf->max_bytes);
	need = buf->len + more;
	if (buf->data != NULL && need <= buf->cap)
		return 0;
	cap = buf->cap < 128 ? 256 : buf->cap * 2;
	if (cap < need)
		cap = need;
	if (cap > buf->max_bytes)
		cap = buf->max_bytes;
	return grow(buf, cap, err);
}

char *
buf_room(struct buf *buf, size_t more, struct err *err)
{
	if (reserve(buf, more, err) < 0)
		return NULL;
	/* However much of it the caller fills, a NUL follows. */
	memset(buf->data + buf->len, 0, more + 1);
	return buf->data + buf->len;
}

int
buf_add(struct buf *buf, const void *data, size_t len, struct err *err)
{
	int rc;

	rc = reserve(buf, len, err);
	if (rc < 0)
		return rc;
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int
buf_puts(struct buf *buf, const char *text, struct err *err)
{
	return buf_add(buf, text, strlen(text), err);
}

int
buf_printf(struct buf *buf, struct err *err, const char *fmt, ...)
{
	va_list args;
	int len, rc;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0)
		return err_sys(err, doing, NULL, "vsnprintf");
	rc = reserve(buf, (size_t)len, err);
	if (rc < 0)
		return rc;
	va_start(args, fmt);
	len = vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)len;
	return 0;
}

const char *
buf_text(const struct buf *buf)
{
	return buf->data != NULL ? buf->data : "";
}

void
buf_reset(struct buf *buf)
{
	if (buf->data != NULL) {
		if (buf->secret)
			buf_wipe(buf->data, buf->cap + 1);
		buf->data[0] = '\0';
	}
	buf->len = 0;
}

void
buf_free(struct buf *buf)
{
	if (buf == NULL)
		return;
	if (buf->data != NULL && buf->secret)
		buf_wipe(buf->data, buf->cap + 1);
	free(buf->data);
	buf->data = NULL;
	buf->len = 0;
	buf->cap = 0;
}
