/*
 * hacfg_if.c: `.if` blocks: is what stands in a branch for HAProxy? A part of
 * hacfg_read(); the conditions are hacfg_cond.c's.
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
		*(words->items[i] - 1) = ' ';
	return words->items[1];
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

/* By the first `count` blocks of the file. */
static enum hacfg_when
sum_up(const struct hacfg_reader *reader, size_t count)
{
	/* HAProxy takes no more of them. */
	enum hacfg_when when =
	    count > HACFG_BLOCKS ? HACFG_MAYBE : HACFG_ALWAYS;

	for (size_t i = 0; i < count && i < HACFG_BLOCKS; i++) {
		if (reader->blocks[i].now > when)
			when = reader->blocks[i].now;
	}
	return when;
}

/* May HAProxy come to the innermost block? */
static bool
is_asked(const struct hacfg_reader *reader)
{
	size_t count = reader->block_count;

	return sum_up(reader, count > 0 ? count - 1 : 0) != HACFG_NEVER;
}

void
hacfg_if_line(struct hacfg_reader *reader)
{
	struct hacfg_block beyond = {HACFG_MAYBE, HACFG_MAYBE};
	struct hacfg_block *block = &beyond;
	const char *word = hacfg_word(&reader->words, 0);
	bool begins = strcmp(word, ".if") == 0;
	enum hacfg_when value = HACFG_NEVER;

	if (begins && reader->block_count++ < HACFG_BLOCKS)
		reader->blocks[reader->block_count - 1] =
		    (struct hacfg_block){HACFG_ALWAYS, HACFG_ALWAYS};
	if (reader->block_count > 0 && reader->block_count <= HACFG_BLOCKS)
		block = &reader->blocks[reader->block_count - 1];
	if (begins || strcmp(word, ".elif") == 0) {
		if (block->left != HACFG_NEVER && is_asked(reader))
			value = hacfg_cond(&reader->env, merge(&reader->words));
		begin_branch(block, value);
	} else if (strcmp(word, ".else") == 0) {
		begin_branch(block, HACFG_ALWAYS);
	} else if (strcmp(word, ".endif") == 0 && reader->block_count > 0) {
		reader->block_count--;
	}
	reader->when = sum_up(reader, reader->block_count);
}
