/*
 * http_private.h: what http.c, http_setup.c and http_header.c share.
 */
#ifndef ACME_HTTP_PRIVATE_H
#define ACME_HTTP_PRIVATE_H

#include "acme/http.h"

/*
 * One line of a reply's head into `reply`: `len` bytes, its CRLF included.
 * `base` is the request's URL, which relative ones are resolved against; what
 * is malformed is as if it were not there. A status line empties `reply`.
 */
void http_header_take(const char *line, size_t len, const char *base,
    bool allow_plain, struct http_reply *reply);

/* Forgets what an earlier head said; the body stays. */
void http_header_reset(struct http_reply *reply);

/* Seconds from a Retry-After, in either form; -1: neither. */
long http_header_retry_after(const char *value) MUST_CHECK;

/*
 * The header fields of every request (RFC 8555, 6.1) and, with `type`, those
 * of a POST. Owned: curl_slist_free_all().
 */
struct curl_slist;
int http_header_list(
    const char *type, struct curl_slist **ret, struct err *err) MUST_CHECK;

/* Sets one option of curl's, or leaves in `rc` why it could not be. */
#define HTTP_SET(rc, easy, option, value)                                      \
	do {                                                                   \
		if ((rc) == CURLE_OK)                                          \
			(rc) = curl_easy_setopt(easy, option, value);          \
	} while (0)

/*
 * Sets a CURL handle up as the policy says; returns a CURLcode. Of the
 * system's CA certificates only the directory may be in use at first:
 * `ret_system_dir`.
 */
int http_setup(void *easy, const struct http_policy *policy,
    bool *ret_system_dir) MUST_CHECK;

/*
 * Whether the next request is `plain`: http, which does not leave this machine,
 * whatever the environment says of proxies and the resolver of `localhost`.
 * Returns a CURLcode.
 */
int http_keep_here(void *easy, bool plain) MUST_CHECK;

/* Is that an address of this machine's alone? Of any other family it is not. */
struct sockaddr;
bool http_is_here(const struct sockaddr *address) MUST_CHECK;

/* A CURLcode as an error of ours; `words` may be "". */
int http_error(int code, const char *words, const char *url, struct err *err);

/* Is it that of a connection that broke after the request was sent? */
bool http_is_cut(int code);

#endif
