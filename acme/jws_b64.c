/*
 * jws_b64.c: base64url without padding (RFC 4648, 5; RFC 7515, 2), strict:
 * what is not the one spelling of its bytes is refused.
 */
#include "acme/jws.h"

#include <string.h>

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int
jws_b64_encode(const void *data, size_t len, struct buf *ret, struct err *err)
{
	const unsigned char *from = data;
	size_t whole = len / 3, rest = len % 3;
	size_t out = 4 * whole + (rest == 0 ? 0 : rest + 1);
	char *to = buf_room(ret, out, err);
	unsigned n;

	if (to == NULL)
		return err->code;
	for (size_t i = 0; i < whole; i++, from += 3, to += 4) {
		n = (unsigned)from[0] << 16 | (unsigned)from[1] << 8 | from[2];
		to[0] = letters[n >> 18];
		to[1] = letters[n >> 12 & 63];
		to[2] = letters[n >> 6 & 63];
		to[3] = letters[n & 63];
	}
	if (rest > 0) {
		n = (unsigned)from[0] << 16;
		n |= rest == 2 ? (unsigned)from[1] << 8 : 0;
		*to++ = letters[n >> 18];
		*to++ = letters[n >> 12 & 63];
		if (rest == 2)
			*to++ = letters[n >> 6 & 63];
	}
	ret->len += out;
	ret->data[ret->len] = '\0';
	return 0;
}

int
jws_b64_decode(const char *text, struct buf *ret, struct err *err)
{
	size_t len = strlen(text), out = len / 4 * 3 + len % 4 * 3 / 4;
	unsigned have = 0, bits = 0;
	char *to = buf_room(ret, out, err);

	if (to == NULL)
		return err->code;
	for (size_t i = 0; i < len; i++) {
		const char *at = strchr(letters, text[i]);

		if (at == NULL)
			break;
		bits = bits << 6 | (unsigned)(at - letters);
		have += 6;
		if (have >= 8) {
			have -= 8;
			*to++ = (char)(bits >> have & 255);
		}
		bits &= (1U << have) - 1;
	}
	if (len % 4 == 1 || strspn(text, letters) != len || bits != 0)
		return err_set(err, ERR_SYNTAX, "decoding base64url", NULL,
		    "not base64url without padding");
	ret->len += out;
	ret->data[ret->len] = '\0';
	return 0;
}
