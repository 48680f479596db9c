/*
 * conf.h: certhaul.conf, read once, checked whole, then constant.
 *
 * conf_table.c holds one table with a row an option: name, type, bounds,
 * unit, default, and where it goes in struct conf. The table makes the
 * defaults, the checks and the documentation, so none of them can drift.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#define CONF_DEFAULT_PATH "/etc/certhaul/certhaul.conf"
#define CONF_ENV "CERTHAUL_CONF"

enum conf_engine { CONF_ENGINE_AUTO, CONF_ENGINE_CERTBOT, CONF_ENGINE_BUILTIN };

enum conf_update {
	CONF_UPDATE_AUTO,
	CONF_UPDATE_RUNTIME,
	CONF_UPDATE_RELOAD,
	CONF_UPDATE_NONE
};

enum conf_lost_names { CONF_LOST_NAMES_WARN, CONF_LOST_NAMES_REFUSE };

/* A list of strings; `items` ends with a NULL that `count` leaves out. */
struct conf_list {
	const char **items;
	size_t count;
};

/* No option: what a run has found out of HAProxy (haproxy/environment.h). */
struct conf_environment {
	char **variables; /* what it was started with, "NAME=value", and a NULL
	    behind them; NULL: not known */
	bool decides; /* which `.if` hold, and all values that one leaves open
	    count; else every branch may hold, and the last value counts */
	int version[3]; /* of what runs, 2.6.12; 0: not known, or not asked for
	    as no `.if` does */
};

struct conf {
	const char *path; /* the file it was read from, NULL: defaults */
	int engine; /* enum conf_engine */
	const char *engine_program; /* "": looked for */
	const char *state_dir;
	const char *lock_file;
	long lock_wait_ms; /* how long to wait for the lock */
	bool syslog;

	struct {
		const char *config_dir, *work_dir, *logs_dir;
	} letsencrypt;

	struct {
		const char *email, *server;
		bool agree_tos;
	} account;

	struct {
		const char *address;
		long port;
		const char *map;
		struct conf_list http_addresses; /* [ ]: found */
	} challenge;

	struct {
		const char *program;
		struct conf_list config;
		const char *bundle_dir;
		const char *bundle_owner, *bundle_group, *bundle_mode;
		struct conf_list sockets;
		const char *master_socket;
		int update; /* enum conf_update */
		struct conf_list reload_command;
		const char *crt_list; /* "": found in the configuration */
		long generations; /* earlier bundles that are kept */
		struct conf_environment *environment; /* owned; NULL: nothing */
	} haproxy;

	struct {
		bool enabled;
		struct conf_list addresses;
		long attempts; /* handshakes for each name and address */
		long timeout_ms; /* of one handshake */
		long max_age_s; /* how long a proof of one worker holds */
	} verify;

	struct {
		int lost_names; /* enum conf_lost_names */
		long clock_tolerance_s; /* valid so soon: accepted */
	} validate;
};

enum conf_type {
	CONF_BOOL,
	CONF_INT,
	CONF_STRING,
	CONF_PATH, /* absolute; empty only where `least` is 0 */
	CONF_MODE, /* octal, nothing for others */
	CONF_ENUM, /* the value is the place in `values` */
	CONF_LIST, /* of strings that are not empty */
	CONF_PATHS, /* a list of absolute paths */
};

/* One row of the table of options. */
struct conf_option {
	const char *name; /* "haproxy.bundle_dir" */
	enum conf_type type;
	long least, most; /* an int; bytes of a text; elements of a list */
	const char *unit; /* "ms", "s", or "" */
	const char *fallback; /* the default, as it stands in the file */
	const char *values; /* of an enum: "auto|runtime|reload|none" */
	const char *help; /* one line */
	size_t offset; /* in struct conf */
};

/*
 * Reads `path`; where that is NULL, the file CERTHAUL_CONF names; where that
 * is not set, CONF_DEFAULT_PATH, whose absence means the defaults. The file
 * must be ours or root's and not writable by others (ERR_UNSAFE). ERR_CONF
 * names file, line and key: syntax, unknown keys (with the nearest known),
 * wrong types, values out of bounds, a path that is not absolute, @include
 * (a file behind our back, whose owner nobody has looked at). A file that
 * cannot be read: the errors of fs_read(). Returns owned.
 */
int conf_load(const char *path, struct conf **ret, struct err *err) MUST_CHECK;

/*
 * The defaults, and of the file that conf_load() has just refused state_dir
 * alone: for what must not be lost though the file cannot be used; where it
 * cannot be parsed, from a line that sets it. Errors as there, where it is not
 * known: the file is none of ours, or has no such line that can be read, and
 * it is not the one at CONF_DEFAULT_PATH.
 */
int conf_load_state_dir(
    const char *path, struct conf **ret, struct err *err) MUST_CHECK;

/* Frees; NULL is a no-op. */
void conf_free(struct conf *conf);

/* The table, for documentation and tests; *ret_count rows. */
const struct conf_option *conf_options(size_t *ret_count);

#endif
