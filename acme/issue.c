/*
 * issue.c: the client split off and shut in; jobs handed to it.
 */
#define _GNU_SOURCE /* closefrom() */
#include "acme/issue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acme/broker.h"
#include "acme/client.h"
#include "acme/ipc.h"
#include "acme/stop.h"
#include "base/sandbox.h"

static const char doing[] = "starting the network half";

enum {
	READY_WITHIN_MS = 20 * 1000,
	SEND_WITHIN_S = 20,
	GONE_WITHIN_MS = 5 * 1000,
};

struct issue {
	pid_t pid; /* -1: it has ended */
	int fd;
};

/* --- the client ----------------------------------------------------------- */

/*
 * What a resolver, TLS and a locale read. /etc/letsencrypt is not among it,
 * nor is anybody's home.
 */
static const char *const readable[] = {"/etc/resolv.conf", "/etc/hosts",
    "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/host.conf", "/etc/services",
    "/etc/protocols", "/etc/passwd", "/etc/ssl", "/etc/pki",
    "/etc/ca-certificates", "/etc/ld.so.cache", "/etc/localtime", "/usr/lib",
    "/usr/lib64", "/lib", "/lib64", "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates", "/usr/share/zoneinfo",
    "/run/systemd/resolve", "/run/nscd", "/run/resolvconf", "/dev/null",
    "/dev/urandom"};

static int
shut_in(const struct issue_policy *policy, struct err *err)
{
	const char *paths[COUNT_OF(readable) + 2] = {NULL};
	struct sandbox_policy sandbox = {
	    .user = policy->user, .readable = paths, .die_with_parent = true};
	struct sandbox_state state = {false};
	int rc;

	memcpy(paths, readable, sizeof(readable));
	if (policy->ca_file != NULL && policy->ca_file[0] != '\0')
		paths[COUNT_OF(readable)] = policy->ca_file;
	rc = sandbox_enter(&sandbox, &state, err);
	if (rc == 0 && policy->insist && !state.landlock)
		rc = err_set(
		    err, ERR_PERM, doing, NULL, "this kernel has no Landlock");
	return rc;
}

/* Tells the other half whether we are shut in. */
static int
tell_ready(int fd, const struct err *what, struct err *err)
{
	struct buf frame = BUF_INIT(LIMIT_IPC_BYTES);
	int rc = ipc_put_err(&frame, what, err);

	if (rc == 0)
		rc = ipc_send(fd, IPC_END, &frame, err);
	buf_free(&frame);
	return rc;
}

static int
work(int fd, pid_t parent, const struct issue_policy *policy)
{
	struct job_memory memory;
	struct err err = ERR_INIT;
	int rc = shut_in(policy, &err);

	/* It may have ended before we asked to be told. */
	if (getppid() != parent || tell_ready(fd, &err, &err) < 0 || rc < 0)
		return 1;
	for (;;) {
		rc = job_receive(fd, &memory, &err);
		if (rc < 0)
			return rc == ERR_NOENT ? 0 : 1;
		/* It has told the broker how it ended. */
		rc = client_run(&memory.job, fd, &err);
		job_memory_free(&memory);
		if (rc == ERR_UNSAFE)
			return 1;
	}
}

/* Never returns. What the front holds open is not for the client. */
static void
be_client(int fd, pid_t parent, const struct issue_policy *policy)
{
	/* Ours by fork: what it holds is not what the front holds. */
	if (policy->secret != NULL)
		explicit_bzero(
		    (char *)(uintptr_t)policy->secret, strlen(policy->secret));
	/* stdin, out and err stay: a sanitizer's report must be seen. */
	if (fd != STDERR_FILENO + 1) {
		if (dup3(fd, STDERR_FILENO + 1, O_CLOEXEC) < 0)
			_exit(1);
		fd = STDERR_FILENO + 1;
	}
	closefrom(fd + 1);
	(void)signal(SIGPIPE, SIG_IGN);
	/* They are for the front, which lets the client go. */
	stop_leave();
	_exit(work(fd, parent, policy));
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

	rc = ipc_receive(issue->fd, READY_WITHIN_MS, &op, &frame, &fields, err);
	if (rc == 0)
		rc = ipc_get_err(&fields, &outcome, err);
	if (rc == 0 && outcome.code != 0) {
		*err = outcome;
		rc = err->code;
	}
	buf_free(&frame);
	return rc;
}

int
issue_start(
    const struct issue_policy *policy, struct issue **ret, struct err *err)
{
	struct issue *issue = calloc(1, sizeof(*issue));
	const struct timeval patience = {.tv_sec = SEND_WITHIN_S};
	int pair[2] = {-1, -1}, rc = 0;
	pid_t parent = getpid();

	if (issue == NULL)
		return err_nomem(err, doing);
	issue->fd = -1;
	issue->pid = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		rc = err_sys(err, doing, NULL, "socketpair");
		goto out;
	}
	issue->fd = pair[0];
	/* A client that does not read must not hold us, and certbot's locks. */
	(void)setsockopt(
	    issue->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	issue->pid = fork();
	if (issue->pid == 0)
		be_client(pair[1], parent, policy);
	(void)close(pair[1]);
	if (issue->pid < 0)
		rc = err_sys(err, doing, NULL, "fork");
	else
		rc = wait_ready(issue, err);
out:
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

int
issue_run(struct issue *issue, const struct job *job,
    const struct issue_holdings *holdings, const struct issue_front *front,
    struct issue_result *ret, struct err *err)
{
	int rc;

	memset(ret, 0, sizeof(*ret));
	ret->chain.max_bytes = LIMIT_PEM_FILE_BYTES;
	if (issue->pid < 0)
		return err_set(err, ERR_CHILD, doing, NULL,
		    "it has ended over an earlier job");
	rc = job_send(issue->fd, job, err);
	if (rc == ERR_LIMIT)
		return rc; /* and nothing was sent */
	if (rc == 0)
		rc = broker_serve(issue->fd, job, holdings, front, ret, err);
	/* In the middle of a job it would take the next one for a reply. */
	if (!ret->ended || rc == ERR_UNSAFE) {
		(void)kill(issue->pid, SIGKILL);
		reap(issue);
	}
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
	free(issue);
}

pid_t
issue_pid(const struct issue *issue)
{
	return issue->pid;
}
