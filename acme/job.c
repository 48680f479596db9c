/*
 * job.c: a job on its way from the front to the client.
 */
#include "acme/job.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acme/ipc.h"
#include "base/text.h"

static const char doing[] = "handing over a job";

bool
job_is_plain(const struct job *job)
{
	return !text_is_url(job->server, false);
}

/* --- sending -------------------------------------------------------------- */

static int
put_texts(struct buf *frame, const struct job *job, struct err *err)
{
	const char *const texts[] = {job->server, job->account_url,
	    job->thumbprint, job->order_url, job->profile, job->user_agent,
	    job->ca_file, job->authenticator, job->hint};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(texts); i++)
		rc = ipc_put_text(frame, texts[i] != NULL ? texts[i] : "", err);
	return rc;
}

static int
put_numbers(struct buf *frame, const struct job *job, struct err *err)
{
	const uint32_t numbers[] = {(uint32_t)job->kind,
	    (uint32_t)job->challenge, (uint32_t)job->answer, job->agree_tos,
	    job->eab, job->profile_required, job->alternates, job->dry_run,
	    job->verify_ssl, (uint32_t)job->patience_s, (uint32_t)job->debug,
	    (uint32_t)job->name_count, (uint32_t)job->order_age_s,
	    job->no_other};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(numbers); i++)
		rc = ipc_put_number(frame, numbers[i], err);
	return rc;
}

int
job_send(int fd, const struct job *job, struct err *err)
{
	struct buf frame = BUF_INIT(LIMIT_IPC_BYTES);
	int rc;

	if (job->name_count > LIMIT_AUTHORIZATIONS)
		return err_set(err, ERR_LIMIT, doing, NULL,
		    "%zu names, %d are allowed in one certificate",
		    job->name_count, LIMIT_AUTHORIZATIONS);
	rc = put_texts(&frame, job, err);
	if (rc == 0)
		rc = put_numbers(&frame, job, err);
	for (size_t i = 0; rc == 0 && i < job->name_count; i++)
		rc = ipc_put_text(&frame, job->names[i], err);
	if (rc == 0)
		rc = ipc_send(fd, IPC_JOB, &frame, err);
	if (rc == 0)
		rc = ipc_send_sockets(
		    fd, job->listeners, job->listener_count, err);
	buf_free(&frame);
	return rc;
}

/* --- receiving ------------------------------------------------------------ */

static int
get_copy(struct ipc_reader *reader, struct job_memory *memory, const char **ret,
    struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_IPC_BYTES);
	char *copy = NULL;
	int rc = ipc_get_bytes(reader, LIMIT_IPC_BYTES, &text, err);

	if (rc == 0 && strlen(buf_text(&text)) != text.len)
		rc = err_set(err, ERR_SYNTAX, doing, NULL, "is no job");
	if (rc == 0) {
		copy = strdup(buf_text(&text));
		memory->texts[memory->text_count] = copy;
		rc = copy == NULL ? err_nomem(err, doing) : 0;
	}
	buf_free(&text);
	if (rc < 0)
		return rc;
	memory->text_count++;
	*ret = copy;
	return 0;
}

static int
get_texts(struct ipc_reader *reader, struct job_memory *memory, struct err *err)
{
	struct job *job = &memory->job;
	int rc;

	rc = get_copy(reader, memory, &job->server, err);
	if (rc == 0)
		rc = ipc_get_text(
		    reader, job->account_url, sizeof(job->account_url), err);
	if (rc == 0)
		rc = ipc_get_text(
		    reader, job->thumbprint, sizeof(job->thumbprint), err);
	if (rc == 0)
		rc = ipc_get_text(
		    reader, job->order_url, sizeof(job->order_url), err);
	if (rc == 0)
		rc = get_copy(reader, memory, &job->profile, err);
	if (rc == 0)
		rc = get_copy(reader, memory, &job->user_agent, err);
	if (rc == 0)
		rc = get_copy(reader, memory, &job->ca_file, err);
	if (rc == 0)
		rc = get_copy(reader, memory, &job->authenticator, err);
	if (rc == 0)
		rc = get_copy(reader, memory, &job->hint, err);
	return rc;
}

static int
get_numbers(struct ipc_reader *reader, struct job *job, struct err *err)
{
	uint32_t n[14];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(n); i++)
		rc = ipc_get_number(reader, &n[i], err);
	if (rc == 0 &&
	    (n[0] >= JOB_KINDS || n[1] >= JOB_CHALLENGES || n[2] > JOB_BROKER ||
		n[11] > LIMIT_AUTHORIZATIONS))
		rc = err_set(err, ERR_SYNTAX, doing, NULL, "is no job");
	if (rc < 0)
		return rc;
	job->kind = (enum job_kind)n[0];
	job->challenge = (enum job_challenge)n[1];
	job->answer = (enum job_answer)n[2];
	job->agree_tos = n[3] != 0;
	job->eab = n[4] != 0;
	job->profile_required = n[5] != 0;
	job->alternates = n[6] != 0;
	job->dry_run = n[7] != 0;
	job->verify_ssl = n[8] != 0;
	job->patience_s = (long)n[9];
	job->debug = (long)n[10];
	job->name_count = n[11];
	job->order_age_s = (long)n[12];
	job->no_other = n[13] != 0;
	return 0;
}

int
job_receive(int fd, struct job_memory *ret, struct err *err)
{
	struct buf frame = BUF_INIT(LIMIT_IPC_BYTES);
	struct ipc_reader reader;
	enum ipc_op op;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = ipc_receive(fd, -1, &op, &frame, &reader, err);
	if (rc == 0 && op != IPC_JOB)
		rc = err_set(err, ERR_SYNTAX, doing, NULL, "is no job");
	if (rc == 0)
		rc = get_texts(&reader, ret, err);
	if (rc == 0)
		rc = get_numbers(&reader, &ret->job, err);
	for (size_t i = 0; rc == 0 && i < ret->job.name_count; i++)
		rc = get_copy(&reader, ret, &ret->names[i], err);
	if (rc == 0)
		rc = ipc_get_end(&reader, err);
	if (rc == 0)
		rc = ipc_receive_sockets(fd, ret->job.listeners,
		    COUNT_OF(ret->job.listeners), &ret->job.listener_count,
		    err);
	ret->job.names = ret->names;
	buf_free(&frame);
	if (rc < 0)
		job_memory_free(ret);
	return rc;
}

void
job_memory_free(struct job_memory *memory)
{
	for (size_t i = 0; i < memory->text_count; i++)
		free(memory->texts[i]);
	for (size_t i = 0; i < memory->job.listener_count; i++)
		(void)close(memory->job.listeners[i]);
	memset(memory, 0, sizeof(*memory));
}
