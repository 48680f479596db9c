/*
 * issue_work.c: the client shuts itself in, and does one job after the other.
 */
#include "acme/issue_private.h"

#include <string.h>
#include <unistd.h>

#include "acme/ca_file.h"
#include "acme/client.h"
#include "acme/http.h"
#include "acme/ipc.h"
#include "base/sandbox.h"

static const char doing[] = "starting the network half";

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
do_jobs(int fd, const struct buf *ca_text)
{
	struct job_memory memory;
	struct err err = ERR_INIT;
	int rc;

	if (http_begin(&err) < 0)
		return 1;
	for (;;) {
		rc = job_receive(fd, &memory, &err);
		if (rc < 0)
			return rc == ERR_NOENT ? 0 : 1;
		memory.job.ca_text = ca_text;
		/* It has told the broker how it ended. */
		rc = client_run(&memory.job, fd, &err);
		job_memory_free(&memory);
		if (rc == ERR_UNSAFE)
			return 1;
	}
}

int
issue_work(int fd, pid_t parent, const struct issue_policy *policy)
{
	struct buf ca_text = BUF_INIT(LIMIT_CA_FILE_BYTES);
	struct err err = ERR_INIT;
	int ca_fd = -1, status = 1, rc = ca_file_receive(fd, &ca_fd, &err);

	if (rc == 0)
		rc = shut_in(policy, &err);
	if (rc == 0)
		rc = ca_file_read(ca_fd, policy->ca_file, &ca_text, &err);
	/* It may have ended before we asked to be told. */
	if (getppid() == parent && tell_ready(fd, &err, &err) == 0 && rc == 0)
		status = do_jobs(fd, &ca_text);
	buf_free(&ca_text);
	return status;
}
