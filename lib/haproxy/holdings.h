/*
 * holdings.h: the names for which a running HAProxy holds certificates, of
 * all its stores, whoever had them loaded.
 */
#ifndef HAPROXY_HOLDINGS_H
#define HAPROXY_HOLDINGS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "haproxy/process.h"

/* One name of one certificate, for the time of a call. */
struct holding {
	char store[LIMIT_PATH_BYTES]; /* HAProxy's name of it */
	bool rsa; /* its key; else another kind */
	char name[LIMIT_DNS_NAME_BYTES + 1]; /* lower case */
};

/* Is that store to be looked at? */
typedef bool (*holdings_want)(void *context, const char *store);

/* Of a name (it may come again); an error ends the walk. */
typedef int (*holdings_take)(
    void *context, const struct holding *holding, struct err *err);

/*
 * Each dNSName, and the common name, as HAProxy chooses by both, of every store
 * that is wanted and in use; of one without any name it is "", once. ERR_DOWN,
 * ERR_PERM, ERR_TIMEOUT, ERR_SYNTAX, ERR_NOMEM, and what `take` returns.
 */
int holdings_each(const struct process *process, holdings_want want,
    holdings_take take, void *context, struct err *err) MUST_CHECK;

#endif
