/*
 * init.c: everything between an installed certhaul and a first request, step
 * by step. A step that fails does not keep the others from being done.
 */
#include "wrapper/init.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"

static const struct command_option options[] = {
    {"dry-run", 'n', COMMAND_FLAG, NULL, NULL, 0, 0,
	"say what would be done, do nothing"},
    {"write", 'w', COMMAND_FLAG, NULL, NULL, 0, 0,
	"put the missing lines into haproxy.cfg; a copy is kept"},
    {"cron-dir", 0, COMMAND_TEXT, "DIR", NULL, 0, 0,
	"a cron file in DIR, in place of the timer"},
    {NULL, 0, COMMAND_FLAG, NULL, NULL, 0, 0, NULL},
};

typedef int step(struct init *init, struct err *err);

/* haproxy.cfg last: its check wants to find what the others made. */
static step *const steps[] = {
    init_dirs,
    init_hooks,
    init_timer,
    init_haproxy,
    init_tell_certbot,
};

void
init_say(struct init *init, const char *what, const char *on)
{
	(void)printf("%s%s %s\n", init->dry_run ? "would: " : "", what, on);
	(void)fflush(stdout);
	init->done++;
}

void
init_fail(struct init *init, const struct err *err)
{
	log_err(LOG_LEVEL_ERROR, "", err);
	if (init->failed < INIT_FAILURES)
		init->failures[init->failed] = *err;
	init->failed++;
}

/* What has scrolled away. */
static void
say_buried(const struct init *init)
{
	char line[LIMIT_LOG_LINE_BYTES];

	for (unsigned i = 0; i < init->buried && i < INIT_FAILURES; i++)
		(void)printf("failed, see above: %s\n",
		    err_text(&init->failures[i], line, sizeof(line)));
}

const char *
init_other_conf(const struct init *init)
{
	const char *path = init->conf->path;

	return path != NULL && strcmp(path, CONF_DEFAULT_PATH) != 0 ? path
								    : NULL;
}

bool
init_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static int
run(const struct command_call *call, int *ret_status, struct err *err)
{
	struct init init = {
	    .call = call,
	    .conf = call->conf,
	    .dry_run = command_has(call, "dry-run"),
	    .next = BUF_INIT(LIMIT_HACFG_BYTES),
	};

	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		err_clear(err);
		if (steps[i](&init, err) == 0)
			continue;
		if (err->code == ERR_NOMEM) {
			buf_free(&init.next);
			return err->code;
		}
		init_fail(&init, err);
	}
	(void)fputs(buf_text(&init.next), stdout);
	buf_free(&init.next);
	say_buried(&init);
	if (init.failed == 0 && init.done == 0 && init.open == 0)
		(void)printf("nothing to do\n");
	*ret_status = init.failed > 0 ? COMMAND_EXIT_FAILED : COMMAND_EXIT_DONE;
	return 0;
}

const struct command command_init = {
    .name = "init",
    .operands = "",
    .help = "set this machine up: directories, hooks, timer, haproxy.cfg",
    .more =
	"Makes what is missing and touches nothing else, so it can be run "
	"again at any time. haproxy.cfg is only looked at: what it lacks is "
	"shown as a diff. With --write the lines are put in, after `haproxy "
	"-c` has had the new file and a copy of the old one was made beside "
	"it; HAProxy is not reloaded.",
    .options = options,
    .run = run,
};
