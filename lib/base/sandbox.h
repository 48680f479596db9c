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
	/* Files and directories that may still be read, NULL-terminated; those
	 * that are not there are passed over. All other paths are closed where
	 * the kernel has Landlock. */
	const char *const *readable;
	bool die_with_parent; /* SIGKILL when whoever started us ends */
};

/* What came of it, for check and for tests. */
struct sandbox_state {
	bool landlock; /* paths are closed (else only by the user's rights) */
};

/*
 * In this order: groups and user, no_new_privs, no core and not a byte more in
 * any file, Landlock (read what is readable, nothing else), seccomp: an allow
 * list of what a network client with threads needs; anything else answers
 * EPERM. So no exec, no writing open, no ptrace, no socket but AF_UNIX,
 * AF_INET, AF_INET6 and AF_NETLINK (the resolver's); no signal to another
 * process, no limit of another's, no lock. All or nothing but for
 * Landlock, which an older kernel may lack. ERR_NOENT (no such user), ERR_PERM,
 * ERR_IO, ERR_NOMEM.
 */
int sandbox_enter(const struct sandbox_policy *policy,
    struct sandbox_state *ret, struct err *err) MUST_CHECK;

#endif
