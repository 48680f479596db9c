/*
 * renewal.h: renewal/NAME.conf: certbot's memory of how a lineage was made
 * (ConfigObj; contract certbot.md, "renewal/NAME.conf").
 *
 * A document is kept line by line, so that comments, order, unknown keys and
 * sections of others survive a change of ours.
 */
#ifndef CERT_RENEWAL_H
#define CERT_RENEWAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

struct renewal; /* one document */

/* An empty one, as certbot begins it (a comment, then nothing). */
int renewal_new(struct renewal **ret, struct err *err) MUST_CHECK;

/*
 * Reads `path`. ERR_NOENT, ERR_PERM, ERR_LIMIT; ERR_SYNTAX names file and line:
 * what is neither `key = value`, a section, a comment nor blank; a quoted value
 * that does not end; a byte that is not UTF-8. Returns owned.
 */
int renewal_read(
    const char *path, struct renewal **ret, struct err *err) MUST_CHECK;

/* The same of text in memory, which `path` names in an error. */
int renewal_parse(const char *path, const char *text, struct renewal **ret,
    struct err *err) MUST_CHECK;
void renewal_free(struct renewal *renewal);

/*
 * The value of `key` in `section` ("": top level, "renewalparams",
 * "renewalparams/webroot_map", "acme_renewal_info"), unquoted; NULL where
 * absent. Borrowed until the document changes. What it refers to by `%(key)s`
 * is in place, as ConfigObj has it.
 */
const char *renewal_get(
    const struct renewal *renewal, const char *section, const char *key);

/*
 * A key of `section` that refers to what is not there, to a list or to itself:
 * certbot cannot read it. Borrowed; NULL: none does.
 */
const char *renewal_unresolved(
    const struct renewal *renewal, const char *section) MUST_CHECK;

/* As a list ("a, b" or "a,"): the items, NULL-terminated; owned. */
int renewal_get_list(const struct renewal *renewal, const char *section,
    const char *key, char ***ret, struct err *err) MUST_CHECK;
void renewal_list_free(char **list);

/*
 * "True" or "False" as certbot writes them, or what else ConfigObj's as_bool()
 * takes (yes, no, on, off, 1, 0); `fallback` where absent or other.
 */
bool renewal_get_bool(const struct renewal *renewal, const char *section,
    const char *key, bool fallback);

/*
 * Sets it (quoted where ConfigObj would), in place where the key is there, else
 * at the end of its section, which is made where there is none. NULL removes.
 * ERR_INVALID: certbot would refuse to write it, or not read it back. `%(` is
 * written as it is: read back, `%(x)s` is a reference to key x.
 */
int renewal_set(struct renewal *renewal, const char *section, const char *key,
    const char *value, struct err *err) MUST_CHECK;
int renewal_set_list(struct renewal *renewal, const char *section,
    const char *key, const char *const *items, size_t count,
    struct err *err) MUST_CHECK;

/* Removes a section and those in it; comments above it stay. */
void renewal_drop_section(struct renewal *renewal, const char *section);

/* Each key of a section in order; ends where `call` returns false. */
void renewal_each(const struct renewal *renewal, const char *section,
    bool (*call)(void *context, const char *key, const char *value),
    void *context);

/* The text. */
int renewal_text(
    const struct renewal *renewal, struct buf *ret, struct err *err) MUST_CHECK;

/*
 * Writes it to `path` as certbot does: NAME.conf.new, sync, rename; 0644 or
 * the mode it had.
 */
int renewal_write(const struct renewal *renewal, const char *path,
    struct err *err) MUST_CHECK;

#endif
