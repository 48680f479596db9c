/*
 * test_sandbox.c: what is given up is gone: files, programs, other users,
 * sockets of other families. Each test gives up in a child.
 */
#define _GNU_SOURCE /* mkostemp(), gettid() */
#include "base/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const readable[] = {
    "/etc/hosts", "/usr/lib", "/nowhere/at/all", NULL};

static int file = -1; /* open to be written */
static pid_t other; /* a process of the same user */

/* 0 where `what` holds in a process that is shut in; 99: it is not. */
static int
inside(int (*what)(void))
{
	pid_t child = fork();
	int status = -1;

	assert_true(child >= 0);
	if (child == 0) {
		const struct sandbox_policy policy = {
		    .user = geteuid() == 0 ? "nobody" : "",
		    .readable = readable,
		    .die_with_parent = true};
		struct sandbox_state state = {false};
		struct err err = ERR_INIT;

		if (sandbox_enter(&policy, &state, &err) < 0)
			_exit(99);
		_exit(what());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool
opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd >= 0 && close(fd) == 0;
}

static bool
has_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	return fd >= 0 && close(fd) == 0;
}

static int
cannot_open(void)
{
	static const char *const closed[] = {"/etc/shadow", "/etc/group",
	    "/root", "/tmp", "/proc/self/mem", "/etc/hostname"};

	for (size_t i = 0; i < COUNT_OF(closed); i++) {
		if (opens(closed[i], O_RDONLY))
			return (int)i + 1;
	}
	return opens("/etc/hosts", O_RDONLY) ? 0 : 50;
}

static int
cannot_write(void)
{
	if (opens("/etc/hosts", O_WRONLY))
		return 1;
	if (opens("/tmp/x", O_RDONLY | O_CREAT))
		return 2;
	return unlink("/tmp/x") < 0 && errno == EPERM ? 0 : 3;
}

/* One that was open before. */
static int
cannot_fill(void)
{
	ssize_t wrote;

	(void)signal(SIGXFSZ, SIG_IGN);
	wrote = write(file, "x", 1);
	return BUILT_TO_REPORT || (wrote < 0 && errno == EFBIG) ? 0 : 1;
}

static int
cannot_exec(void)
{
	char name[] = "/bin/true", *argv[] = {name, NULL};

	(void)execv(argv[0], argv);
	return errno == EPERM ? 0 : 1;
}

/* A child would outlive whoever ends this process. */
static int
cannot_fork(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return child < 0 && errno == EPERM ? 0 : 1;
}

static int
cannot_come_back(void)
{
	if (setuid(0) == 0 || setgid(0) == 0)
		return 1;
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
		return 2;
	return kill(getppid(), 0) < 0 ? 0 : 3;
}

static int
only_some_sockets(void)
{
	if (has_socket(AF_PACKET, SOCK_RAW) ||
	    has_socket(AF_VSOCK, SOCK_STREAM))
		return 1;
	return has_socket(AF_INET6, SOCK_STREAM) ||
		has_socket(AF_INET, SOCK_STREAM)
	    ? 0
	    : 2;
}

/* `other`'s, which is of our user. */
static int
cannot_signal_others(void)
{
	const struct rlimit none = {0, 0};
	struct rlimit is;
	int pair[2];

	if (syscall(SYS_tgkill, other, other, 0) == 0)
		return 1;
	if (prlimit(other, RLIMIT_NOFILE, NULL, &is) == 0 ||
	    prlimit(0, RLIMIT_NOFILE, &none, NULL) == 0)
		return 2;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return 3;
	if (fcntl(pair[0], F_SETOWN, other) == 0 ||
	    fcntl(pair[0], F_SETSIG, SIGKILL) == 0)
		return 4;
	return 0;
}

/* What abort() and libraries do. */
static int
may_do_so_to_itself(void)
{
	struct rlimit is;

	if (syscall(SYS_tgkill, getpid(), gettid(), 0) < 0)
		return 1;
	if (getrlimit(RLIMIT_NOFILE, &is) < 0)
		return 2;
	if (fcntl(STDIN_FILENO, F_GETFL) < 0 ||
	    fcntl(STDIN_FILENO, F_SETFD, 0) < 0)
		return 3;
	return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) >= 0 ? 0 : 4;
}

static int
cannot_lock(void)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(file, F_SETLK, &all) < 0 && errno == EPERM ? 0 : 1;
}

/* Waits to be killed; of the user that `inside()` becomes. */
static pid_t
start_other(void)
{
	const uid_t nobody = 65534;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	if (geteuid() == 0 && setuid(nobody) < 0)
		_exit(1);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (;;)
		(void)pause();
}

static void
test_others_are_out_of_reach(void **state)
{
	int status = 0;

	(void)state;
	other = start_other();
	assert_int_equal(inside(cannot_signal_others), 0);
	assert_int_equal(inside(may_do_so_to_itself), 0);
	assert_int_equal(kill(other, SIGTERM), 0);
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static void
test_what_is_gone(void **state)
{
	char path[] = "/tmp/test_sandbox.XXXXXX";

	(void)state;
	file = mkostemp(path, O_CLOEXEC);
	assert_true(file >= 0 && unlink(path) == 0);
	assert_int_equal(inside(cannot_open), 0);
	assert_int_equal(inside(cannot_write), 0);
	assert_int_equal(inside(cannot_fill), 0);
	assert_int_equal(inside(cannot_lock), 0);
	(void)close(file);
	assert_int_equal(inside(cannot_exec), 0);
	assert_int_equal(inside(cannot_fork), 0);
	assert_int_equal(inside(cannot_come_back), 0);
	assert_int_equal(inside(only_some_sockets), 0);
}

/* A user that is not there, and one that is root, are refused. */
static void
test_bad_users(void **state)
{
	static const char *const none[] = {NULL};
	struct sandbox_policy policy = {.readable = none};
	struct sandbox_state sandbox = {false};
	struct err err = ERR_INIT;

	(void)state;
	policy.user = "no-such-user-here";
	assert_int_equal(sandbox_enter(&policy, &sandbox, &err), ERR_NOENT);
	policy.user = "root";
	assert_int_equal(sandbox_enter(&policy, &sandbox, &err), ERR_PERM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_gone),
	    cmocka_unit_test(test_others_are_out_of_reach),
	    cmocka_unit_test(test_bad_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
