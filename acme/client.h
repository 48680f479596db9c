/*
 * client.h: THE order, a table of steps; the half that has the network.
 *
 *   directory -> account -> order -> authorizations -> challenges -> finalize
 *   -> chain
 */
#ifndef ACME_CLIENT_H
#define ACME_CLIENT_H

#include "acme/job.h"
#include "base/attr.h"
#include "base/err.h"

/*
 * Carries the job out; `broker` is the socket to the other half, which it asks
 * by ipc.h. Errors are the CA's problem documents in plain words
 * (ERR_REFUSED_CA ... see problem.h), or what http.h and ipc.h give. Its
 * listeners are closed before the other half is told that it has ended: the
 * next job may want the same port.
 */
int client_run(struct job *job, int broker, struct err *err) MUST_CHECK;

#endif
