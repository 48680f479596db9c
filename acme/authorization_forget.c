/*
 * authorization_forget.c: an earlier proof of a name is given up (RFC 8555,
 * 7.5.2), so that a dry run has to prove it anew.
 */
#include "acme/authorization.h"

static const char forgetting[] = "giving up an earlier proof of a name";

int
authorization_forget(struct exchange *exchange,
    const struct authorization_list *list, size_t *ret_count, struct err *err)
{
	struct exchange_reply reply;
	char line[LIMIT_LOG_LINE_BYTES];
	int rc = 0;

	*ret_count = 0;
	for (size_t i = 0; rc == 0 && i < list->count; i++) {
		const struct authorization *one = &list->items[i];

		if (one->open)
			continue;
		rc = exchange_post(exchange, IPC_DEACTIVATE_AUTHORIZATION,
		    one->url, forgetting, &reply, err);
		exchange_reply_free(&reply);
		*ret_count += rc == 0;
		/* The CA would not, or the broker did not ask it. */
		if (rc == 0 ||
		    (!exchange_refused(err) && err->code != ERR_INVALID))
			continue;
		(void)err_text(err, line, sizeof(line));
		err_clear(err);
		rc = ask_say(exchange_ask(exchange), line, err);
	}
	return rc;
}
