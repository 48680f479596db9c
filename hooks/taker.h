/*
 * taker.h: a handshake showed another certificate than ours: whose is it?
 */
#ifndef HOOKS_TAKER_H
#define HOOKS_TAKER_H

#include "base/attr.h"
#include "cert/pki.h"
#include "haproxy/verify.h"
#include "hooks/site.h"

enum taker_kind {
	TAKER_UNKNOWN, /* no file that HAProxy loads has it */
	TAKER_BUNDLE, /* a file in bundle_dir */
	TAKER_FILE, /* another file that a bind line loads */
	TAKER_DEFAULT, /* what a bind line shows where it has none for a name */
	TAKER_NAMESAKE, /* none has it now, and one has a name of ours */
};

struct taker {
	enum taker_kind kind;
	char path[LIMIT_PATH_BYTES]; /* "" where it is unknown */
	const struct hacfg_bind
	    *bind; /* where it is not in bundle_dir; borrowed */
	bool here; /* a bundle, or a file of a bind line of that address: no
	    reload would bring ours */
};

/*
 * Which file of those that HAProxy loads has the certificate that was seen in
 * place of `ours`, that of the bundle `file_name`?
 */
void taker_find(const struct site *site, const struct verify_seen *seen,
    const struct pki_facts *ours, const char *file_name, struct taker *ret);

/*
 * Is what was seen at an address another file's that has one of our names, and
 * on each bind line there that has it with the bundle `file_name`? Then whoever
 * reads such a line shows that: the configuration is to blame, whichever
 * branches of its `.if` blocks HAProxy takes.
 */
bool taker_is_certain(const struct site *site, const struct verify_seen *seen,
    const struct pki_facts *ours, const char *file_name);

/* What it means, and what to do, as the end of a message: into `ret`. */
void taker_advise(
    const struct site *site, const struct taker *taker, char *ret, size_t size);

/* Notes that it took the bundle `digest` back, by its leaf `sha256`. */
void taker_note(const struct site *site, const struct taker *taker,
    const unsigned char *sha256, const unsigned char *digest,
    struct record_taken *ret);

/*
 * Is the bundle `digest` the one of that note, and the other file, which a bind
 * line loads, and HAProxy's configuration with its crt-lists, as they were
 * then?
 */
bool taker_stands(const struct site *site, const struct record_taken *taken,
    const unsigned char *digest);

/* Was it the bundle of the lineage `name`? */
bool taker_is_of(const struct site *site, const struct record_taken *taken,
    const char *name);

#endif
