/*
 * certbot.c: what is wanted -> the engine's command line. All that we know of
 * certbot's options is here.
 */
#include "wrapper/certbot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert/renewal_facts.h"
#include "wrapper/program.h"

static const char doing[] = "making the command line of the ACME client";

const char certbot_reasons[] = "unspecified|keycompromise|affiliationchanged|"
			       "superseded|cessationofoperation";

/* Once something has failed, what is added is passed over. */
struct builder {
	struct certbot_argv argv;
	size_t room;
	int rc;
	struct err *err;
};

/* Adds a copy of `word`. */
static void
add(struct builder *builder, const char *word)
{
	struct certbot_argv *argv = &builder->argv;
	size_t room;
	char **items;

	if (builder->rc < 0)
		return;
	if (argv->count + 2 > builder->room) {
		room = 2 * builder->room + 32;
		items = realloc(argv->items, room * sizeof(*items));
		if (items == NULL) {
			builder->rc = err_nomem(builder->err, doing);
			return;
		}
		argv->items = items;
		builder->room = room;
	}
	argv->items[argv->count] = strdup(word);
	if (argv->items[argv->count] == NULL)
		builder->rc = err_nomem(builder->err, doing);
	else
		argv->items[++argv->count] = NULL;
}

static void
add_pair(struct builder *builder, const char *option, const char *value)
{
	add(builder, option);
	add(builder, value);
}

/* What each verb begins with. */
static struct builder
begin(const struct engine *engine, const struct conf *conf, const char *verb,
    struct err *err)
{
	struct builder builder = {{NULL, 0}, 0, 0, err};

	add(&builder, engine->path);
	add(&builder, verb);
	add(&builder, "-n");
	add_pair(&builder, "--config-dir", conf->letsencrypt.config_dir);
	add_pair(&builder, "--work-dir", conf->letsencrypt.work_dir);
	add_pair(&builder, "--logs-dir", conf->letsencrypt.logs_dir);
	return builder;
}

static int
end(struct builder *builder, struct certbot_argv *ret)
{
	if (builder->rc < 0)
		certbot_argv_free(&builder->argv);
	else
		*ret = builder->argv;
	return builder->rc;
}

static void
add_account(struct builder *builder, const struct conf *conf)
{
	if (conf->account.server[0] != '\0')
		add_pair(builder, "--server", conf->account.server);
	if (conf->account.agree_tos)
		add(builder, "--agree-tos");
	if (conf->account.email[0] != '\0') {
		add_pair(builder, "-m", conf->account.email);
		add(builder, "--no-eff-email");
	} else {
		add(builder, "--register-unsafely-without-email");
	}
}

/* `word` as one word of a shell: certbot's --manual hooks go through one. */
static int
put_word(struct buf *ret, const char *word, struct err *err)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-./+,:@%";
	int rc;

	/* certbot looks for the program by this text: quote what must be. */
	if (word[0] != '\0' && word[strspn(word, plain)] == '\0')
		return buf_puts(ret, word, err);
	rc = buf_puts(ret, "'", err);
	for (; rc == 0 && *word != '\0'; word++)
		rc = *word == '\'' ? buf_puts(ret, "'\\''", err)
				   : buf_add(ret, word, 1, err);
	return rc < 0 ? rc : buf_puts(ret, "'", err);
}

static void
add_hook(struct builder *builder, const struct certbot_request *request,
    const char *option, const char *kind)
{
	struct buf text = BUF_INIT(LIMIT_COMMAND_BYTES);
	int rc;

	rc = put_word(&text, request->hook_path, builder->err);
	if (rc == 0 && request->conf_path != NULL)
		rc = buf_puts(&text, " -c ", builder->err);
	if (rc == 0 && request->conf_path != NULL)
		rc = put_word(&text, request->conf_path, builder->err);
	if (rc == 0)
		rc = buf_printf(&text, builder->err, " %s", kind);
	if (rc < 0 && builder->rc == 0)
		builder->rc = rc;
	add_pair(builder, option, buf_text(&text));
	buf_free(&text);
}

static void
add_way(struct builder *builder, const struct conf *conf,
    const struct certbot_request *request)
{
	char port[24];

	switch (request->way) {
	case CERTBOT_STANDALONE:
		(void)snprintf(port, sizeof(port), "%ld", conf->challenge.port);
		add(builder, "--standalone");
		add_pair(builder, "--preferred-challenges", "http");
		add_pair(builder, "--http-01-address", conf->challenge.address);
		add_pair(builder, "--http-01-port", port);
		break;
	case CERTBOT_IN_PROXY:
		add(builder, "--manual");
		add_pair(builder, "--preferred-challenges", "http");
		add_hook(builder, request, "--manual-auth-hook", "auth");
		add_hook(builder, request, "--manual-cleanup-hook", "cleanup");
		break;
	case CERTBOT_OTHER: break;
	}
}

/* Those that the rest gives are not given twice where the order counts. */
static void
add_names(struct builder *builder, const struct certbot_request *request)
{
	for (size_t i = 0; i < request->name_count; i++) {
		if (!request->rest_first || !request->in_rest[i])
			add_pair(builder, "-d", request->names[i]);
	}
}

int
certbot_certonly(const struct engine *engine, const struct conf *conf,
    const struct certbot_request *request, struct certbot_argv *ret,
    struct err *err)
{
	struct builder builder;

	builder = begin(engine, conf, "certonly", err);
	add_account(&builder, conf);
	if (request->staging)
		add(&builder, "--staging");
	if (request->dry_run)
		add(&builder, "--dry-run");
	if (request->force)
		add(&builder, "--force-renewal");
	if (request->expand)
		add(&builder, "--expand");
	/* The same for a lineage that is named: certbot has an option each. */
	if (request->expand && request->cert_name != NULL)
		add(&builder, "--renew-with-new-domains");
	if (request->key_type != NULL)
		add_pair(&builder, "--key-type", request->key_type);
	if (request->cert_name != NULL)
		add_pair(&builder, "--cert-name", request->cert_name);
	add_way(&builder, conf, request);
	if (!request->rest_first)
		add_names(&builder, request);
	for (size_t i = 0; i < request->rest_count; i++)
		add(&builder, request->rest[i]);
	if (request->rest_first)
		add_names(&builder, request);
	return end(&builder, ret);
}

int
certbot_renew(const struct engine *engine, const struct conf *conf,
    const struct certbot_renewal *renewal, struct certbot_argv *ret,
    struct err *err)
{
	struct builder builder = begin(engine, conf, "renew", err);

	add(&builder, "--no-random-sleep-on-renew");
	if (renewal->quiet)
		add(&builder, "-q");
	if (renewal->force)
		add(&builder, "--force-renewal");
	if (renewal->dry_run)
		add(&builder, "--dry-run");
	if (renewal->name != NULL)
		add_pair(&builder, "--cert-name", renewal->name);
	return end(&builder, ret);
}

int
certbot_revoke(const struct engine *engine, const struct conf *conf,
    const struct lineage_ref *ref, const char *reason, struct certbot_argv *ret,
    struct err *err)
{
	struct builder builder;
	struct renewal_facts renewal;
	int rc;

	rc = renewal_facts_read(ref, &renewal, err);
	if (rc < 0)
		return rc;
	builder = begin(engine, conf, "revoke", err);
	add_pair(&builder, "--cert-name", ref->name);
	add(&builder, "--delete-after-revoke");
	if (renewal.server[0] != '\0')
		add_pair(&builder, "--server", renewal.server);
	if (renewal.account[0] != '\0')
		add_pair(&builder, "--account", renewal.account);
	if (reason != NULL)
		add_pair(&builder, "--reason", reason);
	return end(&builder, ret);
}

int
certbot_delete(const struct engine *engine, const struct conf *conf,
    const char *name, struct certbot_argv *ret, struct err *err)
{
	struct builder builder = begin(engine, conf, "delete", err);

	add_pair(&builder, "--cert-name", name);
	return end(&builder, ret);
}

/* As the operator calls it: by its name alone where PATH has it. */
static int
put_program(const struct conf *conf, struct buf *ret, struct err *err)
{
	struct engine engine = {.path = "certbot"};
	struct err ignored = ERR_INIT;
	char path[LIMIT_PATH_BYTES];
	const char *name;

	if (engine_find(conf, &engine, &ignored) < 0)
		return buf_puts(ret, engine.path, err);
	name = strrchr(engine.path, '/');
	if (name != NULL && program_in_path(name + 1, path, sizeof(path)) &&
	    strcmp(path, engine.path) == 0)
		return buf_puts(ret, name + 1, err);
	return put_word(ret, engine.path, err);
}

/* Where it is not as certbot has it by itself. */
static int
put_dirs(const struct conf *conf, struct buf *ret, struct err *err)
{
	const struct {
		const char *option, *value, *usual;
	} dirs[] = {
	    {"--config-dir", conf->letsencrypt.config_dir, "/etc/letsencrypt"},
	    {"--work-dir", conf->letsencrypt.work_dir, "/var/lib/letsencrypt"},
	    {"--logs-dir", conf->letsencrypt.logs_dir, "/var/log/letsencrypt"},
	};
	int rc = 0;

	for (size_t i = 0; i < COUNT_OF(dirs) && rc == 0; i++) {
		if (strcmp(dirs[i].value, dirs[i].usual) == 0)
			continue;
		rc = buf_printf(ret, err, " %s ", dirs[i].option);
		if (rc == 0)
			rc = put_word(ret, dirs[i].value, err);
	}
	return rc;
}

int
certbot_put_move(
    const struct conf *conf, const char *name, struct buf *ret, struct err *err)
{
	int rc = put_program(conf, ret, err);

	if (rc == 0)
		rc = buf_printf(ret, err,
		    " renew --force-renewal --cert-name %s --http-01-port %ld "
		    "--http-01-address %s",
		    name, conf->challenge.port, conf->challenge.address);
	return rc < 0 ? rc : put_dirs(conf, ret, err);
}

int
certbot_put_rehearsal(const struct conf *conf, const char *name,
    const char *server, struct buf *ret, struct err *err)
{
	int rc = put_program(conf, ret, err);

	if (rc == 0)
		rc = buf_puts(ret, " renew --dry-run --server ", err);
	if (rc == 0)
		rc = put_word(ret, server, err);
	if (rc == 0)
		rc = buf_printf(ret, err, " --cert-name %s", name);
	return rc < 0 ? rc : put_dirs(conf, ret, err);
}

int
certbot_put_removal(const struct conf *conf, const char *name, bool revoke,
    struct buf *ret, struct err *err)
{
	int rc = put_program(conf, ret, err);

	if (rc == 0)
		rc = buf_printf(ret, err, " %s --cert-name %s",
		    revoke ? "revoke --delete-after-revoke" : "delete", name);
	return rc < 0 ? rc : put_dirs(conf, ret, err);
}

void
certbot_argv_free(struct certbot_argv *argv)
{
	if (argv == NULL)
		return;
	for (size_t i = 0; i < argv->count; i++)
		free(argv->items[i]);
	free(argv->items);
	argv->items = NULL;
	argv->count = 0;
}
