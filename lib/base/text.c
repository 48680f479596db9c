/*
 * text.c: what text from outside must look like before it is used, and what
 * it is made to look like before it is shown.
 */
#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
text_is_lineage_name(const char *name)
{
	size_t len = strnlen(name, LIMIT_LINEAGE_NAME_BYTES + 1);

	if (len == 0 || len > LIMIT_LINEAGE_NAME_BYTES || name[0] == '.' ||
	    name[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_alnum(name[i]) && name[i] != '.' && name[i] != '_' &&
		    name[i] != '-')
			return false;
	}
	return true;
}

static bool
is_label(const char *label, size_t len)
{
	if (len == 0 || len > 63 || label[0] == '-' || label[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_alnum(label[i]) && label[i] != '-' && label[i] != '_')
			return false;
	}
	return true;
}

bool
text_is_dns_name(const char *name, bool wildcard)
{
	size_t len;

	if (strnlen(name, LIMIT_DNS_NAME_BYTES + 1) > LIMIT_DNS_NAME_BYTES)
		return false;
	if (wildcard && name[0] == '*' && name[1] == '.')
		name += 2;
	for (;;) {
		len = strcspn(name, ".");
		if (!is_label(name, len))
			return false;
		if (name[len] == '\0')
			return true;
		name += len + 1;
	}
}

bool
text_is_base64url(const char *text, size_t least, size_t most)
{
	size_t len = strnlen(text, most + 1);

	if (len < least || len > most)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_alnum(text[i]) && text[i] != '-' && text[i] != '_')
			return false;
	}
	return true;
}

/* Is the host of a URL, and with it what may follow, this machine's? */
static bool
is_loopback(const char *host)
{
	size_t len = strcspn(host, "/?#");
	size_t name = strcspn(host, ":/?#");
	char address[sizeof("255.255.255.255")] = "";
	unsigned char bytes[4] = {0};

	if (strncmp(host, "[::1]", 5) == 0)
		name = 5;
	else if (name < sizeof(address))
		memcpy(address, host, name);
	/* A port alone: "127.0.0.1:x@ca.example" is another host. */
	if (host[name] == ':' &&
	    strspn(host + name + 1, "0123456789") != len - name - 1)
		return false;
	if (host[name] != ':' && name != len)
		return false;
	return address[0] == '\0' || strcasecmp(address, "localhost") == 0
	    ? name > 0 && name < sizeof(address)
	    : inet_pton(AF_INET, address, bytes) == 1 && bytes[0] == 127;
}

bool
text_is_url(const char *url, bool plain)
{
	size_t len = strnlen(url, LIMIT_URL_BYTES), scheme = 0;

	if (len == LIMIT_URL_BYTES)
		return false;
	if (strncasecmp(url, "https://", 8) == 0)
		scheme = 8;
	else if (plain && strncasecmp(url, "http://", 7) == 0 &&
	    is_loopback(url + 7))
		scheme = 7;
	/* The host comes next: a letter, a digit, or an IPv6 address. */
	if (scheme == 0 || (!is_alnum(url[scheme]) && url[scheme] != '['))
		return false;
	for (size_t i = scheme; i < len; i++) {
		if (url[i] <= ' ' || url[i] > '~' ||
		    strchr("\"'<>\\", url[i]) != NULL)
			return false;
	}
	return true;
}

bool
text_is_cli_word(const char *word)
{
	if (word[0] == '\0')
		return false;
	for (; *word != '\0'; word++) {
		if (*word <= ' ' || *word > '~' ||
		    strchr("\"'\\;<#", *word) != NULL)
			return false;
	}
	return true;
}

static bool
equal_folded(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

bool
text_name_covers(const char *pattern, const char *name)
{
	const char *rest = NULL;

	if (equal_folded(pattern, name))
		return name[0] != '\0';
	if (pattern[0] != '*' || pattern[1] != '.' || name[0] == '*')
		return false;
	rest = strchr(name, '.');
	return rest != NULL && rest != name && rest[1] != '\0' &&
	    equal_folded(pattern + 1, rest);
}

enum { NEAREST_WORD_BYTES = 64 };

static size_t
least_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits from `a` to `b`, whatever their case; two neighbours that changed
 * places are one edit. */
static size_t
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][NEAREST_WORD_BYTES + 1], *last = rows[0], *row = rows[1];
	size_t *before = rows[2], *spare = NULL;

	for (size_t j = 0; j <= b_len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] =
			    last[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
			row[j] = least_of(row[j], last[j] + 1);
			row[j] = least_of(row[j], row[j - 1] + 1);
			if (i > 1 && j > 1 &&
			    lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				row[j] = least_of(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b_len];
}

static bool
begins_folded(const char *text, const char *start)
{
	while (*start != '\0' && lower(*text) == lower(*start)) {
		text++;
		start++;
	}
	return *start == '\0';
}

/* The only one that begins with `word`; NULL: none does, or several do. */
static const char *
only_beginning(const char *word, const char *const *words)
{
	const char *ret = NULL;

	for (; *word != '\0' && *words != NULL; words++) {
		if (!begins_folded(*words, word))
			continue;
		if (ret != NULL)
			return NULL;
		ret = *words;
	}
	return ret;
}

const char *
text_nearest(const char *word, const char *const *words)
{
	size_t len = strnlen(word, NEAREST_WORD_BYTES + 1), best, now;
	const char *ret = only_beginning(word, words);

	if (len > NEAREST_WORD_BYTES)
		return NULL;
	best = least_of(len / 3, 3) + 1;
	for (; *words != NULL; words++) {
		if (strnlen(*words, NEAREST_WORD_BYTES + 1) >
		    NEAREST_WORD_BYTES)
			continue;
		now = distance(word, len, *words, strlen(*words));
		if (now < best) {
			best = now;
			ret = *words;
		}
	}
	return ret;
}

void
text_hex(const unsigned char *data, size_t len, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		hex[2 * i] = digits[data[i] >> 4];
		hex[2 * i + 1] = digits[data[i] & 0xf];
	}
	hex[2 * len] = '\0';
}
