/*
 * http_header.c: the few header fields of a reply that ACME needs, each
 * through a validator: they become nonces, URLs and waiting times.
 */
#include "acme/http_private.h"

#include <curl/curl.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"

static const char doing[] = "asking the CA";

enum {
	VALUE_BYTES = 8 * 1024, /* of one header field; longer ones are cut */
	RETRY_MOST_S = 366 * 24 * 3600,
};

void
http_header_reset(struct http_reply *reply)
{
	reply->content_type[0] = '\0';
	reply->location[0] = '\0';
	reply->replay_nonce[0] = '\0';
	reply->retry_after_s = -1;
	reply->alternate_count = 0;
	reply->terms[0] = '\0';
}

long
http_header_retry_after(const char *value)
{
	char *end = NULL;
	long seconds;
	time_t when;

	if (isdigit((unsigned char)value[0])) {
		errno = 0;
		seconds = strtol(value, &end, 10);
		if (*end != '\0')
			return -1;
		if (errno != 0 || seconds > RETRY_MOST_S)
			return RETRY_MOST_S;
		return seconds;
	}
	when = curl_getdate(value, NULL);
	if (when == (time_t)-1)
		return -1;
	seconds = (long)(when - clock_now_s());
	if (seconds > RETRY_MOST_S)
		return RETRY_MOST_S;
	return seconds > 0 ? seconds : 0;
}

/* `url`, which may be relative to `base`, as an absolute one; or "". */
static void
resolve(const char *base, const char *url, bool allow_plain, char *ret)
{
	CURLU *handle = NULL;
	char *whole = NULL;

	ret[0] = '\0';
	/* Absolute already: byte for byte, as it will be signed. */
	if (text_is_url(url, allow_plain)) {
		memcpy(ret, url, strlen(url) + 1);
		return;
	}
	handle = curl_url();
	if (handle == NULL)
		return;
	if (curl_url_set(handle, CURLUPART_URL, base, 0) == CURLUE_OK &&
	    curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(handle, CURLUPART_URL, &whole, 0) == CURLUE_OK &&
	    text_is_url(whole, allow_plain))
		memcpy(ret, whole, strlen(whole) + 1);
	curl_free(whole);
	curl_url_cleanup(handle);
}

/* Is `word` one of the words of a rel="..." of `len` bytes? */
static bool
has_word(const char *rel, size_t len, const char *word)
{
	size_t at = 0;

	while (at < len) {
		size_t end = at;

		while (end < len && rel[end] != ' ')
			end++;
		if (end - at == strlen(word) &&
		    strncasecmp(rel + at, word, end - at) == 0)
			return true;
		at = end + 1;
	}
	return false;
}

/*
 * Finds rel= among the parameters of one link (RFC 8288, 3) that begin at
 * `at`, and returns where they end: at a comma, or at the end.
 */
static const char *
parameters(const char *at, const char **ret_rel, size_t *ret_len)
{
	*ret_rel = NULL;
	while (*at != '\0' && *at != ',') {
		const char *name, *value;
		size_t name_len, len;

		at += strspn(at, "; \t");
		name = at;
		name_len = strcspn(at, "=;, \t");
		at += name_len;
		at += strspn(at, " \t");
		if (*at != '=')
			continue;
		at++;
		at += strspn(at, " \t");
		if (*at == '"') {
			value = ++at;
			len = strcspn(at, "\"");
			at += len + (at[len] == '"' ? 1 : 0);
		} else {
			value = at;
			len = strcspn(at, ";, \t");
			at += len;
		}
		/* The first counts (3.3). */
		if (*ret_rel == NULL && name_len == 3 &&
		    strncasecmp(name, "rel", 3) == 0) {
			*ret_rel = value;
			*ret_len = len;
		}
	}
	return at;
}

static void
take_links(const char *value, const char *base, bool allow_plain,
    struct http_reply *reply)
{
	const char *at = value, *rel = NULL;
	char url[LIMIT_URL_BYTES], *to;
	size_t len, rel_len = 0;

	while ((at = strchr(at, '<')) != NULL) {
		len = strcspn(++at, ">");
		if (at[len] == '\0' || len >= sizeof(url))
			return;
		memcpy(url, at, len);
		url[len] = '\0';
		at = parameters(at + len + 1, &rel, &rel_len);
		if (rel == NULL)
			continue;
		if (has_word(rel, rel_len, "terms-of-service")) {
			resolve(base, url, allow_plain, reply->terms);
		} else if (has_word(rel, rel_len, "alternate") &&
		    reply->alternate_count < LIMIT_ALTERNATES) {
			to = reply->alternates[reply->alternate_count].url;
			resolve(base, url, allow_plain, to);
			if (to[0] != '\0')
				reply->alternate_count++;
		}
	}
}

static void
take_field(const char *name, const char *value, const char *base,
    bool allow_plain, struct http_reply *reply)
{
	if (strcasecmp(name, "replay-nonce") == 0) {
		/* RFC 8555, 6.5.1: what is not base64url is ignored. */
		if (text_is_base64url(value, 1, LIMIT_NONCE_BYTES - 1))
			memcpy(reply->replay_nonce, value, strlen(value) + 1);
	} else if (strcasecmp(name, "location") == 0) {
		resolve(base, value, allow_plain, reply->location);
	} else if (strcasecmp(name, "retry-after") == 0) {
		reply->retry_after_s = http_header_retry_after(value);
	} else if (strcasecmp(name, "link") == 0) {
		take_links(value, base, allow_plain, reply);
	} else if (strcasecmp(name, "content-type") == 0) {
		size_t len = strcspn(value, "; \t");

		if (len < sizeof(reply->content_type)) {
			memcpy(reply->content_type, value, len);
			reply->content_type[len] = '\0';
		}
	}
}

void
http_header_take(const char *line, size_t len, const char *base,
    bool allow_plain, struct http_reply *reply)
{
	char text[VALUE_BYTES], *value;

	/* A 100 was before, or a proxy's; only the last head counts. */
	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		http_header_reset(reply);
		return;
	}
	while (len > 0 && strchr("\r\n \t", line[len - 1]) != NULL)
		len--;
	if (len >= sizeof(text) || memchr(line, '\0', len) != NULL)
		return;
	memcpy(text, line, len);
	text[len] = '\0';
	value = strchr(text, ':');
	if (value == NULL)
		return;
	*value++ = '\0';
	value += strspn(value, " \t");
	take_field(text, value, base, allow_plain, reply);
}

int
http_header_list(const char *type, struct curl_slist **ret, struct err *err)
{
	struct curl_slist *list = NULL, *longer = NULL;
	char line[160];
	int len;

	list = curl_slist_append(NULL, "Accept-Language: en");
	if (list == NULL)
		return err_nomem(err, doing);
	if (type != NULL) {
		len = snprintf(line, sizeof(line), "Content-Type: %s", type);
		if (len > 0 && (size_t)len < sizeof(line))
			longer = curl_slist_append(list, line);
		/* And no waiting for a 100. */
		if (longer != NULL)
			longer = curl_slist_append(list, "Expect:");
		if (longer == NULL) {
			curl_slist_free_all(list);
			return err_nomem(err, doing);
		}
	}
	*ret = list;
	return 0;
}
