/*
 * fakebroker.h: the broker's half of ipc.h without a key, in a process of its
 * own: it signs words, and keeps a line of each thing that it was asked.
 */
#ifndef TESTS_UNIT_FAKEBROKER_H
#define TESTS_UNIT_FAKEBROKER_H

#include <stdbool.h>

#include "acme/ipc.h"

struct fakebroker_script {
	unsigned enough_at; /* the chain that is taken; 0: the first */
	enum ipc_op refuse; /* this is refused (IPC_OK: none) */
	enum ipc_purpose decline; /* IPC_NEW_ACCOUNT: none */
	enum ipc_op die_at; /* at this it dies (IPC_OK: never) */
	bool notes; /* the lines for the log are kept, too */
};

struct fakebroker;

/* Starts it; `ret_fd` is the client's end, which fakebroker_end() closes. */
struct fakebroker *fakebroker_start(
    const struct fakebroker_script *script, int *ret_fd);

/*
 * Waits for it and returns what it was asked but signatures, a line each:
 * "account URL", "order URL", "prepare", "publish NAME WILD TOKEN LEFT", "up",
 * "withdraw NAME WILD TOKEN", "chain INDEX BYTES", "say LINE", "note LINE",
 * "show ...", "end CODE". Valid until fakebroker_free().
 */
const char *fakebroker_end(struct fakebroker *broker);
void fakebroker_free(struct fakebroker *broker);

#endif
