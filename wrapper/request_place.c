/*
 * request_place.c: could a deploy begin? certhaul-hook is asked before a
 * certificate is: the CA's limits count one that nobody can install.
 */
#include "wrapper/request.h"

#include <stdio.h>

#include "base/log.h"
#include "wrapper/child.h"

enum { HOOK_REFUSED = 3 }; /* certhaul-hook(8), EXIT STATUS */

static bool
keep_line(void *context, const char *line)
{
	struct err ignored = ERR_INIT;

	(void)!buf_printf(context, &ignored, "%s\n", line);
	return false;
}

int
request_place(struct request *request, bool *ret_good, struct err *err)
{
	static const char *const pre[] = {"pre", NULL};
	struct buf words = BUF_INIT(LIMIT_REPLY_BYTES);
	const struct child_watch watch = {.line = keep_line, .context = &words};
	int rc, status = 0;

	*ret_good = true;
	if (request->wanted.dry_run)
		return 0;
	/* `haproxy -c` takes its time over thousands of certificates. */
	request_step(request, "whether HAProxy could take it");
	rc = child_hook_watched(request->call, pre, &watch, &status, err);
	*ret_good = rc < 0 || status != HOOK_REFUSED;
	if (!*ret_good) {
		log_make_way();
		(void)fprintf(stderr,
		    "%sThe CA was not asked: what it issues could not be "
		    "deployed.\n",
		    buf_text(&words));
	}
	buf_free(&words);
	return rc;
}
