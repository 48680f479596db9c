/*
 * proc_start.c: a child's beginning: the program is looked up, pipes are laid,
 * and the child becomes it with nothing of ours but what it is to have.
 */
#define _GNU_SOURCE /* closefrom(), pipe2() */
#include "base/proc_part.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"

static const char doing[] = "running";

enum {
	CHILD_REPORT_FD = 3, /* where the child tells that exec failed */
	CHILD_LEAST_FD = 10, /* out of the way of 0 to 3 */
};

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

/* Looks `name` up in PROC_PATH; `path` has LIMIT_PATH_BYTES. */
int
proc_find(const char *name, char *path, struct err *err)
{
	const char *dir = PROC_PATH;
	size_t len;
	int put;

	if (strchr(name, '/') != NULL) {
		put = snprintf(path, LIMIT_PATH_BYTES, "%s", name);
		if (put > 0 && put < LIMIT_PATH_BYTES)
			return 0;
		return err_set(
		    err, ERR_LIMIT, doing, name, "the path is too long");
	}
	while (name[0] != '\0' && *dir != '\0') {
		len = strcspn(dir, ":");
		put = snprintf(
		    path, LIMIT_PATH_BYTES, "%.*s/%s", (int)len, dir, name);
		if (put > 0 && put < LIMIT_PATH_BYTES && is_program(path))
			return 0;
		dir += len + (dir[len] == ':');
	}
	return err_set(err, ERR_NOENT, doing, name,
	    "there is no such program in " PROC_PATH);
}

/* What we ignore or block, the child must not. */
static void
reset_signals(void)
{
	struct sigaction action;
	sigset_t none;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	/* SIGKILL, SIGSTOP and libc's own two refuse, and may. */
	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &action, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * In the child: from here to exec only calls that are safe after fork. What
 * fails is told as errno on `report_fd`.
 */
static void
become(const char *path, char *const *argv, const struct proc_options *options,
    const int *output_fds, int report_fd)
{
	static const char *const fixed[] = {
	    "PATH=" PROC_PATH, "LANG=" PROC_LANG, NULL};
	const char *const *environment =
	    options->environment != NULL ? options->environment : fixed;
	char *const *envp = NULL;
	int in_fd, out_fd, err_fd;

	/* execve() does not write to it; its type is older than const. */
	memcpy(&envp, &environment, sizeof(envp));
	if (!options->attended)
		(void)setpgid(0, 0);
	reset_signals();
	/* Until exec we may still not be dumped: our memory is in here. */
	if (options->core != NULL)
		(void)setrlimit(RLIMIT_CORE, options->core);
	/* Out of the way of 0 to 3, which are given away next. */
	out_fd = fcntl(output_fds[0], F_DUPFD, CHILD_LEAST_FD);
	err_fd = fcntl(output_fds[1], F_DUPFD, CHILD_LEAST_FD);
	report_fd = fcntl(report_fd, F_DUPFD, CHILD_LEAST_FD);
	in_fd = options->attended ? fcntl(STDIN_FILENO, F_DUPFD, CHILD_LEAST_FD)
				  : -1;
	if (in_fd < 0)
		in_fd = open("/dev/null", O_RDONLY);
	if (out_fd >= 0 && err_fd >= 0 && report_fd >= 0 && in_fd >= 0 &&
	    dup2(in_fd, STDIN_FILENO) >= 0 &&
	    dup2(out_fd, STDOUT_FILENO) >= 0 &&
	    dup2(err_fd, STDERR_FILENO) >= 0 &&
	    dup3(report_fd, CHILD_REPORT_FD, O_CLOEXEC) >= 0) {
		report_fd = CHILD_REPORT_FD;
		closefrom(CHILD_REPORT_FD + 1);
		(void)execve(path, argv, envp);
	}
	proc_exec_failed(report_fd);
}

void
proc_exec_failed(int report_fd)
{
	int number = errno;

	while (write(report_fd, &number, sizeof(number)) < 0 && errno == EINTR)
		continue;
	_exit(127);
}

int
proc_exec_result(int report_fd)
{
	int number = 0;
	ssize_t got;

	do
		got = read(report_fd, &number, sizeof(number));
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof(number) ? number : 0;
}

void
proc_reap(pid_t pid, int *ret_status)
{
	while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
		continue;
}

/* Two pipes, or one for both streams. */
static int
make_pipes(const struct proc_child *child, int output[PROC_STREAMS][2],
    struct err *err)
{
	if (pipe2(output[0], O_CLOEXEC) != 0)
		return err_sys(err, doing, child->name, "pipe");
	if (child->options->apart && pipe2(output[1], O_CLOEXEC) != 0)
		return err_sys(err, doing, child->name, "pipe");
	return 0;
}

void
proc_close(int *fds)
{
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			(void)close(fds[i]);
	}
}

/* In the parent: it runs, or exec's errno comes back. */
static int
after_fork(struct proc_child *child, int *report, struct err *err)
{
	int number, status;

	/* Both sides do it, for neither knows who comes first. */
	if (!child->options->attended)
		(void)setpgid(child->pid, child->pid);
	(void)close(report[1]);
	report[1] = -1;
	number = proc_exec_result(report[0]);
	if (number == 0) {
		child->pid_fd = (int)syscall(SYS_pidfd_open, child->pid, 0);
		return 0;
	}
	proc_reap(child->pid, &status);
	errno = number;
	return err_sys(err, doing, child->name, "execve");
}

int
proc_start(const char *path, const char *const *argv, struct proc_child *ret,
    struct err *err)
{
	int output[PROC_STREAMS][2] = {{-1, -1}, {-1, -1}},
	    report[2] = {-1, -1};
	int ends[PROC_STREAMS], rc;
	char *const *child_argv = NULL;

	/* execve() does not write to it; its type is older than const. */
	memcpy(&child_argv, &argv, sizeof(child_argv));
	rc = make_pipes(ret, output, err);
	if (rc == 0 && pipe2(report, O_CLOEXEC) != 0)
		rc = err_sys(err, doing, ret->name, "pipe");
	if (rc < 0)
		goto out;
	ret->pid = fork();
	if (ret->pid < 0) {
		rc = err_sys(err, doing, ret->name, "fork");
		goto out;
	}
	if (ret->pid == 0) {
		ends[0] = output[0][1];
		ends[1] = output[ret->options->apart][1];
		become(path, child_argv, ret->options, ends, report[1]);
	}
	rc = after_fork(ret, report, err);
	if (rc < 0)
		goto out;
	for (int i = 0; i < PROC_STREAMS; i++) {
		ret->fds[i] = output[i][0];
		output[i][0] = -1;
	}
out:
	for (int i = 0; i < PROC_STREAMS; i++)
		proc_close(output[i]);
	proc_close(report);
	return rc;
}
