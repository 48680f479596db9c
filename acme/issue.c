/*
 * issue.c: the client split off and shut in; jobs handed to it.
 */
#define _GNU_SOURCE /* closefrom() */
#include "acme/issue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acme/broker.h"
#include "acme/ca_file.h"
#include "acme/ipc.h"
#include "acme/issue_private.h"
#include "acme/stop.h"

static const char doing[] = "starting the network half";

#define CLIENT_WORD "--network-half" /* in place of certbot's options */

enum {
	CLIENT_FD = STDERR_FILENO + 1,
	CLIENT_ARGUMENTS = 6,
	READY_WITHIN_MS = 20 * 1000,
	SEND_WITHIN_S = 20,
	GONE_WITHIN_MS = 5 * 1000,
};

struct issue {
	pid_t pid; /* -1: it has ended */
	int fd;
	bool ready; /* it has shut itself in, and said so */
	char *user, *ca_file; /* of the policy: for the next one */
	int ca_fd; /* that file, for one that may not open it; or -1 */
	bool insist;
	struct issue_seen seen[ISSUE_PATHS]; /* what it may read */
};

/* --- the client ----------------------------------------------------------- */

/*
 * What the front holds open is not for the client: the pair becomes CLIENT_FD
 * and is all there is. What it has to say it says over that; stdin, out and err
 * are root's, and so is the terminal.
 */
static void
drop_all_but(int fd)
{
	int last = BUILT_TO_REPORT ? STDOUT_FILENO : STDERR_FILENO, nothing;

	if (fd != CLIENT_FD && dup3(fd, CLIENT_FD, O_CLOEXEC) < 0)
		_exit(1);
	nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nothing < 0 || setsid() < 0)
		_exit(1);
	for (int std = STDIN_FILENO; std <= last; std++) {
		if (dup2(nothing, std) < 0)
			_exit(1);
	}
	closefrom(CLIENT_FD + 1);
	(void)signal(SIGPIPE, SIG_IGN);
	/* They are for the front, which lets the client go. */
	stop_leave();
}

/* Never returns. */
static void
be_client(int fd, pid_t parent, const struct issue_policy *policy)
{
	/* Ours by fork: what it holds is not what the front holds. */
	issue_forget_words(policy->words);
	issue_forget_words(policy->memory);
	issue_forget_environment();
	drop_all_but(fd);
	_exit(issue_work(CLIENT_FD, parent, policy));
}

/*
 * The front holds keys by now, and a fork of it would, too: so the program
 * starts anew, and main() has issue_is_client() look at what it is.
 */
static void
exec_client(int fd, pid_t parent, const struct issue *issue)
{
	char pid[24], name[] = "certhaul-acme", word[] = CLIENT_WORD;
	char insist[] = {issue->insist ? '1' : '0', '\0'};
	char *argv[] = {
	    name, word, pid, issue->user, issue->ca_file, insist, NULL};

	(void)snprintf(pid, sizeof(pid), "%ld", (long)parent);
	issue_forget_environment();
	drop_all_but(fd);
	/* This one is to outlive exec. */
	if (fcntl(CLIENT_FD, F_SETFD, 0) == 0)
		(void)execv("/proc/self/exe", argv);
	_exit(1);
}

bool
issue_is_client(int argc, char **argv)
{
	return argc == CLIENT_ARGUMENTS && strcmp(argv[1], CLIENT_WORD) == 0;
}

int
issue_be_client(char **argv)
{
	const struct issue_policy policy = {.user = argv[3],
	    .ca_file = argv[4],
	    .insist = strcmp(argv[5], "1") == 0};

	/* It was started by its path in /proc. */
	(void)prctl(PR_SET_NAME, argv[0], 0, 0, 0);
	if (fcntl(CLIENT_FD, F_SETFD, FD_CLOEXEC) < 0)
		return 1;
	return issue_work(CLIENT_FD, (pid_t)strtol(argv[2], NULL, 10), &policy);
}

/* --- the front ------------------------------------------------------------ */

static int
wait_ready(struct issue *issue, struct err *err)
{
	struct buf frame = BUF_INIT(LIMIT_IPC_BYTES);
	struct err outcome = ERR_INIT;
	struct ipc_reader fields;
	enum ipc_op op;
	int rc;

	if (issue->ready)
		return 0;
	rc = ipc_receive(issue->fd, READY_WITHIN_MS, &op, &frame, &fields, err);
	if (rc == 0)
		rc = ipc_get_err(&fields, &outcome, err);
	if (rc == 0 && outcome.code != 0) {
		*err = outcome;
		rc = err->code;
	}
	issue->ready = rc == 0;
	buf_free(&frame);
	return rc;
}

/* `policy`: by fork, before there are keys; NULL: by exec. */
static int
launch(struct issue *issue, const struct issue_policy *policy, struct err *err)
{
	const struct timeval patience = {.tv_sec = SEND_WITHIN_S};
	pid_t parent = getpid();
	int pair[2] = {-1, -1};

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(err, doing, NULL, "socketpair");
	issue->fd = pair[0];
	issue->ready = false;
	issue_paths_look(issue->ca_file, issue->seen);
	/* A client that does not read must not hold us, and certbot's locks. */
	(void)setsockopt(
	    issue->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	issue->pid = fork();
	if (issue->pid == 0 && policy != NULL)
		be_client(pair[1], parent, policy);
	if (issue->pid == 0)
		exec_client(pair[1], parent, issue);
	(void)close(pair[1]);
	return issue->pid < 0 ? err_sys(err, doing, NULL, "fork")
			      : ca_file_send(issue->fd, issue->ca_fd, err);
}

int
issue_start(
    const struct issue_policy *policy, struct issue **ret, struct err *err)
{
	struct issue *issue = calloc(1, sizeof(*issue));
	int rc = 0;

	if (issue == NULL)
		return err_nomem(err, doing);
	issue->fd = -1;
	issue->pid = -1;
	issue->ca_fd = -1;
	issue->insist = policy->insist;
	issue->user = strdup(policy->user);
	issue->ca_file = strdup(policy->ca_file == NULL ? "" : policy->ca_file);
	if (issue->user == NULL || issue->ca_file == NULL)
		rc = err_nomem(err, doing);
	if (rc == 0) {
		issue->ca_fd = ca_file_open(issue->ca_file);
		rc = launch(issue, policy, err);
	}
	if (rc < 0)
		issue_stop(issue);
	else
		*ret = issue;
	return rc;
}

static void
reap(struct issue *issue)
{
	while (waitpid(issue->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	issue->pid = -1;
}

/* One that was taken over may stay, and we hold certbot's locks. */
static void
let_go(struct issue *issue)
{
	struct pollfd gone = {.events = POLLIN};

	gone.fd = (int)syscall(SYS_pidfd_open, issue->pid, 0);
	if (gone.fd < 0 || poll(&gone, 1, GONE_WITHIN_MS) <= 0)
		(void)kill(issue->pid, SIGKILL);
	if (gone.fd >= 0)
		(void)close(gone.fd);
	reap(issue);
}

static void
end_client(struct issue *issue)
{
	if (issue->pid < 0)
		return;
	(void)kill(issue->pid, SIGKILL);
	reap(issue);
}

/* What an earlier job was the end of is not to be the end of the others. */
static int
launch_anew(struct issue *issue, struct err *err)
{
	int rc;

	end_client(issue);
	(void)close(issue->fd);
	issue->fd = -1;
	if (issue->ca_fd >= 0)
		(void)close(issue->ca_fd);
	issue->ca_fd = ca_file_open(issue->ca_file);
	rc = launch(issue, NULL, err);
	if (rc < 0)
		end_client(issue);
	return rc;
}

/* It shuts itself in while the front finds out what there is to do. */
static int
send_job(struct issue *issue, const struct job *job, struct err *err)
{
	int rc = wait_ready(issue, err);

	return rc < 0 ? rc : job_send(issue->fd, job, err);
}

bool
issue_is_outdated(const struct issue *issue)
{
	return issue_paths_are_others(issue->ca_file, issue->seen);
}

/*
 * To the client that there is, or to another one: a hook, or who set up the
 * network meanwhile, may have put files in the place of those that it may read.
 */
static int
hand_over(struct issue *issue, const struct job *job, struct err *err)
{
	int rc = ERR_NOENT;

	if (issue->pid > 0 && !issue_is_outdated(issue))
		rc = send_job(issue, job, err);
	if (rc != ERR_NOENT)
		return rc;
	err_clear(err);
	rc = launch_anew(issue, err);
	return rc < 0 ? rc : send_job(issue, job, err);
}

int
issue_run(struct issue *issue, const struct job *job,
    const struct issue_holdings *holdings, const struct issue_front *front,
    struct issue_result *ret, struct err *err)
{
	int rc;

	memset(ret, 0, sizeof(*ret));
	ret->chain.max_bytes = LIMIT_PEM_FILE_BYTES;
	rc = hand_over(issue, job, err);
	if (rc == ERR_LIMIT)
		return rc; /* and nothing was sent */
	if (rc == 0)
		rc = broker_serve(issue->fd, job, holdings, front, ret, err);
	/* In the middle of a job it would take the next one for a reply. */
	if (!ret->ended || rc == ERR_UNSAFE)
		end_client(issue);
	return rc;
}

void
issue_result_free(struct issue_result *result)
{
	buf_free(&result->chain);
}

void
issue_stop(struct issue *issue)
{
	if (issue == NULL)
		return;
	if (issue->fd >= 0)
		(void)close(issue->fd);
	if (issue->pid > 0)
		let_go(issue);
	if (issue->ca_fd >= 0)
		(void)close(issue->ca_fd);
	free(issue->user);
	free(issue->ca_file);
	free(issue);
}

int
issue_fd(const struct issue *issue)
{
	return issue->fd;
}

pid_t
issue_pid(const struct issue *issue)
{
	return issue->pid;
}
