/*
 * status.c: `certhaul status`: observes, sorts and filters, and has the result
 * shown in the form that was asked for.
 */
#include "wrapper/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/term.h"
#include "wrapper/command.h"
#include "wrapper/engine.h"

static const char doing[] = "showing the status";

/* The forms, in the order in which they are refused beside each other. */
enum form { FORM_JSON, FORM_PROMETHEUS, FORM_NAGIOS, FORM_PEOPLE };
static const char *const forms[] = {"json", "prometheus", "nagios"};
_Static_assert(COUNT_OF(forms) == FORM_PEOPLE, "an option each");

static const struct command_option options[] = {
    {.name = "problems",
	.kind = COMMAND_FLAG,
	.help = "only those with a problem"},
    {.name = "sort",
	.kind = COMMAND_CHOICE,
	.value = "KEY",
	.values = "name|expiry",
	.help = "by name (as it is), or the first to expire first"},
    {.name = "live",
	.kind = COMMAND_FLAG,
	.help = "shake hands now for each, not only for those named"},
    {.name = "json",
	.kind = COMMAND_FLAG,
	.help = "for machines; the schema is status.schema.json"},
    {.name = "prometheus",
	.kind = COMMAND_FLAG,
	.help = "for the textfile collector of the node exporter"},
    {.name = "nagios",
	.kind = COMMAND_FLAG,
	.help = "one line for a monitor, exit status 0 to 3"},
    {.name = NULL},
};

static int
choose_form(const struct command_call *call, enum form *ret, struct err *err)
{
	*ret = FORM_PEOPLE;
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		if (!command_has(call, forms[i]))
			continue;
		if (*ret != FORM_PEOPLE)
			return err_set(err, ERR_USAGE, doing, NULL,
			    "--%s and --%s exclude each other", forms[*ret],
			    forms[i]);
		*ret = (enum form)i;
	}
	return 0;
}

/* Those without a certificate first: they are what is wrong. */
static int
by_expiry(const void *a, const void *b)
{
	const struct observation *x = *(const struct observation *const *)a;
	const struct observation *y = *(const struct observation *const *)b;

	if (x->not_after_s != y->not_after_s)
		return x->not_after_s < y->not_after_s ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Which are shown, in which order; `ret` has room for all. */
static size_t
choose(const struct command_call *call, const struct observed *observed,
    time_t now_s, const struct observation **ret)
{
	const char *sort = command_text(call, "sort");
	bool problems = command_has(call, "problems");
	size_t count = 0;

	for (size_t i = 0; i < observed->count; i++) {
		if (!problems || !observation_ok(&observed->items[i], now_s))
			ret[count++] = &observed->items[i];
	}
	if (sort != NULL && strcmp(sort, "expiry") == 0)
		qsort(ret, count, sizeof(struct observation *), by_expiry);
	return count;
}

static int
render(const struct command_call *call, enum form form,
    const struct status_view *view, struct buf *ret, int *ret_status,
    struct err *err)
{
	*ret_status = observed_ok(view->observed, view->now_s)
	    ? COMMAND_EXIT_DONE
	    : COMMAND_EXIT_FAILED;
	switch (form) {
	case FORM_JSON: return status_json(view, ret, err);
	case FORM_PROMETHEUS: return status_prometheus(view, ret, err);
	case FORM_NAGIOS: return status_nagios(view, ret, ret_status, err);
	case FORM_PEOPLE: break;
	}
	return call->name_count > 0 ? status_blocks(view, ret, err)
				    : status_lines(view, ret, err);
}

static int
show(const struct command_call *call, enum form form,
    const struct observed *observed, int *ret_status, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_STATUS_BYTES);
	const struct observation **items = NULL;
	struct err ignored = ERR_INIT;
	struct engine engine;
	struct status_view view = {
	    .observed = observed,
	    .now_s = clock_now_s(),
	    .width = isatty(STDOUT_FILENO) == 1 ? term_width(STDOUT_FILENO) : 0,
	    .colour = term_has_colour(STDOUT_FILENO),
	};
	int rc;

	items = calloc(observed->count + 1, sizeof(*items));
	if (items == NULL)
		return err_nomem(err, doing);
	view.items = items;
	view.count = choose(call, observed, view.now_s, items);
	if (engine_find(call->conf, &engine, &ignored) == 0) {
		view.engine = engine.kind == CONF_ENGINE_CERTBOT
		    ? "certbot"
		    : "certhaul-acme";
		view.engine_path = engine.path;
	}
	rc = render(call, form, &view, &text, ret_status, err);
	if (rc == 0 &&
	    (fputs(buf_text(&text), stdout) < 0 || fflush(stdout) != 0))
		rc = err_sys(err, doing, "stdout", "write");
	buf_free(&text);
	free(items);
	return rc;
}

static void
tell_progress(void *context, size_t done, size_t total, const char *name)
{
	struct term_progress *progress = context;

	progress->total = total;
	term_progress_at(progress, done, name);
}

/* To a monitor, not to know is an answer. */
static int
say_unknown(int *ret_status, struct err *err)
{
	*ret_status = status_nagios_unknown(err);
	err_clear(err);
	return 0;
}

/* An alert that has nothing to look at is silent; the error is told, too. */
static void
say_down(void)
{
	struct buf text = BUF_INIT(LIMIT_HELP_BYTES);
	struct err ignored = ERR_INIT;

	if (status_prometheus_up(false, &text, &ignored) == 0) {
		(void)fputs(buf_text(&text), stdout);
		(void)fflush(stdout);
	}
	buf_free(&text);
}

static int
run_without_conf(
    const struct command_call *call, int *ret_status, struct err *err)
{
	if (command_has(call, forms[FORM_PROMETHEUS]))
		say_down();
	return command_has(call, forms[FORM_NAGIOS])
	    ? say_unknown(ret_status, err)
	    : err->code;
}

static int
run(const struct command_call *call, int *ret_status, struct err *err)
{
	struct term_progress progress;
	struct observe_options look = {
	    .names = call->names,
	    .name_count = call->name_count,
	    .live = command_has(call, "live"),
	    .odd = true,
	    .progress = tell_progress,
	    .context = &progress,
	};
	struct observed observed = {.items = NULL};
	enum form form;
	int rc;

	rc = choose_form(call, &form, err);
	if (rc < 0)
		return rc;
	term_progress_begin(&progress, STDERR_FILENO, "shaking hands", 0);
	rc = observe(call->conf, &look, &observed, err);
	term_progress_end(&progress);
	if (rc == 0)
		rc = show(call, form, &observed, ret_status, err);
	observed_free(&observed);
	if (rc < 0 && form == FORM_PROMETHEUS)
		say_down();
	if (rc < 0 && form == FORM_NAGIOS)
		rc = say_unknown(ret_status, err);
	return rc;
}

const struct command command_status = {
    .name = "status",
    .operands = "[NAME...]",
    .most = LIMIT_LINEAGES,
    .help = "show each certificate in its four places",
    .more =
	"Looks and touches nothing: no lock is taken, no file is made. One\n"
	"line a lineage; those that are named get a longer text, and are\n"
	"looked at on the wire now. LBMW are the four places: the lineage,\n"
	"the bundle, HAProxy's memory, the wire (the last handshake that\n"
	"these workers were seen in).\n"
	"\n"
	"    \xe2\x97\x8f the lineage's certificate    \xe2\x89\xa0 another "
	"one\n"
	"    \xe2\x97\x8b none    \xe2\x9c\x97 broken    ? not looked at\n"
	"\n"
	"Exit status: 0 all is well, 1 there is a problem; with --nagios a\n"
	"plugin's 0 to 3.\n",
    .options = options,
    .run = run,
    .run_without_conf = run_without_conf,
};
