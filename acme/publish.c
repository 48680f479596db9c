/*
 * publish.c: who answers, and the manual hooks with certbot's environment
 * (contract certbot.md, "Environment").
 */
#include "acme/publish.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acme/params.h"
#include "acme/publish_private.h"

static const char doing[] = "answering challenges";

static const char *
bare(const char *name)
{
	return strncmp(name, "*.", 2) == 0 ? name + 2 : name;
}

size_t
publish_index(
    const struct publish *publish, const struct issue_challenge *challenge)
{
	size_t at = 0;

	for (size_t i = 0; i < publish->name_count; i++) {
		const char *name = publish->names[i];

		if (strcmp(bare(name), challenge->name) == 0 &&
		    (bare(name) != name) == challenge->wildcard)
			at = i;
	}
	return at;
}

int
publish_turns(struct publish *publish, const char *const *names, size_t count,
    struct err *err)
{
	struct buf all = BUF_INIT(LIMIT_AUTHORIZATIONS * LIMIT_DNS_NAME_BYTES);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = buf_printf(&all, err, "%s%s", i == 0 ? "" : ",", names[i]);
	free(publish->all);
	publish->all = all.data; /* passed on */
	return rc;
}

static bool
is_webroot(const struct options *params)
{
	return strcmp(params->authenticator, "webroot") == 0;
}

int
publish_check(const struct options *params, const struct renewal *conf,
    const char *const *names, size_t count, struct err *err)
{
	if (!is_webroot(params)) {
		if (params->manual_auth_hook != NULL)
			return 0;
		return err_set(err, ERR_USAGE, doing, "--manual",
		    "needs --manual-auth-hook COMMAND: nobody is asked");
	}
	for (size_t i = 0; i < count; i++) {
		const char *root = params_webroot(params, conf, names[i]);
		struct stat st;

		if (root == NULL)
			return err_set(err, ERR_USAGE, doing, names[i],
			    "has no --webroot-path DIR");
		/* What was given was looked at with the options; what the conf
		 * has may have gone since, and is made anew (as by certbot),
		 * unless the pre hook does. */
		if (stat(root, &st) < 0 && errno == ENOENT)
			continue;
		if (stat(root, &st) < 0 || !S_ISDIR(st.st_mode))
			return err_set(err, ERR_NOENT, doing, root,
			    "does not exist or is not a directory");
	}
	return 0;
}

/* Before an order is made that nobody could answer for. */
static int
make_roots(struct publish *publish, struct err *err)
{
	int rc = 0;

	for (size_t i = 0;
	     rc == 0 && is_webroot(publish->params) && i < publish->name_count;
	     i++) {
		int fd = -1;

		rc = publish_dir_open(publish,
		    params_webroot(
			publish->params, publish->conf, publish->names[i]),
		    "", true, &fd, err);
		if (fd >= 0)
			(void)close(fd);
	}
	return rc;
}

int
publish_new(struct front *front, const struct options *params,
    const struct renewal *conf, const char *const *names, size_t count,
    struct publish **ret, struct err *err)
{
	struct publish *publish = calloc(1, sizeof(*publish));
	int rc;

	if (publish == NULL)
		return err_nomem(err, doing);
	publish->front = front;
	publish->params = params;
	publish->conf = conf;
	publish->names = names;
	publish->name_count = count;
	publish->outputs = calloc(count + 1, sizeof(*publish->outputs));
	publish->left = calloc(count + 1, sizeof(*publish->left));
	publish->held = calloc(count + 1, sizeof(*publish->held));
	publish->dirs = calloc(count + 1, sizeof(*publish->dirs));
	for (size_t i = 0; publish->dirs != NULL && i < count; i++)
		publish->dirs[i] = -1;
	rc = publish->outputs == NULL || publish->left == NULL ||
		publish->held == NULL || publish->dirs == NULL
	    ? err_nomem(err, doing)
	    : 0;
	if (rc == 0)
		rc = publish_check(params, conf, names, count, err);
	if (rc == 0)
		rc = make_roots(publish, err);
	if (rc < 0)
		publish_free(publish);
	else
		*ret = publish;
	return rc;
}

/* --- manual hooks --------------------------------------------------------- */

enum { VARIABLES = 9 };

struct environment {
	char *pairs[VARIABLES];
	size_t count;
};

static int
add(struct environment *environment, const char *name, const char *value,
    struct err *err)
{
	struct buf pair = BUF_INIT(LIMIT_HOOK_OUTPUT_BYTES + LIMIT_PATH_BYTES);
	int rc = buf_printf(&pair, err, "%s=%s", name, value);

	if (rc == 0)
		environment->pairs[environment->count++] = pair.data;
	else
		buf_free(&pair);
	return rc;
}

static int
fill(struct publish *publish, const struct issue_challenge *challenge,
    const char *output, struct environment *ret, struct err *err)
{
	const char *all = publish->all != NULL ? publish->all : challenge->name;
	char left[16];
	int rc;

	(void)snprintf(left, sizeof(left), "%u",
	    publish->left[publish_index(publish, challenge)]);
	rc = add(ret, "CERTBOT_DOMAIN", challenge->name, err);
	if (rc == 0)
		rc = add(ret, "CERTBOT_IDENTIFIER", challenge->name, err);
	if (rc == 0)
		rc = add(ret, "CERTBOT_VALIDATION", challenge->validation, err);
	if (rc == 0)
		rc = add(ret, "CERTBOT_ALL_DOMAINS", all, err);
	if (rc == 0)
		rc = add(ret, "CERTBOT_ALL_IDENTIFIERS", all, err);
	if (rc == 0)
		rc = add(ret, "CERTBOT_REMAINING_CHALLENGES", left, err);
	/* http-01 alone has a use for it; a dns validation has a dot in none
	 * of its bytes, a key authorization has one. */
	if (rc == 0 && strchr(challenge->validation, '.') != NULL)
		rc = add(ret, "CERTBOT_TOKEN", challenge->token, err);
	if (rc == 0 && output != NULL)
		rc = add(ret, "CERTBOT_AUTH_OUTPUT", output, err);
	return rc;
}

static int
run_hook(struct publish *publish, const struct issue_challenge *challenge,
    const char *what, const char *command, const char *output, struct buf *ret,
    struct err *err)
{
	struct environment environment = {{NULL}, 0};
	int rc = fill(publish, challenge, output, &environment, err);

	if (rc == 0)
		rc = hooks_manual(publish->front->hooks, what, command,
		    (const char *const *)environment.pairs, ret, err);
	for (size_t i = 0; i < environment.count; i++)
		free(environment.pairs[i]);
	return rc;
}

static int
run_cleanup(struct publish *publish, const struct issue_challenge *challenge,
    struct err *err)
{
	struct buf output = BUF_INIT(LIMIT_HOOK_OUTPUT_BYTES);
	const char *said = publish->outputs[publish_index(publish, challenge)];
	int rc;

	if (publish->params->manual_cleanup_hook == NULL)
		return 0;
	rc = run_hook(publish, challenge, "manual-cleanup-hook",
	    publish->params->manual_cleanup_hook, said != NULL ? said : "",
	    &output, err);
	buf_free(&output);
	return rc;
}

/* --- what stays up -------------------------------------------------------- */

static void
forget(struct publish_held *held)
{
	free(held->name);
	free(held->token);
	free(held->validation);
	memset(held, 0, sizeof(*held));
}

static int
take_down(struct publish *publish, struct publish_held *held, struct err *err)
{
	const struct issue_challenge challenge = {.name = held->name,
	    .wildcard = held->wildcard,
	    .token = held->token,
	    .validation = held->validation};
	int rc =
	    held->token != NULL ? run_cleanup(publish, &challenge, err) : 0;

	forget(held);
	return rc;
}

static void
take_all_down(struct publish *publish)
{
	struct err ignored = ERR_INIT;

	for (size_t i = 0; publish->held != NULL && i < publish->name_count;
	     i++)
		(void)!take_down(publish, &publish->held[i], &ignored);
}

static int
hold(struct publish *publish, const struct issue_challenge *challenge,
    struct err *err)
{
	struct publish_held *held =
	    &publish->held[publish_index(publish, challenge)];

	held->name = strdup(challenge->name);
	held->token = strdup(challenge->token);
	held->validation = strdup(challenge->validation);
	held->wildcard = challenge->wildcard;
	if (held->name != NULL && held->token != NULL &&
	    held->validation != NULL)
		return 0;
	forget(held);
	return run_cleanup(publish, challenge, err);
}

/* Is it up, as it stayed so? What stays for another order goes. */
static int
look_up(struct publish *publish, const struct issue_challenge *challenge,
    bool *ret_up, struct err *err)
{
	struct publish_held *held =
	    &publish->held[publish_index(publish, challenge)];

	*ret_up =
	    held->token != NULL && strcmp(held->token, challenge->token) == 0;
	if (!*ret_up)
		return take_down(publish, held, err);
	forget(held);
	return 0;
}

void
publish_hold(struct publish *publish)
{
	publish->holding = true;
}

int
publish_up(struct publish *publish, const struct issue_challenge *challenge,
    struct err *err)
{
	struct buf output = BUF_INIT(LIMIT_HOOK_OUTPUT_BYTES);
	size_t at = publish_index(publish, challenge);
	bool up;
	int rc;

	if (is_webroot(publish->params))
		return publish_file_up(publish, challenge, err);
	rc = look_up(publish, challenge, &up, err);
	if (rc < 0 || up)
		return rc;
	/* The cleanup hook is told the same number again. */
	publish->left[at] = challenge->left;
	rc = run_hook(publish, challenge, "manual-auth-hook",
	    publish->params->manual_auth_hook, NULL, &output, err);
	free(publish->outputs[at]);
	publish->outputs[at] = output.data; /* passed on; may be NULL */
	return rc;
}

int
publish_down(struct publish *publish, const struct issue_challenge *challenge,
    struct err *err)
{
	if (is_webroot(publish->params))
		return publish_file_down(publish, challenge, err);
	return publish->holding ? hold(publish, challenge, err)
				: run_cleanup(publish, challenge, err);
}

void
publish_free(struct publish *publish)
{
	if (publish == NULL)
		return;
	take_all_down(publish);
	publish_dir_tidy(publish);
	publish_left_done(publish);
	for (size_t i = 0; publish->outputs != NULL && i < publish->name_count;
	     i++)
		free(publish->outputs[i]);
	for (size_t i = 0; publish->dirs != NULL && i < publish->name_count;
	     i++) {
		if (publish->dirs[i] >= 0)
			(void)close(publish->dirs[i]);
	}
	free(publish->outputs);
	free(publish->left);
	free(publish->held);
	free(publish->dirs);
	free(publish->all);
	free(publish);
}
