/*
 * conditions.c: asks HAProxy's program which conditions of haproxy.cfg hold.
 * The last step of environment_learn().
 */
#include "haproxy/conditions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "haproxy/environment_part.h"
#include "haproxy/process.h"

/* Ours or root's, and nobody else may write it. */
static bool
is_trusted(const char *program)
{
	struct stat st;

	return stat(program, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_uid == 0 || st.st_uid == geteuid()) &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* '1': it holds; '0'; '?': the program does not say. */
static char
ask(const char *program, const char *condition)
{
	const struct proc_options options = {
	    .timeout_ms = LIMIT_CONDITION_TIMEOUT_MS};
	char quoted[LIMIT_HACFG_LINE_BYTES + 3];
	const char *const argv[] = {program, "-cc", quoted, NULL};
	struct proc_result result;
	struct err ignored = ERR_INIT;
	char answer = '?';

	(void)snprintf(quoted, sizeof(quoted), "'%s'", condition);
	if (proc_run_as(argv, &options, &result, &ignored) == 0 &&
	    result.exit_status == 0)
		answer = '1';
	/* One that knows no -cc has something to say. */
	else if (result.exit_status == 1 && result.output.len == 0)
		answer = '0';
	proc_result_free(&result);
	return answer;
}

static bool
is_of_version(const char *program, const int version[3])
{
	char condition[128];

	(void)snprintf(condition, sizeof(condition),
	    "version_atleast(%d.%d.%d) && version_before(%d.%d.%d)", version[0],
	    version[1], version[2], version[0], version[1], version[2] + 1);
	return ask(program, condition) == '1';
}

/* Is the program what runs, wherever a HAProxy answers? */
static bool
is_what_runs(const struct conf *conf)
{
	static const struct process_patience patience = {
	    .answer_ms = ENVIRONMENT_PATIENCE_MS};
	const char *paths[LIMIT_SOCKETS + 1];
	size_t count = environment_sockets(conf, paths);
	int known[3] = {0, 0, 0};

	for (size_t i = 0; i < count; i++) {
		struct err ignored = ERR_INIT;
		struct process process;
		int rc = process_probe_patient(
		    paths[i], &patience, &process, &ignored);

		if (rc == ERR_DOWN)
			continue;
		if (rc < 0)
			return false;
		if (memcmp(process.version, known, sizeof(known)) == 0)
			continue;
		memcpy(known, process.version, sizeof(known));
		if (!is_of_version(conf->haproxy.program, known))
			return false;
	}
	return true;
}

/* May the program be asked? Then there is room for its answers. */
static bool
may_ask(struct conf *conf)
{
	if (!is_trusted(conf->haproxy.program) || !is_what_runs(conf))
		return false;
	conf->haproxy.environment->answers =
	    calloc(LIMIT_CONDITIONS, sizeof(char *));
	return conf->haproxy.environment->answers != NULL;
}

/* False: there is no more room. */
static bool
keep(struct conf_environment *environment, char answer, const char *condition)
{
	size_t size = strlen(condition) + 2;
	char *text;

	if (environment->answer_count == LIMIT_CONDITIONS)
		return false;
	text = malloc(size);
	if (text == NULL)
		return false;
	(void)snprintf(text, size, "%c%s", answer, condition);
	environment->answers[environment->answer_count++] = text;
	return true;
}

void
conditions_learn(struct conf *conf)
{
	struct conf_environment *environment = conf->haproxy.environment;
	struct err ignored = ERR_INIT;
	bool again = true;

	/* What is set in a branch that is certain now may stand in others. */
	while (again) {
		struct hacfg *hacfg = NULL;

		again = environment_read_files(conf, &hacfg, &ignored) == 0 &&
		    hacfg->condition_count > 0;
		if (again && environment->answers == NULL)
			again = may_ask(conf);
		for (size_t i = 0; again && i < hacfg->condition_count; i++)
			again = keep(environment,
			    ask(conf->haproxy.program, hacfg->conditions[i]),
			    hacfg->conditions[i]);
		hacfg_free(hacfg);
	}
}
