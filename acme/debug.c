/*
 * debug.c: see debug.h. Called by certify.c where the broker is told the same.
 */
#include "acme/debug.h"

#include <string.h>
#include <unistd.h>

void
debug_turns(struct front *front, enum job_challenge challenge,
    const char *const *names, size_t count)
{
	const char *kind = challenge == JOB_DNS_01 ? "dns-01" : "http-01";

	if (count == 0)
		return;
	front_note(front, FRONT_INFO, "Performing the following challenges:");
	for (size_t i = 0; i < count; i++)
		front_note(
		    front, FRONT_INFO, "%s challenge for %s", kind, names[i]);
}

void
debug_refused(struct front *front, const char *const *names, size_t count,
    const bool *refused)
{
	for (size_t i = 0; i < count && i < LIMIT_AUTHORIZATIONS; i++) {
		bool wildcard = strncmp(names[i], "*.", 2) == 0;

		if (refused[i])
			front_note(front, FRONT_INFO,
			    "Challenge failed for domain %s",
			    names[i] + (wildcard ? 2 : 0));
	}
}

/* What can be found where, as certbot says it; nothing of none. */
static void
say_challenges(struct front *front, const char *head, const char *lines)
{
	if (lines[0] == '\0')
		return;
	front_say(front, "%s", "");
	front_say(front, "%s", head);
	front_say(front, "%s", "");
	while (*lines != '\0') {
		size_t len = strcspn(lines, "\n");

		front_say(front, "%.*s", (int)len, lines);
		lines += len + (lines[len] == '\n');
	}
}

/* As debug_up(), where that was asked for. */
static int
hold(
    struct front *front, const char *what, const char *records, struct err *err)
{
	front_say(front, "Challenges loaded. Press continue to submit to CA.");
	if (front->cli->verbose <= 0)
		front_say(front, "Pass \"-v\" for more info about challenges.");
	say_challenges(front,
	    "The following URLs should be accessible from the internet and "
	    "return the value mentioned:",
	    what);
	say_challenges(front,
	    "The following FQDNs should return a TXT resource record with the "
	    "value mentioned:",
	    records);
	if (front->cli->non_interactive || !isatty(STDIN_FILENO))
		return 0;
	return front_wait_input(front, err);
}

int
debug_up(
    struct front *front, const char *what, const char *records, struct err *err)
{
	int rc =
	    front->cli->debug_challenges ? hold(front, what, records, err) : 0;

	if (rc == 0)
		front_note(front, FRONT_INFO, "Waiting for verification...");
	return rc;
}

int
debug_note(struct front *front, const struct issue_challenge *challenge,
    struct buf *records, struct err *err)
{
	const struct options *cli = front->cli;

	/* Only a key authorization has a dot in it. */
	if (!cli->debug_challenges || cli->verbose <= 0 ||
	    strchr(challenge->validation, '.') != NULL)
		return 0;
	return buf_printf(records, err,
	    "FQDN: _acme-challenge.%s\nExpected value: %s\n\n", challenge->name,
	    challenge->validation);
}
