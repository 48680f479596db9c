/*
 * hacfg.h: what haproxy.cfg says about certificates, read as HAProxy reads it.
 *
 * Words, quotes, backslashes, comments and variables as in the configuration
 * manual, 2.2 to 2.3; a line ends where it ends (HAProxy continues none).
 * What stands in a branch of an `.if` that is certainly false is passed over
 * (hacfg_cond.c); all else counts, and of a line that loads certificates it is
 * told whether HAProxy may not read it. Only facts; what they mean is
 * discovery's.
 */
#ifndef HAPROXY_HACFG_H
#define HAPROXY_HACFG_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"

enum hacfg_source_kind {
	HACFG_CRT, /* crt X: file or directory, not yet looked at */
	HACFG_CRT_LIST, /* crt-list X */
};

/* One `crt` or `crt-list` of a bind line. */
struct hacfg_source {
	enum hacfg_source_kind kind;
	char
	    *name; /* as HAProxy names it: crt-base in front, no / at the end */
	char *path; /* where it is: absolute, default-path in front; "" for a
	    name of a crt-store ("@...") */
	char *crt_base; /* for the entries of a crt-list; "" with none */
	char *ca_base; /* for what is in their options; "" with none */
	char *dir; /* what relative names of such entries are relative to */
	bool is_default; /* default-crt (3.0+) */
	bool acme; /* HAProxy's own ACME looks after it */
};

/* Does HAProxy read a line, whose `.if` blocks it evaluates? */
enum hacfg_when { HACFG_ALWAYS, HACFG_MAYBE, HACFG_NEVER };

/* One `bind` line. */
struct hacfg_bind {
	char *section; /* "frontend www" */
	char *file;
	unsigned line;
	char **addresses; /* split at commas, variables replaced, the prefix
	    of unix-bind in front */
	size_t address_count;
	struct hacfg_source *sources; /* in their order, then ssl-f-use's */
	size_t source_count;
	bool strict_sni, accept_proxy, quic;
	bool ssl; /* false: plain; certificates are loaded, but not served */
	bool http; /* its section has `mode http`, of its own or by defaults */
	bool v4v6, v6only;
	bool disabled; /* its section is, of its own or by defaults ... */
	enum hacfg_when when; /* ... and is the line itself read? Never NEVER */
	bool apart; /* of an interface, a network namespace or behind a
	    NetScaler: loopback does not reach it */
};

/* One `load` of a crt-store section (3.0+). */
struct hacfg_load {
	char *store; /* "@store/alias", or the file where there is no alias */
	char *crt; /* its file, crt-base in front */
	char *path; /* where that is: absolute */
	bool acme; /* HAProxy's own ACME looks after it: leave it alone */
	enum hacfg_when when;
};

/* One `crt` of a server line: a client certificate. */
struct hacfg_server {
	char *name, *path; /* as in struct hacfg_source */
	char *file;
	unsigned line;
	enum hacfg_when when;
};

/*
 * A file with others' certificates, or a list of revoked ones: `ca-file X` of a
 * bind or server line, or of HAProxy's own client; or what is loaded with a
 * certificate, `load crt X key Y`.
 */
struct hacfg_trust {
	const char *keyword; /* static */
	char *path; /* as in struct hacfg_source */
	char *file;
	unsigned line;
};

enum { HACFG_READINGS = 4 }; /* of one line, or variable: more are lost */

/* A variable of the environment that facts in here are from. */
struct hacfg_deciding {
	char *name;
	char *values[HACFG_READINGS]; /* what it may be behind the last line,
	    the last value first; NULL: unset */
	size_t count;
};

struct hacfg {
	struct hacfg_bind *binds;
	size_t bind_count;
	struct hacfg_load *loads;
	size_t load_count;
	struct hacfg_server *servers;
	size_t server_count;
	struct hacfg_trust *trusts;
	size_t trust_count;
	char **files; /* as they were read */
	size_t file_count;
	size_t bufsize; /* tune.bufsize, 0: not set; the least it may be */
	size_t payload_max; /* tune.cli.max-payload-size, likewise */
	char **sockets; /* of `stats socket` lines that are UNIX paths */
	size_t socket_count;
	char **variables; /* those that may not be set in there, and are looked
	    for in the environment, each once */
	size_t variable_count;
	struct hacfg_deciding *deciding;
	size_t deciding_count;
	bool asks_version; /* an `.if` does, and that is not known */
	char **maps; /* files named in map(...), map_*(...), and in set-map,
	    add-map and del-map; each once */
	size_t map_count;
};

/*
 * Reads `paths` (files, or directories whose *.cfg are read in order, as -f
 * does). Variables are those of `environment` (borrowed; where it is NULL or
 * has none, our own) and of the global section's setenv, presetenv, unsetenv
 * and resetenv. Relative names are relative to `default-path`, without one to
 * "/", where services start.
 * ERR_NOENT, ERR_PERM, ERR_LIMIT, ERR_SYNTAX (file and line). Returns owned.
 */
int hacfg_read(const char *const *paths, size_t count,
    const struct conf_environment *environment, struct hacfg **ret,
    struct err *err) MUST_CHECK;
void hacfg_free(struct hacfg *hacfg);

/*
 * A variable of `variables` (NULL: our own): its value, borrowed; NULL: it is
 * not set.
 */
const char *hacfg_env_outer(char *const *variables, const char *name);

/* Where such a file is named, and what a relative name is relative to. */
struct hacfg_trust_at {
	const char *file;
	unsigned line;
	const char *base, *dir;
};

/*
 * One more such file, which a crt-list names: hacfg_read() reads none.
 * `keyword` is hacfg_trust_keyword()'s. ERR_LIMIT, ERR_NOMEM.
 */
int hacfg_trust_add(struct hacfg *hacfg, const struct hacfg_trust_at *at,
    const char *keyword, const char *word, struct err *err) MUST_CHECK;

/* Is `word` of `len` bytes a keyword that names such a file? NULL: no. */
const char *hacfg_trust_keyword(const char *word, size_t len);

/* The same of what is loaded with a certificate (3.0+): `key`, `ocsp`. */
const char *hacfg_beside_keyword(const char *word, size_t len);

/* Is it certain that HAProxy does not listen there? */
bool hacfg_is_off(const struct hacfg_bind *bind);

/*
 * The file that was changed last, where that was after `since_s`; or NULL. A
 * link that was turned counts as a change.
 */
const char *hacfg_changed_since(
    const char *const *files, size_t count, time_t since_s);

/* What bounds a payload; the least where HAProxy may not have read `unread`. */
struct hacfg_sizes {
	const char *unread; /* a file, or NULL */
	size_t bufsize, payload_max; /* as in struct hacfg */
};
struct hacfg_sizes hacfg_sizes(const struct hacfg *hacfg, const char *unread);

/* One line as it is read, with its variables replaced; borrowed. */
struct hacfg_seen {
	const char *file;
	unsigned line;
	const char *section; /* "frontend www"; "" before the first */
	char *const *words; /* `word_count` of them, at least one */
	size_t word_count;
	bool begins; /* it begins that section */
};

/*
 * Reads as hacfg_read() does and shows each line that is not empty to `visit`,
 * in order; what that returns, if not 0, ends it and is returned. Lines that
 * begin with a dot (`.if`), and those that HAProxy certainly does not read, are
 * not shown. Errors as hacfg_read().
 */
int hacfg_each(const char *const *paths, size_t count,
    const struct conf_environment *environment,
    int (*visit)(void *context, const struct hacfg_seen *seen, struct err *err),
    void *context, struct err *err) MUST_CHECK;

#endif
