/*
 * hacfg_words.c: one line of haproxy.cfg -> its words, and the variables that
 * may stand in them. First step of hacfg_read(); the rules are those of the
 * configuration manual, 2.2 and 2.3, checked against HAProxy 2.6: variables
 * are replaced in double quotes only, a backslash escapes a fixed set of
 * characters only, `#` starts a comment anywhere outside of quotes.
 */
#include "haproxy/hacfg_part.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A line on its way to words. */
struct split {
	const char *in;
	struct hacfg_words *words;
	struct hacfg_env *env;
	bool single, twofold; /* inside '...', inside "..." */
	bool open; /* a word has begun */
	const char *flaw; /* NULL, or why the line cannot be read */
	int code;
};

int
hacfg_keep(char **ret, const char *text, struct err *err)
{
	*ret = strdup(text);
	return *ret == NULL ? err_nomem(err, HACFG_DOING) : 0;
}

void *
hacfg_grow(void *items, size_t count, size_t size)
{
	char *grown = items;

	if (count == 0 || (count & (count - 1)) == 0) {
		grown = reallocarray(items, count == 0 ? 1 : count * 2, size);
		if (grown == NULL)
			return NULL;
	}
	memset(grown + count * size, 0, size);
	return grown;
}

const char *
hacfg_word(const struct hacfg_words *words, size_t i)
{
	return i < words->count ? words->items[i] : "";
}

static bool
fail(struct split *split, int code, const char *flaw)
{
	split->code = code;
	split->flaw = flaw;
	return false;
}

/* Begins a word where none is open. */
static bool
begin(struct split *split)
{
	struct hacfg_words *words = split->words;

	if (split->open)
		return true;
	if (words->count == COUNT_OF(words->items))
		return fail(split, ERR_LIMIT, "too many words");
	words->items[words->count++] = words->text + words->len;
	split->open = true;
	return true;
}

static bool
emit(struct split *split, char c)
{
	struct hacfg_words *words = split->words;

	if (c != '\0' && !begin(split))
		return false;
	if (words->len + 1 >= sizeof(words->text))
		return fail(split, ERR_LIMIT, "the line is too long");
	words->text[words->len++] = c;
	return true;
}

/* Ends the open word; the NUL of the last one has its room from emit(). */
static bool
end(struct split *split)
{
	if (!split->open)
		return true;
	split->open = false;
	if (split->words->len + 1 >= sizeof(split->words->text))
		return fail(split, ERR_LIMIT, "the line is too long");
	split->words->text[split->words->len++] = '\0';
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* split->in is at a backslash. */
static bool
take_backslash(struct split *split)
{
	char c = split->in[1];
	int high, low;

	switch (c) {
	case ' ':
	case '\\':
	case '#':
	case '\'':
	case '"': split->in++; break;
	case '$':
		/* Elsewhere a dollar has no meaning, so nothing to escape. */
		if (!split->twofold)
			c = '\\';
		else
			split->in++;
		break;
	case 't':
	case 'n':
	case 'r':
		c = c == 't' ? '\t' : c == 'n' ? '\n' : '\r';
		split->in++;
		break;
	case 'x':
		high = hex_digit(split->in[2]);
		low = high < 0 ? -1 : hex_digit(split->in[3]);
		if (low < 0)
			return fail(split, ERR_SYNTAX, "bad \\xHH sequence");
		c = (char)(high * 16 + low);
		split->in += 3;
		break;
	default: c = '\\'; break;
	}
	split->in++;
	/* \x00 would end the word for HAProxy, too. */
	return c == '\0' || emit(split, c);
}

/* The value of a variable; with `apart` its blanks part words. */
static bool
emit_value(struct split *split, const char *value, size_t len, bool apart)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (apart && isspace((unsigned char)value[i])) {
			if (!end(split))
				return false;
		} else if (!emit(split, value[i])) {
			return false;
		}
	}
	return true;
}

/* split->in is at a dollar inside double quotes. */
static bool
take_variable(struct split *split)
{
	const char *name, *value, *rest;
	bool brace, apart = false;
	size_t len, value_len;

	name = split->in + 1;
	brace = *name == '{';
	name += brace;
	if (!isalpha((unsigned char)*name) && *name != '_' && *name != '.')
		return fail(split, ERR_SYNTAX, "bad name of a variable");
	len = 1;
	while (isalnum((unsigned char)name[len]) || name[len] == '_')
		len++;
	value = hacfg_env_take(split->env, name, len);
	value_len = value == NULL ? 0 : strlen(value);
	rest = name + len;
	if (brace && strncmp(rest, "[*]", 3) == 0) {
		apart = true;
		rest += 3;
	}
	if (brace && *rest == '-') {
		const char *fallback = rest + 1;

		rest += strcspn(rest, "}");
		if (value == NULL) {
			value = fallback;
			value_len = (size_t)(rest - fallback);
		}
	}
	if (brace && *rest++ != '}')
		return fail(split, ERR_SYNTAX, "no } after a variable");
	split->in = rest;
	return emit_value(split, value, value_len, apart);
}

/* One step over split->in; false at the end of the line or at a flaw. */
static bool
step(struct split *split)
{
	char c = *split->in;
	bool quoted = split->single || split->twofold;

	if (c == '\0' || c == '\n' || c == '\r')
		return false;
	if (c == '#' && !quoted)
		return false;
	if (c == '"' && !split->single) {
		split->twofold = !split->twofold;
		split->in++;
		return begin(split);
	}
	if (c == '\'' && !split->twofold) {
		split->single = !split->single;
		split->in++;
		return begin(split);
	}
	if (c == '\\' && !split->single)
		return take_backslash(split);
	if (c == '$' && split->twofold)
		return take_variable(split);
	split->in++;
	if (isspace((unsigned char)c) && !quoted)
		return end(split);
	return emit(split, c);
}

int
hacfg_words_split(struct hacfg_words *words, const char *line,
    struct hacfg_env *env, const char *where, struct err *err)
{
	struct split split = {line, words, env, false, false, false, NULL, 0};

	words->count = 0;
	words->len = 0;
	while (step(&split))
		;
	if (split.flaw == NULL && (split.single || split.twofold))
		(void)fail(&split, ERR_SYNTAX, "a quote is not closed");
	if (split.flaw == NULL)
		(void)end(&split);
	if (split.flaw != NULL)
		return err_set(
		    err, split.code, HACFG_DOING, where, "%s", split.flaw);
	return 0;
}
