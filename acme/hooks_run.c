/*
 * hooks_run.c: one hook: started by /bin/sh, as certbot starts it, and what it
 * said and how it ended told in certbot's words.
 */
#define _GNU_SOURCE /* environ */
#include "acme/hooks_part.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/text.h"

static const char doing[] = "running a hook";

void
hooks_say(
    const struct hooks *hooks, enum hooks_level level, const char *fmt, ...)
{
	char line[LIMIT_LOG_LINE_BYTES];
	va_list args;

	va_start(args, fmt);
	/* What is too long is cut. */
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	text_clean(line);
	hooks->policy.say(hooks->policy.context, level, line);
}

/* Leaves out white space at both ends. */
static const char *
strip(const struct buf *text, size_t *ret_len)
{
	const char *from = buf_text(text);
	/* What is behind a NUL no environment could hold. */
	size_t len = strlen(from);

	while (len > 0 && isspace((unsigned char)from[len - 1]))
		len--;
	while (len > 0 && isspace((unsigned char)*from)) {
		from++;
		len--;
	}
	*ret_len = len;
	return from;
}

/* Line by line, with a space before each, as certbot shows it. */
static void
say_output(const struct hooks *hooks, enum hooks_level level,
    const char *reported, const char *what, const struct buf *output)
{
	size_t left, len;
	const char *from = strip(output, &left);

	if (left == 0)
		return;
	hooks_say(hooks, level, "%s ran with %s:", reported, what);
	while (left > 0) {
		len = strcspn(from, "\n");
		if (len > left)
			len = left;
		hooks_say(
		    hooks, level, "%s%.*s", len > 0 ? " " : "", (int)len, from);
		from += len;
		left -= len;
		if (left > 0) {
			from++;
			left--;
		}
	}
}

static void
say_result(const struct hooks *hooks, const char *reported,
    const struct proc_result *result)
{
	int code = result->signal > 0 ? -result->signal : result->exit_status;

	if (code != 0)
		hooks_say(hooks, HOOKS_WARNING, "%s reported error code %d",
		    reported, code);
	say_output(hooks, HOOKS_NOTE, reported, "output", &result->output);
	say_output(
	    hooks, HOOKS_WARNING, reported, "error output", &result->errors);
	if (result->cut)
		hooks_say(hooks, HOOKS_WARNING,
		    "%s said more than %d bytes; the rest is lost", reported,
		    LIMIT_HOOK_OUTPUT_BYTES);
}

/* Has `words` a value for the name that `pair` begins with? */
static bool
is_overlaid(const struct hooks_words *words, const char *pair)
{
	size_t len = strcspn(pair, "=");

	for (size_t i = 0; words != NULL && i < words->count; i++) {
		if (strncmp(words->items[i], pair, len) == 0 &&
		    words->items[i][len] == '=')
			return true;
	}
	return false;
}

/* Ours, what other hooks have left, and `more`; the strings are borrowed. */
static const char **
make_environment(const struct hooks *hooks, const struct hooks_words *more)
{
	const struct hooks_words *left = &hooks->environment;
	const char **made = NULL;
	size_t count = 0;

	while (environ != NULL && environ[count] != NULL)
		count++;
	count += left->count + (more == NULL ? 0 : more->count);
	made = calloc(count + 1, sizeof(*made));
	if (made == NULL)
		return NULL;
	count = 0;
	for (char **pair = environ; pair != NULL && *pair != NULL; pair++) {
		if (!is_overlaid(left, *pair) && !is_overlaid(more, *pair))
			made[count++] = *pair;
	}
	for (size_t i = 0; i < left->count; i++) {
		if (!is_overlaid(more, left->items[i]))
			made[count++] = left->items[i];
	}
	for (size_t i = 0; more != NULL && i < more->count; i++)
		made[count++] = more->items[i];
	return made;
}

int
hooks_run(const struct hooks *hooks, const struct hooks_label *label,
    const char *command, const struct hooks_words *more, struct buf *ret_output,
    struct err *err)
{
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};
	struct proc_options options = {.attended = true,
	    .apart = true,
	    .core = hooks->policy.core,
	    .output_bytes = LIMIT_HOOK_OUTPUT_BYTES};
	const char **environment = NULL;
	struct proc_result result;
	const char *output = NULL;
	size_t len;
	int rc;

	environment = make_environment(hooks, more);
	if (environment == NULL)
		return err_nomem(err, doing);
	options.environment = environment;
	hooks_say(hooks, HOOKS_INFO, "Running %s command: %s", label->running,
	    command);
	rc = proc_run_as(argv, &options, &result, err);
	if (rc == 0)
		say_result(hooks, label->reported, &result);
	if (rc == 0 && ret_output != NULL) {
		output = strip(&result.output, &len);
		rc = buf_add(ret_output, output, len, err);
	}
	proc_result_free(&result);
	free(environment);
	return rc;
}
