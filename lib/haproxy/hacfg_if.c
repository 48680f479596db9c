/*
 * hacfg_if.c: `.if` blocks: is what stands in a branch for HAProxy? A number is
 * certain (configuration manual, 2.4), all else is not known here: it is about
 * HAProxy's build and its environment. A part of hacfg_read().
 */
#include "haproxy/hacfg_part.h"

#include <string.h>

static const char blanks[] = " \t\r";

/* Nothing is false; `!` turns what is behind it. */
static enum hacfg_when
value_of(const char *text)
{
	const char *digits = text + strspn(text, " \t\r!");
	size_t len = strspn(digits, "0123456789");
	const char *end = digits + len;
	bool truth = strspn(digits, "0") < len;

	end += strspn(end, blanks);
	if (*end != '\0' && *end != '#')
		return HACFG_MAYBE;
	for (; text < digits; text++)
		truth ^= *text == '!';
	return truth ? HACFG_ALWAYS : HACFG_NEVER;
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

/* Is `text` the directive `name`? Then what is behind it; else NULL. */
static const char *
behind(const char *text, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(text, name, len) != 0 ||
	    (text[len] != '\0' && strchr(" \t\r#", text[len]) == NULL))
		return NULL;
	return text + len;
}

void
hacfg_if_line(struct hacfg_reader *reader, const char *text)
{
	struct hacfg_block beyond = {HACFG_MAYBE, HACFG_MAYBE};
	struct hacfg_block *block = &beyond;
	const char *value;

	if (behind(text, ".if") != NULL && reader->block_count++ < HACFG_BLOCKS)
		reader->blocks[reader->block_count - 1] =
		    (struct hacfg_block){HACFG_ALWAYS, HACFG_ALWAYS};
	if (reader->block_count == 0)
		return;
	if (reader->block_count <= HACFG_BLOCKS)
		block = &reader->blocks[reader->block_count - 1];
	if ((value = behind(text, ".if")) != NULL ||
	    (value = behind(text, ".elif")) != NULL)
		begin_branch(block, value_of(value));
	else if (behind(text, ".else") != NULL)
		begin_branch(block, HACFG_ALWAYS);
	else if (behind(text, ".endif") != NULL)
		reader->block_count--;
	/* HAProxy takes no more of them. */
	reader->when =
	    reader->block_count > HACFG_BLOCKS ? HACFG_MAYBE : HACFG_ALWAYS;
	for (size_t i = 0; i < reader->block_count && i < HACFG_BLOCKS; i++) {
		if (reader->blocks[i].now > reader->when)
			reader->when = reader->blocks[i].now;
	}
}
