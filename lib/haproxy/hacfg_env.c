/*
 * hacfg_env.c: the variables that may stand in haproxy.cfg: those that it sets,
 * and behind them the environment's. A part of hacfg_read().
 */
#include "haproxy/hacfg_part.h"

#include <stdlib.h>
#include <string.h>

/* What the file itself says of it; false: nothing. */
static bool
find_own(
    const struct hacfg_env *env, const char *name, size_t len, const char **ret)
{
	for (size_t i = env->count; i-- > 0;) {
		if (strncmp(env->items[i].name, name, len) == 0 &&
		    env->items[i].name[len] == '\0') {
			*ret = env->items[i].value;
			return true;
		}
	}
	*ret = NULL;
	return env->alone;
}

/* `name` as text of its own, into `ret`; false: it is too long for one. */
static bool
copy_name(const char *name, size_t len, char *ret, size_t size)
{
	if (len >= size)
		return false;
	memcpy(ret, name, len);
	ret[len] = '\0';
	return true;
}

const char *
hacfg_env_outer(char *const *environment, const char *name)
{
	size_t len = strlen(name);

	if (environment == NULL)
		return getenv(name);
	for (; *environment != NULL; environment++) {
		if (strncmp(*environment, name, len) == 0 &&
		    (*environment)[len] == '=')
			return *environment + len + 1;
	}
	return NULL;
}

const char *
hacfg_env_take(const struct hacfg_env *env, const char *name, size_t len)
{
	struct err ignored = ERR_INIT;
	struct hacfg *hacfg = env->hacfg;
	const char *own = NULL;
	char key[256];
	bool known = hacfg == NULL;

	if (find_own(env, name, len, &own) ||
	    !copy_name(name, len, key, sizeof(key)))
		return own;
	for (size_t i = 0; !known && i < hacfg->variable_count; i++)
		known = strcmp(hacfg->variables[i], key) == 0;
	/* Without memory it is unknown, as it was. */
	if (!known)
		(void)!hacfg_add_text(
		    &hacfg->variables, &hacfg->variable_count, key, &ignored);
	return hacfg_env_outer(env->outer, key);
}

void
hacfg_env_ask(const struct hacfg_env *env, const char *text)
{
	static const char call[] = "defined(";

	while ((text = strstr(text, call)) != NULL) {
		size_t len;

		text += strlen(call);
		text += strspn(text, " \t\"'");
		len = strcspn(text, " \t\"'),");
		if (len > 0)
			(void)hacfg_env_take(env, text, len);
	}
}

int
hacfg_env_set(
    struct hacfg_env *env, const char *name, const char *value, struct err *err)
{
	struct hacfg_var *grown, *var;

	grown = hacfg_grow(env->items, env->count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, HACFG_DOING);
	env->items = grown;
	var = &env->items[env->count];
	var->name = strdup(name);
	var->value = value == NULL ? NULL : strdup(value);
	env->count++;
	if (var->name == NULL || (value != NULL && var->value == NULL))
		return err_nomem(err, HACFG_DOING);
	return 0;
}

void
hacfg_env_free(struct hacfg_env *env)
{
	size_t i;

	for (i = 0; i < env->count; i++) {
		free(env->items[i].name);
		free(env->items[i].value);
	}
	free(env->items);
	env->items = NULL;
	env->count = 0;
}

int
hacfg_env_expand(const struct hacfg_env *env, const char *text, char *ret,
    size_t size, const char *where, struct err *err)
{
	const char *name, *value;
	size_t used = 0, len, value_len;

	while (*text != '\0') {
		value = text;
		value_len = 1;
		name = text + 1 + (*text == '$' && text[1] == '{');
		len = strspn(name,
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
		    "abcdefghijklmnopqrstuvwxyz0123456789");
		text++;
		if (text[-1] == '$' && len > 0 &&
		    (*text != '{' || name[len] == '}')) {
			value = hacfg_env_take(env, name, len);
			value_len = value == NULL ? 0 : strlen(value);
			text = name + len + (*text == '{');
		}
		if (value_len >= size - used)
			return err_set(err, ERR_LIMIT, HACFG_DOING, where,
			    "an address is too long");
		if (value_len > 0)
			memcpy(ret + used, value, value_len);
		used += value_len;
	}
	ret[used] = '\0';
	return 0;
}
