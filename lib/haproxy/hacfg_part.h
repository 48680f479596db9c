/*
 * hacfg_part.h: what hacfg.c shares with its parts (hacfg_words.c splits a
 * line, hacfg_lines.c takes the facts from it). Nobody else includes it.
 */
#ifndef HAPROXY_HACFG_PART_H
#define HAPROXY_HACFG_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "haproxy/hacfg.h"

#define HACFG_DOING "reading HAProxy's configuration"

struct hacfg_var {
	char *name; /* NULL: all of them */
	char *value; /* NULL: unset */
	bool unsure; /* HAProxy may have another ... */
	bool branch; /* ... as it may not read that line: the one before */
};

/* The variables, as HAProxy would see them at this line. */
struct hacfg_env {
	struct hacfg_var *items;
	size_t count;
	bool decides; /* this line is one that facts are taken from */
	bool unsure; /* it uses one that is not known to be HAProxy's */
	size_t reading; /* of this line: 0, or one with earlier values that an
	    `.if` leaves open ... */
	size_t readings; /* ... of so many, as far as is known by now */
	bool again; /* one of them was taken */
	size_t before; /* so many items are from lines before */
	struct hacfg *hacfg; /* gets the names that are looked for there */
	const struct conf_environment *outer; /* or NULL */
};

struct hacfg_words {
	char *items[LIMIT_HACFG_WORDS];
	size_t count, len;
	char text[LIMIT_HACFG_LINE_BYTES];
};

enum hacfg_section {
	HACFG_NO_SECTION,
	HACFG_GLOBAL,
	HACFG_CRT_STORE,
	HACFG_PROXY
};

/* What `default-path` says relative names are relative to. */
enum hacfg_relative { HACFG_CURRENT, HACFG_CONFIG, HACFG_PARENT, HACFG_ORIGIN };

/* A defaults section that a proxy can name: `frontend x from NAME`. */
struct hacfg_defaults {
	char *name;
	bool http, disabled, unsure;
};

enum { HACFG_BLOCKS = 16 }; /* of `.if`, one in the other: HAProxy's limit */

enum { HACFG_BASES = 4 }; /* that an `.if` leaves open: more are lost */

/* One of them: the branch that the reader is in, and those that follow. */
struct hacfg_block {
	enum hacfg_when now, left;
};

/* Where the reader is, and what holds there. */
struct hacfg_reader {
	struct hacfg *hacfg;
	struct hacfg_env env;
	const char *file;
	unsigned line;
	size_t file_count;
	enum hacfg_section section;
	char section_name[LIMIT_ERR_ON_BYTES]; /* "frontend www" */
	size_t section_bind; /* the first bind of this section */
	bool in_defaults; /* this section is one */
	bool http, disabled; /* what this section is, so far ... */
	bool unsure; /* ... but it may be disabled, or not, in an `.if` */
	struct hacfg_block blocks[HACFG_BLOCKS]; /* of this file */
	size_t block_count;
	enum hacfg_when when; /* by all of them */
	struct hacfg_defaults *defaults; /* in their order; owned */
	size_t defaults_count;
	char crt_base[LIMIT_PATH_BYTES]; /* global; "" with none ... */
	char other_crt_bases[HACFG_BASES][LIMIT_PATH_BYTES]; /* ... and those */
	size_t crt_base_others; /* that hold where its `.if` does not */
	char ca_base[LIMIT_PATH_BYTES];
	char key_base[LIMIT_PATH_BYTES];
	char store[LIMIT_PATH_BYTES]; /* of this crt-store */
	char store_base[LIMIT_PATH_BYTES], store_key_base[LIMIT_PATH_BYTES];
	char unix_prefix[LIMIT_PATH_BYTES];
	enum hacfg_relative relative;
	char origin[LIMIT_PATH_BYTES];
	char dir[LIMIT_PATH_BYTES]; /* what names are relative to here */
	bool strict_sni; /* ssl-default-bind-options strict-sni */
	struct hacfg_words words;
	int (*visit)(
	    void *context, const struct hacfg_seen *seen, struct err *err);
	void *context; /* of `visit`, which may be NULL */
};

/*
 * Splits `line` into words as parse_line() of HAProxy does; ERR_SYNTAX and
 * ERR_LIMIT name `where`.
 */
int hacfg_words_split(struct hacfg_words *words, const char *line,
    struct hacfg_env *env, const char *where, struct err *err) MUST_CHECK;

/* Word `i`, "" where there is none. */
const char *hacfg_word(const struct hacfg_words *words, size_t i);

/*
 * Replaces $NAME and ${NAME} outside of quotes, as HAProxy does in addresses
 * only. ERR_LIMIT names `where`.
 */
int hacfg_env_expand(struct hacfg_env *env, const char *text, char *ret,
    size_t size, const char *where, struct err *err) MUST_CHECK;

/*
 * The value of a variable, NULL where unset; borrowed. hacfg->variables gets
 * its name where the environment may have it, hacfg->deciding where the
 * line is one that decides. env->unsure becomes true where the value may be
 * another for HAProxy.
 */
const char *hacfg_env_take(struct hacfg_env *env, const char *name, size_t len);

/* Of the line that is read there are `readings`, at least. */
void hacfg_env_more(struct hacfg_env *env, size_t readings);

/* What the deciding ones may be by now, into env->hacfg. ERR_NOMEM. */
int hacfg_env_settle(struct hacfg_env *env, struct err *err) MUST_CHECK;

void hacfg_env_free(struct hacfg_env *env);

/* The lines of the global section that do so. (hacfg_env.c) */
int hacfg_line_setenv(struct hacfg_reader *reader, struct err *err) MUST_CHECK;
int hacfg_line_presetenv(
    struct hacfg_reader *reader, struct err *err) MUST_CHECK;
int hacfg_line_unsetenv(
    struct hacfg_reader *reader, struct err *err) MUST_CHECK;
int hacfg_line_resetenv(
    struct hacfg_reader *reader, struct err *err) MUST_CHECK;

/*
 * Room for one more element behind `count`; the capacity is the next power of
 * two. Returns the array, perhaps moved, with that element zeroed; NULL: no
 * memory, and the old array stays as it is.
 */
void *hacfg_grow(void *items, size_t count, size_t size);

/*
 * Takes what the line in reader->words says into reader->hacfg; tells whether
 * it began a section.
 */
int hacfg_line(
    struct hacfg_reader *reader, bool *ret_begins, struct err *err) MUST_CHECK;

/* Does HAProxy read it, and with these values? */
enum hacfg_when hacfg_line_when(const struct hacfg_reader *reader);

/* Are facts taken from the line `text`, going by its keyword? */
bool hacfg_line_decides(const char *text);

/* One text more, copied. ERR_NOMEM. */
int hacfg_add_text(
    char ***list, size_t *count, const char *text, struct err *err) MUST_CHECK;

/* The line in reader->words begins with a dot. (hacfg_if.c) */
void hacfg_if_line(struct hacfg_reader *reader);

/*
 * Does the condition `text` hold, which is taken to pieces: always, maybe or
 * never? Its variables are replaced, and env->unsure is about those.
 * env->hacfg->asks_version becomes true where it is about HAProxy's version and
 * that is not known.
 */
enum hacfg_when hacfg_cond(struct hacfg_env *env, char *text);

/*
 * The mode of a proxy, and whether it is disabled: what a section that begins
 * inherits from its defaults, and the lines that say so. (hacfg_mode.c)
 */
int hacfg_mode_begin(struct hacfg_reader *reader, struct err *err) MUST_CHECK;
int hacfg_line_mode(struct hacfg_reader *reader, struct err *err) MUST_CHECK;
int hacfg_line_state(struct hacfg_reader *reader, struct err *err) MUST_CHECK;
void hacfg_mode_free(struct hacfg_reader *reader);

/* Sets reader->dir for reader->file. ERR_LIMIT. */
int hacfg_set_dir(struct hacfg_reader *reader, struct err *err) MUST_CHECK;

/* `bind`, `ssl-f-use`, `server` and `load` (hacfg_bind.c). */
int hacfg_line_bind(struct hacfg_reader *reader, struct err *err) MUST_CHECK;
int hacfg_line_use(struct hacfg_reader *reader, struct err *err) MUST_CHECK;
int hacfg_line_server(struct hacfg_reader *reader, struct err *err) MUST_CHECK;
int hacfg_line_load(struct hacfg_reader *reader, struct err *err) MUST_CHECK;

/* The same lines once more, for their `ca-file` and its like ... */
int hacfg_line_trust(struct hacfg_reader *reader, struct err *err) MUST_CHECK;

/* ... and `load` and `ssl-f-use` for what they load with a certificate ... */
int hacfg_line_beside(struct hacfg_reader *reader, struct err *err) MUST_CHECK;

/* ... and that of HAProxy's own client. (hacfg_trust.c) */
#define HACFG_CLIENT_CA_FILE "httpclient.ssl.ca-file"
int hacfg_line_client(struct hacfg_reader *reader, struct err *err) MUST_CHECK;

/* A copy of `text` into `*ret`. ERR_NOMEM. */
int hacfg_keep(char **ret, const char *text, struct err *err) MUST_CHECK;

/* "file:line" of the reader into `text`; returns it. */
const char *hacfg_where(
    const struct hacfg_reader *reader, char *text, size_t size);

/*
 * HAProxy's name for `word`: `base` in front where it is relative, no slash
 * at the end. Into `ret` of LIMIT_PATH_BYTES. ERR_LIMIT.
 */
int hacfg_name(
    const char *base, const char *word, char *ret, struct err *err) MUST_CHECK;

/*
 * The global crt-base that `word` gets; borrowed. Where `.if` blocks leave
 * several, it is the last one below which there is such a file (HAProxy does
 * not start with one that lacks it), and an earlier one in the next reading.
 */
const char *hacfg_crt_base(struct hacfg_reader *reader, const char *word);

/* The bases of a crt-store, its own or the global ones. */
const char *hacfg_store_base(struct hacfg_reader *reader, const char *word);
const char *hacfg_key_base(const struct hacfg_reader *reader);

/* ERR_LIMIT unless snprintf() of a path told a `len` that fits. */
int hacfg_path_check(int len, const char *what, struct err *err) MUST_CHECK;

/* The absolute path of `name`, which is relative to `dir`; as above. */
int hacfg_path(
    const char *dir, const char *name, char *ret, struct err *err) MUST_CHECK;

#endif
