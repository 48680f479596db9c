/*
 * refit_part.h: what refit.c shares with its parts: haproxy.cfg in memory, as
 * sections of lines. Nobody else includes it.
 */
#ifndef WRAPPER_REFIT_PART_H
#define WRAPPER_REFIT_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "haproxy/discovery.h"
#include "wrapper/refit.h"
#include "wrapper/refit_rule.h"

#define REFIT_DOING "looking for what haproxy.cfg lacks"
#define REFIT_PATH "/.well-known/acme-challenge/"
#define REFIT_CONDITION "{ path_beg " REFIT_PATH " }"
#define REFIT_EXEMPT                                                           \
	"its condition is to leave it alone, by `unless " REFIT_CONDITION      \
	"`, or `!" REFIT_CONDITION "` in each part of its `if`"
#define REFIT_ALLOW                                                            \
	"`http-request allow if " REFIT_CONDITION                              \
	"` in front of it, behind the rule that answers out of the map"
#define REFIT_ANSWERS                                                          \
	"answers challenges itself, and those for certificates that are "      \
	"requested here do not come to a listener: take it off where nobody "  \
	"needs its answers, or request with --in-proxy"

struct refit_line {
	unsigned line;
	char **words; /* `count` of them, then a NULL */
	size_t count;
};

struct refit_section {
	char *name; /* "frontend www" */
	char *file;
	struct refit_line *lines; /* the first begins it */
	size_t count;
};

struct refit_text {
	struct refit_section *sections;
	size_t count;
};

/* Where refit_find() is. */
struct refit_work {
	const struct conf *conf;
	enum refit_scope scope;
	struct refit_text text;
	struct hacfg *hacfg;
	struct discovery_fronts fronts;
	bool named; /* those are of challenge.http_addresses */
	const struct elsewhere *elsewhere; /* NULL: nobody */
	struct refit *refit;
};

/* Reads the configuration into `ret`; refit_text_free(). (refit_text.c) */
int refit_text_read(const struct conf *conf, struct refit_text *ret,
    struct err *err) MUST_CHECK;
void refit_text_free(struct refit_text *text);

/* Word `i`, "" where there is none. */
const char *refit_word(const struct refit_line *line, size_t i);

/* Is the section of this kind ("backend")? */
bool refit_is(const struct refit_section *section, const char *kind);

/* The section that the bind line is in, NULL where there is none. */
const struct refit_section *refit_section_of(
    const struct refit_text *text, const struct hacfg_bind *bind);

/*
 * Notes that somebody else listens on `port`, so that no bind line may; nothing
 * where HAProxy has files that we do not read: they come first.
 */
int refit_note_held(
    struct refit_work *work, unsigned port, struct err *err) MUST_CHECK;

/*
 * A bind line that has `port` already, on whatever address: a wildcard beside
 * it would share, or hide, its connections. NULL where there is none.
 */
const struct hacfg_bind *refit_taken(
    const struct refit_work *work, unsigned port);

/* The name behind `from` in the section's first line, "": there is none. */
const char *refit_from_of(const struct refit_section *section);

/*
 * The defaults that hold for `section`, NULL where there are none: for a
 * defaults section those that it is `from`.
 */
const struct refit_section *refit_defaults_of(
    const struct refit_text *text, const struct refit_section *section);

/* The line that begins with these words (`second` may be NULL), or NULL. */
const struct refit_line *refit_line_of(
    const struct refit_section *section, const char *first, const char *second);

/* The same, of the section or of the defaults that hold for it. */
const struct refit_line *refit_held_line(const struct refit_text *text,
    const struct refit_section *section, const char *first, const char *second);

/* Is its mode, or that of its defaults, `mode`? */
bool refit_is_mode(const struct refit_text *text,
    const struct refit_section *section, const char *mode);

/* The number of the line behind the section's last one. */
unsigned refit_end_of(const struct refit_section *section);

/* A name for a new section, or for new defaults: `wanted`, or with a tail. */
void refit_free_name(const struct refit_text *text, const char *wanted,
    bool defaults, char *ret, size_t size);

/* Line `number` of `file` as it stands there, without its newline. */
int refit_raw(const char *file, unsigned number, struct buf *ret,
    struct err *err) MUST_CHECK;

/*
 * Moves the place in front of `line` of `section` to where a new line may go:
 * in front of the comment of what follows, and out of `.if` blocks that began
 * in the section (refit_place.c).
 */
int refit_place(const struct refit_section *section, unsigned *line,
    struct err *err) MUST_CHECK;

/*
 * Adds an edit of `section`, or a note where HAProxy would take no such line;
 * or a new section, at the end of the last file.
 */
int refit_add(struct refit_work *work, enum refit_item item,
    const struct refit_section *section, unsigned line, bool replace,
    const char *text, struct err *err) MUST_CHECK;
int refit_add_section(struct refit_work *work, enum refit_item item,
    const char *text, struct err *err) MUST_CHECK;
int refit_note(struct refit_work *work, struct err *err, const char *fmt, ...)
    PRINTF_LIKE(3, 4) MUST_CHECK;
int refit_next(struct refit_work *work, struct err *err, const char *fmt, ...)
    PRINTF_LIKE(3, 4) MUST_CHECK;

/*
 * Where the words of a raw line are (refit_condition.c): offsets of word `i`
 * and of its end; false where there is none. A comment is no word.
 */
bool refit_span(
    const char *raw, size_t i, size_t *ret_start, size_t *ret_end) MUST_CHECK;

/* The same for words `first` to `last` of `line`; its text is `raw`. */
bool refit_span_words(const char *raw, const struct refit_line *line,
    size_t first, size_t last, size_t *ret_start, size_t *ret_end) MUST_CHECK;

/*
 * The raw line of a redirect with `and not the challenge` in each part of its
 * condition that lacks it; `ret` stays empty where none does. `elsewhere`: but
 * for names of the ACL of refit_need_elsewhere().
 */
int refit_exempt(const struct refit_section *section,
    const struct refit_line *line, const char *raw, bool elsewhere,
    struct buf *ret, struct err *err) MUST_CHECK;

/*
 * Is a rule of the section to leave names alone, by the ACL REFIT_ELSEWHERE?
 * It is added where it is not there. (refit_elsewhere.c)
 */
int refit_need_elsewhere(struct refit_work *work,
    const struct refit_section *section, bool *ret, struct err *err) MUST_CHECK;

/*
 * Notes the rules of the section that keep challenges from a listener, and
 * those of its defaults that come ahead of all that it says. (refit_stops.c)
 */
int refit_note_stops(struct refit_work *work,
    const struct refit_section *section, struct err *err) MUST_CHECK;
int refit_note_held_by(struct refit_work *work,
    const struct refit_section *section, const struct refit_section *defaults,
    struct err *err) MUST_CHECK;

/*
 * Notes the rules for connections of the section, and of its defaults, that may
 * turn away the CA's; or appends what is to be said of them, in lines.
 * `silent`: of those alone after which nothing comes back. Is one for all
 * connections that come to it? (refit_reject.c)
 */
int refit_note_rejects(struct refit_work *work,
    const struct refit_section *section, struct err *err) MUST_CHECK;
int refit_put_rejects(const struct refit_text *text,
    const struct refit_section *section, bool silent, struct buf *ret,
    struct err *err) MUST_CHECK;
bool refit_rejects_all(
    const struct refit_text *text, const struct refit_section *section);

/* Which use_backend lines of a section take challenges; each may be NULL. */
struct refit_way {
	const struct refit_line *lead; /* all that come to it */
	const struct refit_line *some; /* some of them; the last such */
	const struct refit_line *unclear; /* ... by more than their names; the
	    first such */
	const struct refit_line *ahead; /* the first in front of either that may
	    take some, as its condition is about something else */
};

/* (refit_lead.c) */
struct refit_way refit_way_of(const struct refit_section *section);

/* Is it a use_backend that leads challenges, be it those of some names? */
bool refit_leads_some(
    const struct refit_section *section, const struct refit_line *line);

/* Is it a use_backend that takes challenges, or may take some? */
bool refit_may_lead(
    const struct refit_section *section, const struct refit_line *line);

/* The lead or, where there is none, what takes some. */
const struct refit_line *refit_lead_of(const struct refit_section *section);

/*
 * Is a rule of ours to be in front of what leads challenges of some names, that
 * are to go on? `*ret_known`: each such line says which, so that an ACL can.
 * Adds lines of REFIT_ELSEWHERE for them, in front of line `number`.
 * (refit_past.c)
 */
bool refit_is_in_front(const struct refit_section *section,
    const struct refit_way *way, bool *ret_known);
int refit_add_led(struct refit_work *work, const struct refit_section *section,
    const struct refit_way *way, unsigned number, struct err *err) MUST_CHECK;

/* Is it the backend, or listen, of this name? */
bool refit_is_named(const struct refit_section *section, const char *backend);

/* Has `backend` any server? */
bool refit_has_server(const struct refit_text *text, const char *backend);

/* Where the server, or `server-template`, of the line is; NULL: it is none. */
const char *refit_server_address(const struct refit_line *line);

/* Is the line a server, or several, and no `backup`? */
bool refit_is_server(const struct refit_line *line);

/*
 * Is `backend` there for more than the challenge, or may it be: another rule
 * leads to it, it takes connections itself, or it has several servers?
 */
bool refit_is_shared(const struct refit_text *text, const char *backend);

/* As of struct refit_led. (refit_fronts.c) */
bool refit_is_alone(const struct conf *conf, const struct hacfg *hacfg);
bool refit_is_everywhere(const struct conf *conf, const struct hacfg *hacfg);

/* Where the use_backend line leads, for refit_led(). */
void refit_led_to(const struct refit_text *text, const struct refit_line *lead,
    struct refit_led *ret);

/* Notes that it is not where certhaul.conf has it. */
int refit_note_lead(struct refit_work *work,
    const struct refit_section *section, const struct refit_line *lead,
    struct err *err) MUST_CHECK;

/*
 * The raw line with word `i` replaced by `text`, or (0) added at its end.
 * (refit_global.c)
 */
int refit_replace_word(struct refit_work *work, enum refit_item item,
    const struct refit_section *section, const struct refit_line *line,
    size_t i, const char *text, struct err *err) MUST_CHECK;

/*
 * Each of haproxy.sockets that `global` lacks. May HAProxy bind `path`, as its
 * directory is there? It is noted where not; `*ret_rc`: of that.
 * (refit_socket.c)
 */
int refit_find_sockets(struct refit_work *work,
    const struct refit_section *global, struct err *err) MUST_CHECK;
bool refit_may_bind(struct refit_work *work, const char *path, int *ret_rc,
    struct err *err) MUST_CHECK;

/*
 * Notes that a use_backend of ours, in front of `line`, takes challenges in
 * this section that went elsewhere so far; `named`: but for those of our ACL.
 * (refit_elsewhere.c)
 */
int refit_note_taken(struct refit_work *work,
    const struct refit_section *section, const struct refit_way *way,
    unsigned line, bool named, struct err *err) MUST_CHECK;

/*
 * Notes that the redirect of the section, of which `raw` is the line, leaves
 * challenges alone from now on; `named`: but for those of our ACL.
 */
int refit_note_kept(struct refit_work *work,
    const struct refit_section *section, const struct refit_line *line,
    const char *raw, bool named, struct err *err) MUST_CHECK;

/* The parts of refit_find(). */
int refit_find_fronts(struct refit_work *work, struct err *err) MUST_CHECK;
int refit_find_global(struct refit_work *work, struct err *err) MUST_CHECK;
int refit_find_http(struct refit_work *work, struct err *err) MUST_CHECK;
int refit_find_in(struct refit_work *work, const struct refit_section *section,
    struct err *err) MUST_CHECK;

/* challenge.address and challenge.port, as a server line has them. */
void refit_listener(const struct conf *conf, char *ret, size_t size);

/* What a new section builds on (refit_base.c). */
struct refit_base {
	char from[160]; /* " from NAME", or "" */
	const struct refit_section *defaults; /* NULL: none, or ours */
	const char *client; /* a frontend's line with what they lack, or "" */
};

/* Adds defaults where no section of the file would do. */
int refit_base_find(struct refit_work *work, struct refit_base *ret,
    struct err *err) MUST_CHECK;

/*
 * The words that take back what a default-server of `defaults` (may be NULL)
 * says and the listener cannot do with (" no-check"); into `ret`.
 * (refit_server.c)
 */
int refit_server_words(const struct refit_text *text,
    const struct refit_section *defaults, struct buf *ret,
    struct err *err) MUST_CHECK;

/* Notes such words where they hold for a server that is there. */
int refit_note_server(struct refit_work *work,
    const struct refit_section *section, const struct refit_line *line,
    struct err *err) MUST_CHECK;

/*
 * The listener's backend; it is added where there is none, unless `lead` (may
 * be NULL) leads to a server already, which has nothing else to do: "" then.
 */
int refit_find_backend(struct refit_work *work, const struct refit_line *lead,
    char *ret_name, size_t size, struct err *err) MUST_CHECK;
int refit_find_certs(struct refit_work *work, struct err *err) MUST_CHECK;

/*
 * Is there no bind line with ssl, and may a frontend on port 443 be put in?
 * refit_find_certs() does then.
 */
bool refit_lacks_https(const struct refit_work *work);

/*
 * A certificate in front of each bundles' directory that has none: the file
 * `first`, or what HAProxy has loaded first so far where that is no bundle.
 * `*ret_loaded`: a bind line loads the directory. (refit_default.c)
 */
int refit_find_defaults(struct refit_work *work, const char *first,
    bool *ret_loaded, struct err *err) MUST_CHECK;

/* Is it the same directory, by path or on disk? (refit_default.c) */
bool refit_same_dir(const char *a, const char *b);

/*
 * What takes other certificates for names of `ours` off the bind lines that
 * load the bundles, or are to by an edit, as refit_next(); `first` is the
 * default certificate. (refit_beside.c)
 */
struct refit_ours;
int refit_tell_beside(struct refit_work *work,
    const struct discovery *discovery, const struct refit_ours *ours,
    const char *first, struct err *err) MUST_CHECK;

/*
 * Puts `text` into the raw line of `bind`: in front of its first `crt`, or
 * behind its last; behind `ssl` where there is none. (refit_certs.c)
 */
int refit_edit_bind(struct refit_work *work, enum refit_item item,
    const struct hacfg_bind *bind, bool in_front, const char *text,
    struct err *err) MUST_CHECK;
int refit_find_branches(struct refit_work *work, struct err *err) MUST_CHECK;

#endif
