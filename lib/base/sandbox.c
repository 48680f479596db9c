/*
 * sandbox.c: from root to a process that can speak on the network and do
 * nothing else. Called by the client half of certhaul-acme before it has seen
 * a byte from outside.
 */
#define _GNU_SOURCE /* setresuid() */
#include "base/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/sandbox_private.h"

static int
become(const char *user, struct err *err)
{
	struct passwd entry, *found = NULL;
	char space[4096];

	if (getpwnam_r(user, &entry, space, sizeof(space), &found) != 0 ||
	    found == NULL)
		return err_set(err, ERR_NOENT, SANDBOX_DOING, user,
		    "there is no such user");
	if (found->pw_uid == 0)
		return err_set(err, ERR_PERM, SANDBOX_DOING, user,
		    "is root: name a user without rights");
	if (setgroups(0, NULL) < 0)
		return err_sys(err, SANDBOX_DOING, user, "setgroups");
	if (setresgid(found->pw_gid, found->pw_gid, found->pw_gid) < 0)
		return err_sys(err, SANDBOX_DOING, user, "setresgid");
	if (setresuid(found->pw_uid, found->pw_uid, found->pw_uid) < 0)
		return err_sys(err, SANDBOX_DOING, user, "setresuid");
	/* It must not be possible to come back. */
	if (setresuid(0, 0, 0) == 0 || getuid() == 0 || geteuid() == 0)
		return err_set(err, ERR_PERM, SANDBOX_DOING, user,
		    "root could be had again");
	return 0;
}

int
sandbox_enter(const struct sandbox_policy *policy, struct sandbox_state *ret,
    struct err *err)
{
	const struct rlimit none = {0, 0};
	int rc = 0;

	if (policy->user != NULL && policy->user[0] != '\0')
		rc = become(policy->user, err);
	if (rc < 0)
		return rc;
	/* After the change of user, which makes a process dumpable or not by
	 * a setting of the system's, and forgets the parent's death. */
	if (policy->die_with_parent &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return err_sys(err, SANDBOX_DOING, NULL, "prctl");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    setrlimit(RLIMIT_CORE, &none) < 0 ||
	    /* stderr may be a file. */
	    (!BUILT_TO_REPORT && setrlimit(RLIMIT_FSIZE, &none) < 0))
		return err_sys(err, SANDBOX_DOING, NULL, "prctl");
	rc = sandbox_paths(policy->readable, &ret->landlock, err);
	return rc < 0 ? rc : sandbox_calls(err);
}
