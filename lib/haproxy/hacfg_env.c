/*
 * hacfg_env.c: the variables that may stand in haproxy.cfg: those that it sets,
 * and behind them the environment's. A part of hacfg_read().
 */
#include "haproxy/hacfg_part.h"

#include <stdlib.h>
#include <string.h>

/* Does it say something of the variable? */
static bool
is_about(const struct hacfg_var *var, const char *name, size_t len)
{
	return var->name == NULL ||
	    (strncmp(var->name, name, len) == 0 && var->name[len] == '\0');
}

/* One value more, where it is another. */
static void
add_value(const char **values, size_t *count, const char *value)
{
	for (size_t i = 0; i < *count; i++) {
		if (value == values[i] ||
		    (value != NULL && values[i] != NULL &&
			strcmp(value, values[i]) == 0))
			return;
	}
	if (*count < HACFG_READINGS)
		values[(*count)++] = value;
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

/* Adds `text`, copied, where it is not there yet. ERR_NOMEM. */
static int
note_text(char ***list, size_t *count, const char *text, struct err *err)
{
	for (size_t i = 0; i < *count; i++) {
		if (strcmp((*list)[i], text) == 0)
			return 0;
	}
	return hacfg_add_text(list, count, text, err);
}

static int
note_deciding(struct hacfg *hacfg, const char *name, struct err *err)
{
	struct hacfg_deciding *grown;

	for (size_t i = 0; i < hacfg->deciding_count; i++) {
		if (strcmp(hacfg->deciding[i].name, name) == 0)
			return 0;
	}
	grown =
	    hacfg_grow(hacfg->deciding, hacfg->deciding_count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, HACFG_DOING);
	hacfg->deciding = grown;
	return hacfg_keep(&grown[hacfg->deciding_count++].name, name, err);
}

/* What the environment says of it. */
static const char *
take_outer(struct hacfg_env *env, const char *name, size_t len)
{
	struct err ignored = ERR_INIT;
	struct hacfg *hacfg = env->hacfg;
	char *const *variables =
	    env->outer == NULL ? NULL : env->outer->variables;
	char key[256];

	/* HAPROXY_*: set by HAProxy itself. */
	env->unsure |= variables == NULL || !env->outer->decides ||
	    strncmp(name, "HAPROXY_", 8) == 0;
	if (!copy_name(name, len, key, sizeof(key)))
		return NULL;
	/* Without memory it is unknown, as it was. */
	if (hacfg != NULL)
		(void)!note_text(
		    &hacfg->variables, &hacfg->variable_count, key, &ignored);
	if (hacfg != NULL && env->decides)
		(void)!note_deciding(hacfg, key, &ignored);
	return hacfg_env_outer(variables, key);
}

/*
 * What it may be by the first `upto` items and, where none of those is certain,
 * by the environment: the last first, each once, into `ret` of HACFG_READINGS.
 * Returns how many; at least one.
 */
static size_t
find_values(struct hacfg_env *env, size_t upto, const char *name, size_t len,
    const char **ret)
{
	size_t count = 0;
	bool open = true;

	while (open && upto-- > 0) {
		const struct hacfg_var *var = &env->items[upto];

		if (!is_about(var, name, len))
			continue;
		add_value(ret, &count, var->value);
		env->unsure |= var->unsure;
		open = var->branch;
	}
	if (open)
		add_value(ret, &count, take_outer(env, name, len));
	return count;
}

void
hacfg_env_more(struct hacfg_env *env, size_t readings)
{
	if (readings > env->readings)
		env->readings = readings;
}

const char *
hacfg_env_take(struct hacfg_env *env, const char *name, size_t len)
{
	const char *values[HACFG_READINGS];
	size_t count = find_values(env, env->before, name, len, values);

	hacfg_env_more(env, count);
	return values[env->reading < count ? env->reading : count - 1];
}

int
hacfg_env_settle(struct hacfg_env *env, struct err *err)
{
	const char *values[HACFG_READINGS];
	int rc = 0;

	for (size_t i = 0; i < env->hacfg->deciding_count; i++) {
		struct hacfg_deciding *one = &env->hacfg->deciding[i];

		one->count = find_values(
		    env, env->count, one->name, strlen(one->name), values);
		for (size_t k = 0; rc == 0 && k < one->count; k++) {
			if (values[k] != NULL)
				rc =
				    hacfg_keep(&one->values[k], values[k], err);
		}
	}
	return rc;
}

/* One item more: `name` is `value` (NULL: unset). ERR_NOMEM. */
static int
add(struct hacfg_env *env, const char *name, const char *value, bool branch,
    struct err *err)
{
	struct hacfg_var *grown, *var;
	int rc = 0;

	grown = hacfg_grow(env->items, env->count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, HACFG_DOING);
	env->items = grown;
	var = &grown[env->count++];
	var->branch = branch;
	var->unsure = branch || env->unsure;
	if (name != NULL)
		rc = hacfg_keep(&var->name, name, err);
	if (rc == 0 && value != NULL)
		rc = hacfg_keep(&var->value, value, err);
	return rc;
}

/* The same by the line that is read: its first reading hides those before. */
static int
set(struct hacfg_reader *reader, const char *name, const char *value,
    struct err *err)
{
	struct hacfg_env *env = &reader->env;

	env->unsure |= hacfg_line_when(reader) != HACFG_ALWAYS;
	return add(
	    env, name, value, reader->when != HACFG_ALWAYS || env->again, err);
}

/* From here on it is one of `values`, as find_values() tells them. */
static int
keep_values(struct hacfg_env *env, const char *name, const char *const *values,
    size_t count, struct err *err)
{
	bool last = true;
	int rc = 0;

	env->unsure |= count > 1;
	for (; rc == 0 && count > 0; last = false)
		rc = add(env, name, values[--count], !last, err);
	return rc;
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
	return set(reader, hacfg_word(&reader->words, 1),
	    hacfg_word(&reader->words, 2), err);
}

/* In the place of what is unset. */
int
hacfg_line_presetenv(struct hacfg_reader *reader, struct err *err)
{
	struct hacfg_env *env = &reader->env;
	const char *name = hacfg_word(&reader->words, 1);
	const char *values[HACFG_READINGS];
	size_t count =
	    find_values(env, env->before, name, strlen(name), values);
	bool lacks = false;

	for (size_t i = 0; i < count; i++) {
		if (values[i] != NULL)
			continue;
		values[i] = hacfg_word(&reader->words, 2);
		lacks = true;
	}
	if (!lacks)
		return 0;
	if (reader->when != HACFG_ALWAYS || env->again)
		return hacfg_line_setenv(reader, err);
	return keep_values(env, name, values, count, err);
}

int
hacfg_line_unsetenv(struct hacfg_reader *reader, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 1; i < reader->words.count && rc == 0; i++)
		rc = set(reader, reader->words.items[i], NULL, err);
	return rc;
}

/* All are unset, but for those that it names, which stay as they were. */
int
hacfg_line_resetenv(struct hacfg_reader *reader, struct err *err)
{
	struct hacfg_env *env = &reader->env;
	const char *values[HACFG_READINGS];
	size_t count;
	int rc = set(reader, NULL, NULL, err);

	for (size_t i = 1; i < reader->words.count && rc == 0; i++) {
		const char *name = reader->words.items[i];

		env->unsure = false;
		count =
		    find_values(env, env->before, name, strlen(name), values);
		rc = keep_values(env, name, values, count, err);
	}
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
