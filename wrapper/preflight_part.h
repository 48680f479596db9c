/*
 * preflight_part.h: what preflight.c shares with preflight_advise.c. Nobody
 * else includes it.
 */
#ifndef WRAPPER_PREFLIGHT_PART_H
#define WRAPPER_PREFLIGHT_PART_H

#include "base/attr.h"
#include "haproxy/discovery.h"
#include "haproxy/process.h"
#include "wrapper/preflight.h"
#include "wrapper/preflight_fetch.h"

#define PREFLIGHT_DOING "looking whether a challenge would reach us"

/* Everything that one preflight knows. */
struct preflight_scene {
	const struct conf *conf;
	bool in_proxy;
	bool silent; /* no socket answers, as is known before */
	struct hacfg *hacfg; /* NULL: it cannot be read */
	struct discovery_fronts fronts;
	char path[64 + LIMIT_TOKEN_BYTES]; /* what is asked for */
	char body[LIMIT_TOKEN_BYTES]; /* what is to come back */
	struct preflight_fetch *asks; /* by name, then by front */
	struct process holders[LIMIT_SOCKETS]; /* who was given the token */
	size_t holder_count;
	/* What the running HAProxy says, where there is advice to give: */
	const char *down, *mute; /* the first socket where nobody is, and the
	    first that takes a question and gives no answer; NULL */
	long start_s; /* since when it runs; LONG_MAX: not known */
	char unread[LIMIT_PATH_BYTES]; /* a file that we do not read; "" */
};

/* What one answer means; `detail` gets what came back, in words. */
enum preflight_verdict preflight_judge(const struct preflight_scene *scene,
    const struct preflight_fetch *ask, char *detail, size_t size);

/*
 * Fills the advice of every result that is not good: the lines that
 * haproxy.cfg lacks, and where; or, where it lacks none, what else it may be.
 * ERR_NOMEM.
 */
int preflight_advise(struct preflight_scene *scene,
    struct preflight_result *results, size_t count, struct err *err) MUST_CHECK;

#endif
