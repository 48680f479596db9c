/*
 * refit_lead.c: where haproxy.cfg leads the challenge already: to a listener
 * that certhaul.conf may know by another port. A part of refit_find(), and a
 * question of `certhaul check`.
 */
#include "wrapper/refit_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct refit_line *
refit_lead_of(const struct refit_section *section)
{
	size_t i;

	/* The first one without a condition of ours may take it before. */
	for (i = 1; i < section->count; i++) {
		const struct refit_line *line = &section->lines[i];

		if (strcmp(line->words[0], "use_backend") == 0)
			return refit_is_guarded(section, line) ? line : NULL;
	}
	return NULL;
}

/* The server that the challenge is led to. */
struct target {
	const struct refit_section *section; /* NULL: none */
	const struct refit_line *line;
	long port; /* 0: not told */
};

static struct target
target_of(const struct refit_text *text, const char *backend)
{
	struct target found = {NULL, NULL, 0};
	const char *colon;
	size_t i;

	for (i = 0; i < text->count && found.line == NULL; i++) {
		const struct refit_section *section = &text->sections[i];

		if ((!refit_is(section, "backend") &&
			!refit_is(section, "listen")) ||
		    strcmp(refit_word(&section->lines[0], 1), backend) != 0)
			continue;
		found.line = refit_line_of(section, "server", NULL);
		found.section = found.line == NULL ? NULL : section;
	}
	if (found.line == NULL)
		return found;
	colon = strrchr(refit_word(found.line, 2), ':');
	if (colon != NULL && strspn(colon + 1, "0123456789") > 0 &&
	    strspn(colon + 1, "0123456789") == strlen(colon + 1))
		found.port = strtol(colon + 1, NULL, 10);
	return found;
}

bool
refit_has_server(const struct refit_text *text, const char *backend)
{
	return target_of(text, backend).line != NULL;
}

int
refit_note_lead(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *lead, struct err *err)
{
	const char *backend = refit_word(lead, 1);
	const char *address = work->conf->challenge.address;
	long port = work->conf->challenge.port;
	struct target target = target_of(&work->text, backend);

	if (target.port == 0)
		return refit_note(work, err,
		    "%s:%u sends the challenge to backend %s, which has no "
		    "server %s:%ld (challenge.address and port in "
		    "certhaul.conf)",
		    section->file, lead->line, backend, address, port);
	return refit_note(work, err,
	    "certhaul.conf says that challenges are answered on port %ld, and "
	    "%s:%u leads them to port %ld: its backend %s has no server %s:%ld "
	    "but %s (%s:%u). Where an ACME client is to listen there, set "
	    "challenge.port to %ld in certhaul.conf, else put %s:%ld into that "
	    "line",
	    port, section->file, lead->line, target.port, backend, address,
	    port, refit_word(target.line, 2), target.section->file,
	    target.line->line, target.port, address, port);
}

int
refit_led(const struct conf *conf, struct refit_led *ret, struct err *err)
{
	struct refit_text text = {NULL, 0};
	size_t i;
	int rc;

	*ret = (struct refit_led){.port = 0};
	rc = refit_text_read(conf, &text, err);
	for (i = 0; rc == 0 && i < text.count && ret->port == 0; i++) {
		const struct refit_line *lead;
		struct target target;

		lead = refit_lead_of(&text.sections[i]);
		if (lead == NULL)
			continue;
		target = target_of(&text, refit_word(lead, 1));
		if (target.port == 0)
			continue;
		ret->port = target.port;
		(void)snprintf(ret->where, sizeof(ret->where), "%s:%u",
		    target.section->file, target.line->line);
	}
	refit_text_free(&text);
	return rc;
}
