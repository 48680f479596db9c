/*
 * child.c: the engine and certhaul-hook as children that speak for themselves:
 * started, followed line by line where somebody watches, told to end where we
 * are, and always waited for.
 *
 * Signals are read from a descriptor, so that there is no handler and nothing
 * global; what is ignored when we come (nohup) stays so, for the child too.
 */
#define _GNU_SOURCE /* pipe2() */
#include "wrapper/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hold.h"
#include "base/proc.h"
#include "wrapper/child_part.h"

static const char doing[] = "running";

enum { FD_SIGNALS, FD_STREAMS, FDS = FD_STREAMS + CHILD_STREAMS };

struct run {
	const char *name; /* argv[0] */
	pid_t pid;
	int signal_fd;
	sigset_t before; /* the signals that were blocked when we came */
	struct sigaction child_before; /* what was done about SIGCHLD */
	const struct child_watch *watch;
	struct child_stream streams[CHILD_STREAMS];
	int told; /* the signal that told us to end; 0: none */
	bool ended;
	int status; /* of waitpid() */
};

/* From here on they wait in a descriptor. */
static int
hold_signals(struct run *run, struct err *err)
{
	struct sigaction action;
	sigset_t held;

	/* Ignored, as we may have inherited it, there is nothing to reap. */
	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	action.sa_flags = SA_NOCLDSTOP;
	(void)sigaction(SIGCHLD, &action, &run->child_before);
	(void)sigemptyset(&held);
	if (run->watch == NULL || !run->watch->finish)
		hold_set(&held);
	(void)sigaddset(&held, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &held, &run->before);
	run->signal_fd = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
	return run->signal_fd < 0 ? err_sys(err, doing, run->name, "signalfd")
				  : 0;
}

static void
release_signals(struct run *run)
{
	if (run->signal_fd >= 0)
		(void)close(run->signal_fd);
	(void)sigaction(SIGCHLD, &run->child_before, NULL);
	(void)sigprocmask(SIG_SETMASK, &run->before, NULL);
}

/*
 * In the child: from here to exec only calls that are safe after fork. What
 * fails is told as errno on `report_fd`.
 */
static void
become(const struct run *run, char *const *argv, int report_fd)
{
	static const int to[CHILD_STREAMS] = {STDOUT_FILENO, STDERR_FILENO};
	bool good = true;
	sigset_t told;

	(void)signal(SIGPIPE, SIG_DFL); /* main ignores it */
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &run->before, NULL);
	/* What our caller holds back is so from a child that is to come to its
	 * end, as the terminal's ^C is for both; from no other. */
	hold_set(&told);
	if (run->watch == NULL || !run->watch->finish)
		(void)sigprocmask(SIG_UNBLOCK, &told, NULL);
	/* certbot sets the mode of what is secret, and of nothing else. */
	(void)umask(022);
	for (int i = 0; good && run->watch != NULL && i < CHILD_STREAMS; i++)
		good = dup2(run->streams[i].write_fd, to[i]) >= 0;
	if (good)
		(void)execv(argv[0], argv);
	proc_exec_failed(report_fd);
}

static int
start(struct run *run, const char *const *argv, struct err *err)
{
	int report[2] = {-1, -1}, number, rc = 0;
	char *const *child_argv = NULL;

	/* execv() does not write to it; its type is older than const. */
	memcpy(&child_argv, &argv, sizeof(child_argv));
	if (pipe2(report, O_CLOEXEC) != 0)
		return err_sys(err, doing, run->name, "pipe2");
	run->pid = fork();
	if (run->pid == 0)
		become(run, child_argv, report[1]);
	(void)close(report[1]);
	number = errno;
	if (run->pid > 0)
		number = proc_exec_result(report[0]);
	(void)close(report[0]);
	if (number != 0 || run->pid < 0) {
		while (run->pid > 0 && waitpid(run->pid, NULL, 0) < 0 &&
		    errno == EINTR)
			continue;
		errno = number;
		rc = err_sys(
		    err, doing, run->name, run->pid < 0 ? "fork" : "execv");
	}
	return rc;
}

static void
take_signals(struct run *run)
{
	struct signalfd_siginfo info;
	int status;

	while (read(run->signal_fd, &info, sizeof(info)) ==
	    (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		run->told = (int)info.ssi_signo;
		/* What the terminal sends, the child has got, too. */
		if (!run->ended && info.ssi_code != SI_KERNEL)
			(void)kill(run->pid, run->told);
	}
	if (!run->ended && waitpid(run->pid, &status, WNOHANG) == run->pid) {
		run->ended = true;
		run->status = status;
	}
}

/*
 * Until it has ended and the pipes hold nothing more. A daemon that it left
 * behind may keep the pipes open: that is not waited for.
 */
static int
follow(struct run *run, struct err *err)
{
	struct pollfd fds[FDS];
	int ready, rc = 0;

	while (rc == 0) {
		fds[FD_SIGNALS] = (struct pollfd){run->signal_fd, POLLIN, 0};
		for (int i = 0; i < CHILD_STREAMS; i++)
			fds[FD_STREAMS + i] =
			    (struct pollfd){run->streams[i].read_fd, POLLIN, 0};
		ready = poll(fds, FDS, run->ended ? 0 : -1);
		if (ready < 0 && errno != EINTR)
			return err_sys(err, doing, run->name, "poll");
		if (ready <= 0 && run->ended)
			break;
		if (ready <= 0)
			continue;
		if (fds[FD_SIGNALS].revents != 0)
			take_signals(run);
		for (int i = 0; rc == 0 && i < CHILD_STREAMS; i++) {
			if (fds[FD_STREAMS + i].revents != 0)
				rc = child_stream_take(
				    &run->streams[i], run->watch, err);
		}
	}
	return rc;
}

static int
judge(const struct run *run, int *ret_status, struct err *err)
{
	if (run->told != 0)
		return err_set(err, ERR_STOPPED, doing, run->name,
		    "told to end by signal %d (%s)", run->told,
		    strsignal(run->told));
	if (WIFSIGNALED(run->status))
		return err_set(err, ERR_CHILD, doing, run->name,
		    "it was killed by signal %d (%s), not by certhaul; see the "
		    "journal for why, then run it again",
		    WTERMSIG(run->status), strsignal(WTERMSIG(run->status)));
	*ret_status = WEXITSTATUS(run->status);
	return 0;
}

int
child_run(const char *const *argv, const struct child_watch *watch,
    int *ret_status, struct err *err)
{
	struct run run = {.name = argv[0], .signal_fd = -1, .watch = watch};
	int rc = 0;

	(void)fflush(stdout); /* what we said comes first */
	child_streams_init(run.streams);
	rc = hold_signals(&run, err);
	if (rc == 0 && watch != NULL)
		rc = child_streams_open(run.streams, argv[0], err);
	if (rc == 0)
		rc = start(&run, argv, err);
	if (rc < 0)
		goto out;
	child_streams_started(run.streams);
	rc = follow(&run, err);
	/* Where we cannot follow it, its end is still waited for. */
	while (!run.ended) {
		if (waitpid(run.pid, &run.status, 0) == run.pid)
			run.ended = true;
		else if (errno != EINTR)
			break;
	}
	if (rc == 0 && watch != NULL)
		rc = child_streams_end(run.streams, watch, err);
	if (rc == 0)
		rc = judge(&run, ret_status, err);
out:
	child_streams_close(run.streams);
	release_signals(&run);
	return rc;
}
