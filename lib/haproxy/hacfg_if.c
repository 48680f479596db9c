/*
 * hacfg_if.c: `.if` blocks: is what stands in a branch for HAProxy? A number is
 * certain (configuration manual, 2.4), and so is whether a variable is set,
 * where it is known which ones are; all else HAProxy's program is asked for
 * (conditions.h). A part of hacfg_read().
 */
#include "haproxy/hacfg_part.h"

#include <string.h>

/* The words behind the directive, with blanks between, as HAProxy sees them. */
static char *
merge(struct hacfg_words *words)
{
	if (words->count < 2)
		return words->text + words->len - 1;
	for (size_t i = 2; i < words->count; i++)
		words->items[i][-1] = ' ';
	return words->items[1];
}

/* Nothing is false; `!` turns what is behind it. MAYBE: it is no number. */
static enum hacfg_when
number_of(const char *text)
{
	const char *digits = text + strspn(text, " \t!");
	size_t len = strspn(digits, "0123456789");
	bool truth = strspn(digits, "0") < len;

	if (digits[len + strspn(digits + len, " \t")] != '\0')
		return HACFG_MAYBE;
	for (; text < digits; text++)
		truth ^= *text == '!';
	return truth ? HACFG_ALWAYS : HACFG_NEVER;
}

/* Puts 1 or 0 in the place of each `defined(NAME)`. */
static void
settle_defined(struct hacfg_env *env, char *text)
{
	static const char call[] = "defined(";
	char *at = text;

	while ((at = strstr(at, call)) != NULL) {
		char *name = at + strlen(call);
		size_t blanks = strspn(name, " \t\"'");
		size_t len = strcspn(name + blanks, " \t\"'),");
		bool set =
		    len > 0 && hacfg_env_take(env, name + blanks, len) != NULL;

		if (blanks > 0 || len == 0 || name[len] != ')') {
			env->unsure = true;
			at = name;
			continue;
		}
		*at++ = set ? '1' : '0';
		memmove(at, name + len + 1, strlen(name + len + 1) + 1);
	}
}

/* What HAProxy's program has said; else it may be asked. */
static int
look_up(struct hacfg_reader *reader, const char *text, enum hacfg_when *ret,
    struct err *err)
{
	const struct conf_environment *outer = reader->env.outer;

	for (size_t i = 0; outer != NULL && i < outer->answer_count; i++) {
		const char *answer = outer->answers[i];

		if (strcmp(answer + 1, text) != 0)
			continue;
		if (*answer != '?')
			*ret = *answer == '1' ? HACFG_ALWAYS : HACFG_NEVER;
		return 0;
	}
	/* What is enabled depends on how HAProxy was started; and the question
	 * is put in such quotes. */
	if (strstr(text, "enabled(") != NULL || strchr(text, '\'') != NULL)
		return 0;
	return hacfg_note_text(&reader->hacfg->conditions,
	    &reader->hacfg->condition_count, text, err);
}

static int
evaluate(struct hacfg_reader *reader, enum hacfg_when *ret, struct err *err)
{
	char *text = merge(&reader->words);

	settle_defined(&reader->env, text);
	*ret = reader->env.unsure ? HACFG_MAYBE : number_of(text);
	if (*ret != HACFG_MAYBE || reader->env.unsure)
		return 0;
	return look_up(reader, text, ret, err);
}

/* The next branch of the innermost block. */
static void
begin_branch(struct hacfg_block *block, enum hacfg_when value)
{
	block->now = value > block->left ? value : block->left;
	if (value == HACFG_ALWAYS)
		block->left = HACFG_NEVER;
	else if (value == HACFG_MAYBE && block->left == HACFG_ALWAYS)
		block->left = HACFG_MAYBE;
}

/* By all blocks of the file. */
static enum hacfg_when
sum_up(const struct hacfg_reader *reader)
{
	/* HAProxy takes no more of them. */
	enum hacfg_when when =
	    reader->block_count > HACFG_BLOCKS ? HACFG_MAYBE : HACFG_ALWAYS;

	for (size_t i = 0; i < reader->block_count && i < HACFG_BLOCKS; i++) {
		if (reader->blocks[i].now > when)
			when = reader->blocks[i].now;
	}
	return when;
}

int
hacfg_if_line(struct hacfg_reader *reader, struct err *err)
{
	struct hacfg_block beyond = {HACFG_MAYBE, HACFG_MAYBE};
	struct hacfg_block *block = &beyond;
	const char *word = hacfg_word(&reader->words, 0);
	bool begins = strcmp(word, ".if") == 0;
	bool asked = reader->when != HACFG_NEVER;
	enum hacfg_when value = HACFG_NEVER;
	int rc = 0;

	if (begins && reader->block_count++ < HACFG_BLOCKS)
		reader->blocks[reader->block_count - 1] =
		    (struct hacfg_block){HACFG_ALWAYS, HACFG_ALWAYS};
	if (reader->block_count > 0 && reader->block_count <= HACFG_BLOCKS)
		block = &reader->blocks[reader->block_count - 1];
	if (begins || strcmp(word, ".elif") == 0) {
		if (begins ? asked : block->left != HACFG_NEVER)
			rc = evaluate(reader, &value, err);
		begin_branch(block, value);
	} else if (strcmp(word, ".else") == 0) {
		begin_branch(block, HACFG_ALWAYS);
	} else if (strcmp(word, ".endif") == 0 && reader->block_count > 0) {
		reader->block_count--;
	}
	reader->when = sum_up(reader);
	return rc;
}
