/*
 * discovery_fronts.c: where plain http comes in, for who wants to know what a
 * CA's http-01 question would meet.
 */
#include "haproxy/discovery_part.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const char doing[] = "looking for the plain http address";

enum { PORT_HTTP = 80 };

static bool
same_address(const struct discovery_target *a, const struct discovery_target *b)
{
	return a->address_len == b->address_len &&
	    memcmp(&a->address, &b->address, a->address_len) == 0;
}

static int
add_front(struct discovery_fronts *ret, const struct discovery_target *target,
    const struct hacfg_bind *bind, struct err *err)
{
	struct discovery_front *front;
	size_t i;

	for (i = 0; i < ret->count; i++) {
		if (same_address(&ret->items[i].target, target))
			return 0;
	}
	if (ret->count == LIMIT_FRONTS)
		return err_set(err, ERR_LIMIT, doing, target->text,
		    "more than %d addresses (challenge.http_addresses can name "
		    "the ones to ask)",
		    LIMIT_FRONTS);
	front = &ret->items[ret->count++];
	front->target = *target;
	front->target.accept_proxy = bind != NULL && bind->accept_proxy;
	front->bind = bind;
	front->port = discovery_port(target);
	front->here = discovery_is_local(target);
	return 0;
}

/* Could a CA's question come in by this line? */
static bool
is_plain(const struct hacfg_bind *bind)
{
	return !bind->ssl && !bind->quic && !bind->apart && !hacfg_is_off(bind);
}

/*
 * `all`: on a wildcard; `four`: of IPv4, or with it. The others as for
 * discovery_listens().
 */
static bool
listens(const struct hacfg_bind *bind, unsigned port, bool open, bool all,
    bool four)
{
	struct discovery_reach reach;
	size_t i;

	if (bind->quic || hacfg_is_off(bind))
		return false;
	for (i = 0; i < bind->address_count; i++) {
		if (discovery_reach(bind->addresses[i], &reach) &&
		    !(open && reach.loopback) && !(all && !reach.wildcard) &&
		    !(four && reach.six &&
			(!reach.wildcard || discovery_is_v6only(bind))) &&
		    (port == 0 || (port >= reach.first && port <= reach.last)))
			return true;
	}
	return false;
}

bool
discovery_listens(const struct hacfg_bind *bind, unsigned port, bool open)
{
	return listens(bind, port, open, false, false);
}

bool
discovery_listens_all(const struct hacfg_bind *bind, unsigned port)
{
	return listens(bind, port, false, true, true);
}

bool
discovery_listens_four(const struct hacfg_bind *bind, unsigned port)
{
	return listens(bind, port, true, false, true);
}

static bool
is_open(const struct hacfg *hacfg)
{
	size_t i;

	for (i = 0; i < hacfg->bind_count; i++) {
		if (discovery_listens(&hacfg->binds[i], 0, true))
			return true;
	}
	return false;
}

/* One port of a range. */
static void
set_port(struct discovery_target *target, unsigned port)
{
	struct sockaddr_in *in = (void *)&target->address;
	struct sockaddr_in6 *in6 = (void *)&target->address;

	if (target->address.ss_family == AF_INET)
		in->sin_port = htons((uint16_t)port);
	else if (target->address.ss_family == AF_INET6)
		in6->sin6_port = htons((uint16_t)port);
	discovery_target_text(target);
}

/*
 * What discovery_parse() finds in address `j` of the bind line, at `port` where
 * its range has that one, else at the first of it.
 */
static size_t
parse_at(const struct hacfg_bind *bind, size_t j, unsigned port,
    struct discovery_spot *ret)
{
	size_t count = discovery_parse(bind->addresses[j], bind->v4v6, ret);
	struct discovery_reach reach;

	if (!discovery_reach(bind->addresses[j], &reach) ||
	    port < reach.first || port > reach.last)
		return count;
	for (size_t i = 0; i < count; i++)
		set_port(&ret[i].target, port);
	return count;
}

/*
 * Adds what `hacfg` has on port 80, or (`port` 0) all of mode http: on
 * loopback, or everywhere else.
 */
static int
add_binds(const struct hacfg *hacfg, unsigned port, bool loopback,
    struct discovery_fronts *ret, struct err *err)
{
	const struct hacfg_bind *bind;
	struct discovery_spot found[2];
	struct discovery_reach reach;
	size_t i, j, k, count;
	int rc = 0;

	for (i = 0; i < hacfg->bind_count; i++) {
		bind = &hacfg->binds[i];
		if (!is_plain(bind) || (port == 0 && !bind->http))
			continue;
		for (j = 0; j < bind->address_count && rc == 0; j++) {
			if (!discovery_reach(bind->addresses[j], &reach) ||
			    reach.loopback != loopback)
				continue;
			count = parse_at(bind, j, port, found);
			for (k = 0; k < count && rc == 0; k++) {
				unsigned its = discovery_port(&found[k].target);

				if (its != 0 && (port == 0 || its == port))
					rc = add_front(
					    ret, &found[k].target, bind, err);
			}
		}
	}
	return rc;
}

/* The bind line that listens on `target`, NULL where none is known. */
static const struct hacfg_bind *
find_bind(const struct hacfg *hacfg, const struct discovery_target *target)
{
	bool local = discovery_is_local(target);
	struct discovery_spot found[2];
	size_t i, j, count;

	for (i = 0; i < hacfg->bind_count; i++) {
		const struct hacfg_bind *bind = &hacfg->binds[i];

		for (j = 0; is_plain(bind) && j < bind->address_count; j++) {
			count =
			    parse_at(bind, j, discovery_port(target), found);
			while (count-- > 0) {
				if (same_address(
					&found[count].target, target) ||
				    (found[count].wildcard && local &&
					discovery_port(&found[count].target) ==
					    discovery_port(target)))
					return bind;
			}
		}
	}
	return NULL;
}

int
discovery_fronts(const struct hacfg *hacfg, const char *const *given,
    size_t given_count, struct discovery_fronts *ret, struct err *err)
{
	struct discovery_target target;
	size_t i;
	int rc = 0;

	ret->count = 0;
	ret->entrance = DISCOVERY_PORT_80;
	for (i = 0; i < given_count && rc == 0; i++) {
		rc = discovery_given(
		    given[i], "reading challenge.http_addresses", &target, err);
		if (rc == 0)
			rc = add_front(
			    ret, &target, find_bind(hacfg, &target), err);
	}
	if (rc < 0 || given_count > 0)
		return rc;
	rc = add_binds(hacfg, PORT_HTTP, false, ret, err);
	if (rc < 0 || ret->count > 0)
		return rc;
	ret->entrance = DISCOVERY_OTHER_PORT;
	rc = add_binds(hacfg, 0, false, ret, err);
	if (rc < 0 || ret->count > 0 || is_open(hacfg))
		return rc;
	ret->entrance = DISCOVERY_LOOPBACK;
	rc = add_binds(hacfg, PORT_HTTP, true, ret, err);
	if (rc == 0 && ret->count == 0)
		rc = add_binds(hacfg, 0, true, ret, err);
	return rc;
}
