/*
 * scriptedca.c: starts the scripted CA once for all tests of a program, and
 * reads what it has written down.
 */
#include "tests/unit/scriptedca.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/proc.h"
#include "tests/unit/scratch.h"

static pid_t ca_pid;
static long ca_port;

static int
make_certificate(void **state)
{
	const char *const argv[] = {"openssl", "req", "-x509", "-newkey", "ec",
	    "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
	    "-subj", "/CN=localhost", "-addext",
	    "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
	    scratch_path(state, "ca.key"), "-out",
	    scratch_path(state, "ca.pem"), NULL};
	struct proc_result result = {.exit_status = -1};
	struct err err = ERR_INIT;
	int rc;

	rc = proc_run(argv, 60 * 1000, &result, &err);
	if (rc == 0 && result.exit_status != 0)
		rc = -1;
	proc_result_free(&result);
	return rc;
}

static _Noreturn void
become_ca(void **state, int out)
{
	const char *source = getenv("CERTHAUL_SRCDIR");
	char script[LIMIT_PATH_BYTES];
	int len;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	len = snprintf(script, sizeof(script), "%s/tests/tools/scriptedca.py",
	    source != NULL ? source : ".");
	if (len > 0 && (size_t)len < sizeof(script) &&
	    dup2(out, STDOUT_FILENO) >= 0)
		(void)execl("/usr/bin/python3", "python3", "-B", script,
		    scratch_path(state, "ca.pem"),
		    scratch_path(state, "ca.key"),
		    scratch_path(state, "ca.log"), (char *)NULL);
	_exit(127);
}

int
scriptedca_setup(void **state)
{
	char line[32] = "";
	int ends[2];
	FILE *file;

	if (scratch_setup(state) != 0 || make_certificate(state) != 0 ||
	    pipe(ends) != 0)
		return -1;
	ca_pid = fork();
	if (ca_pid == 0)
		become_ca(state, ends[1]);
	(void)close(ends[1]);
	file = fdopen(ends[0], "r");
	if (ca_pid < 0 || file == NULL ||
	    fgets(line, sizeof(line), file) == NULL)
		return -1;
	(void)fclose(file);
	ca_port = strtol(line, NULL, 10);
	return ca_port > 0 ? 0 : -1;
}

int
scriptedca_teardown(void **state)
{
	int status;

	if (ca_pid > 0 &&
	    (kill(ca_pid, SIGKILL) != 0 ||
		waitpid(ca_pid, &status, 0) != ca_pid))
		return -1;
	return scratch_teardown(state);
}

const char *
scriptedca_url(const char *path)
{
	static char urls[8][256];
	static unsigned next;
	char *url = urls[next++ % 8];

	assert_true(snprintf(url, sizeof(urls[0]), "https://127.0.0.1:%ld/%s",
			ca_port, path) < (int)sizeof(urls[0]));
	return url;
}

const char *
scriptedca_file(void *const *state)
{
	return scratch_path(state, "ca.pem");
}

unsigned
scriptedca_count(void *const *state, const char *scene, const char *word)
{
	FILE *file = fopen(scratch_path(state, "ca.log"), "r");
	size_t len = strlen(scene);
	unsigned count = 0;
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, scene, len) == 0 && line[len] == ' ' &&
		    strstr(line + len, word) != NULL)
			count++;
	}
	assert_int_equal(fclose(file), 0);
	return count;
}
