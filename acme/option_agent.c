/*
 * option_agent.c: what we call ourselves at the CA goes into a header line.
 */
#include "acme/option_private.h"

#include <string.h>

/* It is a header line: what servers take of one is less. */
static int
check_length(const char *option, const char *text, struct err *err)
{
	return text == NULL || strlen(text) < LIMIT_USER_AGENT_BYTES
	    ? 0
	    : err_set(err, ERR_INVALID, OPTION_DOING, option,
		  "has %d bytes or more: no server takes that",
		  LIMIT_USER_AGENT_BYTES);
}

static int
check_comment(const struct options *options, struct err *err)
{
	const char *text = options->user_agent_comment;

	/* It goes between parentheses. */
	for (; text != NULL && *text != '\0'; text++) {
		if (*text == '(' || *text == ')' || *text < ' ' || *text > '~')
			return err_set(err, ERR_USAGE, OPTION_DOING,
			    "--user-agent-comment",
			    "may contain neither parentheses nor what is not "
			    "printable ASCII");
	}
	return check_length(
	    "--user-agent-comment", options->user_agent_comment, err);
}

int
option_check_agent(const struct options *options, struct err *err)
{
	const char *text = options->user_agent;
	int rc = check_length("--user-agent", text, err);

	if (rc < 0)
		return rc;
	/* certbot ends with 1: its library refuses such a header. */
	for (; text != NULL && *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == '\x7f')
			return err_set(err, ERR_INVALID, OPTION_DOING,
			    "--user-agent",
			    "may contain no control characters");
	}
	return check_comment(options, err);
}
