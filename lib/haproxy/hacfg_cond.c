/*
 * hacfg_cond.c: does the condition of an `.if` hold (configuration manual,
 * 2.4)? By ourselves, as a program that may be asked need not be the one that
 * runs. What we cannot tell (`feature()`, `enabled()`, what HAProxy refuses)
 * is left open. Serves hacfg_if.c.
 */
#include "haproxy/hacfg_part.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* It holds, may hold, does not hold: so `&&` is the most, `||` the least. */
_Static_assert(HACFG_ALWAYS < HACFG_MAYBE && HACFG_MAYBE < HACFG_NEVER,
    "enum hacfg_when is not in order");

struct cond {
	char *at;
	struct hacfg_env *env;
	unsigned depth; /* of parentheses */
	bool flaw;
};

static enum hacfg_when
truth(bool holds)
{
	return holds ? HACFG_ALWAYS : HACFG_NEVER;
}

/* Blanks at the ends: whether they belong to it depends on the version. */
static bool
is_plain(const char *text)
{
	size_t len = strlen(text);

	return len == 0 ||
	    (!isspace((unsigned char)text[0]) &&
		!isspace((unsigned char)text[len - 1]));
}

static enum hacfg_when
is_defined(struct cond *cond, char *const *words)
{
	const char *name = words[0] + strspn(words[0], " \t");
	const char *value;

	cond->env->unsure = false;
	value = hacfg_env_take(cond->env, name, strcspn(name, " \t"));
	return cond->env->unsure || !is_plain(words[0]) ? HACFG_MAYBE
							: truth(value != NULL);
}

static enum hacfg_when
is_equal(struct cond *cond, char *const *words)
{
	(void)cond;
	return is_plain(words[0]) && is_plain(words[1])
	    ? truth(strcmp(words[0], words[1]) == 0)
	    : HACFG_MAYBE;
}

static enum hacfg_when
is_other(struct cond *cond, char *const *words)
{
	return HACFG_NEVER - is_equal(cond, words);
}

/* By three numbers; of X.Y.0 we do not know whether it is a X.Y-dev. */
static enum hacfg_when
is_at_least(struct cond *cond, char *const *words)
{
	const struct conf_environment *outer = cond->env->outer;
	char *text = words[0];

	if (outer == NULL || outer->version[0] == 0) {
		cond->env->hacfg->asks_version = true;
		return HACFG_MAYBE;
	}
	for (size_t i = 0; i < COUNT_OF(outer->version); i++) {
		long asked =
		    isdigit((unsigned char)*text) ? strtol(text, &text, 10) : 0;

		if (asked != outer->version[i])
			return truth(asked < outer->version[i]);
		text += *text == '.';
	}
	return *text == '\0' && outer->version[2] > 0 ? HACFG_ALWAYS
						      : HACFG_MAYBE;
}

static enum hacfg_when
is_before(struct cond *cond, char *const *words)
{
	return HACFG_NEVER - is_at_least(cond, words);
}

static const struct {
	const char *name;
	size_t words;
	enum hacfg_when (*decide)(struct cond *cond, char *const *words);
} calls[] = {
    {"defined", 1, is_defined},
    {"streq", 2, is_equal},
    {"strneq", 2, is_other},
    {"version_atleast", 1, is_at_least},
    {"version_before", 1, is_before},
};

/* What stands in a call's parentheses; two of them into `ret`. */
static size_t
take_words(struct cond *cond, char **ret)
{
	size_t count = 0, len;
	char end;

	do {
		len = strcspn(cond->at, ",)'\"\\");
		end = cond->at[len];
		if (count < 2)
			ret[count] = cond->at;
		count++;
		cond->at[len] = '\0';
		cond->at += len + (end != '\0');
	} while (end == ',');
	cond->flaw |= end != ')';
	return count;
}

static enum hacfg_when
take_call(struct cond *cond)
{
	char *name = cond->at, *words[2];
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz_"), count;

	if (len == 0 || name[len] != '(') {
		cond->flaw = true;
		return HACFG_MAYBE;
	}
	name[len] = '\0';
	cond->at += len + 1;
	count = take_words(cond, words);
	for (size_t i = 0; i < COUNT_OF(calls) && !cond->flaw; i++) {
		if (strcmp(calls[i].name, name) == 0 && calls[i].words == count)
			return calls[i].decide(cond, words);
	}
	return HACFG_MAYBE;
}

static bool
take_sign(struct cond *cond, const char *sign)
{
	size_t len = strlen(sign);

	cond->at += strspn(cond->at, " \t");
	if (strncmp(cond->at, sign, len) != 0)
		return false;
	cond->at += len;
	cond->at += strspn(cond->at, " \t");
	return true;
}

static enum hacfg_when take_any(struct cond *cond);

static enum hacfg_when
take_term(struct cond *cond)
{
	bool negated = false;
	char *end = NULL;
	enum hacfg_when when;
	long number;

	while (take_sign(cond, "!"))
		negated = !negated;
	number = strtol(cond->at, &end, 0);
	if (end != cond->at) {
		cond->at = end;
		when = truth(number != 0);
	} else if (cond->depth < LIMIT_CONDITION_DEPTH &&
	    take_sign(cond, "(")) {
		cond->depth++;
		when = take_any(cond);
		cond->depth--;
		cond->flaw |= !take_sign(cond, ")");
	} else {
		when = take_call(cond);
	}
	return negated ? HACFG_NEVER - when : when;
}

static enum hacfg_when
take_all(struct cond *cond)
{
	enum hacfg_when all = take_term(cond);

	while (!cond->flaw && take_sign(cond, "&&")) {
		enum hacfg_when when = take_term(cond);

		if (when > all)
			all = when;
	}
	return all;
}

static enum hacfg_when
take_any(struct cond *cond)
{
	enum hacfg_when any = take_all(cond);

	while (!cond->flaw && take_sign(cond, "||")) {
		enum hacfg_when when = take_all(cond);

		if (when < any)
			any = when;
	}
	return any;
}

enum hacfg_when
hacfg_cond(struct hacfg_env *env, char *text)
{
	struct cond cond = {.at = text, .env = env};
	bool unsure = env->unsure;
	enum hacfg_when when;

	if (*text == '\0')
		return unsure ? HACFG_MAYBE : HACFG_NEVER;
	when = take_any(&cond);
	(void)take_sign(&cond, "");
	return unsure || cond.flaw || *cond.at != '\0' ? HACFG_MAYBE : when;
}
