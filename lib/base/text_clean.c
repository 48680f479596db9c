/*
 * text_clean.c: makes text fit to be shown: no key, no control character,
 * nothing that is not UTF-8 (certbot gives a lineage up over such output).
 */
#include "base/text.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"

static const char dashes[] = "-----";

/*
 * The next line "-----WHAT ... PRIVATE KEY-----" in `text`; `*ret_end` is
 * behind it. NULL where there is none.
 */
static char *
find_marker(char *text, const char *what, char **ret_end)
{
	size_t what_len = strlen(what), dash_len = strlen(dashes);
	char *end = NULL, *key = NULL;

	while ((text = strstr(text, dashes)) != NULL) {
		if (strncmp(text + dash_len, what, what_len) != 0) {
			text++;
			continue;
		}
		end = strstr(text + dash_len, dashes);
		if (end == NULL)
			return NULL;
		key = strstr(text, "PRIVATE KEY");
		if (key != NULL && key < end) {
			*ret_end = end + dash_len;
			return text;
		}
		text += dash_len;
	}
	return NULL;
}

/* Puts "[key]" in place of [from, to); that is never longer. */
static char *
hide(char *from, char *to)
{
	static const char mark[] = "[key]";
	size_t mark_len = sizeof(mark) - 1, rest = strlen(to);

	memcpy(from, mark, mark_len);
	memmove(from + mark_len, to, rest + 1);
	buf_wipe(from + mark_len + rest + 1, (size_t)(to - from) - mark_len);
	return from + mark_len;
}

/*
 * Hides every key: where its end was cut off, all to the end of the text;
 * where its beginning was, all from where we are.
 */
static void
hide_keys(char *text)
{
	char *begin = NULL, *end = NULL, *behind = NULL, *at = text;

	for (;;) {
		begin = find_marker(at, "BEGIN ", &behind);
		end = find_marker(at, "END ", &behind);
		if (end != NULL && (begin == NULL || end < begin))
			at = hide(at, behind);
		else if (end != NULL)
			at = hide(begin, behind);
		else
			break;
	}
	if (begin != NULL)
		(void)hide(begin, begin + strlen(begin));
}

/*
 * The bytes of the character at `text` (RFC 3629, 4), 0 where it is none:
 * over-long forms, surrogates and what lies above U+10FFFF are none.
 */
static size_t
decode(const unsigned char *text, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = text[0];
	size_t len;

	if (c < 0x80)
		len = 1;
	else if (c >= 0xc2 && c < 0xe0)
		len = 2;
	else if (c >= 0xe0 && c < 0xf0)
		len = 3;
	else if (c >= 0xf0 && c < 0xf5)
		len = 4;
	else
		return 0;
	c &= len == 1 ? 0x7fU : 0xffU >> (len + 1);
	for (size_t i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (text[i] & 0x3fU);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*ret = c;
	return len;
}

bool
text_is_utf8(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t len = 1;
	uint32_t c = 0;

	for (; len > 0 && *at != '\0'; at += len)
		len = decode(at, &c);
	return len > 0;
}

/* Control characters, C1 and those that turn the direction of a line. */
static bool
is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
	    c == 0x2029 || c == 0x200e || c == 0x200f ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void
text_clean(char *text)
{
	const unsigned char *from = NULL;
	char *to = text;
	uint32_t c = 0;
	size_t len;

	hide_keys(text);
	from = (const unsigned char *)text;
	while (*from != '\0') {
		len = decode(from, &c);
		if (len == 0) {
			*to++ = '?';
			from++;
			continue;
		}
		if (is_control(c)) {
			*to++ = ' ';
		} else {
			memmove(to, from, len);
			to += len;
		}
		from += len;
	}
	while (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
}
