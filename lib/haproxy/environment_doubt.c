/*
 * environment_doubt.c: what of HAProxy's environment is not known, and what is
 * not what stands for it.
 */
#include "haproxy/environment.h"

#include <stdio.h>
#include <string.h>

#include "haproxy/environment_part.h"
#include "haproxy/process.h"

/* One that is used and that nobody knows; NULL: none. */
static const char *
find_unknown(const struct conf *conf, const struct hacfg *hacfg)
{
	/* HAProxy has what it has. */
	if (environment_is_known(conf))
		return NULL;
	for (size_t i = 0; i < hacfg->variable_count; i++) {
		const char *name = hacfg->variables[i];

		/* HAPROXY_*: set by HAProxy itself. */
		if (environment_value(conf, name) == NULL &&
		    strncmp(name, "HAPROXY_", 8) != 0)
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

	if (environment_read_files(conf, &hacfg, &ignored) == 0)
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
	return err_set(err, ERR_UNPROVED, ENVIRONMENT_DOING, name,
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

static bool
may_be(const struct hacfg_deciding *variable, const char *value)
{
	for (size_t i = 0; i < variable->count; i++) {
		const char *own = variable->values[i];

		if (own == value ||
		    (own != NULL && value != NULL && strcmp(own, value) == 0))
			return true;
	}
	return false;
}

/* May what HAProxy says of the variable be what we have? */
static int
compare(const struct process *process, const struct hacfg_deciding *variable,
    struct err *err)
{
	char said[2 * LIMIT_PATH_BYTES], a[220], b[220], fact[500];
	bool set = false;
	int rc;

	rc = process_variable(
	    process, variable->name, said, sizeof(said), &set, err);
	if (rc < 0 || may_be(variable, set ? said : NULL))
		return rc;
	(void)snprintf(fact, sizeof(fact),
	    "HAProxy says that this variable is %s, and here it is %s",
	    say_value(set ? said : NULL, a, sizeof(a)),
	    say_value(variable->values[0], b, sizeof(b)));
	return doubt(variable->name, fact, err);
}

/* The first that answers and whose level is enough to be asked. */
static bool
find_running(const struct conf *conf, struct process *ret)
{
	const char *paths[LIMIT_SOCKETS + 1];
	size_t count = environment_sockets(conf, paths);

	for (size_t i = 0; i < count; i++) {
		struct err ignored = ERR_INIT;
		char said[16];
		bool set;

		if (process_probe(paths[i], ret, &ignored) == 0 &&
		    process_variable(ret, "PATH", said, sizeof(said), &set,
			&ignored) != ERR_PERM)
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
	    environment_is_known(conf) ||
	    environment_read_files(conf, &hacfg, &ignored) < 0)
		return 0;
	if (hacfg->deciding_count > 0 && find_running(conf, &process)) {
		for (size_t i = 0; rc == 0 && i < hacfg->deciding_count; i++)
			rc = compare(&process, &hacfg->deciding[i], err);
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

	if (environment_is_known(conf) ||
	    environment_read_files(conf, &hacfg, &ignored) < 0)
		return 0;
	for (size_t i = 0; rc == 0 && i < hacfg->deciding_count; i++) {
		const char *name = hacfg->deciding[i].name;

		if (hacfg_env_outer(NULL, name) == NULL)
			rc = doubt(name,
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
