/*
 * preflight_fetch.c: many questions at once, over libcurl's multi interface.
 * The listener that answers them is polled beside, in the same loop.
 */
#include "wrapper/preflight_fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char doing[] = "asking HAProxy's port 80";

enum {
	POLL_MS = 200, /* between two looks for a signal */
	BODY_MOST_BYTES = 256 * 1024,
	TIMEOUTS_ENOUGH = 3, /* with no answer: the address is given up */
};

/* Keeps the beginning, and ends what has no end. */
static size_t
take_body(char *data, size_t size, size_t count, void *context)
{
	struct preflight_fetch *ask = context;
	size_t len = size * count, room;

	room = ask->body_len < sizeof(ask->body) - 1
	    ? sizeof(ask->body) - 1 - ask->body_len
	    : 0;
	memcpy(ask->body + ask->body_len, data, len < room ? len : room);
	ask->body_len += len;
	if (room > 0)
		ask->body[ask->body_len < sizeof(ask->body) - 1
			? ask->body_len
			: sizeof(ask->body) - 1] = '\0';
	return ask->body_len > BODY_MOST_BYTES ? 0 : len;
}

/* What libcurl is told of one question; CURLE_OK where all was taken. */
static CURLcode
set_options(CURL *easy, struct preflight_fetch *ask, const char *url,
    struct curl_slist *connect_to)
{
	const struct {
		CURLoption option;
		long value;
	} numbers[] = {
	    {CURLOPT_TIMEOUT_MS, LIMIT_PREFLIGHT_MS},
	    {CURLOPT_FOLLOWLOCATION, 0},
	    {CURLOPT_FORBID_REUSE, 1},
	    {CURLOPT_FRESH_CONNECT, 1},
	    {CURLOPT_NOSIGNAL, 1},
	    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
	    {CURLOPT_HAPROXYPROTOCOL, ask->target->accept_proxy},
	};
	CURLcode code;

	code = curl_easy_setopt(easy, CURLOPT_URL, url);
	for (size_t i = 0; code == CURLE_OK && i < COUNT_OF(numbers); i++)
		code =
		    curl_easy_setopt(easy, numbers[i].option, numbers[i].value);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to);
	/* http_proxy in the environment is not the CA's. */
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_PROXY, "");
	if (code == CURLE_OK)
		code = curl_easy_setopt(
		    easy, CURLOPT_USERAGENT, "certhaul-preflight");
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, ask);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_PRIVATE, ask);
	return code;
}

/* One question on its way. */
struct trip {
	CURL *easy;
	struct curl_slist *connect_to;
};

static int
begin(CURLM *multi, struct preflight_fetch *ask, const char *path,
    struct trip *ret, struct err *err)
{
	char text[LIMIT_ERR_ON_BYTES + LIMIT_TOKEN_BYTES];
	int n;

	ask->end = PREFLIGHT_FETCH_BROKEN;
	ask->status = 0;
	ask->body_len = 0;
	ask->body[0] = ask->location[0] = ask->why[0] = '\0';
	ret->easy = curl_easy_init();
	/* Wherever the name leads: here is where it is to be answered. */
	n = snprintf(text, sizeof(text), "::%s", ask->target->text);
	if (n > 0 && (size_t)n < sizeof(text))
		ret->connect_to = curl_slist_append(NULL, text);
	n = snprintf(text, sizeof(text), "http://%s%s", ask->host, path);
	if (ret->easy == NULL || ret->connect_to == NULL || n < 0 ||
	    (size_t)n >= sizeof(text))
		return err_nomem(err, doing);
	if (set_options(ret->easy, ask, text, ret->connect_to) != CURLE_OK ||
	    curl_multi_add_handle(multi, ret->easy) != CURLM_OK)
		return err_set(err, ERR_IO, doing, ask->host,
		    "libcurl does not take the request");
	return 0;
}

static void
end(CURLM *multi, struct trip *trip)
{
	if (trip->easy != NULL) {
		(void)curl_multi_remove_handle(multi, trip->easy);
		curl_easy_cleanup(trip->easy);
	}
	curl_slist_free_all(trip->connect_to);
	trip->easy = NULL;
	trip->connect_to = NULL;
}

/* One who takes a connection and hangs up at once may look like nobody. */
static void
tell_refused(CURL *easy, struct preflight_fetch *ask)
{
	long number = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
	if (number != ECONNRESET)
		ask->end = PREFLIGHT_FETCH_REFUSED;
	else
		(void)snprintf(
		    ask->why, sizeof(ask->why), "%s", strerror((int)number));
}

static void
judge(CURL *easy, CURLcode result)
{
	struct preflight_fetch *ask = NULL;
	char *location = NULL;
	long status = 0;

	if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&ask) !=
		CURLE_OK ||
	    ask == NULL)
		return;
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
	(void)snprintf(
	    ask->why, sizeof(ask->why), "%s", curl_easy_strerror(result));
	ask->status = (int)status;
	if (location != NULL)
		(void)snprintf(
		    ask->location, sizeof(ask->location), "%s", location);
	if (result == CURLE_OK ||
	    (result == CURLE_WRITE_ERROR && ask->body_len > BODY_MOST_BYTES))
		ask->end = PREFLIGHT_FETCH_ANSWERED;
	else if (result == CURLE_COULDNT_CONNECT)
		tell_refused(easy, ask);
	else if (result == CURLE_OPERATION_TIMEDOUT)
		ask->end = PREFLIGHT_FETCH_TIMEOUT;
}

/* Is a signal waiting that the caller has blocked? */
static bool
is_told_to_end(void)
{
	sigset_t waiting;

	return sigpending(&waiting) == 0 &&
	    (sigismember(&waiting, SIGINT) == 1 ||
		sigismember(&waiting, SIGTERM) == 1 ||
		sigismember(&waiting, SIGHUP) == 1);
}

static int
turn(CURLM *multi, struct responder *beside, struct err *err)
{
	struct curl_waitfd also = {
	    .fd = responder_fd(beside), .events = CURL_WAIT_POLLIN};
	int running = 1, left;
	CURLMsg *message;

	while (running > 0) {
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return err_set(
			    err, ERR_IO, doing, NULL, "libcurl gave up");
		while ((message = curl_multi_info_read(multi, &left)) != NULL)
			judge(message->easy_handle, message->data.result);
		if (running == 0)
			break;
		if (is_told_to_end())
			return err_set(err, ERR_CHILD, doing, NULL,
			    "interrupted by a signal");
		if (curl_multi_poll(multi, &also, beside != NULL, POLL_MS,
			NULL) != CURLM_OK)
			return err_set(
			    err, ERR_IO, doing, NULL, "libcurl cannot wait");
		responder_turn(beside);
	}
	return 0;
}

/* Has its address let all of the `done` first wait for nothing? */
static bool
is_given_up(const struct preflight_fetch *asks, size_t done,
    const struct preflight_fetch *ask)
{
	size_t timeouts = 0;

	for (size_t i = 0; i < done; i++) {
		if (asks[i].target != ask->target)
			continue;
		if (asks[i].end != PREFLIGHT_FETCH_TIMEOUT)
			return false;
		timeouts++;
	}
	return timeouts >= TIMEOUTS_ENOUGH;
}

static void
spare(struct preflight_fetch *asks, size_t done, size_t count)
{
	for (size_t i = done; i < done + count; i++) {
		asks[i].spared = is_given_up(asks, done, &asks[i]);
		if (asks[i].spared)
			asks[i].end = PREFLIGHT_FETCH_TIMEOUT;
	}
}

/* As many as there may be at once. */
static int
batch(CURLM *multi, struct preflight_fetch *asks, size_t count,
    const char *path, struct responder *beside, struct err *err)
{
	struct trip trips[LIMIT_PREFLIGHT_CLIENTS] = {{NULL, NULL}};
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++) {
		if (!asks[i].spared)
			rc = begin(multi, &asks[i], path, &trips[i], err);
	}
	if (rc == 0)
		rc = turn(multi, beside, err);
	for (size_t i = 0; i < count; i++)
		end(multi, &trips[i]);
	return rc;
}

int
preflight_fetch(struct preflight_fetch *asks, size_t count, const char *path,
    struct responder *beside, struct err *err)
{
	CURLM *multi = NULL;
	size_t some;
	int rc = 0;

	/* No TLS is spoken here: OpenSSL need not be woken. */
	if (curl_global_init(CURL_GLOBAL_NOTHING) != CURLE_OK)
		return err_nomem(err, doing);
	multi = curl_multi_init();
	if (multi == NULL)
		rc = err_nomem(err, doing);
	for (size_t i = 0; i < count && rc == 0; i += some) {
		some = count - i < LIMIT_PREFLIGHT_CLIENTS
		    ? count - i
		    : LIMIT_PREFLIGHT_CLIENTS;
		spare(asks, i, some);
		rc = batch(multi, asks + i, some, path, beside, err);
	}
	(void)curl_multi_cleanup(multi);
	curl_global_cleanup();
	return rc;
}
