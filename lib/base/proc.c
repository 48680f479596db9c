/*
 * proc.c: how haproxy -c, the reload command and the like are run: no shell,
 * a fixed environment, a deadline, and nothing of ours inherited.
 */
#define _GNU_SOURCE /* closefrom(), pipe2() */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"

#define FIXED_PATH                                                             \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const char doing[] = "running";

enum {
	CHUNK_BYTES = 4096,
	DRAIN_CHUNKS = 64, /* a pipe holds 16, more is a daemon's */
	LOOK_MS = 20, /* between two looks whether the child has ended */
	CHILD_REPORT_FD = 3, /* where the child tells that exec failed */
};

/* A child under way. */
struct child {
	const char *name; /* argv[0] */
	pid_t pid;
	int output_fd; /* -1 after its end */
	int64_t until_ms;
};

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

/* Looks `name` up in FIXED_PATH; `path` has LIMIT_PATH_BYTES. */
static int
find_program(const char *name, char *path, struct err *err)
{
	const char *dir = FIXED_PATH;
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
	    "there is no such program in " FIXED_PATH);
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
become(const char *path, char *const *argv, int output_fd, int report_fd)
{
	static char env_path[] = "PATH=" FIXED_PATH;
	static char env_lang[] = "LANG=C.UTF-8";
	char *const envp[] = {env_path, env_lang, NULL};
	int null_fd;

	(void)setpgid(0, 0);
	reset_signals();
	/* Out of the way of 0 to 3, which are given away next. */
	output_fd = fcntl(output_fd, F_DUPFD, 10);
	report_fd = fcntl(report_fd, F_DUPFD, 10);
	null_fd = open("/dev/null", O_RDONLY);
	if (output_fd >= 0 && report_fd >= 0 && null_fd >= 0 &&
	    dup2(null_fd, STDIN_FILENO) >= 0 &&
	    dup2(output_fd, STDOUT_FILENO) >= 0 &&
	    dup2(output_fd, STDERR_FILENO) >= 0 &&
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

static void
reap(pid_t pid, int *ret_status)
{
	while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
		continue;
}

static int
start(const char *path, const char *const *argv, struct child *ret,
    struct err *err)
{
	int output[2] = {-1, -1}, report[2] = {-1, -1}, number, rc = 0, status;
	char *const *child_argv = NULL;

	/* execve() does not write to it; its type is older than const. */
	memcpy(&child_argv, &argv, sizeof(child_argv));
	if (pipe2(output, O_CLOEXEC) != 0 || pipe2(report, O_CLOEXEC) != 0) {
		rc = err_sys(err, doing, ret->name, "pipe");
		goto out;
	}
	ret->pid = fork();
	if (ret->pid < 0) {
		rc = err_sys(err, doing, ret->name, "fork");
		goto out;
	}
	if (ret->pid == 0)
		become(path, child_argv, output[1], report[1]);
	/* Both sides do it, for neither knows who comes first. */
	(void)setpgid(ret->pid, ret->pid);
	(void)close(report[1]);
	report[1] = -1;
	number = proc_exec_result(report[0]);
	if (number != 0) {
		reap(ret->pid, &status);
		errno = number;
		rc = err_sys(err, doing, ret->name, "execve");
		goto out;
	}
	ret->output_fd = output[0];
	output[0] = -1;
out:
	for (int i = 0; i < 2; i++) {
		if (output[i] >= 0)
			(void)close(output[i]);
		if (report[i] >= 0)
			(void)close(report[i]);
	}
	return rc;
}

/* Has it ended? It stays to be reaped, so that its group keeps its number. */
static bool
has_ended(pid_t pid)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
		return errno == ECHILD;
	return info.si_pid == pid;
}

/* Takes what is in the pipe; `*fd` becomes -1 at its end. */
static int
take_output(int *fd, struct proc_result *ret, struct err *err)
{
	char chunk[CHUNK_BYTES];
	size_t room = ret->output.max_bytes - ret->output.len;
	ssize_t got;

	got = read(*fd, chunk, sizeof(chunk));
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got <= 0) {
		(void)close(*fd);
		*fd = -1;
		return 0;
	}
	/* Read on beyond the limit: a full pipe would stop the child. */
	if ((size_t)got > room)
		ret->cut = true;
	else
		room = (size_t)got;
	return buf_add(&ret->output, chunk, room, err);
}

/*
 * Reads until the child has ended and the pipe holds nothing more. A daemon
 * that it left behind may keep the pipe open: that is not waited for.
 */
static int
follow(struct child *child, struct proc_result *ret, struct err *err)
{
	struct pollfd watch;
	bool ended = false;
	int ready, rc, drained = 0;

	while (drained < DRAIN_CHUNKS) {
		watch.fd = child->output_fd; /* -1: poll passes it over */
		watch.events = POLLIN;
		watch.revents = 0;
		ready = poll(&watch, 1, ended ? 0 : LOOK_MS);
		if (ready < 0 && errno != EINTR)
			return err_sys(err, doing, child->name, "poll");
		if (ready > 0) {
			rc = take_output(&child->output_fd, ret, err);
			if (rc < 0)
				return rc;
			drained += ended;
		} else if (ended) {
			return 0;
		}
		ended = ended || has_ended(child->pid);
		if (ended && child->output_fd < 0)
			return 0;
		if (clock_mono_ms() >= child->until_ms)
			return ERR_TIMEOUT;
	}
	return 0;
}

/* Ends the child and its whole group; does not return before it has ended. */
static void
stop(struct child *child, struct proc_result *ret)
{
	struct err ignored = ERR_INIT;

	(void)kill(-child->pid, SIGTERM);
	child->until_ms = clock_mono_ms() + LIMIT_PROC_GRACE_MS;
	/* What it still says belongs to the report; so follow, not wait. */
	(void)!follow(child, ret, &ignored);
	(void)kill(-child->pid, SIGKILL);
}

static int
run(const char *path, const char *const *argv, long timeout_ms,
    struct proc_result *ret, struct err *err)
{
	struct child child = {argv[0], -1, -1, clock_mono_ms() + timeout_ms};
	int rc, status = 0;

	rc = start(path, argv, &child, err);
	if (rc < 0)
		return rc;
	rc = follow(&child, ret, err);
	if (rc < 0)
		stop(&child, ret);
	if (rc == ERR_TIMEOUT)
		(void)err_set(err, ERR_TIMEOUT, doing, child.name,
		    "it did not end within %ld ms and was stopped", timeout_ms);
	reap(child.pid, &status);
	if (child.output_fd >= 0)
		(void)close(child.output_fd);
	if (WIFEXITED(status))
		ret->exit_status = WEXITSTATUS(status);
	else if (WIFSIGNALED(status))
		ret->signal = WTERMSIG(status);
	return rc;
}

int
proc_run(const char *const *argv, long timeout_ms, struct proc_result *ret,
    struct err *err)
{
	struct proc_result made = {
	    -1, 0, false, BUF_INIT(LIMIT_PROC_OUTPUT_BYTES)};
	struct sigaction action, before;
	char path[LIMIT_PATH_BYTES];
	size_t count = 0;
	int rc;

	*ret = made;
	while (count <= LIMIT_PROC_ARGS && argv[count] != NULL)
		count++;
	if (count == 0 || count > LIMIT_PROC_ARGS)
		return err_set(err, ERR_LIMIT, doing, argv[0],
		    "a command has 1 to %d words", LIMIT_PROC_ARGS);
	rc = find_program(argv[0], path, err);
	if (rc < 0)
		return rc;
	/* Ignored, as we may have inherited it, there is nothing to reap. */
	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	(void)sigaction(SIGCHLD, &action, &before);
	rc = run(path, argv, timeout_ms, ret, err);
	(void)sigaction(SIGCHLD, &before, NULL);
	return rc;
}

void
proc_result_free(struct proc_result *result)
{
	if (result == NULL)
		return;
	buf_free(&result->output);
}
