/*
 * discovery_targets.c: the addresses to shake hands with. Bind lines are
 * parsed once, in discovery_load(); discovery_targets() then only collects.
 */
#include "haproxy/discovery_part.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned
discovery_port(const struct discovery_target *target)
{
	const struct sockaddr_in *in = (const void *)&target->address;
	const struct sockaddr_in6 *in6 = (const void *)&target->address;

	if (target->address.ss_family == AF_INET)
		return ntohs(in->sin_port);
	if (target->address.ss_family == AF_INET6)
		return ntohs(in6->sin6_port);
	return 0;
}

static int
add_spots(struct discovery_spots *spots, const struct hacfg_bind *bind,
    struct err *err)
{
	struct discovery_spot found[2], *grown;
	struct discovery_reach reach;
	size_t i, j, count;

	for (i = 0; i < bind->address_count; i++) {
		count = bind->apart
		    ? 0
		    : discovery_parse(bind->addresses[i], bind->v4v6, found);
		if (count == 0 && discovery_reach(bind->addresses[i], &reach))
			spots->away++;
		for (j = 0; j < count; j++) {
			grown = discovery_grow(
			    spots->items, spots->count, sizeof(*grown));
			if (grown == NULL)
				return err_nomem(err, DISCOVERY_DOING);
			spots->items = grown;
			found[j].target.accept_proxy = bind->accept_proxy;
			found[j].target.maybe = bind->when == HACFG_MAYBE;
			grown[spots->count++] = found[j];
		}
	}
	return 0;
}

int
discovery_spots(struct discovery *discovery, struct err *err)
{
	const struct hacfg *hacfg = discovery->hacfg;
	size_t i;
	int rc = 0;

	if (hacfg->bind_count == 0)
		return 0;
	discovery->spots = calloc(hacfg->bind_count, sizeof(*discovery->spots));
	if (discovery->spots == NULL)
		return err_nomem(err, DISCOVERY_DOING);
	for (i = 0; i < hacfg->bind_count && rc == 0; i++) {
		/* Without certificates there is nothing for us to see. */
		if (hacfg->binds[i].ssl && !hacfg_is_off(&hacfg->binds[i]) &&
		    hacfg->binds[i].source_count > 0)
			rc = add_spots(
			    &discovery->spots[i], &hacfg->binds[i], err);
	}
	return rc;
}

void
discovery_spots_free(struct discovery *discovery)
{
	size_t i;

	for (i = 0;
	     discovery->spots != NULL && i < discovery->hacfg->bind_count; i++)
		free(discovery->spots[i].items);
	free(discovery->spots);
	discovery->spots = NULL;
}

/* What a bind line has to do with a bundle. */
struct mark {
	bool loads, is_default;
	const char *filters; /* NULL: for whatever the certificate is */
};

/* Of several ways onto one bind line, one without filters takes all names. */
static void
mark(struct mark *ret, const char *filters, bool is_default)
{
	if (!ret->loads)
		ret->filters = filters;
	else if (filters == NULL)
		ret->filters = NULL;
	ret->loads = true;
	ret->is_default |= is_default;
}

/* For each bind line of hacfg. `ret` is owned: free(). */
static int
mark_binds(const struct discovery *discovery, const char *file_name,
    struct mark **ret, struct err *err)
{
	struct mark *marks =
	    calloc(discovery->hacfg->bind_count + 1, sizeof(*marks));
	const struct discovery_entry *entries;
	const struct discovery_use *use;
	size_t count, i, j;

	if (marks == NULL)
		return err_nomem(err, DISCOVERY_DOING);
	entries = discovery_find(discovery, file_name, &count);
	for (i = 0; i < count; i++) {
		if (entries[i].bind != DISCOVERY_NOWHERE && !entries[i].acme)
			mark(&marks[entries[i].bind], NULL,
			    entries[i].is_default);
	}
	for (i = 0; i < discovery->use_count; i++) {
		use = &discovery->uses[i];
		if (use->list == DISCOVERY_NOWHERE) {
			mark(&marks[use->bind], NULL,
			    use->is_default &&
				(discovery->first == NULL ||
				    strcmp(file_name, discovery->first) <= 0));
			continue;
		}
		if (discovery_adds(discovery, file_name, use->list))
			mark(&marks[use->bind], NULL, false);
		for (j = 0; j < count; j++) {
			if (entries[j].list == use->list && !entries[j].acme)
				mark(&marks[use->bind], entries[j].filters,
				    use->is_default && entries[j].is_default);
		}
	}
	*ret = marks;
	return 0;
}

/* Adds `target`; a second bind line of one address has its say there, too. */
static int
add_target(struct discovery_targets *ret, const struct discovery_target *target,
    const struct mark *mark, struct err *err)
{
	struct discovery_target *it;
	size_t i;

	for (i = 0; i < ret->count; i++) {
		it = &ret->items[i];
		if (it->address_len == target->address_len &&
		    memcmp(&it->address, &target->address,
			target->address_len) == 0) {
			it->is_default |= mark->is_default;
			it->maybe = it->maybe && target->maybe;
			if (it->filters == NULL)
				it->filters = mark->filters;
			return 0;
		}
	}
	if (ret->count == LIMIT_TARGETS)
		return err_set(err, ERR_LIMIT, DISCOVERY_DOING, target->text,
		    "more than %d addresses serve this bundle (verify."
		    "addresses can name the ones to look at)",
		    LIMIT_TARGETS);
	it = &ret->items[ret->count++];
	*it = *target;
	it->is_default = mark->is_default;
	it->filters = mark->filters;
	return 0;
}

/* Is it an address of that spot, `local` being whether it is this machine's? */
static bool
is_of_spot(const struct discovery_target *target,
    const struct discovery_spot *spot, bool local)
{
	return discovery_port(&spot->target) == discovery_port(target) &&
	    ((spot->wildcard && local) ||
		(spot->target.address_len == target->address_len &&
		    memcmp(&spot->target.address, &target->address,
			target->address_len) == 0));
}

/*
 * A given address is often one that a bind line listens on, too: then that
 * line tells whether it wants a PROXY line, and whose the default is.
 */
static void
match_given(const struct discovery *discovery, const struct mark *marks,
    struct discovery_target *target)
{
	const struct discovery_spot *spot;
	bool local = discovery_is_local(target);
	size_t i, j;

	for (i = 0; i < discovery->hacfg->bind_count; i++) {
		for (j = 0; j < discovery->spots[i].count; j++) {
			spot = &discovery->spots[i].items[j];
			if (!is_of_spot(target, spot, local))
				continue;
			target->accept_proxy |= spot->target.accept_proxy;
			target->is_default |= marks[i].is_default;
			if (marks[i].loads)
				target->filters = marks[i].filters;
		}
	}
}

int
discovery_given(const char *given, const char *what,
    struct discovery_target *ret, struct err *err)
{
	char host[NI_MAXHOST];
	unsigned port;

	memset(ret, 0, sizeof(*ret));
	if (!discovery_split_port(given, host, sizeof(host), &port) ||
	    *host == '\0' || strchr(strrchr(given, ':'), '-') != NULL ||
	    (strchr(host, ':') != NULL && *given != '['))
		return err_set(err, ERR_CONF, what, given,
		    "HOST:PORT or [IPv6]:PORT is wanted");
	if (!discovery_resolve(host, AF_UNSPEC, port, ret))
		return err_set(
		    err, ERR_CONF, what, given, "the name has no address");
	return 0;
}

static int
add_given(const struct discovery *discovery, const struct mark *marks,
    const char *given, struct discovery_targets *ret, struct err *err)
{
	struct discovery_target target;
	struct mark own;
	int rc;

	rc = discovery_given(
	    given, "reading the addresses of verify", &target, err);
	if (rc < 0)
		return rc;
	match_given(discovery, marks, &target);
	own = (struct mark){true, target.is_default, target.filters};
	return add_target(ret, &target, &own, err);
}

int
discovery_targets(const struct discovery *discovery, const char *file_name,
    const char *const *given, size_t given_count, struct discovery_targets *ret,
    struct err *err)
{
	size_t bind_count = discovery->hacfg->bind_count, i, j;
	const struct discovery_spots *spots;
	struct mark *marks = NULL;
	int rc;

	ret->count = ret->closed = 0;
	rc = mark_binds(discovery, file_name, &marks, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < given_count && rc == 0; i++)
		rc = add_given(discovery, marks, given[i], ret, err);
	for (i = 0; i < bind_count && given_count == 0; i++) {
		spots = &discovery->spots[i];
		for (j = 0; marks[i].loads && j < spots->count && rc == 0; j++)
			rc = add_target(
			    ret, &spots->items[j].target, &marks[i], err);
	}
	free(marks);
	return rc;
}

/* Can a client on this machine come to none of its addresses? */
static bool
is_away(const struct discovery *discovery, size_t bind)
{
	const struct discovery_spots *spots = &discovery->spots[bind];

	return spots->count == 0 && spots->away > 0;
}

int
discovery_is_unseen(const struct discovery *discovery, const char *file_name,
    bool given, bool *ret, struct err *err)
{
	const struct hacfg *hacfg = discovery->hacfg;
	const struct discovery_entry *entries;
	bool off = false, seen = false;
	struct mark *marks = NULL;
	size_t count, i;
	int rc;

	rc = mark_binds(discovery, file_name, &marks, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < hacfg->bind_count; i++) {
		if (!marks[i].loads)
			continue;
		if (hacfg_is_off(&hacfg->binds[i]) ||
		    (!given && is_away(discovery, i)))
			off = true;
		else
			seen |= given || !hacfg->binds[i].quic;
	}
	free(marks);
	/* What neither a bind line nor a list names is a server's. */
	entries = discovery_find(discovery, file_name, &count);
	for (i = 0; i < count; i++)
		off |= entries[i].way == DISCOVERY_FILE &&
		    entries[i].bind == DISCOVERY_NOWHERE;
	*ret = off && !seen;
	return 0;
}

int
discovery_is_maybe(const struct discovery *discovery, const char *file_name,
    bool *ret, struct err *err)
{
	const struct hacfg *hacfg = discovery->hacfg;
	const struct discovery_entry *entries;
	bool maybe = false, certain = false;
	struct mark *marks = NULL;
	size_t count, i;
	int rc;

	rc = mark_binds(discovery, file_name, &marks, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < hacfg->bind_count; i++) {
		maybe |= marks[i].loads;
		certain |=
		    marks[i].loads && hacfg->binds[i].when == HACFG_ALWAYS;
	}
	free(marks);
	entries = discovery_find(discovery, file_name, &count);
	for (i = 0; i < count; i++) {
		/* A load, or a server's. */
		if (entries[i].bind != DISCOVERY_NOWHERE ||
		    entries[i].list != DISCOVERY_NOWHERE)
			continue;
		maybe |= entries[i].maybe;
		certain |= !entries[i].maybe;
	}
	*ret = maybe && !certain;
	return 0;
}

bool
discovery_listens_at(
    const struct discovery *discovery, size_t bind, const char *address)
{
	const struct discovery_spots *spots = &discovery->spots[bind];
	struct err ignored = ERR_INIT;
	struct discovery_target target;
	bool inet;

	inet =
	    discovery_given(address, DISCOVERY_DOING, &target, &ignored) == 0;
	for (size_t i = 0; i < spots->count; i++) {
		const struct discovery_spot *spot = &spots->items[i];

		if (strcmp(spot->target.text, address) == 0 ||
		    (inet &&
			is_of_spot(&target, spot, discovery_is_local(&target))))
			return true;
	}
	return false;
}
