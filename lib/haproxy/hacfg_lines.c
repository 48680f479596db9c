/*
 * hacfg_lines.c: the words of one line -> facts: sections and the global
 * keywords. Second step of hacfg_read(); certificates are hacfg_bind.c's.
 * Keywords that are not ours are passed over, as are sections.
 */
#include "haproxy/hacfg_part.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int line_handler(struct hacfg_reader *reader, struct err *err);

/* A keyword, the kind of section it means something in; there may be two. */
struct line {
	enum hacfg_section section;
	const char *keyword;
	line_handler *handle;
};

/* Copies `text` to `ret` of LIMIT_PATH_BYTES. */
static int
set_path(char *ret, const char *text, struct err *err)
{
	return hacfg_path_check(
	    snprintf(ret, LIMIT_PATH_BYTES, "%s", text), text, err);
}

static int
line_default_path(struct hacfg_reader *reader, struct err *err)
{
	static const char *const names[] = {
	    [HACFG_CURRENT] = "current",
	    [HACFG_CONFIG] = "config",
	    [HACFG_PARENT] = "parent",
	    [HACFG_ORIGIN] = "origin",
	};
	int rc;
	size_t i;

	for (i = 0; i < COUNT_OF(names); i++) {
		if (strcmp(hacfg_word(&reader->words, 1), names[i]) == 0)
			reader->relative = (enum hacfg_relative)i;
	}
	rc = set_path(reader->origin, hacfg_word(&reader->words, 2), err);
	return rc < 0 ? rc : hacfg_set_dir(reader, err);
}

/* In an `.if` that may not hold, what was set before may hold as well. */
static int
line_crt_base(struct hacfg_reader *reader, struct err *err)
{
	bool global = reader->section == HACFG_GLOBAL;
	size_t *others = &reader->crt_base_others;

	if (global && hacfg_line_when(reader) == HACFG_ALWAYS)
		*others = 0;
	else if (global && *others < HACFG_BASES)
		memcpy(reader->other_crt_bases[(*others)++], reader->crt_base,
		    sizeof(reader->crt_base));
	return set_path(global ? reader->crt_base : reader->store_base,
	    hacfg_word(&reader->words, 1), err);
}

static int
line_ca_base(struct hacfg_reader *reader, struct err *err)
{
	return set_path(reader->ca_base, hacfg_word(&reader->words, 1), err);
}

static int
line_key_base(struct hacfg_reader *reader, struct err *err)
{
	return set_path(reader->section == HACFG_GLOBAL
		? reader->key_base
		: reader->store_key_base,
	    hacfg_word(&reader->words, 1), err);
}

/* A size in bytes, with k, m or g behind it (HAProxy 3.x). */
static int
read_size(struct hacfg_reader *reader, size_t *ret, struct err *err)
{
	const char *text = hacfg_word(&reader->words, 1);
	char *end = NULL, where[LIMIT_ERR_ON_BYTES];
	unsigned long long value;
	unsigned shift = 0;

	errno = 0;
	value = strtoull(text, &end, 10);
	switch (tolower((unsigned char)*end)) {
	case 'g': shift = 30; break;
	case 'm': shift = 20; break;
	case 'k': shift = 10; break;
	default: break;
	}
	if (errno != 0 || !isdigit((unsigned char)*text) ||
	    value > ((size_t)1 << 40) >> shift)
		return err_set(err, ERR_SYNTAX, HACFG_DOING,
		    hacfg_where(reader, where, sizeof(where)),
		    "'%s' is no size", text);
	*ret = (size_t)value << shift;
	return 0;
}

/* One of HAProxy's limits: where it may not be read, it can only be lower. */
static int
line_limit(
    struct hacfg_reader *reader, size_t usual, size_t *ret, struct err *err)
{
	size_t size = 0, held = *ret > 0 ? *ret : usual;
	int rc;

	/* A variable that is not known here. */
	if (*hacfg_word(&reader->words, 1) == '\0' && reader->words.count > 1)
		return 0;
	rc = read_size(reader, &size, err);
	if (rc == 0 && (hacfg_line_when(reader) == HACFG_ALWAYS || size < held))
		*ret = size;
	return rc;
}

static int
line_bufsize(struct hacfg_reader *reader, struct err *err)
{
	return line_limit(
	    reader, LIMIT_BUFSIZE_DEFAULT, &reader->hacfg->bufsize, err);
}

static int
line_payload_max(struct hacfg_reader *reader, struct err *err)
{
	return line_limit(reader, LIMIT_CLI_PAYLOAD_DEFAULT,
	    &reader->hacfg->payload_max, err);
}

int
hacfg_add_text(char ***list, size_t *count, const char *text, struct err *err)
{
	char **grown;

	grown = hacfg_grow(*list, *count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, HACFG_DOING);
	*list = grown;
	grown[*count] = strdup(text);
	if (grown[*count] == NULL)
		return err_nomem(err, HACFG_DOING);
	++*count;
	return 0;
}

static int
line_stats(struct hacfg_reader *reader, struct err *err)
{
	char path[LIMIT_PATH_BYTES], where[LIMIT_ERR_ON_BYTES];
	const char *text = path;
	int rc;

	if (strcmp(hacfg_word(&reader->words, 1), "socket") != 0)
		return 0;
	rc = hacfg_env_expand(&reader->env, hacfg_word(&reader->words, 2), path,
	    sizeof(path), hacfg_where(reader, where, sizeof(where)), err);
	if (rc < 0)
		return rc;
	if (strncmp(text, "unix@", 5) == 0)
		text += 5;
	if (*text != '/')
		return 0;
	return hacfg_add_text(
	    &reader->hacfg->sockets, &reader->hacfg->socket_count, text, err);
}

static int
line_ssl_options(struct hacfg_reader *reader, struct err *err)
{
	size_t i;

	(void)err;
	for (i = 1; i < reader->words.count; i++) {
		if (strcmp(reader->words.items[i], "strict-sni") == 0)
			reader->strict_sni = true;
	}
	return 0;
}

static int
line_unix_bind(struct hacfg_reader *reader, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 1; i + 1 < reader->words.count && rc == 0; i++) {
		if (strcmp(reader->words.items[i], "prefix") == 0)
			rc = set_path(reader->unix_prefix,
			    reader->words.items[i + 1], err);
	}
	return rc;
}

static const struct line lines[] = {
    {HACFG_GLOBAL, "ca-base", line_ca_base},
    {HACFG_GLOBAL, "crt-base", line_crt_base},
    {HACFG_GLOBAL, "default-path", line_default_path},
    {HACFG_GLOBAL, HACFG_CLIENT_CA_FILE, hacfg_line_client},
    {HACFG_GLOBAL, "key-base", line_key_base},
    {HACFG_GLOBAL, "presetenv", hacfg_line_presetenv},
    {HACFG_GLOBAL, "resetenv", hacfg_line_resetenv},
    {HACFG_GLOBAL, "setenv", hacfg_line_setenv},
    {HACFG_GLOBAL, "ssl-default-bind-options", line_ssl_options},
    {HACFG_GLOBAL, "stats", line_stats},
    {HACFG_GLOBAL, "tune.bufsize", line_bufsize},
    {HACFG_GLOBAL, "tune.cli.max-payload-size", line_payload_max},
    {HACFG_GLOBAL, "unix-bind", line_unix_bind},
    {HACFG_GLOBAL, "unsetenv", hacfg_line_unsetenv},
    {HACFG_CRT_STORE, "crt-base", line_crt_base},
    {HACFG_CRT_STORE, "key-base", line_key_base},
    {HACFG_CRT_STORE, "load", hacfg_line_load},
    {HACFG_CRT_STORE, "load", hacfg_line_beside},
    {HACFG_PROXY, "bind", hacfg_line_bind},
    {HACFG_PROXY, "bind", hacfg_line_trust},
    {HACFG_PROXY, "default-server", hacfg_line_server},
    {HACFG_PROXY, "default-server", hacfg_line_trust},
    {HACFG_PROXY, "disabled", hacfg_line_state},
    {HACFG_PROXY, "enabled", hacfg_line_state},
    {HACFG_PROXY, "mode", hacfg_line_mode},
    {HACFG_PROXY, "server", hacfg_line_server},
    {HACFG_PROXY, "server", hacfg_line_trust},
    {HACFG_PROXY, "server-template", hacfg_line_server},
    {HACFG_PROXY, "server-template", hacfg_line_trust},
    {HACFG_PROXY, "ssl-f-use", hacfg_line_use},
    {HACFG_PROXY, "ssl-f-use", hacfg_line_beside},
};

enum hacfg_when
hacfg_line_when(const struct hacfg_reader *reader)
{
	return reader->env.readings > 1 && reader->when == HACFG_ALWAYS
	    ? HACFG_MAYBE
	    : reader->when;
}

bool
hacfg_line_decides(const char *text)
{
	static const char *const passed[] = {
	    "ca-base", HACFG_CLIENT_CA_FILE, "stats"};
	size_t len = strcspn(text, " \t\r\n#");
	size_t i;

	/* A word that may become another one. */
	if (strcspn(text, "\"'\\") < len)
		return true;
	for (i = 0; i < COUNT_OF(passed); i++) {
		if (strlen(passed[i]) == len &&
		    strncmp(text, passed[i], len) == 0)
			return false;
	}
	for (i = 0; i < COUNT_OF(lines); i++) {
		if (strlen(lines[i].keyword) == len &&
		    strncmp(text, lines[i].keyword, len) == 0)
			/* Of the servers' only those with a certificate. */
			return strstr(lines[i].keyword, "server") == NULL ||
			    strstr(text, "crt") != NULL;
	}
	return false;
}

/* Begins a section where the line does; tells whether it did. */
static bool
begin_section(struct hacfg_reader *reader)
{
	static const char *const others[] = {"acme", "backend", "cache",
	    "defaults", "fcgi-app", "frontend", "http-errors", "listen",
	    "log-forward", "log-profile", "mailers", "peers", "program",
	    "resolvers", "ring", "traces", "userlist"};
	const char *word = reader->words.items[0];
	enum hacfg_section section = HACFG_NO_SECTION;
	const char *name = hacfg_word(&reader->words, 1);
	size_t i;

	if (strcmp(word, "global") == 0)
		section = HACFG_GLOBAL;
	else if (strcmp(word, "crt-store") == 0)
		section = HACFG_CRT_STORE;
	for (i = 0; i < COUNT_OF(others); i++) {
		if (strcmp(word, others[i]) == 0)
			section = HACFG_PROXY;
	}
	if (section == HACFG_NO_SECTION)
		return false;
	reader->section = section;
	reader->section_bind = reader->hacfg->bind_count;
	if (snprintf(reader->section_name, sizeof(reader->section_name),
		"%s%s%s", word, *name == '\0' ? "" : " ", name) < 0)
		reader->section_name[0] = '\0';
	if (section == HACFG_CRT_STORE) {
		(void)snprintf(
		    reader->store, sizeof(reader->store), "%s", name);
		reader->store_base[0] = reader->store_key_base[0] = '\0';
	}
	return true;
}

/* The map that the parenthesis at `paren` of `word` opens, if it is one. */
static int
take_map(
    struct hacfg *hacfg, const char *word, const char *paren, struct err *err)
{
	static const char *const names[] = {
	    "map", "set-map", "add-map", "del-map"};
	const char *start = paren, *ends = ",)";
	char path[LIMIT_PATH_BYTES];
	bool is_map = false;
	size_t len, i;

	while (start > word &&
	    (isalnum((unsigned char)start[-1]) || strchr("_-", start[-1])))
		start--;
	len = (size_t)(paren - start);
	for (i = 0; i < COUNT_OF(names); i++)
		is_map |= len == strlen(names[i]) &&
		    strncmp(start, names[i], len) == 0;
	is_map |= len > 4 && strncmp(start, "map_", 4) == 0;
	paren++;
	if (*paren == '"' || *paren == '\'')
		ends = *paren++ == '"' ? "\"" : "'";
	len = strcspn(paren, ends);
	if (!is_map || len == 0 || len >= sizeof(path))
		return 0;
	memcpy(path, paren, len);
	path[len] = '\0';
	for (i = 0; i < hacfg->map_count; i++) {
		if (strcmp(hacfg->maps[i], path) == 0)
			return 0;
	}
	return hacfg_add_text(&hacfg->maps, &hacfg->map_count, path, err);
}

int
hacfg_line(struct hacfg_reader *reader, bool *ret_begins, struct err *err)
{
	const struct hacfg_words *words = &reader->words;
	const char *paren;
	size_t i;
	int rc = 0;

	*ret_begins = words->count > 0 && begin_section(reader);
	if (*ret_begins)
		return hacfg_mode_begin(reader, err);
	if (words->count == 0)
		return 0;
	for (i = 1; i < words->count && rc == 0; i++) {
		paren = strchr(words->items[i], '(');
		while (paren != NULL && rc == 0) {
			rc = take_map(
			    reader->hacfg, words->items[i], paren, err);
			paren = strchr(paren + 1, '(');
		}
	}
	for (i = 0; i < COUNT_OF(lines) && rc == 0; i++) {
		if (lines[i].section == reader->section &&
		    strcmp(lines[i].keyword, words->items[0]) == 0)
			rc = lines[i].handle(reader, err);
	}
	return rc;
}
