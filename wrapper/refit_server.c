/*
 * refit_server.c: words of a server line, or of a default-server that holds
 * for it, with which HAProxy does not come to an ACME client. A part of
 * refit_find().
 */
#include "wrapper/refit_part.h"

#include <limits.h>
#include <string.h>

#define NOBODY                                                                 \
	"between two orders nobody listens there, so HAProxy would hold the "  \
	"server for down when the challenge comes"
#define PLAIN "an ACME client there speaks HTTP without TLS"
#define OLD "an ACME client there speaks HTTP/1 alone"
#define OUT "HAProxy then never goes there"
#define PROXY "an ACME client there does not take the PROXY protocol"

struct word {
	const char *on, *off;
	const char *why; /* it does harm */
	const char *good; /* `on` has a value, and with this one is `off` */
};

static const struct word words[] = {
    {"check", "no-check", NOBODY, NULL},
    {"agent-check", "no-agent-check", NOBODY, NULL},
    {"ssl", "no-ssl", PLAIN, NULL},
    {"disabled", "enabled", OUT, NULL},
    {"proto", "proto h1", OLD, "h1"},
    {"send-proxy", "no-send-proxy", PROXY, NULL},
    {"send-proxy-v2", "no-send-proxy-v2", PROXY, NULL},
    {"send-proxy-v2-ssl", "no-send-proxy-v2-ssl", PROXY, NULL},
    {"send-proxy-v2-ssl-cn", "no-send-proxy-v2-ssl-cn", PROXY, NULL},
};

/* What the line says last, from word `i` on; NULL: neither. */
static const char *
said_by(const struct refit_line *line, size_t i, const struct word *word)
{
	const char *said = NULL;

	for (; i < line->count; i++) {
		if (strcmp(line->words[i], word->on) == 0)
			said = word->good != NULL &&
				strcmp(refit_word(line, i + 1), word->good) == 0
			    ? word->off
			    : word->on;
		else if (strcmp(line->words[i], word->off) == 0)
			said = word->off;
	}
	return said;
}

/* Where a word is that holds; NULL: it does not hold. */
struct held {
	const struct refit_section *section;
	const struct refit_line *line;
};

/*
 * Looks for `word` in the default-server lines of `section` in front of line
 * `end` and, where they do not say, in those of its defaults.
 */
static struct held
find_held(const struct refit_text *text, const struct refit_section *section,
    unsigned end, const struct word *word)
{
	const char *said = NULL;

	for (; section != NULL;
	     section = refit_defaults_of(text, section), end = UINT_MAX) {
		for (size_t i = section->count; i-- > 1;) {
			const struct refit_line *line = &section->lines[i];

			if (line->line >= end ||
			    strcmp(line->words[0], "default-server") != 0)
				continue;
			said = said_by(line, 1, word);
			if (said == word->on)
				return (struct held){section, line};
			if (said != NULL)
				return (struct held){NULL, NULL};
		}
	}
	return (struct held){NULL, NULL};
}

int
refit_server_words(const struct refit_text *text,
    const struct refit_section *defaults, struct buf *ret, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < COUNT_OF(words) && rc == 0; i++) {
		if (find_held(text, defaults, UINT_MAX, &words[i]).line != NULL)
			rc = buf_printf(ret, err, " %s", words[i].off);
	}
	return rc;
}

int
refit_note_server(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *line, struct err *err)
{
	struct held held;
	int rc = 0;

	for (size_t i = 0; i < COUNT_OF(words) && rc == 0; i++) {
		const struct word *word = &words[i];
		const char *said = said_by(line, 3, word);

		if (said == word->on)
			rc = refit_note(work, err, "%s:%u: take `%s` off: %s",
			    section->file, line->line, word->on, word->why);
		if (said != NULL)
			continue;
		held = find_held(&work->text, section, line->line, word);
		if (held.line != NULL)
			rc = refit_note(work, err,
			    "%s:%u: put `%s` behind this server, for which "
			    "`%s` of default-server (%s:%u) holds: %s",
			    section->file, line->line, word->off, word->on,
			    held.section->file, held.line->line, word->why);
	}
	return rc;
}
