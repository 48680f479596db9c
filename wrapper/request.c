/*
 * request.c: one lineage with these names. Each arrow is a function:
 *
 *	names --> way --> account --> settle --> preflight --> issue
 *	    --> deploy --> show
 *
 * Whatever can be known before the CA is asked is found out before: its limits
 * count what fails there. certbot runs no directory deploy hook on certonly
 * before 5.3, so the deploy is ours.
 */
#include "wrapper/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "cert/record.h"
#include "wrapper/child.h"
#include "wrapper/domain.h"

static const struct command_option options[] = {
    {"staging", 's', COMMAND_FLAG, NULL, NULL, 0, 0,
	"from Let's Encrypt's staging CA, which nobody trusts"},
    {"dry-run", 'n', COMMAND_FLAG, NULL, NULL, 0, 0,
	"certbot's rehearsal: nothing is saved, nothing deployed"},
    {"key-type", 'k', COMMAND_CHOICE, "TYPE", "ecdsa|rsa", 0, 0,
	"ecdsa (as it is) or rsa"},
    {"cert-name", 0, COMMAND_TEXT, "NAME", NULL, 0, 0,
	"what the lineage is called; else the first name"},
    {"in-proxy", 'p', COMMAND_FLAG, NULL, NULL, 0, 0,
	"answer inside HAProxy, out of its map: no listener"},
    {"force", 'f', COMMAND_FLAG, NULL, NULL, 0, 0,
	"also where what there is is not yet due; CAs limit how often"},
    {"expand", 'e', COMMAND_FLAG, NULL, NULL, 0, 0,
	"replace a lineage that has some of the names"},
    {"no-preflight", 0, COMMAND_FLAG, NULL, NULL, 0, 0, "ask the CA at once"},
    {NULL, 0, COMMAND_FLAG, NULL, NULL, 0, 0, NULL},
};

/* Checked, in ASCII, each once; `*ret_at` is where. */
static int
add_name(
    struct request *request, const char *typed, size_t *ret_at, struct err *err)
{
	size_t *count = &request->wanted.name_count;
	int rc;

	if (*count == LIMIT_REQUEST_NAMES)
		return err_set(err, ERR_USAGE, REQUEST_DOING, typed,
		    "more than %d names: CAs take no more in one order",
		    LIMIT_REQUEST_NAMES);
	rc = domain_ascii(typed, request->dns, request->names[*count],
	    sizeof(*request->names), err);
	for (size_t i = 0; rc == 0 && i < *count; i++) {
		*ret_at = i;
		if (strcmp(request->names[i], request->names[*count]) == 0)
			return 0;
	}
	if (rc == 0) {
		request->list[*count] = request->names[*count];
		*ret_at = (*count)++;
	}
	return rc;
}

static int
take_from_rest(struct request *request, const char *typed, struct err *err)
{
	size_t at;
	int rc = add_name(request, typed, &at, err);

	if (rc == 0)
		request->in_rest[at] = true;
	return rc;
}

/* Those behind `--`, too: they are names of the order as any. */
static int
take_names(struct request *request, struct err *err)
{
	const struct command_call *call = request->call;
	size_t at;
	int rc = 0;

	request->names = calloc(LIMIT_REQUEST_NAMES, sizeof(*request->names));
	request->list = calloc(LIMIT_REQUEST_NAMES, sizeof(*request->list));
	request->in_rest =
	    calloc(LIMIT_REQUEST_NAMES, sizeof(*request->in_rest));
	if (request->names == NULL || request->list == NULL ||
	    request->in_rest == NULL)
		return err_nomem(err, REQUEST_DOING);
	request->wanted.names = request->list;
	request->wanted.in_rest = request->in_rest;
	request->wanted.rest_first = request_rest_has_webroots(request);
	for (size_t i = 0; i < call->name_count && rc == 0; i++)
		rc = add_name(request, call->names[i], &at, err);
	return rc < 0 ? rc : request_rest_names(request, take_from_rest, err);
}

/* What cannot go well together is told before anything is put up. */
static int
agree_options(const struct request *request, struct err *err)
{
	const struct certbot_request *wanted = &request->wanted;

	/* certbot refuses it, too, but not in words that help. */
	if (request->staging && *request->conf->account.server != '\0')
		return err_set(err, ERR_USAGE, REQUEST_DOING, "--staging",
		    "means Let's Encrypt's staging server, but account.server "
		    "of the configuration is %s; take one of them away",
		    request->conf->account.server);
	/* The preflight listens where certbot will. */
	if (wanted->way == CERTBOT_STANDALONE &&
	    !command_has(request->call, "no-preflight") &&
	    (request_rest_has(request, "--http-01-port") ||
		request_rest_has(request, "--http-01-address")))
		return err_set(err, ERR_USAGE, REQUEST_DOING,
		    "--http-01-port, --http-01-address",
		    "where the challenge is answered is challenge.port and "
		    "challenge.address in certhaul.conf, so that the preflight "
		    "asks there; --no-preflight leaves it to certbot");
	return 0;
}

static int
take_options(struct request *request, struct err *err)
{
	const struct command_call *call = request->call;
	struct certbot_request *wanted = &request->wanted;

	/* Behind `--` they mean the same, and so do we. */
	wanted->cert_name = command_text(call, "cert-name");
	if (wanted->cert_name == NULL)
		wanted->cert_name = request_rest_value(request, "--cert-name");
	wanted->key_type = command_text(call, "key-type");
	if (wanted->key_type == NULL)
		wanted->key_type = request_rest_value(request, "--key-type");
	/* certbot's default was rsa up to 1.x, and may be again. */
	if (wanted->key_type == NULL)
		wanted->key_type = "ecdsa";
	wanted->staging = command_has(call, "staging");
	request->staging = wanted->staging ||
	    request_rest_has(request, "--staging") ||
	    request_rest_has(request, "--test-cert");
	wanted->dry_run = command_has(call, "dry-run") ||
	    request_rest_has(request, "--dry-run");
	wanted->force = command_has(call, "force");
	wanted->expand = command_has(call, "expand");
	wanted->conf_path = request->conf->path;
	wanted->hook_path = request->hook_path;
	wanted->rest = call->rest;
	wanted->rest_count = call->rest_count;
	if (wanted->cert_name != NULL &&
	    !text_is_lineage_name(wanted->cert_name))
		return err_set(err, ERR_USAGE, REQUEST_DOING, wanted->cert_name,
		    "no name for a lineage: letters, digits, dots, dashes and "
		    "underscores are, with a letter or digit first");
	return wanted->way == CERTBOT_IN_PROXY
	    ? child_hook_path(
		  request->hook_path, sizeof(request->hook_path), err)
	    : 0;
}

/* What post has to tell may be of others; nothing waits for this one. */
static bool
is_well(const struct conf *conf, const char *name)
{
	struct record_store *records = NULL;
	struct err ignored = ERR_INIT;
	struct record record;
	bool well;

	well =
	    record_store_open_look(conf->state_dir, &records, &ignored) == 0 &&
	    record_load(records, name, &record, &ignored) == 0 &&
	    record.installed && !record.failure.present && !record.reload_due;
	record_store_close(records);
	return well;
}

/* deploy, and where that queued a reload, post. */
static int
deploy(struct request *request, int *ret_status, struct err *err)
{
	const char *const deploy_words[] = {"deploy", request->lineage, NULL};
	static const char *const post_words[] = {"post", NULL};
	int rc, status = 0;

	request_step(request, "deploying");
	rc = child_hook_watched(request->call, deploy_words,
	    request_watch(request), ret_status, err);
	if (rc == 0 && *ret_status == COMMAND_EXIT_LOCKED) {
		log_make_way();
		log_say(LOG_LEVEL_ERROR,
		    "%s: its deploy was not tried, " CHILD_HOOK_LOCKED
		    "; the next run makes up for it: certhaul deploy %s",
		    request->lineage, request->lineage);
	}
	if (rc < 0 || *ret_status != COMMAND_EXIT_DONE)
		return rc;
	/* With nothing queued it says and does nothing. */
	rc = child_hook_watched(
	    request->call, post_words, request_watch(request), &status, err);
	if (rc < 0 || status == COMMAND_EXIT_DONE)
		return rc;
	if (is_well(request->call->conf, request->lineage))
		log_say(LOG_LEVEL_WARN,
		    "another lineage is not well (certhaul status --problems)");
	else
		*ret_status = status;
	return 0;
}

static int
order(struct request *request, int *ret_status, struct err *err)
{
	bool good = true;
	int rc;

	rc = request_settle(request, err);
	request->look = request->wanted.way != CERTBOT_OTHER &&
	    !command_has(request->call, "no-preflight");
	if (rc == 0) {
		request_steps_begin(request);
		rc = request_place(request, &good, err);
	}
	if (rc < 0 || !good) {
		*ret_status = COMMAND_EXIT_PREFLIGHT;
		return rc;
	}
	if (request->look) {
		request_step(request, "the preflight");
		rc = request_preflight(request, &good, err);
		if (rc < 0 || !good) {
			*ret_status = COMMAND_EXIT_PREFLIGHT;
			return rc;
		}
	}
	request_step(request, "the CA");
	rc = request_issue(request, err);
	log_make_way();
	if (rc < 0)
		return rc;
	if (request->wanted.dry_run) {
		(void)printf("dry run: the CA would issue it; nothing was "
			     "saved or deployed\n");
		*ret_status = COMMAND_EXIT_DONE;
		return 0;
	}
	if (!request->issued)
		(void)printf("%s: not yet due for renewal, nothing was issued "
			     "(--force issues it anew)\n",
		    request->lineage);
	(void)fflush(stdout);
	rc = deploy(request, ret_status, err);
	return rc < 0 ? rc : request_show(request, err);
}

static int
run(const struct command_call *call, int *ret_status, struct err *err)
{
	struct request *request;
	int rc;

	request = calloc(1, sizeof(*request));
	if (request == NULL)
		return err_nomem(err, REQUEST_DOING);
	request->call = call;
	request->conf = call->conf;
	rc = request_way(request, err);
	if (rc == 0)
		rc = take_names(request, err);
	if (rc == 0)
		rc = take_options(request, err);
	if (rc == 0)
		rc = agree_options(request, err);
	if (rc == 0)
		rc = request_rest_check(request, err);
	if (rc == 0)
		rc = engine_find(call->conf, &request->engine, err);
	if (rc == 0)
		rc = request_account(request, err);
	if (rc == 0)
		rc = certbot_probe(call->conf, err);
	if (rc == 0)
		rc = order(request, ret_status, err);
	request_steps_end(request);
	known_free(&request->known);
	free(request->relations);
	free(request->names);
	free(request->list);
	free(request->in_rest);
	free(request);
	return rc;
}

const struct command command_request = {
    .name = "request",
    .operands = "NAME...",
    .least = 1,
    .most = LIMIT_REQUEST_NAMES,
    .rest = true,
    .help = "get one certificate for these names, and deploy it",
    .more =
	"The names are checked, and HAProxy's port 80 is asked for a token of "
	"our own as the CA will ask it; only then is the CA asked. What stands "
	"behind -- goes to certbot unchanged: `-- --dns-rfc2136 "
	"--dns-rfc2136-credentials FILE` takes dns-01, which wildcards need; "
	"where it names who answers the challenge, there is no preflight.",
    .options = options,
    .run = run,
};
