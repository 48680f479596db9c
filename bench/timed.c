/*
 * timed.c: what one run of a program cost.
 *
 *   timed RESULT SECONDS PROGRAM [ARGUMENT...]
 *
 * Appends "wall_us user_us sys_us maxrss_kb" to the file RESULT and ends as
 * the program did; after SECONDS it is killed, so that a bench cannot hang.
 * Small on purpose: the peak memory of a child is at least its parent's at
 * the fork. Part of the bench, not installed.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_TROUBLE = 125, EXIT_SIGNALLED = 128 };

static int64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static long long
in_us(const struct timeval *time)
{
	return (long long)time->tv_sec * 1000000 + time->tv_usec;
}

static int
trouble(const char *what)
{
	fprintf(stderr, "timed: %s: %s\n", what, strerror(errno));
	return EXIT_TROUBLE;
}

/* Starts argv; its signals are what ours were. */
static pid_t
start(char **argv, const sigset_t *signals)
{
	pid_t pid = fork();

	if (pid == 0) {
		sigprocmask(SIG_SETMASK, signals, NULL);
		execvp(argv[0], argv);
		_exit(trouble(argv[0]));
	}
	return pid;
}

/* Waits for `pid`, which is killed where it takes longer than `limit_s`. */
static int
reap(pid_t pid, long limit_s, const sigset_t *child, struct rusage *ret)
{
	struct timespec limit = {.tv_sec = limit_s};
	int status;

	if (sigtimedwait(child, NULL, &limit) == -1) {
		fprintf(stderr, "timed: killed after %ld s\n", limit_s);
		kill(pid, SIGKILL);
	}
	if (wait4(pid, &status, 0, ret) != pid)
		return trouble("wait4");
	if (WIFSIGNALED(status))
		return EXIT_SIGNALLED + WTERMSIG(status);
	return WEXITSTATUS(status);
}

int
main(int argc, char **argv)
{
	struct rusage usage = {0};
	sigset_t child, before;
	FILE *result;
	int64_t began_us, wall_us;
	pid_t pid;
	int status;

	if (argc < 4) {
		fputs("usage: timed RESULT SECONDS PROGRAM...\n", stderr);
		return EXIT_TROUBLE;
	}
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	began_us = now_us();
	pid = start(argv + 3, &before);
	if (pid == -1)
		return trouble("fork");
	status = reap(pid, strtol(argv[2], NULL, 10), &child, &usage);
	wall_us = now_us() - began_us;

	result = fopen(argv[1], "ae");
	if (result == NULL)
		return trouble(argv[1]);
	fprintf(result, "%lld %lld %lld %ld\n", (long long)wall_us,
	    in_us(&usage.ru_utime), in_us(&usage.ru_stime), usage.ru_maxrss);
	if (fclose(result) != 0)
		return trouble(argv[1]);
	return status;
}
