/*
 * environment.c: HAProxy's own environment, as far as its configuration takes
 * something from there: found, and handed to `haproxy -c`.
 */
#include "haproxy/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "haproxy/environment_part.h"
#include "haproxy/process.h"
#include "haproxy/procenv.h"

static bool
starts_with(const char *name, const char *start)
{
	return strncmp(name, start, strlen(start)) == 0;
}

/* Of our own those that are for programs and their libraries. */
static bool
is_taken(const char *name)
{
	static const char *const starts[] = {"CERTBOT_", "CERTHAUL_", "FAILED_",
	    "GCONV_", "GLIBC_", "LC_", "LD_", "MALLOC_", "OPENSSL_", "RENEWED_",
	    "RES_", "SSL_", "XDG_"};
	static const char *const whole[] = {"HOME", "HOSTALIASES", "IFS",
	    "LANG", "LANGUAGE", "LOCALDOMAIN", "LOCPATH", "NLSPATH", "PATH",
	    "SHELL", "TERM", "TMPDIR", "TZ"};

	for (size_t i = 0; i < COUNT_OF(starts); i++) {
		if (starts_with(name, starts[i]))
			return true;
	}
	for (size_t i = 0; i < COUNT_OF(whole); i++) {
		if (strcmp(name, whole[i]) == 0)
			return true;
	}
	return false;
}

/* Is `text` the variable `name`, or that and its value? */
static bool
is_one(const char *text, const char *name)
{
	size_t len = strlen(name);

	return strncmp(text, name, len) == 0 &&
	    (text[len] == '\0' || text[len] == '=');
}

/* Of HAProxy's those that are fixed, and what a master says to itself. */
static bool
is_withheld(const char *name)
{
	return is_one(name, "PATH") || is_one(name, "LANG") ||
	    starts_with(name, "LD_") || starts_with(name, "HAPROXY_MWORKER_") ||
	    is_one(name, "HAPROXY_PROCESSES") ||
	    is_one(name, "HAPROXY_STARTUPLOGS_FD") ||
	    is_one(name, "HAPROXY_STARTUP_VERSION");
}

/* HAProxy's; NULL: not known. */
static char *const *
variables_of(const struct conf *conf)
{
	const struct conf_environment *environment = conf->haproxy.environment;

	return environment == NULL ? NULL : environment->variables;
}

bool
environment_is_known(const struct conf *conf)
{
	return variables_of(conf) != NULL;
}

const char *
environment_value(const struct conf *conf, const char *name)
{
	char *const *variables = variables_of(conf);

	if (variables != NULL ? is_withheld(name) : is_taken(name))
		return NULL;
	return hacfg_env_outer(variables, name);
}

int
environment_make(struct conf *conf, struct err *err)
{
	if (conf->haproxy.environment == NULL)
		conf->haproxy.environment =
		    calloc(1, sizeof(*conf->haproxy.environment));
	return conf->haproxy.environment == NULL
	    ? err_nomem(err, ENVIRONMENT_DOING)
	    : 0;
}

int
environment_read_files(
    const struct conf *conf, struct hacfg **ret, struct err *err)
{
	return hacfg_read(conf->haproxy.config.items,
	    conf->haproxy.config.count, conf->haproxy.environment, ret, err);
}

/* `text` as an environment, owned; NULL with `err` filled: ERR_NOMEM. */
static char **
split(const struct buf *text, struct err *err)
{
	const char *at = buf_text(text), *end = at + text->len;
	size_t most = 1, used = 0;
	char **made;

	for (const char *nul = at; nul < end; nul++)
		most += *nul == '\0';
	made = calloc(most + 1, sizeof(*made));
	for (; made != NULL && at < end; at += strlen(at) + 1) {
		if (strchr(at, '=') == NULL)
			continue;
		made[used] = strdup(at);
		if (made[used++] == NULL) {
			environment_free(made);
			made = NULL;
		}
	}
	if (made == NULL)
		(void)err_nomem(err, ENVIRONMENT_DOING);
	return made;
}

struct search {
	const char *program;
	char **found; /* NULL: nothing yet */
};

/* environment_search(): what the process was started with. */
static bool
find(void *context, long pid)
{
	struct search *search = context;
	struct buf text = BUF_INIT(LIMIT_ENVIRON_BYTES);
	struct err ignored = ERR_INIT;

	if (procenv_read(pid, search->program, &text, &ignored) == 0)
		search->found = split(&text, &ignored);
	buf_free(&text);
	return search->found != NULL;
}

/* What HAProxy was started with, owned; NULL: none can be looked at. */
static char **
look(const struct conf *conf)
{
	struct search search = {conf->haproxy.program, NULL};

	environment_search(conf, find, &search);
	return search.found;
}

int
environment_probe(const char *path, struct process *ret)
{
	static const struct process_patience patience = {
	    .answer_ms = ENVIRONMENT_PATIENCE_MS};
	struct err ignored = ERR_INIT;

	return process_probe_patient(path, &patience, ret, &ignored);
}

/*
 * Where the process that opened the socket is gone (3.1 and later, after a
 * reload) or is systemd: the worker's word, of which a pid is all that is
 * taken.
 */
static long
ask(const char *path)
{
	struct process process;

	return environment_probe(path, &process) == 0 ? process.pid : 0;
}

size_t
environment_sockets(const struct conf *conf, const char **ret)
{
	size_t count = 0;

	while (count < conf->haproxy.sockets.count && count < LIMIT_SOCKETS) {
		ret[count] = conf->haproxy.sockets.items[count];
		count++;
	}
	if (*conf->haproxy.master_socket != '\0')
		ret[count++] = conf->haproxy.master_socket;
	return count;
}

void
environment_search(const struct conf *conf,
    bool (*visit)(void *context, long pid), void *context)
{
	const char *paths[LIMIT_SOCKETS + 1];
	size_t count = environment_sockets(conf, paths);
	bool taken = false;

	for (size_t i = 0; i < count && !taken; i++) {
		struct err ignored = ERR_INIT;
		long pid = 0;

		taken = socket_whom(paths[i], &pid, &ignored) == 0 &&
		    visit(context, pid);
	}
	for (size_t i = 0; i < count && !taken; i++)
		taken = visit(context, ask(paths[i]));
}

void
environment_learn(struct conf *conf, bool decide)
{
	struct err ignored = ERR_INIT;
	struct hacfg *hacfg = NULL;

	if (decide && environment_make(conf, &ignored) == 0)
		conf->haproxy.environment->decides = true;
	/* What is wrong with the files is told by who needs them. */
	if (conf->haproxy.update == CONF_UPDATE_NONE ||
	    environment_read_files(conf, &hacfg, &ignored) < 0)
		return;
	/* What is not in the first one is not set, whatever others have. */
	if (hacfg->variable_count > 0 && environment_make(conf, &ignored) == 0)
		conf->haproxy.environment->variables = look(conf);
	if (hacfg->asks_version && decide && conf->haproxy.environment != NULL)
		environment_learn_version(conf);
	hacfg_free(hacfg);
}

/* "NAME=value", owned; NULL: no memory. */
static char *
make_entry(const char *name, const char *value)
{
	size_t size = strlen(name) + strlen(value) + 2;
	char *entry = malloc(size);

	if (entry != NULL)
		(void)snprintf(entry, size, "%s=%s", name, value);
	return entry;
}

/* PATH and LANG, and room for `count` more; NULL: no memory. */
static char **
make_fixed(size_t count)
{
	char **made = calloc(count + 3, sizeof(*made));

	if (made == NULL)
		return NULL;
	made[0] = make_entry("PATH", PROC_PATH);
	made[1] = make_entry("LANG", PROC_LANG);
	if (made[0] != NULL && made[1] != NULL)
		return made;
	free(made[1]);
	made[1] = NULL;
	environment_free(made);
	return NULL;
}

/* All of HAProxy's: what of it Lua asks for, or an address, no reader sees. */
static char **
make_its(char *const *variables)
{
	size_t count = 0, used = 2;
	char **made;

	while (variables[count] != NULL)
		count++;
	made = make_fixed(count);
	for (size_t i = 0; made != NULL && i < count; i++) {
		if (is_withheld(variables[i]))
			continue;
		made[used] = strdup(variables[i]);
		if (made[used++] == NULL) {
			environment_free(made);
			made = NULL;
		}
	}
	return made;
}

/* Of our own what the files of `conf` are seen to use. */
static char **
make_ours(const struct conf *conf)
{
	struct err ignored = ERR_INIT;
	struct hacfg *hacfg = NULL;
	size_t used = 2;
	char **made;

	/* What is wrong with the files HAProxy is about to say. */
	if (environment_read_files(conf, &hacfg, &ignored) < 0)
		return make_fixed(0);
	made = make_fixed(hacfg->variable_count);
	for (size_t i = 0; made != NULL && i < hacfg->variable_count; i++) {
		const char *name = hacfg->variables[i];
		const char *value = environment_value(conf, name);

		if (value == NULL)
			continue;
		made[used] = make_entry(name, value);
		if (made[used++] == NULL) {
			environment_free(made);
			made = NULL;
		}
	}
	hacfg_free(hacfg);
	return made;
}

int
environment_for_check(const struct conf *conf, char ***ret, struct err *err)
{
	char **found = NULL, **made;

	if (!environment_is_known(conf) &&
	    conf->haproxy.update != CONF_UPDATE_NONE)
		found = look(conf);
	if (environment_is_known(conf))
		made = make_its(variables_of(conf));
	else
		made = found != NULL ? make_its(found) : make_ours(conf);
	environment_free(found);
	if (made == NULL)
		return err_nomem(err, ENVIRONMENT_DOING);
	*ret = made;
	return 0;
}

void
environment_free(char **environment)
{
	for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
		free(environment[i]);
	free(environment);
}
