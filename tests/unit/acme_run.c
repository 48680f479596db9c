/*
 * acme_run.c: see acme_run.h.
 */
#include "tests/unit/acme_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "acme/client.h"
#include "tests/unit/scratch.h"
#include "tests/unit/scriptedca.h"

void
acme_run_begin(void *const *state, struct acme_run *run, const char *scene,
    const char *const *names)
{
	*run = (struct acme_run){.scene = scene, .err = ERR_INIT};
	run->job.kind = JOB_ISSUE;
	run->job.names = names;
	while (names[run->job.name_count] != NULL)
		run->job.name_count++;
	run->job.challenge = JOB_HTTP_01;
	run->job.answer = JOB_BROKER;
	memcpy(run->job.account_url, "https://127.0.0.1/known",
	    sizeof("https://127.0.0.1/known"));
	memcpy(run->job.thumbprint, "thumb", sizeof("thumb"));
	run->job.profile = "";
	run->job.user_agent = "certhaul-test";
	run->job.authenticator = "standalone";
	run->job.ca_file = scriptedca_file(state);
	run->job.verify_ssl = true;
	run->job.patience_s = 20;
}

int
acme_run_go(void *const *state, struct acme_run *run)
{
	char path[256];
	size_t len;
	int fd, rc;

	(void)state;
	len = (size_t)snprintf(path, sizeof(path), "%s/dir?names=", run->scene);
	for (size_t i = 0; i < run->job.name_count; i++)
		len += (size_t)snprintf(path + len, sizeof(path) - len, "%s%s",
		    i > 0 ? "," : "", run->job.names[i]);
	if (run->port > 0)
		len += (size_t)snprintf(
		    path + len, sizeof(path) - len, "&port=%d", run->port);
	assert_true(len < sizeof(path));
	run->job.server = scriptedca_url(path);
	run->broker = fakebroker_start(&run->script, &fd);
	rc = client_run(&run->job, fd, &run->err);
	run->lines = fakebroker_end(run->broker);
	assert_int_equal(rc, run->err.code);
	return rc;
}

void
acme_run_well(void *const *state, struct acme_run *run, unsigned requests)
{
	unsigned before = 0;
	char line[LIMIT_LOG_LINE_BYTES];

	if (requests > 0)
		before = scriptedca_count(state, run->scene, "");
	if (acme_run_go(state, run) != 0)
		fail_msg("%s: %s\n%s", run->scene,
		    err_text(&run->err, line, sizeof(line)), run->lines);
	assert_non_null(strstr(run->lines, "end 0 0\n"));
	if (requests > 0)
		assert_int_equal(
		    scriptedca_count(state, run->scene, "") - before, requests);
}

void
acme_run_fails(
    void *const *state, struct acme_run *run, int code, const char *words)
{
	char line[LIMIT_LOG_LINE_BYTES], end[40];

	if (acme_run_go(state, run) != code)
		fail_msg("%s: %d in place of %d: %s", run->scene, run->err.code,
		    code, err_text(&run->err, line, sizeof(line)));
	(void)err_text(&run->err, line, sizeof(line));
	if (strstr(line, words) == NULL)
		fail_msg("%s: no \"%s\" in: %s", run->scene, words, line);
	/* The broker was told the same. */
	if (run->script.die_at == IPC_OK) {
		(void)snprintf(end, sizeof(end), "end %d %ld\n", code,
		    run->err.retry_after_s);
		assert_non_null(strstr(run->lines, end));
	}
}

void
acme_run_end(struct acme_run *run)
{
	fakebroker_free(run->broker);
}
