/*
 * deploy.c: deploy and rollback: certhaul-hook's own work, so it takes our
 * place; its words and its exit status are what the operator gets.
 */
#include "wrapper/command.h"

#include <stdlib.h>

#include "base/limits.h"
#include "wrapper/child.h"

enum { OPTIONS_MOST = 8 }; /* words beside the names */

static const struct command_option deploy_options[] = {
    {"dry-run", 'n', COMMAND_FLAG, NULL, NULL, 0, 0,
	"print the plan, change nothing"},
    {"force", 'f', COMMAND_FLAG, NULL, NULL, 0, 0,
	"let a staging or an older certificate replace the installed one, and "
	"a revoked one come back"},
    {NULL, 0, COMMAND_FLAG, NULL, NULL, 0, 0, NULL},
};

static const struct command_option rollback_options[] = {
    {"to", 't', COMMAND_NUMBER, "N", NULL, 1, LIMIT_LINEAGE_GENERATION,
	"that generation; without it, the one before what is installed"},
    {"dry-run", 'n', COMMAND_FLAG, NULL, NULL, 0, 0,
	"print the plan, change nothing"},
    {"force", 'f', COMMAND_FLAG, NULL, NULL, 0, 0,
	"take it although validation has something against it"},
    {NULL, 0, COMMAND_FLAG, NULL, NULL, 0, 0, NULL},
};

/* `kind`, what the call was given, then the names or `otherwise` (or NULL). */
static int
become_hook(const struct command_call *call, const char *kind,
    const char *otherwise, struct err *err)
{
	const char **words;
	size_t count = 0;
	int rc;

	words = calloc(call->name_count + OPTIONS_MOST, sizeof(*words));
	if (words == NULL)
		return err_nomem(err, "calling certhaul-hook");
	words[count++] = kind;
	if (command_has(call, "dry-run"))
		words[count++] = "--dry-run";
	if (command_has(call, "force"))
		words[count++] = "--force";
	if (command_has(call, "to")) {
		words[count++] = "--to";
		words[count++] = command_text(call, "to");
	}
	for (size_t i = 0; i < call->name_count; i++)
		words[count++] = call->names[i];
	if (call->name_count == 0 && otherwise != NULL)
		words[count++] = otherwise;
	rc = child_exec_hook(call, words, err);
	free(words);
	return rc;
}

static int
run_deploy(const struct command_call *call, int *ret_status, struct err *err)
{
	(void)ret_status; /* the hook's */
	return become_hook(call, "deploy", "--all", err);
}

static int
run_rollback(const struct command_call *call, int *ret_status, struct err *err)
{
	(void)ret_status;
	return become_hook(call, "rollback", NULL, err);
}

const struct command command_deploy = {
    .name = "deploy",
    .operands = "[NAME...]",
    .most = LIMIT_LINEAGES,
    .help = "bring lineages into HAProxy, and prove that they are served",
    .more = "Without a NAME: all of them, those too whose lineage is gone. "
	    "What is as it should be is left alone.",
    .options = deploy_options,
    .run = run_deploy,
};

const struct command command_rollback = {
    .name = "rollback",
    .operands = "NAME",
    .least = 1,
    .most = 1,
    .help = "go back to an earlier bundle, on disk and in HAProxy",
    .more = "It stays in place until the lineage is renewed.",
    .options = rollback_options,
    .run = run_rollback,
};
