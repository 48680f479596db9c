/*
 * revoke.h: what the parts of revoke and delete share: revoke.c (asked, and in
 * which order), revoke_engine.c (at the CA, off the disk) and revoke_proxy.c
 * (out of HAProxy, or back).
 */
#ifndef WRAPPER_REVOKE_H
#define WRAPPER_REVOKE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "cert/lineage.h"
#include "wrapper/command.h"
#include "wrapper/engine.h"
#include "wrapper/leftover.h"
#include "wrapper/removal.h"

struct removal {
	const struct command_call *call;
	bool revoke; /* at the CA, too */
	bool unknown; /* whether the CA has done it; or better left out */
	bool gone; /* by the engine, or by somebody else */
	const char *server; /* the CA's directory, "" where it is not known */
	struct engine engine;
	struct lineage_ref ref;
	bool known; /* the version that was asked about: ... */
	struct lineage_ident ident; /* ... this one */
	/* By a rollback it was this generation that was served; 0: it is kept
	 * no more, or there was none. */
	bool was_held;
	long held;
	bool was_in; /* it was served before: what may be put back */
	/* A revoke of it was begun before, and nobody knows how it ended. */
	bool doubtful;
	struct leftover *leftover; /* NULL: it could not be read */
};

/*
 * Has the CA revoke it: 0: it is revoked (now, or was before). ERR_CHILD: the
 * engine failed; the errors of child_run(), certbot_revoke(), certbot_probe().
 */
int revoke_engine_revoke(struct removal *removal, struct err *err) MUST_CHECK;

/* Has the engine delete it, where it is there. ERR_CHILD: it still is. */
int revoke_engine_delete(struct removal *removal, struct err *err) MUST_CHECK;

/*
 * What is to be known before anything is touched: held, was_in and doubtful.
 */
void revoke_proxy_look(struct removal *removal);

/* Is there a bundle of it? */
bool revoke_proxy_has(const struct removal *removal);

/*
 * Out of HAProxy, until it is told what became of it: whatever ends us before
 * that, status knows. The errors of child_run().
 */
int revoke_proxy_take_out(
    const struct removal *removal, int *ret_status, struct err *err) MUST_CHECK;

/* It was out before, and is as if nothing had been begun. */
void revoke_proxy_leave_out(const struct removal *removal);

/*
 * What was taken out of HAProxy for nothing is brought back, to the end; or
 * what the lineage has now, where it was `renewed` meanwhile.
 */
void revoke_proxy_put_back(const struct removal *removal, bool renewed);

/* For good: no deploy is to bring that back, unless it is forced. */
void revoke_proxy_keep_out(const struct removal *removal);

/*
 * Its files are gone. Between the first detach and now somebody's converge may
 * have brought it back; with nothing there this has nothing to do.
 */
int revoke_proxy_end(
    const struct removal *removal, int *ret_status, struct err *err) MUST_CHECK;

#endif
