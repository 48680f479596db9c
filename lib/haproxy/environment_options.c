/*
 * environment_options.c: what of HAProxy's own command line decides whether it
 * takes a configuration, for `haproxy -c`.
 */
#include "haproxy/environment.h"

#include <stdio.h>
#include <string.h>

#include "haproxy/environment_part.h"
#include "haproxy/procenv.h"

struct search {
	const char *program;
	struct environment_options *options;
};

/* Options that the next word belongs to (management guide, 3). */
static bool
takes_word(const char *word)
{
	return word[0] == '-' && word[1] != '\0' && word[2] == '\0' &&
	    strchr("CfLmnNpSx", word[1]) != NULL;
}

/* The words behind the first, from `at` to `end`, a NUL behind each. */
static void
choose(const char *at, const char *end, struct environment_options *ret)
{
	for (at += strlen(at) + 1; at < end; at += strlen(at) + 1) {
		const char *next = at + strlen(at) + 1;

		if (strcmp(at, "--") == 0)
			return;
		ret->fatal_warnings |= strcmp(at, "-dW") == 0;
		ret->unresolved |= strcmp(at, "-dr") == 0;
		if (!takes_word(at) || next >= end)
			continue;
		if (at[1] == 'L' && strlen(next) < sizeof(ret->peer))
			(void)snprintf(
			    ret->peer, sizeof(ret->peer), "%s", next);
		at = next;
	}
}

/* environment_search(): the first that may be looked at has the word. */
static bool
take(void *context, long pid)
{
	struct search *search = context;
	struct buf words = BUF_INIT(LIMIT_ENVIRON_BYTES);
	struct err ignored = ERR_INIT;
	bool taken;

	taken = procenv_words(pid, search->program, &words, &ignored) == 0 &&
	    words.len > 0;
	if (taken)
		choose(buf_text(&words), buf_text(&words) + words.len,
		    search->options);
	buf_free(&words);
	return taken;
}

void
environment_options(const struct conf *conf, struct environment_options *ret)
{
	struct search search = {conf->haproxy.program, ret};

	memset(ret, 0, sizeof(*ret));
	if (conf->haproxy.update != CONF_UPDATE_NONE)
		environment_search(conf, take, &search);
}
