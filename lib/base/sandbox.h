/*
 * sandbox.h: giving up rights that are not needed any more, for good.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

struct sandbox_policy {
	const char *user; /* to become; NULL or "": stay */
	/* Files and directories that may still be read, NULL-terminated; all
	 * other paths are closed where the kernel has Landlock. */
	const char *const *readable;
};

/* What came of it, for check and for tests. */
struct sandbox_state {
	bool landlock; /* paths are closed (else only by the user's rights) */
	bool seccomp;
};

/*
 * In this order: no_new_privs, no dump, groups and user, Landlock, seccomp (no
 * exec, no ptrace, no new privileges, no mount, no sockets but AF_UNIX,
 * AF_INET and AF_INET6 and AF_NETLINK for the resolver). All or nothing but
 * Landlock, which an older kernel may lack. ERR_NOENT (no such user), ERR_PERM,
 * ERR_IO.
 */
int sandbox_enter(const struct sandbox_policy *policy,
    struct sandbox_state *ret, struct err *err) MUST_CHECK;

#endif
