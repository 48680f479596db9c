/*
 * environment.c: HAProxy's own environment, as far as its configuration takes
 * something from there: asked for, and handed to `haproxy -c`.
 */
#include "haproxy/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "haproxy/hacfg.h"
#include "haproxy/process.h"

static const char doing[] = "looking at HAProxy's environment";

enum { LONGEST_BYTES = 4096 }; /* of a value */

/* Those that are for programs and their libraries: nobody's to set for us. */
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
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	}
	for (size_t i = 0; i < COUNT_OF(whole); i++) {
		if (strcmp(name, whole[i]) == 0)
			return true;
	}
	return false;
}

/* One that is used and that nobody knows; NULL: none. */
static const char *
find_unknown(const struct hacfg *hacfg)
{
	for (size_t i = 0; i < hacfg->variable_count; i++) {
		if (getenv(hacfg->variables[i]) == NULL)
			return hacfg->variables[i];
	}
	return NULL;
}

static int
read_files(const struct conf *conf, struct hacfg **ret, struct err *err)
{
	return hacfg_read(conf->haproxy.config.items,
	    conf->haproxy.config.count, conf->haproxy.environment, ret, err);
}

static void
ask(const struct process *process, const struct hacfg *hacfg)
{
	char value[LONGEST_BYTES];

	for (size_t i = 0; i < hacfg->variable_count; i++) {
		const char *name = hacfg->variables[i];
		struct err ignored = ERR_INIT;
		bool set = false;

		if (!is_taken(name) && getenv(name) == NULL &&
		    process_variable(process, name, value, sizeof(value), &set,
			&ignored) == 0 &&
		    set)
			(void)setenv(name, value, 0);
	}
}

void
environment_learn(const struct conf *conf)
{
	const struct conf_list *sockets = &conf->haproxy.sockets;
	struct err ignored = ERR_INIT;
	struct hacfg *hacfg = NULL;
	struct process process;

	/* What is wrong with the files is told by who needs them. */
	if (conf->haproxy.update == CONF_UPDATE_NONE ||
	    read_files(conf, &hacfg, &ignored) < 0)
		return;
	for (size_t i = 0; i < sockets->count && find_unknown(hacfg) != NULL;
	     i++) {
		err_clear(&ignored);
		if (process_probe(sockets->items[i], &process, &ignored) == 0)
			ask(&process, hacfg);
	}
	hacfg_free(hacfg);
}

void
environment_advise(const struct conf *conf, char *ret, size_t size)
{
	struct err ignored = ERR_INIT;
	struct hacfg *hacfg = NULL;
	const char *unknown = NULL;

	if (read_files(conf, &hacfg, &ignored) == 0)
		unknown = find_unknown(hacfg);
	ret[0] = '\0';
	if (unknown != NULL)
		(void)snprintf(ret, size,
		    " (the variable %s, which it uses, is unknown here: no "
		    "HAProxy that answers has it)",
		    unknown);
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

/* Behind the `used` ones that are there. */
static int
add_used(const struct hacfg *hacfg, char **ret, size_t used, struct err *err)
{
	for (size_t i = 0; i < hacfg->variable_count; i++) {
		const char *name = hacfg->variables[i];
		const char *value = getenv(name);

		if (value == NULL || is_taken(name))
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
		rc = add_used(hacfg, made, 2, err);
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
