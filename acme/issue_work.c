/*
 * issue_work.c: the client shuts itself in, and does one job after the other.
 */
#include "acme/issue_private.h"

#include <unistd.h>

#include "acme/ca_file.h"
#include "acme/client.h"
#include "acme/http.h"
#include "acme/ipc.h"
#include "base/sandbox.h"

static const char doing[] = "starting the network half";

static int
shut_in(const struct issue_policy *policy, struct err *err)
{
	const char *paths[ISSUE_PATHS];
	struct sandbox_policy sandbox = {
	    .user = policy->user, .readable = paths, .die_with_parent = true};
	struct sandbox_state state = {false};
	int rc;

	issue_paths(policy->ca_file, paths);
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
