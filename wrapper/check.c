/*
 * check.c: `certhaul check`: a table of items, one function each. They are
 * all carried out, whatever the one before has found.
 */
#include "wrapper/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/term.h"
#include "base/text.h"
#include "wrapper/child.h"
#include "wrapper/status.h"

enum { ITEM_COLUMNS = 16, LISTED_MOST = 3 };

static const struct {
	const char *name;
	void (*run)(struct check *check);
} items[] = {
    {"configuration", check_configuration},
    {"permissions", check_permissions},
    {"bundles", check_bundles},
    {"free space", check_space},
    {"generations", check_generations},
    {"haproxy.cfg", check_haproxy_config},
    {"environment", check_environment},
    {"sockets", check_sockets},
    {"master socket", check_master},
    {"served", check_served},
    {"bind lines", check_binds},
    {"renewal", check_renewal},
    {"duplicate names", check_duplicates},
    {"payload sizes", check_payloads},
    {"clock", check_clock},
    {"port 80", check_port},
    {"engine", check_engine},
    {"hooks", check_hooks},
    {"other hooks", check_other_hooks},
    {"timers", check_timers},
};

static const struct {
	const char *word;
	enum status_colour colour;
} weights[] = {
    [CHECK_GOOD] = {"good", STATUS_GREEN},
    [CHECK_HINT] = {"hint", STATUS_YELLOW},
    [CHECK_BAD] = {"bad", STATUS_RED},
};
_Static_assert(COUNT_OF(weights) == CHECK_WEIGHTS, "a word each");

void
check_say(struct check *check, enum check_weight weight, const char *fmt, ...)
{
	const struct status_view view = {.colour = check->colour};
	static const char cut[] = " ...";
	char text[2 * LIMIT_LOG_LINE_BYTES];
	va_list args;
	int wanted;

	check->counts[weight]++;
	if (check->rc < 0)
		return;
	va_start(args, fmt);
	wanted = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (wanted < 0)
		text[0] = '\0';
	else if ((size_t)wanted >= sizeof(text))
		memcpy(text + sizeof(text) - sizeof(cut), cut, sizeof(cut));
	text_clean(text);
	check->rc = status_cell(&view, weights[weight].word, 4,
	    weights[weight].colour, &check->text, &check->err);
	if (check->rc == 0)
		check->rc = buf_printf(&check->text, &check->err,
		    "  %-*s  %s\n", ITEM_COLUMNS, check->item, text);
}

void
check_say_err(
    struct check *check, enum check_weight weight, const struct err *err)
{
	check_say(check, weight, "%s%s%s", err->on,
	    *err->on != '\0' ? ": " : "", err->detail);
}

void
check_list_add(struct check_list *list, const char *name)
{
	size_t used = strlen(list->text);

	if (list->count++ >= LISTED_MOST)
		return;
	if (snprintf(list->text + used, sizeof(list->text) - used, "%s%s",
		used > 0 ? ", " : "", name) < 0)
		list->text[used] = '\0';
}

const char *
check_list_text(struct check_list *list)
{
	size_t used = strlen(list->text);

	if (list->count > LISTED_MOST &&
	    snprintf(list->text + used, sizeof(list->text) - used,
		" and %zu more", list->count - LISTED_MOST) < 0)
		list->text[used] = '\0';
	return list->text;
}

bool
check_is_live(const struct conf *conf)
{
	return conf->haproxy.update != CONF_UPDATE_NONE &&
	    conf->haproxy.sockets.count == 0 && conf->verify.enabled;
}

bool
check_is_mute(const struct check *check)
{
	const struct observe_haproxy *haproxy = &check->observed.haproxy;

	return haproxy->sockets > 0 && haproxy->mute == haproxy->sockets;
}

/* What several items need; that it failed is said by the one it is about. */
static void
look(struct check *check)
{
	const struct conf *conf = check->conf;
	const struct observe_options all = {.live = check_is_live(conf)};
	struct err ignored = ERR_INIT;

	(void)!observe(conf, &all, &check->observed, &check->observed_err);
	(void)!engine_find(conf, &check->engine, &check->engine_err);
	if (child_hook_path(check->hook, sizeof(check->hook), &ignored) < 0)
		check->hook[0] = '\0';
	if (conf->haproxy.update == CONF_UPDATE_NONE)
		return;
	(void)!discovery_load(conf->haproxy.config.items,
	    conf->haproxy.config.count, conf->haproxy.environment,
	    conf->haproxy.bundle_dir, conf->haproxy.crt_list, &check->discovery,
	    &check->discovery_err);
	/* Where none has answered a moment ago, another wait tells nothing. */
	if (check->observed_err.code == 0 && check->observed.haproxy.up == 0)
		return;
	for (size_t i = 0; !check->up && i < conf->haproxy.sockets.count; i++)
		check->up = process_probe_soon(conf->haproxy.sockets.items[i],
				&check->process, &ignored) == 0;
}

/* What is known by now; some items take their time. */
static int
print(struct check *check, struct err *err)
{
	if (check->rc < 0) {
		*err = check->err;
		return check->rc;
	}
	if (fputs(buf_text(&check->text), stdout) < 0 || fflush(stdout) != 0)
		return err_sys(err, "checking", "stdout", "write");
	buf_reset(&check->text);
	return 0;
}

static int
run(const struct command_call *call, int *ret_status, struct err *err)
{
	struct check check = {
	    .conf = call->conf,
	    .root = "",
	    .colour = term_has_colour(STDOUT_FILENO),
	    .text = BUF_INIT(LIMIT_REPLY_BYTES),
	};
	int rc = 0;

	look(&check);
	for (size_t i = 0; rc == 0 && i < COUNT_OF(items); i++) {
		check.item = items[i].name;
		items[i].run(&check);
		rc = print(&check, err);
	}
	if (rc == 0 &&
	    printf("%zu good, %zu hint%s, %zu bad\n", check.counts[CHECK_GOOD],
		check.counts[CHECK_HINT],
		check.counts[CHECK_HINT] == 1 ? "" : "s",
		check.counts[CHECK_BAD]) < 0)
		rc = err_sys(err, "checking", "stdout", "write");
	*ret_status = check.counts[CHECK_BAD] == 0 ? COMMAND_EXIT_DONE
						   : COMMAND_EXIT_FAILED;
	observed_free(&check.observed);
	discovery_free(check.discovery);
	buf_free(&check.text);
	return rc;
}

static const struct command_option options[] = {{.name = NULL}};

const struct command command_check = {
    .name = "check",
    .operands = "",
    .help = "look at the whole installation, item by item",
    .more =
	"Each line is good, a hint (it works, but you should know) or bad (it\n"
	"does not, or will not), with what to do. Nothing is changed but for\n"
	"the question about port 80, which lasts as long as the answer takes.\n"
	"\n"
	"Exit status: 0 where nothing is bad, else 1.\n",
    .options = options,
    .run = run,
};
