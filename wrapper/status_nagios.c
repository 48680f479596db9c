/*
 * status_nagios.c: one line for a monitoring system, with performance data,
 * and its exit status (Monitoring Plugins Development Guidelines, 2.6, 2.10).
 */
#include "wrapper/status.h"

#include <stdio.h>
#include <string.h>

enum {
	DAY_S = 24 * 60 * 60,
	UNKNOWN = 3, /* the exit status */
	TOLD_MOST = 5,
	TOLD_BYTES = 320, /* of each: monitors cut long lines */
};

static const char *const words[] = {
    [OBSERVE_WELL] = "OK",
    [OBSERVE_WARNING] = "WARNING",
    [OBSERVE_CRITICAL] = "CRITICAL",
};
_Static_assert(COUNT_OF(words) == OBSERVE_GRAVITIES, "a word each");

/* What the line is made from: all of them, whichever are shown. */
struct tally {
	enum observe_gravity worst;
	size_t counts[OBSERVE_GRAVITIES];
	const struct observation *next; /* the first to expire ... */
	time_t next_s; /* ... then */
};

/* What is served counts, where that ends before the lineage's. */
static time_t
end_s(const struct observation *item)
{
	time_t ret = item->not_after_s;

	for (int p = OBSERVE_MEMORY; p < OBSERVE_PLACES; p++) {
		time_t here_s = item->at[p].not_after_s;

		if (here_s != 0 && (ret == 0 || here_s < ret))
			ret = here_s;
	}
	return ret;
}

static void
count(const struct status_view *view, struct tally *ret)
{
	const struct observe_haproxy *haproxy = &view->observed->haproxy;
	size_t answering = haproxy->up + haproxy->low;

	for (size_t i = 0; i < view->observed->count; i++) {
		const struct observation *item = &view->observed->items[i];
		enum observe_gravity gravity =
		    observation_gravity(item, view->now_s);
		time_t then_s = end_s(item);

		ret->counts[gravity]++;
		if (gravity > ret->worst)
			ret->worst = gravity;
		if (then_s != 0 &&
		    (ret->next == NULL || then_s < ret->next_s)) {
			ret->next = item;
			ret->next_s = then_s;
		}
	}
	ret->counts[OBSERVE_WARNING] += haproxy->low;
	if (answering < haproxy->sockets) {
		ret->counts[OBSERVE_CRITICAL] += haproxy->sockets - answering;
		ret->worst = OBSERVE_CRITICAL;
	} else if (haproxy->low > 0 && ret->worst == OBSERVE_WELL) {
		ret->worst = OBSERVE_WARNING;
	}
}

/* A `|` would begin the performance data. */
static int
put_text(const char *text, struct buf *ret, struct err *err)
{
	int rc = 0;

	for (; rc == 0 && *text != '\0'; text++)
		rc = buf_add(ret, *text == '|' ? "/" : text, 1, err);
	return rc;
}

/* The gravest first, a few of them. */
static int
put_problems(const struct status_view *view, struct buf *ret, struct err *err)
{
	char text[TOLD_BYTES];
	size_t told = 0;
	int rc = 0;

	for (int gravity = OBSERVE_CRITICAL; gravity > OBSERVE_WELL;
	     gravity--) {
		for (size_t i = 0;
		     rc == 0 && told < TOLD_MOST && i < view->count; i++) {
			const struct observation *item = view->items[i];

			if ((int)observation_gravity(item, view->now_s) !=
			    gravity)
				continue;
			observation_problem(
			    item, view->now_s, text, sizeof(text));
			rc = buf_puts(ret, "; ", err);
			if (rc == 0)
				rc = put_text(item->name, ret, err);
			if (rc == 0)
				rc = buf_puts(ret, ": ", err);
			if (rc == 0)
				rc = put_text(text, ret, err);
			told++;
		}
	}
	return rc;
}

int
status_nagios(const struct status_view *view, struct buf *ret, int *ret_status,
    struct err *err)
{
	const struct observe_haproxy *haproxy = &view->observed->haproxy;
	struct tally tally = {.worst = OBSERVE_WELL};
	size_t lineages = view->observed->count;
	long days = 0;
	int rc;

	count(view, &tally);
	rc = buf_printf(ret, err, "CERTHAUL %s - %zu lineage%s",
	    words[tally.worst], lineages, lineages == 1 ? "" : "s");
	if (rc == 0 && tally.next != NULL) {
		days = (long)((tally.next_s - view->now_s) / DAY_S);
		rc = buf_printf(ret, err, ", next to expire is %s in %ld d",
		    tally.next->name, days);
	}
	if (rc == 0 && haproxy->up < haproxy->sockets) {
		rc = buf_printf(ret, err,
		    "; %zu of %zu sockets answer: ", haproxy->up,
		    haproxy->sockets);
		if (rc == 0)
			rc = put_text(haproxy->why, ret, err);
	}
	if (rc == 0)
		rc = put_problems(view, ret, err);
	if (rc == 0)
		rc = buf_printf(ret, err,
		    " | lineages=%zu;;;0 warning=%zu;;;0 critical=%zu;;;0",
		    lineages, tally.counts[OBSERVE_WARNING],
		    tally.counts[OBSERVE_CRITICAL]);
	if (rc == 0 && tally.next != NULL)
		rc = buf_printf(ret, err, " days=%ld", days);
	if (rc == 0)
		rc = buf_puts(ret, "\n", err);
	*ret_status = (int)tally.worst;
	return rc;
}

int
status_nagios_unknown(const struct err *why)
{
	struct buf text = BUF_INIT(LIMIT_HELP_BYTES);
	char line[LIMIT_LOG_LINE_BYTES];
	struct err ignored = ERR_INIT;

	if (buf_puts(&text, "CERTHAUL UNKNOWN - ", &ignored) == 0 &&
	    put_text(err_text(why, line, sizeof(line)), &text, &ignored) == 0)
		(void)puts(buf_text(&text));
	(void)fflush(stdout);
	buf_free(&text);
	return UNKNOWN;
}
