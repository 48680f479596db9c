/*
 * discovery_part.h: what discovery.c shares with discovery_index.c (loading)
 * and discovery_targets.c (addresses). Nobody else includes it.
 *
 * Only what concerns the bundle directory is kept: an entry for each store
 * that HAProxy makes from a file in it, sorted by that file's name. The
 * directory is told by device and inode; a name in it is then enough, and
 * stays right when a bundle is renamed into place and gets a new inode.
 */
#ifndef HAPROXY_DISCOVERY_PART_H
#define HAPROXY_DISCOVERY_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/fs.h"
#include "haproxy/discovery.h"

#define DISCOVERY_DOING "looking for bundles in HAProxy's configuration"
#define DISCOVERY_NOWHERE ((size_t)-1)

/* A store of a file in bundle_dir. */
struct discovery_entry {
	char *file_name; /* in bundle_dir */
	char *name; /* HAProxy's */
	char *filters; /* of its line of a crt-list; NULL: none (filter.h) */
	enum discovery_way way;
	size_t bind; /* its bind line; NOWHERE: a load, a server, a list */
	size_t list; /* its crt-list; NOWHERE: none */
	size_t lines; /* of that list; else 1 */
	bool is_default; /* of the bind, or the first of the list */
	bool acme;
	bool maybe; /* the load or server line may not be read (`.if`) */
};

/* A crt-list, under one of its spellings. */
struct discovery_list {
	const struct hacfg_source *source; /* where it is named first */
	dev_t dev;
	ino_t ino;
	bool found; /* dev and ino are known */
	struct fs_ident ident; /* of the file as it was read; zero: it was not,
	    or what is known of its entries is not from there any more */
	size_t line_count; /* its entries, ours or not */
	bool grows; /* new bundles are added to it */
};

/* A bind line that loads bundle_dir, or a crt-list. */
struct discovery_use {
	const struct hacfg_source *source;
	size_t bind;
	size_t list; /* NOWHERE: the directory */
	bool is_default;
};

/* An address that a bind line listens on. */
struct discovery_spot {
	struct discovery_target target;
	bool wildcard;
};

struct discovery_spots {
	struct discovery_spot *items;
	size_t count;
	size_t away; /* addresses beside these that nobody here can connect to:
	    not this machine's now, or of an interface */
};

struct discovery {
	struct hacfg *hacfg;
	char bundle_dir[LIMIT_PATH_BYTES]; /* no slash at the end */
	dev_t dev;
	ino_t ino;
	bool found; /* bundle_dir is there */
	char *first; /* bytewise first certificate in it; NULL: none, or no
	    bind line cares */
	struct discovery_entry *entries;
	size_t entry_count;
	struct discovery_list *lists;
	size_t list_count;
	struct discovery_use *uses;
	size_t use_count;
	bool named; /* the operator named the list for new bundles */
	struct discovery_spots *spots; /* for each bind of hacfg */
	char *
	    *trusted; /* for each trust of hacfg, its file in bundle_dir; NULL:
	    it is elsewhere */
};

/* What is only needed while the index is made. */
struct discovery_indexer {
	struct discovery *discovery;
	const struct hacfg_load **loads; /* sorted by store */
	char last_dir[LIMIT_PATH_BYTES]; /* the directory last looked at ... */
	bool last_ours; /* ... and whether it is bundle_dir */
};

/* Fills entries, lists, uses and first. (discovery_index.c) */
int discovery_index(struct discovery *discovery, struct err *err) MUST_CHECK;

/* Fills trusted, and frees it. (discovery_needs.c) ERR_NOMEM. */
int discovery_index_trusts(
    struct discovery_indexer *indexer, struct err *err) MUST_CHECK;
void discovery_free_trusts(struct discovery *discovery);

/*
 * Room for one more element, zeroed, behind `count`; the capacity is the next
 * power of two. Returns the array, NULL where there is no memory.
 */
void *discovery_grow(void *items, size_t count, size_t size);

/*
 * Is `path`, or what it links to, a file of bundle_dir? Its name there into
 * `ret_name` of NAME_MAX + 1 bytes.
 */
bool discovery_is_bundle(
    struct discovery_indexer *indexer, const char *path, char *ret_name);

/* One entry more, into `*ret` until the next call. ERR_NOMEM. */
int discovery_add_entry(struct discovery *discovery, const char *file_name,
    const char *name, enum discovery_way way, struct discovery_entry **ret,
    struct err *err) MUST_CHECK;

/* Frees what it holds; the entry itself is part of an array. */
void discovery_entry_free(struct discovery_entry *entry);

/*
 * Sorts the entries; several lines of one list for one bundle become one entry.
 * ERR_NOMEM.
 */
int discovery_sort(struct discovery *discovery, struct err *err) MUST_CHECK;

/* The `load` of the store `name`, NULL where there is none. */
const struct hacfg_load *discovery_find_load(
    const struct discovery_indexer *indexer, char *name);

/* The list that `source` names; read where it is seen first. */
int discovery_take_list(struct discovery_indexer *indexer,
    const struct hacfg_source *source, size_t *ret, struct err *err) MUST_CHECK;

/* The entries of `file_name`, `*ret_count` of them; NULL where none. */
const struct discovery_entry *discovery_find(const struct discovery *discovery,
    const char *file_name, size_t *ret_count);

/*
 * Would the bundle `file_name` be added to `list`? Only to those that the
 * operator named, else to the one list there is where nothing loads it yet.
 */
bool discovery_adds(
    const struct discovery *discovery, const char *file_name, size_t list);

/*
 * What one address of a bind line is for a client on this machine, into `ret`
 * of two: 0 where we cannot connect to it, 2 for both loopbacks (`v4v6`).
 * (discovery_address.c)
 */
size_t discovery_parse(const char *text, bool v4v6, struct discovery_spot *ret);

/* Whom an address of a bind line is for. */
struct discovery_reach {
	unsigned first, last; /* ports */
	bool loopback; /* this machine alone; a wildcard is not */
	bool wildcard; /* all addresses, of IPv4, IPv6 or both */
	bool six; /* written as one of IPv6; a wildcard may be for both */
};

/*
 * The same text as it stands there, also where we cannot connect to it: false
 * for what is not TCP over IP.
 */
bool discovery_reach(const char *text, struct discovery_reach *ret);

/* Does a wildcard of IPv6 on the line leave IPv4 to others? */
bool discovery_is_v6only(const struct hacfg_bind *bind);

/* Parts "host:port[-port]" at the last colon; brackets are taken off. */
bool discovery_split_port(
    const char *text, char *ret_host, size_t size, unsigned *ret_port);

/* Fills the address and the text of `ret`; false: no such host. */
bool discovery_resolve(
    const char *host, int family, unsigned port, struct discovery_target *ret);

/* Is it an address of this machine, now, or all of its? */
bool discovery_is_local(const struct discovery_target *target);

/* The port of an address, 0 where it has none. (discovery_targets.c) */
unsigned discovery_port(const struct discovery_target *target);

/*
 * An address that the operator gave, "HOST:PORT" or "[v6]:PORT", into `ret`,
 * which is zeroed; `what` is whose it is, for the message. ERR_CONF.
 */
int discovery_given(const char *given, const char *what,
    struct discovery_target *ret, struct err *err) MUST_CHECK;

/* Fills ret->text from its address. */
void discovery_target_text(struct discovery_target *target);

/* Fills spots. (discovery_targets.c) ERR_NOMEM. */
int discovery_spots(struct discovery *discovery, struct err *err) MUST_CHECK;
void discovery_spots_free(struct discovery *discovery);

#endif
