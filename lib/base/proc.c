/*
 * proc.c: how haproxy -c, the reload command and the like are run: no shell,
 * a fixed environment, a deadline, and nothing of ours inherited. An operator's
 * own command (acme/hooks) has another environment and all the time it wants.
 */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/proc_part.h"

static const char doing[] = "running";

enum {
	CHUNK_BYTES = 4096,
	DRAIN_CHUNKS = 64, /* a pipe holds 16, more is a daemon's */
	LOOK_MS = 20, /* between two looks whether the child has ended */
};

void
proc_fill_stdio(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		_exit(1);
	(void)close(fd);
}

int
proc_end_output(struct err *err)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	err_clear(err);
	return err_set(err, ERR_IO, "writing", "stdout",
	    "not all of what there was to say got there");
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
take_output(int *fd, struct buf *into, bool *cut, struct err *err)
{
	char chunk[CHUNK_BYTES];
	size_t room = into->max_bytes - into->len;
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
		*cut = true;
	else
		room = (size_t)got;
	return buf_add(into, chunk, room, err);
}

/* Waits until there is something to do; reads what there is to read. */
static int
look(struct proc_child *child, bool ended, struct proc_result *ret,
    int *ret_read, struct err *err)
{
	struct buf *into[PROC_STREAMS] = {&ret->output, &ret->errors};
	struct pollfd watch[PROC_STREAMS + 1];
	int rc = 0;

	*ret_read = 0;
	/* poll() passes over what is -1. */
	for (int i = 0; i < PROC_STREAMS; i++) {
		watch[i].fd = child->fds[i];
		watch[i].events = POLLIN;
		watch[i].revents = 0;
	}
	watch[PROC_STREAMS].fd = child->pid_fd;
	watch[PROC_STREAMS].events = POLLIN;
	watch[PROC_STREAMS].revents = 0;
	if (poll(watch, PROC_STREAMS + 1, ended ? 0 : LOOK_MS) < 0)
		return errno == EINTR
		    ? 0
		    : err_sys(err, doing, child->name, "poll");
	for (int i = 0; rc == 0 && i < PROC_STREAMS; i++) {
		if (watch[i].revents == 0)
			continue;
		rc = take_output(&child->fds[i], into[i], &ret->cut, err);
		(*ret_read)++;
	}
	return rc;
}

/*
 * Reads until the child has ended and the pipes hold nothing more. A daemon
 * that it left behind may keep a pipe open: that is not waited for.
 */
static int
follow(struct proc_child *child, struct proc_result *ret, struct err *err)
{
	int rc, drained = 0, taken = 0;
	bool ended = false;

	while (drained < DRAIN_CHUNKS) {
		rc = look(child, ended, ret, &taken, err);
		if (rc < 0)
			return rc;
		if (ended && taken == 0)
			return 0;
		drained += ended;
		ended = ended || has_ended(child->pid);
		if (ended && child->fds[0] < 0 && child->fds[1] < 0)
			return 0;
		if (child->options->timeout_ms > 0 &&
		    clock_mono_ms() >= child->until_ms)
			return ERR_TIMEOUT;
	}
	return 0;
}

/* Ends the child and its whole group; does not return before it has ended. */
static void
stop(struct proc_child *child, struct proc_result *ret)
{
	const struct proc_options in_time = {.timeout_ms = LIMIT_PROC_GRACE_MS,
	    .attended = child->options->attended,
	    .apart = child->options->apart};
	pid_t whom = in_time.attended ? child->pid : -child->pid;
	const struct proc_options *options = child->options;
	struct err ignored = ERR_INIT;

	(void)kill(whom, SIGTERM);
	child->until_ms = clock_mono_ms() + LIMIT_PROC_GRACE_MS;
	child->options = &in_time;
	/* What it still says belongs to the report; so follow, not wait. */
	(void)!follow(child, ret, &ignored);
	child->options = options;
	(void)kill(whom, SIGKILL);
}

static int
run(const char *path, const char *const *argv,
    const struct proc_options *options, struct proc_result *ret,
    struct err *err)
{
	struct proc_child child = {argv[0], options, -1, -1, {-1, -1},
	    clock_mono_ms() + options->timeout_ms};
	int rc, status = 0;

	rc = proc_start(path, argv, &child, err);
	if (rc < 0)
		return rc;
	rc = follow(&child, ret, err);
	if (rc < 0)
		stop(&child, ret);
	if (rc == ERR_TIMEOUT)
		(void)err_set(err, ERR_TIMEOUT, doing, child.name,
		    "it did not end within %ld ms and was stopped",
		    options->timeout_ms);
	proc_reap(child.pid, &status);
	proc_close(child.fds);
	if (child.pid_fd >= 0)
		(void)close(child.pid_fd);
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
	const struct proc_options options = {.timeout_ms = timeout_ms};

	return proc_run_as(argv, &options, ret, err);
}

int
proc_run_as(const char *const *argv, const struct proc_options *options,
    struct proc_result *ret, struct err *err)
{
	size_t most = options->output_bytes > 0
	    ? options->output_bytes
	    : (size_t)LIMIT_PROC_OUTPUT_BYTES;
	struct proc_result made = {
	    -1, 0, false, BUF_INIT(most), BUF_INIT(most)};
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
	rc = proc_find(argv[0], path, err);
	if (rc < 0)
		return rc;
	/* Ignored, as we may have inherited it, there is nothing to reap. */
	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	(void)sigaction(SIGCHLD, &action, &before);
	rc = run(path, argv, options, ret, err);
	(void)sigaction(SIGCHLD, &before, NULL);
	return rc;
}

void
proc_result_free(struct proc_result *result)
{
	if (result == NULL)
		return;
	buf_free(&result->output);
	buf_free(&result->errors);
}
