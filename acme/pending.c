/*
 * pending.c: see pending.h. The first step of certify.c, and its last where it
 * failed.
 */
#include "acme/pending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/subset.h"
#include "base/clock.h"
#include "base/text.h"
#include "cert/pki.h"

static const char doing[] = "getting a certificate";

enum {
	ORDER_LIVES_S = 7 * 24 * 3600, /* no CA keeps one longer */
	/* Runs that went on with it and failed, by what might have passed. */
	ORDER_FAILURES = 3,
	/* While a CA that asks to come back later is believed. */
	ORDER_SLOW_S = 2 * 24 * 3600,
	/* --force-renewal: what was issued earlier may be what must go. */
	FORCED_WITHIN_S = 10 * 60,
	/* --csr: nobody renews that, and what is handed out is to be new. */
	OWN_REQUEST_WITHIN_S = 60 * 60,
	/* From one order that gave nothing of use to the next but one. */
	REPLACED_AGAIN_S = 24 * 3600,
};

/* --- what is left of it --------------------------------------------------- */

static bool
is_young(const struct certify *certify, const struct store_pending *left)
{
	time_t age_s = clock_now_s() - left->begun_s, most_s = ORDER_LIVES_S;

	if (certify->csr != NULL)
		most_s = OWN_REQUEST_WITHIN_S;
	if (certify->params->force_renewal)
		most_s = FORCED_WITHIN_S;
	return age_s >= 0 && age_s < most_s;
}

/*
 * Was there a lineage when it was to get what the order gave, or is one that
 * was to come to be neither there nor on its way? Whoever has removed the
 * lineage since may have meant that certificate. So may who has had a part of
 * what --csr writes.
 */
static bool
is_deleted(const struct certify *certify, const struct store_pending *left)
{
	if (certify->live != NULL || left->got[0] == '\0')
		return false;
	return strcmp(left->live, "none") != 0 ||
	    !store_is_half_made(&certify->front->dirs, certify->lineage);
}

/*
 * Is what an earlier run left of the order that we are about? It need not be
 * at the directory's host: that may lead on to another. One that is gone is
 * given up by what fails.
 */
static bool
fits(const struct certify *certify, const struct store_pending *left,
    const char *digest)
{
	const char *server = certify->params->server;

	return !store_pending_is_debt(left) && !is_deleted(certify, left) &&
	    strcmp(left->server, server) == 0 &&
	    strcmp(left->account_url, certify->account->url) == 0 &&
	    strcmp(left->wish_digest, digest) == 0 && is_young(certify, left) &&
	    left->failures < ORDER_FAILURES;
}

static void
begin_new(const struct certify *certify, const char *digest,
    struct store_pending *ret)
{
	(void)snprintf(
	    ret->server, sizeof(ret->server), "%s", certify->params->server);
	memcpy(
	    ret->account_url, certify->account->url, sizeof(ret->account_url));
	memcpy(ret->wish_digest, digest, sizeof(ret->wish_digest));
	ret->begun_s = clock_now_s();
	store_pending_describe(certify->live, ret->live);
}

/*
 * From here on nothing of the lineage is on its way: what a killed run had made
 * of it goes. It has not been deleted for that.
 */
static int
begin_again(const struct certify *certify, struct store_pending *pending,
    struct err *err)
{
	if (certify->live != NULL || pending->got[0] == '\0')
		return 0;
	pending->got[0] = '\0';
	return store_pending_write(
	    &certify->front->dirs, certify->lineage, pending, err);
}

void
pending_sweep(const struct front *front)
{
	store_pending_sweep(&front->dirs, clock_now_s() - ORDER_LIVES_S);
}

int
pending_begin(const struct certify *certify, bool kept,
    struct store_pending *ret, struct err *err)
{
	struct logfile *log = certify->front->log;
	struct store_pending left;
	char digest[PENDING_DIGEST_BYTES];
	int rc;

	memset(ret, 0, sizeof(*ret));
	ret->key = (struct buf)BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	ret->without = (struct buf)BUF_INIT(LIMIT_PEM_FILE_BYTES);
	rc = pending_digest(certify, digest, err);
	if (rc < 0)
		return rc;
	rc = kept ? store_pending_read(
			&certify->front->dirs, certify->lineage, &left, err)
		  : ERR_NOENT;
	if (rc == 0 && fits(certify, &left, digest)) {
		*ret = left;
		if (certify->left_out_count == 0) /* they are not asked for */
			buf_reset(&ret->without);
		if (ret->order_url[0] != '\0')
			logfile_say(log, "INFO", "going on with the order %s",
			    ret->order_url);
		return begin_again(certify, ret, err);
	}
	begin_new(certify, digest, ret);
	if (rc == 0) {
		/* The same wish, with more names or fewer. */
		if (left.order_url[0] == '\0' || certify->left_out_count > 0)
			ret->replaced_s = left.replaced_s;
		if (left.order_url[0] != '\0')
			logfile_say(log, "INFO", "giving up the order %s",
			    left.order_url);
		store_pending_free(&left);
	}
	/* What cannot be read is not gone on with; it is written over. */
	err_clear(err);
	return 0;
}

int
pending_finalize(const struct certify *certify, struct store_pending *pending,
    bool *ret_noted, struct err *err)
{
	int rc = 0;

	if (pending->without.len > 0)
		return 0;
	for (size_t i = 0; rc == 0 && i < certify->left_out_count; i++)
		rc = buf_printf(&pending->without, err, "%s%s",
		    i > 0 ? " " : "", certify->left_out[i]);
	*ret_noted = rc == 0 && certify->left_out_count > 0;
	return rc;
}

int
pending_subset(const struct certify *certify, const char **names, size_t *count,
    struct err *err)
{
	struct certify fewer = *certify;
	char digest[PENDING_DIGEST_BYTES];
	struct store_pending left;
	const char **kept = NULL;
	size_t n = 0;
	int rc;

	if (store_pending_read(
		&certify->front->dirs, certify->lineage, &left, err) < 0) {
		err_clear(err);
		return 0;
	}
	kept = calloc(*count + 1, sizeof(*kept));
	rc = kept == NULL ? err_nomem(err, doing) : 0;
	for (size_t i = 0; rc == 0 && i < *count; i++) {
		if (!subset_is_listed(buf_text(&left.without), names[i]))
			kept[n++] = names[i];
	}
	fewer.names = kept;
	fewer.name_count = n;
	if (rc == 0 && n > 0 && n < *count)
		rc = pending_digest(&fewer, digest, err);
	if (rc == 0 && n > 0 && n < *count && fits(&fewer, &left, digest)) {
		memcpy(names, kept, n * sizeof(*names));
		*count = n;
	}
	free(kept);
	store_pending_free(&left);
	return rc;
}

void
pending_renew(const struct certify *certify, struct store_pending *pending,
    const char *url)
{
	(void)snprintf(
	    pending->order_url, sizeof(pending->order_url), "%s", url);
	pending->begun_s = clock_now_s();
	pending->failures = 0;
	pending->got[0] = '\0';
	buf_reset(&pending->without);
	store_pending_describe(certify->live, pending->live);
}

/*
 * Has the order come to nothing: is that what the CA says of it, or has it not
 * done its part in our time, or is what it gave of no use?
 */
static bool
is_over(const struct err *why, enum job_outlook outlook)
{
	return outlook != JOB_PASSING &&
	    (why->code == ERR_REFUSED_CA || why->code == ERR_REFUSED_INPUT ||
		why->code == ERR_TIMEOUT || why->code == ERR_INVALID ||
		why->code == ERR_UNSAFE);
}

static void
tell_next(const struct certify *certify, const struct store_pending *pending)
{
	logfile_say(certify->front->log, "INFO",
	    "the next run goes on with the order %s", pending->order_url);
}

/* Whoever waits for a certificate is to know why, and the way out. */
static void
tell_stuck(const struct certify *certify, const struct store_pending *pending)
{
	char since[32];

	front_warn(certify->front,
	    "The CA is not done with the order %s of %s: for a day at most (an "
	    "hour, where the order has no end) runs go on with it. "
	    "--force-renewal makes a new one, once it is ten minutes old.",
	    pending->order_url,
	    clock_iso(pending->begun_s, since, sizeof(since)));
}

void
pending_failed(const struct certify *certify, struct store_pending *pending,
    const struct err *why, enum job_outlook outlook)
{
	struct err err = ERR_INIT;
	char line[LIMIT_LOG_LINE_BYTES];

	if (why->code == ERR_STOPPED)
		return;
	if (outlook == JOB_UNDER_WAY) {
		tell_stuck(certify, pending);
		return;
	}
	if (why->retry_after_s > LIMIT_RETRY_AFTER_S &&
	    clock_now_s() - pending->begun_s < ORDER_SLOW_S)
		return;
	pending->failures =
	    is_over(why, outlook) ? ORDER_FAILURES : pending->failures + 1;
	if (store_pending_write(
		&certify->front->dirs, certify->lineage, pending, &err) < 0) {
		front_warn(
		    certify->front, "%s", err_text(&err, line, sizeof(line)));
		return;
	}
	if (pending->failures < ORDER_FAILURES)
		tell_next(certify, pending);
	else
		front_warn(certify->front,
		    "the order %s is given up: the next run makes a new one",
		    pending->order_url);
}

/* How much longer it is to be kept, although it gives nothing of use. */
static long
keep_for_s(const struct certify *certify, const struct store_pending *pending)
{
	time_t since_s = clock_now_s() - pending->replaced_s;

	/* Whatever the clock was then: a day at most. */
	if (certify->params->force_renewal || since_s < 0 ||
	    since_s >= REPLACED_AGAIN_S)
		return 0;
	return (long)(REPLACED_AGAIN_S - since_s);
}

int
pending_replace(const struct certify *certify, struct store_pending *pending,
    bool *ret_anew, struct err *err)
{
	struct front *front = certify->front;
	long wait_s = keep_for_s(certify, pending);
	char line[LIMIT_LOG_LINE_BYTES];

	if (wait_s > 0) {
		front_warn(front,
		    "The order %s of an earlier run gives nothing of use, and "
		    "neither did the one before it: there will be a new one in "
		    "%ld hours, or at once with --force-renewal.",
		    pending->order_url, (wait_s + 3599) / 3600);
		return err->code;
	}
	front_warn(front, "The order %s of an earlier run is given up: %s",
	    pending->order_url, err_text(err, line, sizeof(line)));
	err_clear(err);
	pending_renew(certify, pending, "");
	pending->replaced_s = pending->begun_s;
	buf_reset(&pending->key);
	*ret_anew = true;
	return store_pending_write(
	    &front->dirs, certify->lineage, pending, err);
}
