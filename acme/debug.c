/*
 * debug.c: --debug-challenges: all is up, and the CA has not been told.
 */
#include "acme/debug.h"

#include <string.h>
#include <unistd.h>

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

int
debug_up(
    struct front *front, const char *what, const char *records, struct err *err)
{
	if (!front->cli->debug_challenges)
		return 0;
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
