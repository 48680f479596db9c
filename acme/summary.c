/*
 * summary.c: what became of each lineage, at the end of renew. The lines are
 * certbot's, as scripts look for them.
 */
#include "acme/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

int
summary_begin(struct summary *ret, size_t most, struct err *err)
{
	memset(ret, 0, sizeof(*ret));
	ret->lines = calloc(most + 1, sizeof(*ret->lines));
	return ret->lines == NULL ? err_nomem(err, "renewing") : 0;
}

void
summary_free(struct summary *summary)
{
	for (size_t i = 0; i < summary->count; i++)
		free(summary->lines[i].text);
	free(summary->lines);
	memset(summary, 0, sizeof(*summary));
}

void
summary_note(struct summary *summary, enum summary_outcome outcome,
    const char *path, const char *why)
{
	struct summary_line *line = &summary->lines[summary->count];
	struct buf text = BUF_INIT(LIMIT_LOG_LINE_BYTES + LIMIT_PATH_BYTES);
	struct err err = ERR_INIT;

	if (buf_printf(&text, &err, "  %s %s", path, why) == 0)
		line->text = text.data; /* passed on */
	line->outcome = outcome;
	summary->count++;
	summary->counts[outcome]++;
}

/* Failures go to stderr, whatever --quiet says, as with certbot. */
static void
say_lines(const struct summary *summary, struct front *front,
    enum summary_outcome outcome)
{
	for (size_t i = 0; i < summary->count; i++) {
		if (summary->lines[i].outcome != outcome ||
		    summary->lines[i].text == NULL)
			continue;
		if (outcome == SUMMARY_FAILED)
			front_warn(front, "%s", summary->lines[i].text);
		else
			front_say(front, "%s", summary->lines[i].text);
	}
}

static void
say_renewals(
    const struct summary *summary, struct front *front, const char *kind)
{
	size_t good = summary->counts[SUMMARY_RENEWED],
	       bad = summary->counts[SUMMARY_FAILED];

	if (good > 0 && bad == 0) {
		front_say(front, "Congratulations, all %s succeeded: ", kind);
		say_lines(summary, front, SUMMARY_RENEWED);
	} else if (bad > 0 && good == 0) {
		front_warn(front,
		    "All %s failed. The following certificates could not be "
		    "renewed:",
		    kind);
		say_lines(summary, front, SUMMARY_FAILED);
	} else if (good > 0) {
		front_say(front, "The following %s succeeded:", kind);
		say_lines(summary, front, SUMMARY_RENEWED);
		front_say(front, "%s", "");
		front_warn(front, "The following %s failed:", kind);
		say_lines(summary, front, SUMMARY_FAILED);
	}
}

static void
say_nothing_done(struct front *front)
{
	const struct options *cli = front->cli;

	front_say(front, "No %s were attempted.",
	    cli->dry_run ? "simulated renewals" : "renewals");
	if (cli->pre_hook != NULL || cli->renew_hook != NULL ||
	    cli->post_hook != NULL)
		front_say(front, "No hooks were run.");
}

void
summary_say(const struct summary *summary, struct front *front)
{
	front_say(front, "%s", "");
	front_say(front, FRONT_RULE);
	if (summary->counts[SUMMARY_SKIPPED] > 0) {
		front_say(front,
		    "The following certificates are not due for renewal "
		    "yet:");
		say_lines(summary, front, SUMMARY_SKIPPED);
	}
	if (summary->counts[SUMMARY_RENEWED] +
		summary->counts[SUMMARY_FAILED] ==
	    0)
		say_nothing_done(front);
	else
		say_renewals(summary, front,
		    front->cli->dry_run ? "simulated renewals" : "renewals");
	if (summary->counts[SUMMARY_BROKEN] > 0) {
		front_say(front, "%s", "");
		front_say(front,
		    "Additionally, the following renewal configurations were "
		    "invalid: ");
		say_lines(summary, front, SUMMARY_BROKEN);
	}
	front_say(front, FRONT_RULE);
}
