/*
 * hooks.c: which hooks are run, when, in which order and how often: certbot's
 * rules (its newest version's, where versions differ). One of them is run by
 * hooks_run.c.
 */
#include "acme/hooks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acme/hooks_part.h"

static const char doing[] = "running the hooks";
static const char checking[] = "checking a hook";

static const struct hooks_label labels[] = {
    [HOOKS_PRE] = {"pre-hook", "Hook 'pre-hook'"},
    [HOOKS_DEPLOY] = {"deploy-hook", "Hook 'deploy-hook'"},
    [HOOKS_POST] = {"post-hook", "Hook 'post-hook'"},
};
_Static_assert(COUNT_OF(labels) == HOOKS_KINDS, "a kind has no label");

int
hooks_new(
    const struct hooks_policy *policy, struct hooks **ret, struct err *err)
{
	struct hooks *made = NULL;

	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return err_nomem(err, doing);
	made->policy = *policy;
	*ret = made;
	return 0;
}

void
hooks_free(struct hooks *hooks)
{
	if (hooks == NULL)
		return;
	hooks_words_free(&hooks->pre_done);
	hooks_words_free(&hooks->post_owed);
	hooks_words_free(&hooks->environment);
	free(hooks);
}

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, X_OK) == 0;
}

/* In one of the directories of `path`, which has colons between them? */
static bool
is_in_path(const char *path, const char *program)
{
	char file[LIMIT_PATH_BYTES];
	size_t len;
	int put;

	while (*path != '\0') {
		len = strcspn(path, ":");
		put = snprintf(file, sizeof(file), "%.*s%s%s", (int)len, path,
		    len > 0 ? "/" : "", program);
		if (put > 0 && (size_t)put < sizeof(file) && is_program(file))
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

int
hooks_check(const char *option, const char *command, struct err *err)
{
	/* Where certbot looks besides. */
	static const char more[] = "/usr/sbin:/usr/local/bin:/usr/local/sbin";
	const char *kind = option + strspn(option, "-");
	const char *path = getenv("PATH");
	char *program = NULL;
	int rc = 0;

	if (path == NULL)
		path = "";
	command += strspn(command, " \t\n");
	program = strndup(command, strcspn(command, " \t\n"));
	if (program == NULL)
		return err_nomem(err, checking);
	if (program[0] == '\0' ||
	    (strchr(program, '/') != NULL
		    ? is_program(program)
		    : is_in_path(path, program) || is_in_path(more, program)))
		goto out;
	if (access(program, F_OK) == 0)
		rc = err_set(err, ERR_NOENT, checking, NULL,
		    "%s command %s exists, but is not executable.", kind,
		    program);
	else
		rc = err_set(err, ERR_NOENT, checking, NULL,
		    "Unable to find %s command %s in the PATH. (PATH is "
		    "%s) See also the --disable-hook-validation option.",
		    kind, program, path);
out:
	free(program);
	return rc;
}

/* Directory hooks, where they are wanted, then `command`; each once. */
static int
gather(const struct hooks *hooks, enum hooks_kind kind, const char *command,
    struct hooks_words *ret, struct err *err)
{
	int rc = 0;

	if (hooks->policy.directory)
		rc = hooks_list(hooks->policy.config_dir, kind, ret, err);
	if (rc < 0 || command == NULL || command[0] == '\0')
		return rc;
	if (!hooks_words_has(ret, command))
		return hooks_words_add(ret, command, err);
	if (kind == HOOKS_DEPLOY)
		hooks_say(hooks, HOOKS_INFO,
		    "Skipping deploy-hook '%s' as it was already run.",
		    command);
	return 0;
}

int
hooks_pre(struct hooks *hooks, const char *command, struct err *err)
{
	struct hooks_words words = {NULL, 0};
	int rc;

	rc = gather(hooks, HOOKS_PRE, command, &words, err);
	for (size_t i = 0; rc == 0 && i < words.count; i++) {
		if (hooks_words_has(&hooks->pre_done, words.items[i])) {
			hooks_say(hooks, HOOKS_INFO,
			    "Pre-hook command already run, skipping: %s",
			    words.items[i]);
			continue;
		}
		rc = hooks_run(
		    hooks, &labels[HOOKS_PRE], words.items[i], NULL, NULL, err);
		if (rc == 0)
			rc = hooks_words_add(
			    &hooks->pre_done, words.items[i], err);
	}
	hooks_words_free(&words);
	return rc;
}

/* "NAME=value", put into `words`. */
static int
put(struct hooks_words *words, const char *name, const char *value, size_t len,
    struct err *err)
{
	struct buf pair = BUF_INIT(LIMIT_HOOK_VARIABLE_BYTES);
	int rc;

	rc = buf_printf(&pair, err, "%s=", name);
	if (rc == 0)
		rc = buf_add(&pair, value, len, err);
	if (rc == 0)
		rc = hooks_words_put(words, buf_text(&pair), err);
	buf_free(&pair);
	return rc;
}

/*
 * Like put() for names with spaces between, of which only those are taken that
 * fit into `most` bytes; the warning is certbot's.
 */
static int
put_names(const struct hooks *hooks, struct hooks_words *words,
    const char *name, const char *value, size_t most, struct err *err)
{
	size_t len = strlen(value);

	if (len > most) {
		hooks_say(hooks, HOOKS_WARNING,
		    "Limiting %s environment variable to %zuk characters", name,
		    most / 1000);
		len = most + 1;
		while (len > 0 && value[len - 1] != ' ')
			len--;
		len -= len > 0;
	}
	return put(words, name, value, len, err);
}

static int
set_renewed(struct hooks *hooks, const char *lineage, const char *const *names,
    size_t count, struct err *err)
{
	struct buf joined =
	    BUF_INIT((size_t)LIMIT_CERT_NAMES * (LIMIT_DNS_NAME_BYTES + 3));
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = buf_printf(
		    &joined, err, "%s%s", i > 0 ? " " : "", names[i]);
	/* The kernel takes no longer string; certbot would fail here. */
	if (rc == 0)
		rc = put_names(hooks, &hooks->environment, "RENEWED_DOMAINS",
		    buf_text(&joined), LIMIT_HOOK_DOMAINS_DEPLOY_BYTES, err);
	if (rc == 0)
		rc = put(&hooks->environment, "RENEWED_LINEAGE", lineage,
		    strlen(lineage), err);
	buf_free(&joined);
	return rc;
}

int
hooks_deploy(struct hooks *hooks, const char *command, const char *lineage,
    const char *const *names, size_t count, bool dry_run, struct err *err)
{
	struct hooks_words words = {NULL, 0};
	bool skipped = dry_run && !hooks->policy.run_deploy_hooks;
	int rc;

	rc = gather(hooks, HOOKS_DEPLOY, command, &words, err);
	if (rc == 0 && words.count > 0 && !skipped)
		rc = set_renewed(hooks, lineage, names, count, err);
	for (size_t i = 0; rc == 0 && i < words.count; i++) {
		if (skipped)
			hooks_say(hooks, HOOKS_INFO,
			    "Dry run: skipping deploy hook command: %s",
			    words.items[i]);
		else
			rc = hooks_run(hooks, &labels[HOOKS_DEPLOY],
			    words.items[i], NULL, NULL, err);
	}
	hooks_words_free(&words);
	return rc;
}

int
hooks_has_deploy(
    const struct hooks *hooks, const char *command, bool *ret, struct err *err)
{
	struct hooks_words words = {NULL, 0};
	int rc = 0;

	/* Not gather(), which tells of what it leaves out. */
	if (hooks->policy.directory)
		rc = hooks_list(
		    hooks->policy.config_dir, HOOKS_DEPLOY, &words, err);
	*ret = words.count > 0 || (command != NULL && command[0] != '\0');
	hooks_words_free(&words);
	return rc;
}

/* Runs post hooks with what became of which names. */
static int
run_post(const struct hooks *hooks, const struct hooks_words *words,
    const char *renewed, const char *failed, size_t most, struct err *err)
{
	struct hooks_words more = {NULL, 0};
	int rc = 0;

	if (words->count > 0)
		rc = put_names(
		    hooks, &more, "RENEWED_DOMAINS", renewed, most, err);
	if (rc == 0 && words->count > 0)
		rc = put_names(
		    hooks, &more, "FAILED_DOMAINS", failed, most, err);
	for (size_t i = 0; rc == 0 && i < words->count; i++)
		rc = hooks_run(hooks, &labels[HOOKS_POST], words->items[i],
		    &more, NULL, err);
	hooks_words_free(&more);
	return rc;
}

int
hooks_post(struct hooks *hooks, const char *command, bool renewing,
    const char *renewed, struct err *err)
{
	struct hooks_words words = {NULL, 0};
	int rc;

	rc = gather(hooks, HOOKS_POST, command, &words, err);
	if (rc == 0 && !renewing)
		rc = run_post(hooks, &words, renewed, "",
		    LIMIT_HOOK_DOMAINS_ALONE_BYTES, err);
	for (size_t i = 0; rc == 0 && renewing && i < words.count; i++) {
		if (!hooks_words_has(&hooks->post_owed, words.items[i]))
			rc = hooks_words_add(
			    &hooks->post_owed, words.items[i], err);
	}
	hooks_words_free(&words);
	return rc;
}

int
hooks_flush(struct hooks *hooks, const char *renewed, const char *failed,
    struct err *err)
{
	int rc;

	rc = run_post(hooks, &hooks->post_owed, renewed, failed,
	    LIMIT_HOOK_DOMAINS_BYTES, err);
	hooks_words_free(&hooks->post_owed);
	return rc;
}

/* The value of `name` (with its "=") among the pairs; "" where it is not. */
static const char *
value_of(const char *const *pairs, const char *name)
{
	for (size_t i = 0; pairs[i] != NULL; i++) {
		if (strncmp(pairs[i], name, strlen(name)) == 0)
			return pairs[i] + strlen(name);
	}
	return "";
}

int
hooks_manual(struct hooks *hooks, const char *what, const char *command,
    const char *const *environment, struct buf *ret_output, struct err *err)
{
	char reported[LIMIT_DNS_NAME_BYTES + 64];
	const struct hooks_label label = {what, reported};
	int rc = 0;

	/* What is cut is only said. */
	(void)snprintf(reported, sizeof(reported), "Hook '--%s' for %s", what,
	    value_of(environment, "CERTBOT_DOMAIN="));
	hooks_words_drop(&hooks->environment, "CERTBOT_");
	for (size_t i = 0; rc == 0 && environment[i] != NULL; i++)
		rc = hooks_words_put(&hooks->environment, environment[i], err);
	if (rc == 0)
		rc = hooks_run(hooks, &label, command, NULL, ret_output, err);
	return rc;
}
