/*
 * hacfg_bind.c: the lines that load certificates: `bind`, `ssl-f-use`,
 * `server` and crt-store's `load`. Third step of hacfg_read().
 */
#include "haproxy/hacfg_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Does the bind keyword take a value? From `haproxy -dKall` and the manuals
 * of 2.4 to 3.4; without the table `name ssl` would be read as `ssl`.
 */
static bool
takes_value(const char *keyword)
{
	static const char *const keywords[] = {"accept-netscaler-cip", "alpn",
	    "backlog", "ca-file", "ca-ignore-err", "ca-sign-file",
	    "ca-sign-pass", "ca-verify-file", "cc", "ciphers", "ciphersuites",
	    "client-sigalgs", "crl-file", "crt", "crt-ignore-err", "crt-list",
	    "curves", "default-crt", "ecdhe", "ech", "expose-fd", "gid",
	    "group", "guid-prefix", "id", "idle-ping", "interface", "ktls",
	    "label", "level", "maxconn", "mode", "mss", "name", "namespace",
	    "nbconn", "nice", "npn", "ocsp-update", "process", "proto",
	    "quic-cc-algo", "quic-socket", "severity-output", "shards",
	    "sigalgs", "ssl-max-ver", "ssl-min-ver", "tcp-md5sig", "tcp-ss",
	    "tcp-ut", "thread", "tls-ticket-keys", "uid", "user", "verify"};
	size_t i;

	for (i = 0; i < COUNT_OF(keywords); i++) {
		if (strcmp(keywords[i], keyword) == 0)
			return true;
	}
	return false;
}

/* One certificate, directory or crt-list more for `bind`. */
static int
add_source(struct hacfg_reader *reader, struct hacfg_bind *bind,
    enum hacfg_source_kind kind, const char *word, struct err *err)
{
	struct hacfg_source *source, *grown;
	char name[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES];
	const char *base =
	    kind == HACFG_CRT ? hacfg_crt_base(reader, word) : "";
	int rc;

	rc = hacfg_name(base, word, name, err);
	if (rc == 0)
		rc = hacfg_path(reader->dir, name, path, err);
	if (rc < 0)
		return rc;
	grown = hacfg_grow(bind->sources, bind->source_count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, HACFG_DOING);
	bind->sources = grown;
	source = &grown[bind->source_count++];
	source->kind = kind;
	rc = hacfg_keep(&source->name, name, err);
	if (rc == 0)
		rc = hacfg_keep(&source->path, path, err);
	if (rc == 0)
		rc = hacfg_keep(&source->crt_base, reader->crt_base, err);
	if (rc == 0)
		rc = hacfg_keep(&source->ca_base, reader->ca_base, err);
	if (rc == 0)
		rc = hacfg_keep(&source->dir, reader->dir, err);
	return rc;
}

/* Adds one address of the comma list, as str2sa_range() would see it. */
static int
add_address(struct hacfg_reader *reader, struct hacfg_bind *bind,
    const char *text, struct err *err)
{
	char plain[LIMIT_PATH_BYTES], full[LIMIT_PATH_BYTES];
	char where[LIMIT_ERR_ON_BYTES], **grown;
	const char *path = plain;
	int rc, n;

	rc = hacfg_env_expand(&reader->env, text, plain, sizeof(plain),
	    hacfg_where(reader, where, sizeof(where)), err);
	if (rc < 0)
		return rc;
	if (strncmp(path, "unix@", 5) == 0)
		path += 5;
	if (path != plain || *path == '/')
		n = snprintf(
		    full, sizeof(full), "unix@%s%s", reader->unix_prefix, path);
	else
		n = snprintf(full, sizeof(full), "%s", plain);
	rc = hacfg_path_check(n, plain, err);
	if (rc < 0)
		return rc;
	bind->quic |= strncmp(full, "quic", 4) == 0;
	grown =
	    hacfg_grow(bind->addresses, bind->address_count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, HACFG_DOING);
	bind->addresses = grown;
	return hacfg_keep(&grown[bind->address_count++], full, err);
}

static int
add_addresses(struct hacfg_reader *reader, struct hacfg_bind *bind,
    const char *list, struct err *err)
{
	char one[LIMIT_PATH_BYTES];
	size_t len;
	int rc = 0;

	for (; *list != '\0' && rc == 0; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (len >= sizeof(one))
			return hacfg_path_check(LIMIT_PATH_BYTES, list, err);
		memcpy(one, list, len);
		one[len] = '\0';
		if (len > 0)
			rc = add_address(reader, bind, one, err);
	}
	return rc;
}

/* One keyword of a bind line; `value` is "" where it takes none. */
static int
bind_keyword(struct hacfg_reader *reader, struct hacfg_bind *bind,
    const char *keyword, const char *value, struct err *err)
{
	int rc = 0;

	if (strcmp(keyword, "ssl") == 0)
		bind->ssl = true;
	else if (strcmp(keyword, "strict-sni") == 0)
		bind->strict_sni = true;
	else if (strcmp(keyword, "no-strict-sni") == 0)
		bind->strict_sni = false;
	else if (strcmp(keyword, "accept-proxy") == 0)
		bind->accept_proxy = true;
	else if (strcmp(keyword, "v4v6") == 0)
		bind->v4v6 = true;
	else if (strcmp(keyword, "v6only") == 0)
		bind->v6only = true;
	else if (strcmp(keyword, "interface") == 0 ||
	    strcmp(keyword, "namespace") == 0 ||
	    strcmp(keyword, "accept-netscaler-cip") == 0)
		bind->apart = strcmp(value, "lo") != 0;
	else if (strcmp(keyword, "crt-list") == 0)
		rc = add_source(reader, bind, HACFG_CRT_LIST, value, err);
	else if (strcmp(keyword, "crt") == 0)
		rc = add_source(reader, bind, HACFG_CRT, value, err);
	else if (strcmp(keyword, "default-crt") == 0) {
		rc = add_source(reader, bind, HACFG_CRT, value, err);
		if (rc == 0)
			bind->sources[bind->source_count - 1].is_default = true;
	}
	return rc;
}

int
hacfg_line_bind(struct hacfg_reader *reader, struct err *err)
{
	struct hacfg *hacfg = reader->hacfg;
	const struct hacfg_words *words = &reader->words;
	struct hacfg_bind *bind, *grown;
	char where[LIMIT_ERR_ON_BYTES];
	const char *keyword, *value;
	size_t i;
	int rc;

	if (hacfg->bind_count == LIMIT_HACFG_BINDS)
		return err_set(err, ERR_LIMIT, HACFG_DOING,
		    hacfg_where(reader, where, sizeof(where)),
		    "more than %d bind lines", LIMIT_HACFG_BINDS);
	grown = hacfg_grow(hacfg->binds, hacfg->bind_count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, HACFG_DOING);
	hacfg->binds = grown;
	bind = &grown[hacfg->bind_count++];
	bind->line = reader->line;
	bind->strict_sni = reader->strict_sni;
	bind->http = reader->http;
	bind->disabled = reader->disabled;
	rc = hacfg_keep(&bind->section, reader->section_name, err);
	if (rc == 0)
		rc = hacfg_keep(&bind->file, reader->file, err);
	if (rc == 0)
		rc = add_addresses(reader, bind, hacfg_word(words, 1), err);
	for (i = 2; i < words->count && rc == 0; i++) {
		keyword = words->items[i];
		value = takes_value(keyword) ? hacfg_word(words, ++i) : "";
		rc = bind_keyword(reader, bind, keyword, value, err);
	}
	bind->when = reader->unsure ? HACFG_MAYBE : hacfg_line_when(reader);
	return rc;
}

/* ssl-f-use (3.2+): one certificate for every bind line of its section. */
int
hacfg_line_use(struct hacfg_reader *reader, struct err *err)
{
	const struct hacfg_words *words = &reader->words;
	struct hacfg_bind *bind;
	const char *crt = "";
	bool acme = false;
	size_t i;
	int rc = 0;

	for (i = 1; i + 1 < words->count; i++) {
		if (strcmp(words->items[i], "crt") == 0)
			crt = words->items[++i];
		else if (strcmp(words->items[i], "acme") == 0)
			acme = true;
	}
	for (i = reader->section_bind;
	     *crt != '\0' && i < reader->hacfg->bind_count && rc == 0; i++) {
		bind = &reader->hacfg->binds[i];
		rc = add_source(reader, bind, HACFG_CRT, crt, err);
		if (rc == 0)
			bind->sources[bind->source_count - 1].acme = acme;
	}
	return rc;
}

int
hacfg_line_server(struct hacfg_reader *reader, struct err *err)
{
	struct hacfg *hacfg = reader->hacfg;
	const struct hacfg_words *words = &reader->words;
	struct hacfg_server *server, *grown;
	char name[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES];
	size_t i;
	int rc;

	for (i = 1; i < words->count; i++) {
		if (strcmp(words->items[i], "crt") == 0)
			break;
	}
	if (*hacfg_word(words, i + 1) == '\0')
		return 0;
	rc = hacfg_name(hacfg_crt_base(reader, words->items[i + 1]),
	    words->items[i + 1], name, err);
	if (rc == 0)
		rc = hacfg_path(reader->dir, name, path, err);
	if (rc < 0)
		return rc;
	grown = hacfg_grow(hacfg->servers, hacfg->server_count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, HACFG_DOING);
	hacfg->servers = grown;
	server = &grown[hacfg->server_count++];
	server->line = reader->line;
	server->when = hacfg_line_when(reader);
	rc = hacfg_keep(&server->name, name, err);
	if (rc == 0)
		rc = hacfg_keep(&server->path, path, err);
	if (rc == 0)
		rc = hacfg_keep(&server->file, reader->file, err);
	return rc;
}

/*
 * The store of a `load`: "@STORE/ALIAS"; without an alias "@STORE/CRT" (a crt
 * that begins with a slash is not given a second one), and in a crt-store
 * without a name the file itself, the global crt-base in front.
 */
static int
load_name(struct hacfg_reader *reader, const char *crt, const char *alias,
    char *ret, struct err *err)
{
	int n;

	if (*alias == '\0' && *reader->store == '\0')
		return hacfg_name(hacfg_crt_base(reader, crt), crt, ret, err);
	n = snprintf(ret, LIMIT_PATH_BYTES, "@%s%s%s", reader->store,
	    *alias == '\0' && *crt == '/' ? "" : "/",
	    *alias == '\0' ? crt : alias);
	return hacfg_path_check(n, crt, err);
}

int
hacfg_line_load(struct hacfg_reader *reader, struct err *err)
{
	struct hacfg *hacfg = reader->hacfg;
	const struct hacfg_words *words = &reader->words;
	char store[LIMIT_PATH_BYTES], file[LIMIT_PATH_BYTES];
	char path[LIMIT_PATH_BYTES];
	const char *crt = "", *alias = "";
	struct hacfg_load *load, *grown;
	bool acme = false;
	size_t i;
	int rc;

	for (i = 1; i + 1 < words->count; i += 2) {
		if (strcmp(words->items[i], "crt") == 0)
			crt = words->items[i + 1];
		else if (strcmp(words->items[i], "alias") == 0)
			alias = words->items[i + 1];
		acme |= strcmp(words->items[i], "acme") == 0;
	}
	if (*crt == '\0')
		return 0;
	rc = load_name(reader, crt, alias, store, err);
	if (rc == 0)
		rc = hacfg_name(hacfg_store_base(reader, crt), crt, file, err);
	if (rc == 0)
		rc = hacfg_path(reader->dir, file, path, err);
	if (rc < 0)
		return rc;
	grown = hacfg_grow(hacfg->loads, hacfg->load_count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, HACFG_DOING);
	hacfg->loads = grown;
	load = &grown[hacfg->load_count++];
	load->acme = acme;
	load->when = hacfg_line_when(reader);
	rc = hacfg_keep(&load->store, store, err);
	if (rc == 0)
		rc = hacfg_keep(&load->crt, file, err);
	if (rc == 0)
		rc = hacfg_keep(&load->path, path, err);
	return rc;
}
