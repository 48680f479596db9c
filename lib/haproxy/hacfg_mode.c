/*
 * hacfg_mode.c: is a proxy of `mode http`, and is it disabled? It may say so
 * itself, before or after its bind lines, or its defaults may: those it names,
 * else the last ones before it. A part of hacfg_line().
 */
#include "haproxy/hacfg_part.h"

#include <stdlib.h>
#include <string.h>

/* Of the sections that are not one themselves these three have defaults. */
static bool
has_defaults(const char *section)
{
	return strcmp(section, "frontend") == 0 ||
	    strcmp(section, "backend") == 0 || strcmp(section, "listen") == 0;
}

int
hacfg_mode_begin(struct hacfg_reader *reader, struct err *err)
{
	const struct hacfg_words *words = &reader->words;
	struct hacfg_defaults *grown;
	const char *from = "";
	size_t i;

	for (i = 2; i + 1 < words->count; i++) {
		if (strcmp(words->items[i], "from") == 0)
			from = words->items[i + 1];
	}
	reader->in_defaults = strcmp(words->items[0], "defaults") == 0;
	reader->http = reader->disabled = reader->unsure = false;
	if (!reader->in_defaults && !has_defaults(words->items[0]))
		return 0;
	for (i = 0; i < reader->defaults_count; i++) {
		/* One section of defaults inherits from another by name only */
		if (*from == '\0' ? reader->in_defaults
				  : strcmp(reader->defaults[i].name, from) != 0)
			continue;
		reader->http = reader->defaults[i].http;
		reader->disabled = reader->defaults[i].disabled;
		reader->unsure = reader->defaults[i].unsure;
	}
	if (!reader->in_defaults)
		return 0;
	grown = hacfg_grow(
	    reader->defaults, reader->defaults_count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, HACFG_DOING);
	reader->defaults = grown;
	grown += reader->defaults_count;
	grown->http = reader->http;
	grown->disabled = reader->disabled;
	grown->unsure = reader->unsure;
	grown->name = strdup(hacfg_word(words, 1));
	if (grown->name == NULL)
		return err_nomem(err, HACFG_DOING);
	reader->defaults_count++;
	return 0;
}

int
hacfg_line_mode(struct hacfg_reader *reader, struct err *err)
{
	struct hacfg *hacfg = reader->hacfg;
	size_t i;

	(void)err;
	reader->http = strcmp(hacfg_word(&reader->words, 1), "http") == 0;
	if (reader->in_defaults)
		reader->defaults[reader->defaults_count - 1].http =
		    reader->http;
	for (i = reader->section_bind; i < hacfg->bind_count; i++)
		hacfg->binds[i].http = reader->http;
	return 0;
}

/* `disabled` or `enabled`; where it may not be read, nothing is certain. */
int
hacfg_line_state(struct hacfg_reader *reader, struct err *err)
{
	struct hacfg *hacfg = reader->hacfg;
	struct hacfg_defaults *defaults;
	size_t i;

	(void)err;
	reader->disabled = reader->when == HACFG_ALWAYS &&
	    strcmp(reader->words.items[0], "disabled") == 0;
	reader->unsure = reader->when != HACFG_ALWAYS;
	if (reader->in_defaults) {
		defaults = &reader->defaults[reader->defaults_count - 1];
		defaults->disabled = reader->disabled;
		defaults->unsure = reader->unsure;
	}
	for (i = reader->section_bind; i < hacfg->bind_count; i++) {
		hacfg->binds[i].disabled = reader->disabled;
		if (reader->when > hacfg->binds[i].when)
			hacfg->binds[i].when = reader->when;
	}
	return 0;
}

bool
hacfg_is_off(const struct hacfg_bind *bind)
{
	return bind->disabled;
}

void
hacfg_mode_free(struct hacfg_reader *reader)
{
	size_t i;

	for (i = 0; i < reader->defaults_count; i++)
		free(reader->defaults[i].name);
	free(reader->defaults);
}
