/*
 * http.c: requests to the CA, by libcurl's multi interface on our loop. There
 * is one request at a time on one kept connection, but the loop serves the
 * responder's connections meanwhile.
 */
#include "acme/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/http_private.h"
#include "base/text.h"

static const char doing[] = "asking the CA";

enum {
	GRACE_MS = 2000, /* curl keeps the time; the loop is the net below */
	KEPT_CONNECTIONS = 2,
};

struct http {
	struct loop *loop;
	struct http_policy policy; /* its strings are the job's */
	CURLM *multi;
	CURL *easy;
	struct loop_timer *timer;
	bool system_dir; /* CA certificates: the directory was tried alone */
	unsigned requests;
	/* Of the request that runs. */
	struct http_reply *reply;
	const char *url;
	unsigned headers;
	bool done;
	CURLcode result;
	struct err err; /* what a callback of ours has seen */
	char words[CURL_ERROR_SIZE];
};

/* Lets curl act on a socket, and sees whether the request is done. */
static void
act(struct http *http, curl_socket_t fd, int mask)
{
	CURLMsg *message;
	int running, left;

	if (curl_multi_socket_action(http->multi, fd, mask, &running) !=
	    CURLM_OK) {
		http->result = CURLE_ABORTED_BY_CALLBACK;
		http->done = true;
		return;
	}
	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		if (message->msg == CURLMSG_DONE) {
			http->result = message->data.result;
			http->done = true;
		}
	}
}

static void
socket_ready(void *context, int fd, int got)
{
	act(context, fd,
	    ((got & LOOP_READ) != 0 ? CURL_CSELECT_IN : 0) |
		((got & LOOP_WRITE) != 0 ? CURL_CSELECT_OUT : 0));
}

static void
timer_due(void *context)
{
	act(context, CURL_SOCKET_TIMEOUT, 0);
}

/* CURLMOPT_SOCKETFUNCTION: `found` is the watch that we gave it before. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *found)
{
	struct http *http = context;
	struct loop_watch *watch = found;
	int want = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		loop_watch_free(watch);
		return 0;
	}
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		want |= LOOP_READ;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		want |= LOOP_WRITE;
	if (watch != NULL)
		return loop_watch_change(watch, want, &http->err) < 0 ? -1 : 0;
	if (loop_watch_new(http->loop, fd, want, socket_ready, http, &watch,
		&http->err) < 0)
		return -1;
	if (curl_multi_assign(http->multi, fd, watch) != CURLM_OK) {
		loop_watch_free(watch);
		return -1;
	}
	return 0;
}

/* CURLMOPT_TIMERFUNCTION. */
static int
on_timer(CURLM *multi, long ms, void *context)
{
	struct http *http = context;

	(void)multi;
	return loop_timer_set(http->timer, ms, &http->err) < 0 ? -1 : 0;
}

/* CURLOPT_WRITEFUNCTION: less than what came ends the request. */
static size_t
on_body(char *data, size_t size, size_t count, void *context)
{
	struct http *http = context;

	if (buf_add(&http->reply->body, data, size * count, &http->err) < 0)
		return 0;
	return size * count;
}

/* CURLOPT_HEADERFUNCTION. */
static size_t
on_header(char *data, size_t size, size_t count, void *context)
{
	struct http *http = context;

	if (++http->headers > LIMIT_ACME_HEADERS) {
		(void)err_set(&http->err, ERR_LIMIT, doing, http->url,
		    "its reply has more than %d header lines",
		    LIMIT_ACME_HEADERS);
		return 0;
	}
	http_header_take(data, size * count, http->url,
	    http->policy.allow_plain, http->reply);
	return size * count;
}

static CURLcode
set_up_easy(struct http *http)
{
	CURL *easy = http->easy;
	CURLcode rc = http_setup(easy, &http->policy, &http->system_dir);

	HTTP_SET(rc, easy, CURLOPT_ERRORBUFFER, http->words);
	HTTP_SET(rc, easy, CURLOPT_WRITEFUNCTION, on_body);
	HTTP_SET(rc, easy, CURLOPT_WRITEDATA, http);
	HTTP_SET(rc, easy, CURLOPT_HEADERFUNCTION, on_header);
	HTTP_SET(rc, easy, CURLOPT_HEADERDATA, http);
	return rc;
}

static CURLMcode
set_up_multi(struct http *http)
{
	CURLM *multi = http->multi;
	CURLMcode rc;

	rc = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	if (rc == CURLM_OK)
		rc = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, http);
	if (rc == CURLM_OK)
		rc = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
	if (rc == CURLM_OK)
		rc = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, http);
	if (rc == CURLM_OK)
		rc = curl_multi_setopt(
		    multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
	return rc;
}

int
http_begin(struct err *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, ERR_IO, doing, NULL,
		    "libcurl could not be set up (%s)", curl_version());
	return 0;
}

int
http_new(struct loop *loop, const struct http_policy *policy, struct http **ret,
    struct err *err)
{
	struct http *http = NULL;
	int rc;

	http = calloc(1, sizeof(*http));
	if (http == NULL)
		return err_nomem(err, doing);
	http->loop = loop;
	http->policy = *policy;
	rc = http_begin(err);
	if (rc == 0)
		rc = loop_timer_new(loop, timer_due, http, &http->timer, err);
	if (rc < 0)
		goto out;
	http->multi = curl_multi_init();
	http->easy = curl_easy_init();
	if (http->multi == NULL || http->easy == NULL ||
	    set_up_multi(http) != CURLM_OK || set_up_easy(http) != CURLE_OK) {
		rc = err_set(err, ERR_IO, doing, NULL,
		    "libcurl could not be set up (%s)", curl_version());
		goto out;
	}
	*ret = http;
	http = NULL;
out:
	http_free(http);
	return rc;
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	if (http->easy != NULL)
		curl_easy_cleanup(http->easy);
	/* It calls on_socket() and on_timer() once more. */
	if (http->multi != NULL)
		(void)curl_multi_cleanup(http->multi);
	loop_timer_free(http->timer);
	free(http);
}

static int
failed(struct http *http, CURLcode code, struct err *err)
{
	if (http->err.code == 0)
		return http_error(code, http->words, http->url, err);
	*err = http->err;
	/* A full buffer does not know whose reply it holds. */
	if (err->code == ERR_LIMIT && err->on[0] == '\0')
		(void)err_set(err, ERR_LIMIT, doing, http->url,
		    "its reply has more than %zu bytes",
		    http->reply->body.max_bytes);
	return err->code;
}

/* Runs what the easy handle is set up for. */
static int
transfer(struct http *http, struct err *err)
{
	int rc;

	http->done = false;
	http->headers = 0;
	http->words[0] = '\0';
	err_clear(&http->err);
	buf_reset(&http->reply->body);
	http_header_reset(http->reply);
	if (curl_multi_add_handle(http->multi, http->easy) != CURLM_OK)
		return err_set(err, ERR_IO, doing, http->url,
		    "curl_multi_add_handle failed");
	rc = loop_run(http->loop, &http->done,
	    http->policy.timeout_ms + GRACE_MS, doing, err);
	if (curl_multi_remove_handle(http->multi, http->easy) != CURLM_OK &&
	    rc == 0)
		rc = err_set(err, ERR_IO, doing, http->url,
		    "curl_multi_remove_handle failed");
	if (rc == 0 && http->result != CURLE_OK)
		rc = failed(http, http->result, err);
	return rc;
}

static int
request(struct http *http, const char *url, struct curl_slist *headers,
    struct http_reply *ret, struct err *err)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	CURLcode set = http_keep_here(http->easy, !text_is_url(url, false));
	int rc;

	http->reply = ret;
	http->url = url;
	HTTP_SET(set, http->easy, CURLOPT_URL, url);
	HTTP_SET(set, http->easy, CURLOPT_HTTPHEADER, headers);
	if (set != CURLE_OK)
		return failed(http, set, err);
	http->requests++;
	rc = transfer(http, err);
	if (rc < 0 && http->system_dir &&
	    http->result == CURLE_PEER_FAILED_VERIFICATION) {
		/* It may be in the file all the same. */
		http->system_dir = false;
		HTTP_SET(set, http->easy, CURLOPT_CAINFO, info->cainfo);
		rc = set == CURLE_OK ? transfer(http, err)
				     : failed(http, set, err);
	}
	if (rc == 0 &&
	    curl_easy_getinfo(
		http->easy, CURLINFO_RESPONSE_CODE, &ret->status) != CURLE_OK)
		rc = err_set(
		    err, ERR_SYNTAX, doing, url, "its reply has no status");
	return rc;
}

/* What all three begin with: `ret` can be freed from here on. */
static int
begin(const struct http *http, const char *url, struct http_reply *ret,
    struct err *err)
{
	*ret = (struct http_reply){
	    .body = BUF_INIT(LIMIT_ACME_REPLY_BYTES), .retry_after_s = -1};
	if (text_is_url(url, http->policy.allow_plain))
		return 0;
	return err_set(err, ERR_USAGE, doing, url,
	    "that is no https URL; http is spoken to a test CA on this machine "
	    "alone");
}

/* `body` NULL: a GET, or (`head`) a HEAD. */
static int
send_it(struct http *http, const char *url, bool head, const char *type,
    const struct buf *body, struct http_reply *ret, struct err *err)
{
	struct curl_slist *headers = NULL;
	CURLcode set = CURLE_OK;
	int rc;

	rc = begin(http, url, ret, err);
	if (rc == 0)
		rc = http_header_list(type, &headers, err);
	if (rc < 0)
		return rc;
	if (body != NULL) {
		HTTP_SET(set, http->easy, CURLOPT_POST, 1L);
		HTTP_SET(set, http->easy, CURLOPT_POSTFIELDS, buf_text(body));
		HTTP_SET(
		    set, http->easy, CURLOPT_POSTFIELDSIZE, (long)body->len);
	} else {
		HTTP_SET(set, http->easy, CURLOPT_HTTPGET, 1L);
		HTTP_SET(set, http->easy, CURLOPT_NOBODY, head ? 1L : 0L);
	}
	if (set != CURLE_OK)
		rc = http_error(set, "", url, err);
	else
		rc = request(http, url, headers, ret, err);
	curl_slist_free_all(headers);
	return rc;
}

int
http_get(
    struct http *http, const char *url, struct http_reply *ret, struct err *err)
{
	return send_it(http, url, false, NULL, NULL, ret, err);
}

int
http_head(
    struct http *http, const char *url, struct http_reply *ret, struct err *err)
{
	return send_it(http, url, true, NULL, NULL, ret, err);
}

int
http_post(struct http *http, const char *url, const char *type,
    const struct buf *body, struct http_reply *ret, struct err *err)
{
	return send_it(http, url, false, type, body, ret, err);
}

bool
http_afresh(struct http *http)
{
	return curl_easy_setopt(http->easy, CURLOPT_FRESH_CONNECT, 1L) ==
	    CURLE_OK;
}

void
http_reply_free(struct http_reply *reply)
{
	buf_free(&reply->body);
}

bool
http_was_cut(const struct http *http)
{
	return http->err.code == 0 && http_is_cut((int)http->result);
}

unsigned
http_requests(const struct http *http)
{
	return http->requests;
}
