/*
 * refit_led.c: where haproxy.cfg leads the challenge already: to a listener
 * that certhaul.conf may know by another port. A part of refit_find(), and a
 * question of `certhaul check` and init.
 */
#include "wrapper/refit_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haproxy/discovery.h"
#include "haproxy/hacfg.h"
#include "wrapper/holder.h"

/* The server that the challenge is led to. */
struct target {
	const struct refit_section *section; /* NULL: none */
	const struct refit_line *line;
	char host[64]; /* without brackets */
	long given; /* its port; 0: not told */
	long port; /* the same; 0: not told, or not known to be here */
};

/* "127.0.0.1:80", "ipv6@[::1]:80": HAProxy takes the last colon, too. */
static void
read_address(const char *text, struct target *ret)
{
	const char *colon;
	size_t len;

	if (strncmp(text, "ipv4@", 5) == 0 || strncmp(text, "ipv6@", 5) == 0)
		text += 5;
	colon = strrchr(text, ':');
	if (colon == NULL || colon[1] == '\0' ||
	    colon[1 + strspn(colon + 1, "0123456789")] != '\0')
		return;
	len = (size_t)(colon - text);
	if (len > 1 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	(void)snprintf(ret->host, sizeof(ret->host), "%.*s", (int)len, text);
	ret->given = strtol(colon + 1, NULL, 10);
}

/* The first server of the section, NULL: it has none. */
static const struct refit_line *
first_server(const struct refit_section *section)
{
	for (size_t i = 1; i < section->count; i++) {
		if (refit_server_address(&section->lines[i]) != NULL)
			return &section->lines[i];
	}
	return NULL;
}

static struct target
target_of(const struct refit_text *text, const char *backend)
{
	struct target found = {.section = NULL};
	size_t i;

	for (i = 0; i < text->count && found.line == NULL; i++) {
		const struct refit_section *section = &text->sections[i];

		if (!refit_is_named(section, backend))
			continue;
		found.line = first_server(section);
		found.section = found.line == NULL ? NULL : section;
	}
	if (found.line != NULL)
		read_address(refit_server_address(found.line), &found);
	if (found.given > 0 && discovery_is_here(found.host))
		found.port = found.given;
	return found;
}

bool
refit_has_server(const struct refit_text *text, const char *backend)
{
	return target_of(text, backend).line != NULL;
}

/* `challenge.port to 80`: that which differs. */
static void
put_fields(const struct conf *conf, const struct target *target, char *ret,
    size_t size)
{
	bool host = strcmp(target->host, "localhost") != 0 &&
	    strcmp(target->host, conf->challenge.address) != 0;
	size_t used;

	*ret = '\0';
	if (host)
		(void)snprintf(
		    ret, size, "challenge.address to \"%s\"", target->host);
	used = strlen(ret);
	if (target->port != conf->challenge.port)
		(void)snprintf(ret + used, size - used,
		    "%schallenge.port to %ld", host ? " and " : "",
		    target->port);
}

/* A listener of ours could not have the port. */
static int
note_held(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *lead, const struct target *target,
    const char *listener, struct err *err)
{
	char holder[96];

	holder_of_port(target->port, holder, sizeof(holder));
	return refit_note(work, err,
	    "%s:%u leads challenges to backend %s, and %s listens on port %ld, "
	    "where its server is (%s:%u): what that answers goes on so. "
	    "certhaul answers others with --in-proxy, which needs no port; or, "
	    "where nobody answers challenges there, put %s into that line",
	    section->file, lead->line, refit_word(lead, 1), holder,
	    target->port, target->section->file, target->line->line, listener);
}

int
refit_note_lead(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *lead, struct err *err)
{
	const char *backend = refit_word(lead, 1);
	struct target target = target_of(&work->text, backend);
	char listener[128], fields[160];

	refit_listener(work->conf, listener, sizeof(listener));
	put_fields(work->conf, &target, fields, sizeof(fields));
	if (target.line == NULL)
		return refit_note(work, err,
		    "%s:%u sends the challenge to backend %s, which has no "
		    "server %s (challenge.address and port in certhaul.conf)",
		    section->file, lead->line, backend, listener);
	if (target.port == 0)
		return refit_note(work, err,
		    "%s:%u leads challenges to backend %s, which has no server "
		    "%s but %s (%s:%u), where no ACME client of this machine "
		    "can listen as far as is known here: put %s into that "
		    "line where certificates are to be requested here",
		    section->file, lead->line, backend, listener,
		    refit_server_address(target.line), target.section->file,
		    target.line->line, listener);
	if (holder_is_there(target.port))
		return note_held(work, section, lead, &target, listener, err);
	return refit_note(work, err,
	    "certhaul.conf says that challenges are answered at %s, and "
	    "%s:%u leads them elsewhere: its backend %s has no server %s but "
	    "%s (%s:%u). Where an ACME client is to listen there, set %s in "
	    "certhaul.conf, else put %s into that line",
	    listener, section->file, lead->line, backend, listener,
	    refit_server_address(target.line), target.section->file,
	    target.line->line, fields, listener);
}

void
refit_led_to(const struct refit_text *text, const struct refit_line *lead,
    struct refit_led *ret)
{
	struct target target = target_of(text, refit_word(lead, 1));

	ret->port = target.port;
	if (target.line != NULL)
		(void)snprintf(ret->where, sizeof(ret->where), "%s:%u",
		    target.section->file, target.line->line);
}

/* The port of each server, once: what is not here now may come here. */
static void
take_ports(const struct refit_section *section, struct refit_led *ret)
{
	for (size_t i = 1; i < section->count; i++) {
		const char *address = refit_server_address(&section->lines[i]);
		struct target target = {.given = 0};

		if (address == NULL)
			continue;
		read_address(address, &target);
		if (target.given > 0 && !refit_led_has(ret, target.given) &&
		    ret->server_count < COUNT_OF(ret->servers))
			ret->servers[ret->server_count++] = target.given;
	}
}

bool
refit_led_has(const struct refit_led *led, long port)
{
	for (size_t i = 0; i < led->server_count; i++) {
		if (led->servers[i] == port)
			return true;
	}
	return false;
}

int
refit_led(const struct conf *conf, struct refit_led *ret, struct err *err)
{
	const struct conf_list *config = &conf->haproxy.config;
	struct refit_text text = {NULL, 0};
	struct hacfg *hacfg = NULL;
	int rc;

	*ret = (struct refit_led){.port = 0};
	rc = refit_text_read(conf, &text, err);
	if (rc == 0)
		rc = hacfg_read(config->items, config->count,
		    conf->haproxy.environment, &hacfg, err);
	ret->alone = rc == 0 && refit_is_alone(conf, hacfg);
	ret->everywhere = rc == 0 && refit_is_everywhere(conf, hacfg);
	for (size_t i = 0; rc == 0 && i < text.count; i++) {
		const struct refit_section *section = &text.sections[i];
		const struct refit_line *lead = refit_lead_of(section);

		take_ports(section, ret);
		if (ret->port != 0 || lead == NULL ||
		    refit_is_shared(&text, refit_word(lead, 1)))
			continue;
		refit_led_to(&text, lead, ret);
		(void)snprintf(ret->lead, sizeof(ret->lead), "%s:%u",
		    section->file, lead->line);
	}
	hacfg_free(hacfg);
	refit_text_free(&text);
	return rc;
}
