/*
 * request_show.c: what has come of it: the four places, looked at anew.
 */
#include "wrapper/request.h"

#include <stdio.h>

#include "base/clock.h"
#include "wrapper/observe.h"

static void
say(const struct request *request, const struct observation *item)
{
	const struct observe_at *wire = &item->at[OBSERVE_WIRE];
	char until[21];

	(void)printf("%s\n  bundle     %s/%s.pem%s\n  names     ",
	    request->lineage, request->conf->haproxy.bundle_dir,
	    request->lineage,
	    item->at[OBSERVE_BUNDLE].verdict == OBSERVE_ABSENT
		? " (not there: it was not deployed)"
		: "");
	for (size_t i = 0; i < item->name_count; i++)
		(void)printf(" %s", item->names[i]);
	(void)printf("\n  issuer     %s\n  valid      until %s\n"
		     "  handshake  ",
	    item->issuer, clock_iso(item->not_after_s, until, sizeof(until)));
	switch (wire->verdict) {
	case OBSERVE_SAME: (void)printf("shows this certificate\n"); break;
	case OBSERVE_OTHER:
		(void)printf("shows another one%s%s\n",
		    *wire->why != '\0' ? ": " : "", wire->why);
		break;
	case OBSERVE_UNKNOWN:
	case OBSERVE_ABSENT:
	case OBSERVE_BROKEN:
	case OBSERVE_VERDICTS:
		(void)printf("could not be made%s%s\n",
		    *wire->why != '\0' ? ": " : "", wire->why);
		break;
	}
	(void)fflush(stdout);
}

int
request_show(struct request *request, struct err *err)
{
	const char *const names[] = {request->lineage};
	const struct observe_options options = {
	    .names = names, .name_count = 1, .live = true};
	struct observed observed;
	int rc;

	request_step(request, "the handshake");
	rc = observe(request->conf, &options, &observed, err);
	request_steps_end(request);
	if (rc < 0)
		return rc;
	if (observed.count == 1)
		say(request, &observed.items[0]);
	observed_free(&observed);
	return 0;
}
