/*
 * hacfg_env.c: the variables that may stand in haproxy.cfg: those that it sets,
 * and behind them the environment's. A part of hacfg_read().
 */
#include "haproxy/hacfg_part.h"

#include <stdlib.h>
#include <string.h>

/* The last that says something of it, of the first `count`; NULL: none. */
static const struct hacfg_var *
find_last(
    const struct hacfg_env *env, size_t count, const char *name, size_t len)
{
	while (count-- > 0) {
		const struct hacfg_var *var = &env->items[count];

		if (strncmp(var->name, name, len) == 0 &&
		    var->name[len] == '\0')
			return var;
	}
	return NULL;
}

/*
 * What the file itself says of it; false: nothing. Each reading of a line goes
 * one value further back, up to one that is certainly set.
 */
static bool
find_own(struct hacfg_env *env, const char *name, size_t len, const char **ret)
{
	const struct hacfg_var *var = find_last(env, env->count, name, len);
	size_t left = env->reading;

	*ret = NULL;
	if (var == NULL)
		return env->alone;
	env->unsure |= var->unsure;
	while (var->branch) {
		const struct hacfg_var *before =
		    find_last(env, (size_t)(var - env->items), name, len);

		if (before == NULL)
			break;
		if (left-- == 0) {
			env->more = true;
			break;
		}
		var = before;
	}
	*ret = var->value;
	return true;
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
hacfg_env_outer(char *const *variables, const char *name)
{
	size_t len = strlen(name);

	if (variables == NULL)
		return getenv(name);
	for (; *variables != NULL; variables++) {
		if (strncmp(*variables, name, len) == 0 &&
		    (*variables)[len] == '=')
			return *variables + len + 1;
	}
	return NULL;
}

int
hacfg_note_text(char ***list, size_t *count, const char *text, struct err *err)
{
	for (size_t i = 0; i < *count; i++) {
		if (strcmp((*list)[i], text) == 0)
			return 0;
	}
	return hacfg_add_text(list, count, text, err);
}

const char *
hacfg_env_take(struct hacfg_env *env, const char *name, size_t len)
{
	struct err ignored = ERR_INIT;
	struct hacfg *hacfg = env->hacfg;
	const char *own = NULL;
	char *const *variables =
	    env->outer == NULL ? NULL : env->outer->variables;
	char key[256];

	if (find_own(env, name, len, &own))
		return own;
	/* HAPROXY_*: set by HAProxy itself. */
	env->unsure |= variables == NULL || !env->outer->decides ||
	    strncmp(name, "HAPROXY_", 8) == 0;
	if (!copy_name(name, len, key, sizeof(key)))
		return NULL;
	/* Without memory it is unknown, as it was. */
	if (hacfg != NULL)
		(void)!hacfg_note_text(
		    &hacfg->variables, &hacfg->variable_count, key, &ignored);
	if (hacfg != NULL && env->decides)
		(void)!hacfg_note_text(
		    &hacfg->deciding, &hacfg->deciding_count, key, &ignored);
	return hacfg_env_outer(variables, key);
}

int
hacfg_env_settle(struct hacfg_env *env, struct err *err)
{
	struct hacfg *hacfg = env->hacfg;
	int rc = 0;

	hacfg->deciding_values =
	    calloc(hacfg->deciding_count + 1, sizeof(char *));
	if (hacfg->deciding_values == NULL)
		return err_nomem(err, HACFG_DOING);
	for (size_t i = 0; rc == 0 && i < hacfg->deciding_count; i++) {
		const char *name = hacfg->deciding[i];
		const char *value = hacfg_env_take(env, name, strlen(name));

		if (value != NULL)
			rc = hacfg_keep(&hacfg->deciding_values[i], value, err);
	}
	return rc;
}

/* Sets (NULL: unsets) a variable. ERR_NOMEM. */
static int
set(struct hacfg_env *env, const char *name, const char *value,
    const struct hacfg_reader *reader, struct err *err)
{
	struct hacfg_var *grown, *var;

	grown = hacfg_grow(env->items, env->count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, HACFG_DOING);
	env->items = grown;
	var = &env->items[env->count];
	var->name = strdup(name);
	var->value = value == NULL ? NULL : strdup(value);
	var->branch = hacfg_line_when(reader) != HACFG_ALWAYS;
	var->unsure = var->branch || reader->env.unsure;
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
hacfg_line_setenv(struct hacfg_reader *reader, struct err *err)
{
	const char *name = hacfg_word(&reader->words, 1);

	return set(
	    &reader->env, name, hacfg_word(&reader->words, 2), reader, err);
}

int
hacfg_line_presetenv(struct hacfg_reader *reader, struct err *err)
{
	const char *name = hacfg_word(&reader->words, 1);

	if (hacfg_env_take(&reader->env, name, strlen(name)) != NULL)
		return 0;
	return hacfg_line_setenv(reader, err);
}

int
hacfg_line_unsetenv(struct hacfg_reader *reader, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 1; i < reader->words.count && rc == 0; i++)
		rc = set(
		    &reader->env, reader->words.items[i], NULL, reader, err);
	return rc;
}

int
hacfg_line_resetenv(struct hacfg_reader *reader, struct err *err)
{
	struct hacfg_env kept = {
	    .alone = true, .hacfg = reader->hacfg, .outer = reader->env.outer};
	const char *name, *value;
	size_t i;
	int rc = 0;

	for (i = 1; i < reader->words.count && rc == 0; i++) {
		name = reader->words.items[i];
		reader->env.unsure = false;
		value = hacfg_env_take(&reader->env, name, strlen(name));
		if (value != NULL)
			rc = set(&kept, name, value, reader, err);
	}
	hacfg_env_free(&reader->env);
	reader->env = kept;
	return rc;
}

int
hacfg_env_expand(struct hacfg_env *env, const char *text, char *ret,
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
