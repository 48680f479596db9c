/*
 * lineage.h: what certbot has on disk for one certificate: live/NAME.
 *
 * certbot switches the four links of live/NAME one after another, so for a
 * moment a link can be missing or the four point at different generations
 * (contract "On disk"). A lineage is read only as a whole: all four on one N,
 * before and after the bytes were read.
 */
#ifndef CERT_LINEAGE_H
#define CERT_LINEAGE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"

enum lineage_kind {
	LINEAGE_CERT,
	LINEAGE_CHAIN,
	LINEAGE_FULLCHAIN,
	LINEAGE_PRIVKEY,
	LINEAGE_KINDS
};

/* Where a lineage is, and its name; both validated. */
struct lineage_ref {
	char name[LIMIT_LINEAGE_NAME_BYTES + 1];
	char dir[LIMIT_PATH_BYTES]; /* absolute, .../live/NAME */
};

/* Which version of it: equal idents, equal bytes. */
struct lineage_ident {
	long generation; /* the N that all four links point at */
	struct fs_ident files[LINEAGE_KINDS];
};

struct lineage {
	struct lineage_ref ref;
	struct lineage_ident ident;
	struct buf pem[LINEAGE_KINDS]; /* privkey is secret */
};

/* NAME below `config_dir`/live. ERR_USAGE where it is no lineage name. */
int lineage_ref_from_name(const char *config_dir, const char *name,
    struct lineage_ref *ret, struct err *err) MUST_CHECK;

/*
 * From the environment's RENEWED_LINEAGE: absolute, in a directory live/ (as
 * certbot's all are), no `.` or `..`; slashes too many are left out, so that
 * equal lineages have equal paths. ERR_USAGE names what is wrong with it.
 */
int lineage_ref_from_path(
    const char *path, struct lineage_ref *ret, struct err *err) MUST_CHECK;

/*
 * The identity without reading a byte of PEM: four readlinks, four stats;
 * tried again while certbot is switching the links. Errors: ERR_NOENT (no
 * such lineage: the directory is not there), ERR_SYNTAX (a live file is no
 * link, a target is not named kindN.pem or is no regular file itself; after
 * all retries: a link is missing or points at nothing, no N or no directory
 * common to all four), ERR_PERM, ERR_IO.
 */
int lineage_identify(const struct lineage_ref *ref, struct lineage_ident *ret,
    struct err *err) MUST_CHECK;

bool lineage_ident_equal(
    const struct lineage_ident *a, const struct lineage_ident *b);

/* Are they one version, be its files moved or given to another owner? */
bool lineage_ident_same(
    const struct lineage_ident *a, const struct lineage_ident *b);

/*
 * Reads all four, consistent, each at most LIMIT_PEM_FILE_BYTES. Besides the
 * errors of lineage_identify(): ERR_UNSAFE (a file or a directory on the way
 * from live/NAME to it may be written by others), ERR_LIMIT. `ret` is owned:
 * lineage_free(); untouched on failure.
 */
int lineage_read(const struct lineage_ref *ref, struct lineage *ret,
    struct err *err) MUST_CHECK;

/* Wipes and frees; a zeroed lineage will do. */
void lineage_free(struct lineage *lineage);

/*
 * ERR_NOENT: below `config_dir` there is no lineage `name`, and which of
 * `names` (NULL-terminated) may be meant.
 */
int lineage_unknown(const char *config_dir, const char *name,
    const char *const *names, struct err *err);

/* What is wrong with a name that is none, and the way out. */
#define LINEAGE_ODD_WORDS                                                      \
	"certhaul takes no lineage of such a name (letters, digits, dots, "    \
	"dashes and underscores): request it anew with another (certbot "      \
	"--cert-name)"

/*
 * The names of all lineages below `config_dir`/live, sorted bytewise; each
 * directory whose name is a lineage name, but for one that holds none of the
 * four files and has no renewal conf: what is left of one. ERR_NOENT where
 * live/ itself is not there: then nothing may be concluded about lineages that
 * are gone.
 * `*ret_names` is owned: lineage_names_free(); a NULL ends it (of none it is
 * one).
 */
int lineage_list(const char *config_dir, char ***ret_names, size_t *ret_count,
    struct err *err) MUST_CHECK;

/*
 * Those that certbot renews (there is a renewal/NAME.conf) and certhaul cannot
 * take, since their names are no lineage names. As above.
 */
int lineage_list_odd(const char *config_dir, char ***ret_names,
    size_t *ret_count, struct err *err) MUST_CHECK;
void lineage_names_free(char **names, size_t count);

/*
 * Is the lineage really gone: live/NAME, or the four files in it, and
 * renewal/NAME.conf absent, while the directories that held them are there?
 * False when in doubt. (Certbot leaves the directory of a lineage that it
 * deletes where somebody has put another file into it.)
 */
bool lineage_is_gone(const struct lineage_ref *ref) MUST_CHECK;

#endif
