/*
 * environment.c: HAProxy's own environment, as far as its configuration takes
 * something from there: found, and handed to `haproxy -c`.
 */
#include "haproxy/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "haproxy/hacfg.h"
#include "haproxy/process.h"
#include "haproxy/procenv.h"

static const char doing[] = "looking at HAProxy's environment";

/* For an answer, where nothing but the asking is left. */
enum { PATIENCE_MS = 1000 };

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

/* Of HAProxy's those that are fixed, and what a master says to itself. */
static bool
is_withheld(const char *name)
{
	return strcmp(name, "PATH") == 0 || strcmp(name, "LANG") == 0 ||
	    starts_with(name, "LD_") || starts_with(name, "HAPROXY_MWORKER_");
}

/* What `haproxy -c` gets; NULL: nothing. */
static const char *
value_for_check(const struct conf *conf, const char *name)
{
	bool known = conf->haproxy.environment != NULL;

	if (known ? is_withheld(name) : is_taken(name))
		return NULL;
	return hacfg_env_outer(conf->haproxy.environment, name);
}

static int
read_files(const struct conf *conf, struct hacfg **ret, struct err *err)
{
	return hacfg_read(conf->haproxy.config.items,
	    conf->haproxy.config.count, conf->haproxy.environment, ret, err);
}

/* `text` as the environment. */
static int
take(struct conf *conf, const struct buf *text, struct err *err)
{
	const char *at = buf_text(text), *end = at + text->len;
	size_t most = 1, used = 0;
	char **made;

	for (const char *nul = at; nul < end; nul++)
		most += *nul == '\0';
	made = calloc(most + 1, sizeof(*made));
	if (made == NULL)
		return err_nomem(err, doing);
	for (; at < end; at += strlen(at) + 1) {
		if (strchr(at, '=') == NULL)
			continue;
		made[used] = strdup(at);
		if (made[used++] == NULL) {
			environment_free(made);
			return err_nomem(err, doing);
		}
	}
	conf->haproxy.environment = made;
	return 0;
}

static void
learn_from(struct conf *conf, long pid)
{
	struct buf text = BUF_INIT(LIMIT_ENVIRON_BYTES);
	struct err ignored = ERR_INIT;

	if (procenv_read(pid, conf->haproxy.program, &text, &ignored) == 0)
		(void)!take(conf, &text, &ignored);
	buf_free(&text);
}

/*
 * Where the process that opened the socket is gone (3.1 and later, after a
 * reload) or is systemd: the worker's word, of which a pid is all that is
 * taken.
 */
static void
ask(struct conf *conf, const char *path)
{
	static const struct process_patience patience = {
	    .answer_ms = PATIENCE_MS};
	struct err ignored = ERR_INIT;
	struct process process;

	if (process_probe_patient(path, &patience, &process, &ignored) == 0)
		learn_from(conf, process.pid);
}

/* Where HAProxys may be asked: into `ret` of LIMIT_SOCKETS + 1. */
static size_t
list_sockets(const struct conf *conf, const char **ret)
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
environment_learn(struct conf *conf)
{
	const char *paths[LIMIT_SOCKETS + 1];
	size_t count;
	struct err ignored = ERR_INIT;
	struct hacfg *hacfg = NULL;

	/* What is wrong with the files is told by who needs them. */
	if (conf->haproxy.update == CONF_UPDATE_NONE ||
	    read_files(conf, &hacfg, &ignored) < 0)
		return;
	count = hacfg->variable_count == 0 ? 0 : list_sockets(conf, paths);
	/* What is not in the first one is not set, whatever others have. */
	for (size_t i = 0; i < count && conf->haproxy.environment == NULL;
	     i++) {
		long pid = 0;

		err_clear(&ignored);
		if (socket_whom(paths[i], &pid, &ignored) == 0)
			learn_from(conf, pid);
	}
	for (size_t i = 0; i < count && conf->haproxy.environment == NULL; i++)
		ask(conf, paths[i]);
	hacfg_free(hacfg);
}

/* One that is used and that nobody knows; NULL: none. */
static const char *
find_unknown(const struct conf *conf, const struct hacfg *hacfg)
{
	/* HAProxy has what it has. */
	if (conf->haproxy.environment != NULL)
		return NULL;
	for (size_t i = 0; i < hacfg->variable_count; i++) {
		const char *name = hacfg->variables[i];

		/* HAPROXY_*: set by HAProxy itself. */
		if (value_for_check(conf, name) == NULL &&
		    !starts_with(name, "HAPROXY_"))
			return name;
	}
	return NULL;
}

void
environment_advise(const struct conf *conf, char *ret, size_t size)
{
	struct err ignored = ERR_INIT;
	struct hacfg *hacfg = NULL;
	const char *unknown = NULL;

	if (read_files(conf, &hacfg, &ignored) == 0)
		unknown = find_unknown(conf, hacfg);
	ret[0] = '\0';
	if (unknown != NULL)
		(void)snprintf(ret, size,
		    " (the variable %s, which it uses, is unknown here: no "
		    "HAProxy runs whose environment root alone has made; "
		    "certhaul may be started with it)",
		    unknown);
	hacfg_free(hacfg);
}

/* What stands for the environment is not known to be HAProxy's. */
static int
doubt(const char *name, const char *fact, struct err *err)
{
	return err_set(err, ERR_UNPROVED, doing, name,
	    "%s; HAProxy's configuration depends on it, so what that says is "
	    "in doubt: give certhaul the same variable (systemctl edit "
	    "certhaul.service: [Service], Environment= or EnvironmentFile=)",
	    fact);
}

/* "is unset", or "is 'VALUE'", cut. */
static const char *
say_value(const char *value, char *ret, size_t size)
{
	if (value == NULL)
		(void)snprintf(ret, size, "unset");
	else
		(void)snprintf(ret, size, "'%.200s'", value);
	return ret;
}

/* Is what HAProxy says of the variable what we have? */
static int
compare(const struct process *process, const char *name, const char *ours,
    struct err *err)
{
	char said[2 * LIMIT_PATH_BYTES], a[220], b[220], fact[500];
	bool set = false;
	int rc;

	rc = process_variable(process, name, said, sizeof(said), &set, err);
	if (rc < 0 || (set == (ours != NULL) && (!set || !strcmp(said, ours))))
		return rc;
	(void)snprintf(fact, sizeof(fact),
	    "HAProxy says that this variable is %s, and here it is %s",
	    say_value(set ? said : NULL, a, sizeof(a)),
	    say_value(ours, b, sizeof(b)));
	return doubt(name, fact, err);
}

/* The first that answers. */
static bool
find_running(const struct conf *conf, struct process *ret)
{
	const char *paths[LIMIT_SOCKETS + 1];
	size_t count = list_sockets(conf, paths);

	for (size_t i = 0; i < count; i++) {
		struct err ignored = ERR_INIT;

		if (process_probe(paths[i], ret, &ignored) == 0)
			return true;
	}
	return false;
}

int
environment_compare(const struct conf *conf, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct hacfg *hacfg = NULL;
	struct process process;
	int rc = 0;

	if (conf->haproxy.update == CONF_UPDATE_NONE ||
	    conf->haproxy.environment != NULL ||
	    read_files(conf, &hacfg, &ignored) < 0)
		return 0;
	if (hacfg->deciding_count > 0 && find_running(conf, &process)) {
		for (size_t i = 0; rc == 0 && i < hacfg->deciding_count; i++)
			rc = compare(&process, hacfg->deciding[i],
			    hacfg->deciding_values[i], err);
	}
	hacfg_free(hacfg);
	return rc;
}

int
environment_require(const struct conf *conf, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct hacfg *hacfg = NULL;
	struct process process;
	int rc = 0;

	if (conf->haproxy.environment != NULL ||
	    read_files(conf, &hacfg, &ignored) < 0)
		return 0;
	for (size_t i = 0; rc == 0 && i < hacfg->deciding_count; i++) {
		if (hacfg_env_outer(NULL, hacfg->deciding[i]) == NULL)
			rc = doubt(hacfg->deciding[i],
			    "here this variable is unset, and no HAProxy that "
			    "runs tells of its own",
			    err);
	}
	/* Then it was compared. */
	if (rc < 0 && conf->haproxy.update != CONF_UPDATE_NONE &&
	    find_running(conf, &process)) {
		err_clear(err);
		rc = 0;
	}
	hacfg_free(hacfg);
	return rc;
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

/* Behind the `used` ones that are there. */
static int
add_used(const struct conf *conf, const struct hacfg *hacfg, char **ret,
    size_t used, struct err *err)
{
	for (size_t i = 0; i < hacfg->variable_count; i++) {
		const char *name = hacfg->variables[i];
		const char *value = value_for_check(conf, name);

		if (value == NULL)
			continue;
		ret[used] = make_entry(name, value);
		if (ret[used++] == NULL)
			return err_nomem(err, doing);
	}
	return 0;
}

int
environment_for_check(const struct conf *conf, char ***ret, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct hacfg *hacfg = NULL;
	char **made;
	int rc = 0;

	/* What is wrong with the files HAProxy is about to say. */
	if (read_files(conf, &hacfg, &ignored) < 0)
		hacfg = NULL;
	made = calloc(
	    (hacfg == NULL ? 0 : hacfg->variable_count) + 3, sizeof(*made));
	if (made != NULL) {
		made[0] = make_entry("PATH", PROC_PATH);
		made[1] = make_entry("LANG", PROC_LANG);
	}
	if (made == NULL || made[0] == NULL || made[1] == NULL)
		rc = err_nomem(err, doing);
	if (rc == 0 && hacfg != NULL)
		rc = add_used(conf, hacfg, made, 2, err);
	hacfg_free(hacfg);
	if (rc == 0)
		*ret = made;
	else
		environment_free(made);
	return rc;
}

void
environment_free(char **environment)
{
	for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
		free(environment[i]);
	free(environment);
}
