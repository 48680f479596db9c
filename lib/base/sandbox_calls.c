/*
 * sandbox_calls.c: seccomp (libseccomp): the system calls that are left.
 *
 * What libcurl, libevent, OpenSSL and glibc's resolver (with a thread) need,
 * and nothing that makes, changes or starts anything.
 */
#include "base/sandbox_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* By name: one that an architecture lacks is passed over there. */
static const char *const calls[] = {
    /* memory and threads */
    "brk",
    "mmap",
    "mmap2",
    "munmap",
    "mremap",
    "mprotect",
    "madvise",
    "exit",
    "exit_group",
    "futex",
    "futex_time64",
    "set_robust_list",
    "get_robust_list",
    "rseq",
    "set_tid_address",
    "gettid",
    "getpid",
    "getppid",
    "sched_yield",
    "sched_getaffinity",
    "membarrier",
    "arch_prctl",
    "set_thread_area",
    "getrlimit",
    "ugetrlimit",
    /* who we are */
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "getuid32",
    "geteuid32",
    "getgid32",
    "getegid32",
    "getresuid",
    "getresgid",
    "uname",
    "sysinfo",
    "getcpu",
    "getrandom",
    "getrusage",
    "times",
    /* time */
    "clock_gettime",
    "clock_gettime64",
    "clock_getres",
    "gettimeofday",
    "time",
    "nanosleep",
    "clock_nanosleep",
    "clock_nanosleep_time64",
    "timerfd_create",
    "timerfd_settime",
    "timerfd_settime64",
    /* signals */
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sigreturn",
    "sigaltstack",
    "rt_sigpending",
    "restart_syscall",
    /* descriptors */
    "read",
    "readv",
    "pread64",
    "write",
    "writev",
    "close",
    "close_range",
    "dup",
    "dup2",
    "dup3",
    "lseek",
    "_llseek",
    "poll",
    "ppoll",
    "ppoll_time64",
    "select",
    "_newselect",
    "pselect6",
    "pselect6_time64",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "eventfd2",
    "pipe",
    "pipe2",
    "fstat",
    "fstat64",
    "stat",
    "stat64",
    "lstat",
    "lstat64",
    "statx",
    "newfstatat",
    "fstatat64",
    "statfs",
    "fstatfs",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "readlinkat",
    "getcwd",
    "getdents",
    "getdents64",
    /* the network */
    "connect",
    "bind",
    "listen",
    "accept",
    "accept4",
    "getsockname",
    "getpeername",
    "setsockopt",
    "getsockopt",
    "shutdown",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "recvfrom",
    "recvmsg",
    "recvmmsg",
    "recvmmsg_time64",
    "socketpair",
    "send",
    "recv",
};

static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

/* What a resolver and a socket want of ioctl; TIOCSTI is not among it. */
static const unsigned long requests[] = {FIONBIO, FIONREAD, TCGETS};

/* Not who is sent a signal when there is something to read, and no locks. */
static const int controls[] = {
    F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC};

/* A file may be opened to be read, and neither made nor emptied. */
static const scmp_datum_t opening = O_ACCMODE | O_CREAT | O_TRUNC;

/*
 * Threads, as the resolver has one, and no process: a child of our own would
 * outlive whoever ends us. glibc asks for clone3 first, whose flags a filter
 * cannot see, and takes clone where there is none.
 */
static int
allow_threads(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp thread = {.arg = 0,
	    .op = SCMP_CMP_MASKED_EQ,
	    .datum_a = CLONE_THREAD,
	    .datum_b = CLONE_THREAD};
	int rc = seccomp_rule_add_array(
	    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, NULL);

	return rc < 0 ? rc
		      : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
			    SCMP_SYS(clone), 1, &thread);
}

/* A call whose argument at `index` is `value`. */
static int
allow_one(scmp_filter_ctx filter, int call, unsigned index, scmp_datum_t value)
{
	const struct scmp_arg_cmp is = {
	    .arg = index, .op = SCMP_CMP_EQ, .datum_a = value};

	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &is);
}

/* What could be done to others of the same user, and is for ourselves only. */
static int
allow_ourselves(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp looking[] = {
	    {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = 0},
	    {.arg = 2, .op = SCMP_CMP_EQ, .datum_a = 0}}; /* no new limit */
	int rc = allow_one(filter, SCMP_SYS(tgkill), 0, (scmp_datum_t)getpid());

	return rc < 0 ? rc
		      : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
			    SCMP_SYS(prlimit64), COUNT_OF(looking), looking);
}

static int
allow_controls(scmp_filter_ctx filter)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(controls); i++) {
		rc = allow_one(
		    filter, SCMP_SYS(fcntl), 1, (scmp_datum_t)controls[i]);
		if (rc == 0)
			rc = allow_one(filter, SCMP_SYS(fcntl64), 1,
			    (scmp_datum_t)controls[i]);
		/* Not every architecture has both. */
		rc = rc == -EDOM ? 0 : rc;
	}
	return rc;
}

static int
allow(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp reading =
	    SCMP_A2(SCMP_CMP_MASKED_EQ, opening, O_RDONLY);
	const struct scmp_arg_cmp reading_old =
	    SCMP_A1(SCMP_CMP_MASKED_EQ, opening, O_RDONLY);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(calls); i++) {
		int call = seccomp_syscall_resolve_name(calls[i]);

		if (call != __NR_SCMP_ERROR)
			rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
		/* One that this architecture has no number for. */
		rc = rc == -EDOM ? 0 : rc;
	}
	if (rc == 0)
		rc = allow_threads(filter);
	if (rc == 0)
		rc = allow_ourselves(filter);
	if (rc == 0)
		rc = allow_controls(filter);
	if (rc == 0)
		rc = seccomp_rule_add_array(
		    filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, &reading);
	if (rc == 0)
		rc = seccomp_rule_add_array(
		    filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1, &reading_old);
	for (size_t i = 0; rc == 0 && i < COUNT_OF(families); i++)
		rc = allow_one(
		    filter, SCMP_SYS(socket), 0, (scmp_datum_t)families[i]);
	for (size_t i = 0; rc == 0 && i < COUNT_OF(requests); i++)
		rc = allow_one(filter, SCMP_SYS(ioctl), 1, requests[i]);
	return rc;
}

int
sandbox_calls(struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc;

	if (filter == NULL)
		return err_nomem(err, SANDBOX_DOING);
	rc = allow(filter);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	if (rc == 0)
		return 0;
	errno = -rc;
	return err_sys(err, SANDBOX_DOING, NULL, "seccomp");
}
