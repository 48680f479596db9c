/*
 * http.h: one request to the CA at a time, on a kept connection (libcurl's
 * multi interface on our loop). Bounded replies, TLS verified; no redirect is
 * followed: the caller may (exchange.c).
 */
#ifndef ACME_HTTP_H
#define ACME_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "acme/loop.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

struct http;

struct http_policy {
	const char *user_agent;
	const char *ca_file; /* file or directory; "" for the system's */
	const struct buf *ca_text; /* what is in the file, if not empty */
	bool verify_ssl;
	bool allow_plain; /* job_is_plain() */
	long timeout_ms; /* of one request */
};

struct http_link {
	char url[LIMIT_URL_BYTES];
};

struct http_reply {
	long status;
	struct buf body; /* owned */
	char content_type[128];
	char location[LIMIT_URL_BYTES];
	char replay_nonce[LIMIT_NONCE_BYTES]; /* "" where none, or not valid */
	long retry_after_s; /* from either form; -1: none */
	struct http_link alternates[LIMIT_ALTERNATES];
	size_t alternate_count;
	char terms[LIMIT_URL_BYTES]; /* Link rel="terms-of-service" */
};

/*
 * libcurl is made ready for use, if it is not: what waits for its first request
 * can do so meanwhile.
 */
int http_begin(struct err *err) MUST_CHECK;

int http_new(struct loop *loop, const struct http_policy *policy,
    struct http **ret, struct err *err) MUST_CHECK;
void http_free(struct http *http);

/*
 * `ret` is owned by the caller (http_reply_free()), also on failure. Any HTTP
 * status is a success here. ERR_DOWN (no connection: DNS, refused, TLS, with
 * curl's words), ERR_TIMEOUT, ERR_LIMIT, ERR_USAGE (not https), ERR_SYNTAX.
 */
int http_get(struct http *http, const char *url, struct http_reply *ret,
    struct err *err) MUST_CHECK;
int http_head(struct http *http, const char *url, struct http_reply *ret,
    struct err *err) MUST_CHECK;
int http_post(struct http *http, const char *url, const char *type,
    const struct buf *body, struct http_reply *ret, struct err *err) MUST_CHECK;
void http_reply_free(struct http_reply *reply);

/*
 * From here on each request has a connection of its own. Over one that was
 * used before and is cut, curl sends a request again by itself, and what the
 * first was answered nobody learns.
 */
bool http_afresh(struct http *http) MUST_CHECK;

/* Did the last request fail because its connection broke? */
bool http_was_cut(const struct http *http);

/* How many requests were sent so far. */
unsigned http_requests(const struct http *http);

#endif
