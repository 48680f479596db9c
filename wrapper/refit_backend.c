/*
 * refit_backend.c: the backend whose server is the http-01 listener. A part of
 * refit_find().
 */
#include "wrapper/refit_part.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

void
refit_listener(const struct conf *conf, char *ret, size_t size)
{
	const char *address = conf->challenge.address;
	bool six = strchr(address, ':') != NULL;

	(void)snprintf(ret, size, "%s%.64s%s:%ld", six ? "[" : "", address,
	    six ? "]" : "", conf->challenge.port);
}

/* Is it the server of challenge.address and challenge.port? */
static bool
is_listener(const struct conf *conf, const struct refit_line *line)
{
	const char *address = refit_server_address(line);
	char text[128];

	if (address == NULL)
		return false;
	refit_listener(conf, text, sizeof(text));
	if (strcmp(address, text) == 0)
		return true;
	(void)snprintf(text, sizeof(text), "%.64s:%ld", conf->challenge.address,
	    conf->challenge.port);
	if (strcmp(address, text) == 0)
		return true;
	(void)snprintf(
	    text, sizeof(text), "localhost:%ld", conf->challenge.port);
	return strcmp(address, text) == 0;
}

/* HAProxy goes where the resolver leads first, and the listener has one. */
static int
note_name(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *line, struct err *err)
{
	static const char name[] = "localhost";
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	const char *address = work->conf->challenge.address;
	struct addrinfo *found = NULL;
	char first[NI_MAXHOST] = "", listener[128];

	if (strncmp(refit_server_address(line), name, sizeof(name) - 1) != 0 ||
	    getaddrinfo(name, NULL, &hints, &found) != 0)
		return 0;
	if (getnameinfo(found->ai_addr, found->ai_addrlen, first, sizeof(first),
		NULL, 0, NI_NUMERICHOST) != 0)
		first[0] = '\0';
	freeaddrinfo(found);
	if (first[0] == '\0' || strcmp(first, address) == 0)
		return 0;
	refit_listener(work->conf, listener, sizeof(listener));
	return refit_note(work, err,
	    "%s:%u: localhost is %s here before it is %s, where an ACME "
	    "client listens: write %s in its place",
	    section->file, line->line, first, address, listener);
}

static int
add_backend(
    struct refit_work *work, char *ret_name, size_t size, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	char listener[128];
	struct refit_base base;
	size_t i;
	int rc;

	refit_free_name(&work->text, "acme", false, ret_name, size);
	/* The first of several frontends has had it added. */
	for (i = 0; i < work->refit->count; i++) {
		if (work->refit->edits[i].item == REFIT_BACKEND)
			return 0;
	}
	refit_listener(work->conf, listener, sizeof(listener));
	rc = refit_base_find(work, &base, err);
	if (rc == 0)
		rc = buf_printf(&text, err,
		    "\nbackend %s%s\n\tmode http\n\tretries 0\n"
		    "\ttimeout connect 1s\n\ttimeout queue 10s\n"
		    "\ttimeout server 10s\n\toption http-server-close\n"
		    "\tserver acme_client %s maxconn 4",
		    ret_name, base.from, listener);
	if (rc == 0)
		rc = refit_server_words(&work->text, base.defaults, &text, err);
	if (rc == 0)
		rc = buf_puts(&text, "\n", err);
	if (rc == 0)
		rc = refit_add_section(
		    work, REFIT_BACKEND, buf_text(&text), err);
	buf_free(&text);
	return rc;
}

/* Its server of the listener; NULL: none, or there are others beside it. */
static const struct refit_line *
listener_of(const struct conf *conf, const struct refit_section *section)
{
	const struct refit_line *found = NULL;

	if (!refit_is(section, "backend") && !refit_is(section, "listen"))
		return NULL;
	for (size_t i = 1; i < section->count; i++) {
		const struct refit_line *line = &section->lines[i];

		if (is_listener(conf, line))
			found = found == NULL ? line : found;
		else if (refit_is_server(line))
			return NULL;
	}
	return found;
}

/* The listener's server, in a section of this name; NULL: of any for http. */
static const struct refit_line *
find_listener(const struct refit_work *work, const char *name,
    const struct refit_section **ret_section)
{
	const struct refit_text *text = &work->text;
	const struct refit_line *line = NULL;

	for (size_t i = 0; i < text->count && line == NULL; i++) {
		const struct refit_section *section = &text->sections[i];

		if (name == NULL
			? !refit_is_mode(text, section, "http")
			: strcmp(refit_word(&section->lines[0], 1), name) != 0)
			continue;
		line = listener_of(work->conf, section);
		*ret_section = section;
	}
	return line;
}

int
refit_find_backend(struct refit_work *work, const struct refit_line *lead,
    char *ret_name, size_t size, struct err *err)
{
	const char *led = lead == NULL ? NULL : refit_word(lead, 1);
	const struct refit_section *section = NULL;
	const struct refit_line *line = NULL;
	int rc;

	/* Of several that which the challenge is led to. */
	if (led != NULL)
		line = find_listener(work, led, &section);
	if (line == NULL)
		line = find_listener(work, NULL, &section);
	if (line != NULL) {
		(void)snprintf(
		    ret_name, size, "%s", refit_word(&section->lines[0], 1));
		rc = refit_note_server(work, section, line, err);
		return rc < 0 ? rc : note_name(work, section, line, err);
	}
	/* A second one would have nothing that leads to it. */
	if (led != NULL && refit_has_server(&work->text, led) &&
	    !refit_is_shared(&work->text, led)) {
		*ret_name = '\0';
		return 0;
	}
	return add_backend(work, ret_name, size, err);
}
