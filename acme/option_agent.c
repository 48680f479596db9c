/*
 * option_agent.c: what we call ourselves at the CA goes into a header line.
 */
#include "acme/option_private.h"

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
	return 0;
}

int
option_check_agent(const struct options *options, struct err *err)
{
	const char *text = options->user_agent;

	/* certbot ends with 1: its library refuses such a header. */
	for (; text != NULL && *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == '\x7f')
			return err_set(err, ERR_INVALID, OPTION_DOING,
			    "--user-agent",
			    "may contain no control characters");
	}
	return check_comment(options, err);
}
