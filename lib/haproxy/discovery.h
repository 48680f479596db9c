/*
 * discovery.h: where a bundle is in HAProxy: its stores, the lists they are
 * on, and the addresses that serve them.
 *
 * HAProxy names a store by the configuration's text; one file spelled three
 * ways is three stores. They are matched here by device and inode. Made once
 * a run; a question about one bundle then costs the same whatever the number
 * of certificates.
 */
#ifndef HAPROXY_DISCOVERY_H
#define HAPROXY_DISCOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/fs.h"
#include "haproxy/crtlist.h"
#include "haproxy/hacfg.h"

enum discovery_way {
	DISCOVERY_DIRECTORY, /* `crt DIR`: list is DIR */
	DISCOVERY_CRT_LIST, /* an entry of `crt-list FILE`: list is FILE */
	DISCOVERY_FILE, /* `crt FILE`: cannot be added in memory */
	DISCOVERY_CRT_STORE, /* a `load`: cannot be added in memory */
};

/* One store that is, or would be, made from the bundle's file. */
struct discovery_store {
	char name[LIMIT_PATH_BYTES]; /* as HAProxy's commands want it */
	char list[LIMIT_PATH_BYTES]; /* for add and del; "" with none */
	/* Of a crt-list, borrowed of the discovery: where the file is, and what
	 * its relative entries stand behind ("": as they are). */
	const char *path, *crt_base;
	enum discovery_way way;
	bool listed; /* a directory, or the entry stands on disk already */
	size_t lines; /* how many of them */
	bool is_default; /* of a bind line: HAProxy may not let go of it */
};

struct discovery_stores {
	struct discovery_store items[LIMIT_STORES];
	size_t count;
};

/* One address to shake hands with. */
struct discovery_target {
	struct sockaddr_storage address;
	socklen_t address_len;
	char text[300]; /* "127.0.0.1:443", "[::1]:443", "unix:/path" */
	bool accept_proxy; /* a PROXY line goes first */
	bool maybe; /* HAProxy may not listen there, by its `.if` blocks */
	bool is_default; /* the bundle is what is shown without SNI */
	const char *filters; /* what it is asked for by, where a crt-list says
	    so; borrowed of the discovery; NULL: the certificate's names */
};

struct discovery_targets {
	struct discovery_target items[LIMIT_TARGETS];
	size_t count;
	size_t closed; /* those that verify_drop_closed() has dropped ... */
	char closed_at[300]; /* ... and the first of them */
};

/* One address of a plain http bind line, as a client here reaches it. */
struct discovery_front {
	struct discovery_target target;
	const struct hacfg_bind *bind; /* of the hacfg; NULL: none listens
	    there that we know of */
	unsigned port; /* as the bind line or the given address has it */
	bool here; /* the address is this machine's */
};

/* How sure it is that a CA's question comes in there. */
enum discovery_entrance {
	DISCOVERY_PORT_80, /* it is port 80, or the operator named it */
	DISCOVERY_OTHER_PORT, /* it does where port 80 is mapped to it */
	DISCOVERY_LOOPBACK /* it does where something on this machine hands it
	    on: no bind line is for other machines */
};

struct discovery_fronts {
	struct discovery_front items[LIMIT_FRONTS];
	size_t count;
	enum discovery_entrance entrance; /* of all of them */
};

struct discovery;

/*
 * Reads the configuration (`paths` and `environment` as for hacfg_read()) and
 * every crt-list file it names. `bundle_dir` is where our bundles are;
 * `crt_list` is the configured list for new ones, "" to find it: where no bind
 * line loads `bundle_dir` as a directory, the one crt-list file there is, for
 * bundles that nothing loads yet. Errors as hacfg_read(); a crt-list that is
 * not there is HAProxy's to complain about. Returns owned.
 */
int discovery_load(const char *const *paths, size_t count,
    const struct conf_environment *environment, const char *bundle_dir,
    const char *crt_list, struct discovery **ret, struct err *err) MUST_CHECK;
void discovery_free(struct discovery *discovery);

/* Does HAProxy look at a file of this name in a `crt DIR`? */
bool discovery_loadable(const char *file_name);

/*
 * The stores of the bundle `file_name` ("NAME.pem") in bundle_dir, which need
 * not exist yet. None: no bind line would ever load it. A name is there once
 * for each list that it is on; a server's `crt` is a store, too. Stores that
 * HAProxy's own ACME looks after are left out. ERR_LIMIT.
 */
int discovery_stores(const struct discovery *discovery, const char *file_name,
    struct discovery_stores *ret, struct err *err) MUST_CHECK;

/*
 * What a store `name` of the bundle `file_name` on the crt-list `list`
 * (HAProxy's name of it) would be: into `ret`, not listed. False: no bind line
 * loads that list any more, or that name is of another file by now.
 */
bool discovery_list_at(struct discovery *discovery, const char *list,
    const char *name, const char *file_name, struct discovery_store *ret);

/*
 * For discovery_targets(): the line of store `name` on `list` has these filters
 * (NULL: none), whatever the file says by now; `*ret_other`: it says another
 * thing. ERR_NOMEM.
 */
int discovery_refilter(struct discovery *discovery, const char *list,
    const char *name, const char *filters, bool *ret_other,
    struct err *err) MUST_CHECK;

/*
 * The file of `list` as it was read; NULL: it was not, or its entries have been
 * changed since by one of these calls. Borrowed.
 */
const struct fs_ident *discovery_list_ident(
    const struct discovery *discovery, const char *list);

/*
 * Has the memory of a process (`dump`) the same single line, with the same
 * filters, for each bundle that has one on `list`? Of those with more it is not
 * asked.
 */
bool discovery_agrees(const struct discovery *discovery, const char *list,
    const struct crtlist_dump *dump);

/*
 * The file of `list` has been given these lines since (each with its newline)
 * for the bundle `file_name`, as store `name`. ERR_NOMEM.
 */
int discovery_enter(struct discovery *discovery, const char *list,
    const char *name, const char *file_name, const char *lines,
    struct err *err) MUST_CHECK;

/* The lines of store `name` are out of the file of `list` now. */
void discovery_leave(
    struct discovery *discovery, const char *list, const char *name);

/*
 * The addresses whose bind lines load one of the bundle's stores: a wildcard
 * address becomes loopback (with v4v6 both, where the machine has both), a
 * port range its first port. Lines that are off, QUIC, file descriptors, lines
 * with `interface` or `namespace`, and addresses that are not this machine's
 * now (VRRP: what another one shows proves nothing) are left out. With `given`
 * (count > 0) those instead, "HOST:PORT" or "[v6]:PORT" (ERR_CONF); what the
 * bind line of such an address says of PROXY and default holds. ERR_LIMIT.
 */
int discovery_targets(const struct discovery *discovery, const char *file_name,
    const char *const *given, size_t given_count, struct discovery_targets *ret,
    struct err *err) MUST_CHECK;

/*
 * Is the bundle one that HAProxy has, and shows at no address that can be
 * connected to from here: for a server line, or on bind lines that are off, for
 * an interface, or for addresses that are not this machine's now, and on no
 * other (but for QUIC)? Where the operator has `given` addresses, only those
 * that are off count. ERR_NOMEM.
 */
int discovery_is_unseen(const struct discovery *discovery,
    const char *file_name, bool given, bool *ret, struct err *err) MUST_CHECK;

/*
 * Does bind line `bind` of the hacfg listen at `address`, the text of a target?
 */
bool discovery_listens_at(
    const struct discovery *discovery, size_t bind, const char *address);

/*
 * Is it loaded only by lines that HAProxy may not read (`.if`)? ERR_NOMEM.
 */
int discovery_is_maybe(const struct discovery *discovery, const char *file_name,
    bool *ret, struct err *err) MUST_CHECK;

/*
 * The addresses at which `hacfg` (borrowed for the life of `ret`) takes plain
 * http: those of port 80, whatever their mode; where there are none, those of
 * `mode http`. Loopback counts only where no bind line takes TCP from other
 * machines. Addresses become ones to connect to, and some are left out, as in
 * discovery_targets(); UNIX sockets too. With `given` (count > 0) those
 * instead: ERR_CONF. ERR_LIMIT past LIMIT_FRONTS.
 */
int discovery_fronts(const struct hacfg *hacfg, const char *const *given,
    size_t given_count, struct discovery_fronts *ret,
    struct err *err) MUST_CHECK;

/*
 * Does bind line `bind` (where it stands in the hacfg) load the bundle, or
 * would it, once the bundle is there?
 */
bool discovery_loads(
    const struct discovery *discovery, size_t bind, const char *file_name);

/* Does one bind line with ssl load both bundles? */
bool discovery_meet(const struct discovery *discovery, const char *file_name,
    const char *other);

/* Does the bind line name HAProxy's store `store`, or its directory? */
bool discovery_holds(
    const struct discovery *discovery, size_t bind, const char *store);

/*
 * May one bind line with ssl show the bundle or `store`, a store of another
 * file, to who asks for `name`, which both certificates have? Where the
 * configuration and its crt-lists name it no more: it may. `ret_sure`: one
 * loads both. Reads the crt-lists each time.
 */
bool discovery_may_meet(const struct discovery *discovery,
    const char *file_name, const char *store, const char *name, bool *ret_sure);

/*
 * Of these two, which both are on a bind line with ssl and for `name`: does any
 * such line load `store` first? Then that one is shown after each reload. By
 * what is on disk now; where the bundle is not, it goes behind nothing.
 */
bool discovery_is_ahead(const struct discovery *discovery,
    const char *file_name, const char *store, const char *name) MUST_CHECK;

/*
 * Is it a bind line for https that none of the bundles is on, nor would be?
 * Mail is none, HAProxy's own ACME has its own; loopback counts only where no
 * bind line takes TLS from other machines.
 */
bool discovery_passes(const struct discovery *discovery, size_t bind);

/*
 * A bind line with bundles that has a port of all addresses, as this one has,
 * say for IPv4 what this one has for IPv6; NULL: none. Borrowed.
 */
const struct hacfg_bind *discovery_beside(
    const struct discovery *discovery, size_t bind);

/*
 * Does the bind line take TCP connections on `port` (0: on any)? `open`: on an
 * address that is not loopback. Also where we cannot connect to it.
 */
bool discovery_listens(const struct hacfg_bind *bind, unsigned port, bool open);

/*
 * Does it so on all addresses of IPv4, if not of IPv6, too? On one of IPv4, for
 * other machines?
 */
bool discovery_listens_all(const struct hacfg_bind *bind, unsigned port);
bool discovery_listens_four(const struct hacfg_bind *bind, unsigned port);

/* The facts of the configuration that this was made from; borrowed. */
const struct hacfg *discovery_hacfg(const struct discovery *discovery);

/*
 * "DIR/default.pem", beside `bundle_dir` and not in it: what is shown without
 * SNI, and lets the directory be empty. (discovery_needs.c) ERR_LIMIT.
 */
int discovery_default_path(
    const char *bundle_dir, char *ret, size_t size, struct err *err) MUST_CHECK;

/*
 * Would HAProxy fail to start without the file? True where a `crt FILE`, a
 * server or a crt-store names it, or where it is the last certificate of a
 * directory or a crt-list on a bind line that needs one; `reason` tells which
 * line, and what would let it go. (A crt-list that merely names it has to lose
 * that entry first.)
 */
bool discovery_needs(const struct discovery *discovery, const char *file_name,
    char *reason, size_t size);

/*
 * Is `host`, an address without brackets or a name that the resolver knows,
 * one of this machine's addresses?
 */
bool discovery_is_here(const char *host) MUST_CHECK;

#endif
