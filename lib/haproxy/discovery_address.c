/*
 * discovery_address.c: what a bind line listens on -> addresses that we can
 * connect to. A part of discovery_spots(); text in, sockaddr out.
 *
 * Forms as str2sa_range() of HAProxy takes them: "[family@]host:port[-port]",
 * "/path", "unix@/path", "abns@name"; host may be empty, `*`, an IPv6 address
 * with or without brackets (the last colon parts the port), or a name.
 */
#include "haproxy/discovery_part.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/* What may stand in front of the @, and what it makes of the rest. */
struct family {
	const char *prefix;
	int family; /* AF_UNSPEC: any of IPv4 and IPv6 */
	bool abstract;
};

static const struct family families[] = {
    {"abns@", AF_UNIX, true},
    {"abnsz@", AF_UNIX, true},
    {"ipv4@", AF_INET, false},
    {"ipv6@", AF_INET6, false},
    {"mptcp4@", AF_INET, false},
    {"mptcp6@", AF_INET6, false},
    {"mptcp@", AF_UNSPEC, false},
    {"tcp4@", AF_INET, false},
    {"tcp6@", AF_INET6, false},
    {"tcp@", AF_UNSPEC, false},
    {"unix@", AF_UNIX, false},
    {"uxst@", AF_UNIX, false},
};

void
discovery_target_text(struct discovery_target *target)
{
	const struct sockaddr *address =
	    (const struct sockaddr *)(const void *)&target->address;
	char host[NI_MAXHOST], port[NI_MAXSERV];
	const char *path;
	bool six = address->sa_family == AF_INET6;

	if (address->sa_family == AF_UNIX) {
		path = ((const struct sockaddr_un *)(const void *)address)
			   ->sun_path;
		(void)snprintf(target->text, sizeof(target->text), "%s%.107s",
		    *path == '\0' ? "abns:" : "unix:", path + (*path == '\0'));
		return;
	}
	if (getnameinfo(address, target->address_len, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		(void)snprintf(target->text, sizeof(target->text), "?");
		return;
	}
	(void)snprintf(target->text, sizeof(target->text), "%s%.250s%s:%.20s",
	    six ? "[" : "", host, six ? "]" : "", port);
}

static void
set_inet(struct discovery_target *target, int family, const void *address,
    unsigned port)
{
	struct sockaddr_in *in = (void *)&target->address;
	struct sockaddr_in6 *in6 = (void *)&target->address;

	memset(&target->address, 0, sizeof(target->address));
	target->address.ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		memcpy(&in->sin_addr, address, sizeof(in->sin_addr));
		in->sin_port = htons((uint16_t)port);
		target->address_len = sizeof(*in);
	} else {
		memcpy(&in6->sin6_addr, address, sizeof(in6->sin6_addr));
		in6->sin6_port = htons((uint16_t)port);
		target->address_len = sizeof(*in6);
	}
	discovery_target_text(target);
}

bool
discovery_is_local(const struct discovery_target *target)
{
	const struct sockaddr_in *in = (const void *)&target->address, *in2;
	const struct sockaddr_in6 *in6 = (const void *)&target->address, *in62;
	struct ifaddrs *all = NULL, *one;
	bool local = false;

	if (target->address.ss_family == AF_UNIX)
		return true;
	if (target->address.ss_family == AF_INET &&
	    (ntohl(in->sin_addr.s_addr) >> 24 == 127 ||
		in->sin_addr.s_addr == htonl(INADDR_ANY)))
		return true;
	if (target->address.ss_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
		return true;
	if (getifaddrs(&all) < 0)
		return true;
	for (one = all; one != NULL && !local; one = one->ifa_next) {
		if (one->ifa_addr == NULL ||
		    one->ifa_addr->sa_family != target->address.ss_family)
			continue;
		in2 = (const void *)one->ifa_addr;
		in62 = (const void *)one->ifa_addr;
		if (one->ifa_addr->sa_family == AF_INET)
			local = in2->sin_addr.s_addr == in->sin_addr.s_addr;
		else if (one->ifa_addr->sa_family == AF_INET6)
			local = memcmp(&in62->sin6_addr, &in6->sin6_addr,
				    sizeof(in6->sin6_addr)) == 0;
	}
	freeifaddrs(all);
	return local;
}

bool
discovery_split_port(
    const char *text, char *ret_host, size_t size, unsigned *ret_port)
{
	const char *colon = strrchr(text, ':'), *start = text;
	unsigned long port;
	size_t len;
	char *end;

	if (colon == NULL || colon[1] < '0' || colon[1] > '9')
		return false;
	port = strtoul(colon + 1, &end, 10);
	if (port == 0 || port > 65535 || (*end != '\0' && *end != '-'))
		return false;
	len = (size_t)(colon - start);
	if (len >= 2 && *start == '[' && start[len - 1] == ']') {
		start++;
		len -= 2;
	}
	if (len >= size)
		return false;
	memcpy(ret_host, start, len);
	ret_host[len] = '\0';
	*ret_port = (unsigned)port;
	return true;
}

bool
discovery_resolve(
    const char *host, int family, unsigned port, struct discovery_target *ret)
{
	struct addrinfo hints = {.ai_family = family,
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *found = NULL;
	unsigned char address[sizeof(struct in6_addr)];

	if (family != AF_INET6 && inet_pton(AF_INET, host, address) == 1) {
		set_inet(ret, AF_INET, address, port);
		return true;
	}
	if (family != AF_INET && inet_pton(AF_INET6, host, address) == 1) {
		set_inet(ret, AF_INET6, address, port);
		return true;
	}
	if (getaddrinfo(host, NULL, &hints, &found) != 0 || found == NULL)
		return false;
	memset(&ret->address, 0, sizeof(ret->address));
	memcpy(&ret->address, found->ai_addr, found->ai_addrlen);
	ret->address_len = found->ai_addrlen;
	if (found->ai_family == AF_INET)
		((struct sockaddr_in *)(void *)&ret->address)->sin_port =
		    htons((uint16_t)port);
	else
		((struct sockaddr_in6 *)(void *)&ret->address)->sin6_port =
		    htons((uint16_t)port);
	freeaddrinfo(found);
	discovery_target_text(ret);
	return true;
}

bool
discovery_is_here(const char *host)
{
	struct discovery_target target;

	return strcmp(host, "localhost") == 0 ||
	    (discovery_resolve(host, AF_UNSPEC, 0, &target) &&
		discovery_is_local(&target));
}

/* Can ::1 be connected to on this machine? */
static bool
has_loopback6(void)
{
	struct sockaddr_in6 address = {
	    .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	bool has;
	int fd;

	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	has = bind(fd, (const struct sockaddr *)(const void *)&address,
		  sizeof(address)) == 0;
	(void)close(fd);
	return has;
}

static size_t
parse_unix(const char *path, bool abstract, struct discovery_target *ret)
{
	struct sockaddr_un *address = (void *)&ret->address;
	size_t len = strlen(path);

	/* An abstract name of HAProxy fills sun_path, zeros behind it. */
	if (len == 0 || len + 1 > sizeof(address->sun_path))
		return 0;
	memset(&ret->address, 0, sizeof(ret->address));
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path + abstract, path, len);
	ret->address_len = sizeof(*address);
	discovery_target_text(ret);
	return 1;
}

static size_t
parse_inet(const char *text, int family, bool v4v6, struct discovery_spot *ret)
{
	char host[NI_MAXHOST];
	struct in_addr loopback = {.s_addr = htonl(INADDR_LOOPBACK)};
	size_t count = 0;
	unsigned port;

	if (!discovery_split_port(text, host, sizeof(host), &port))
		return 0;
	ret[0].wildcard = ret[1].wildcard = true;
	if (strcmp(host, "::") == 0 ||
	    (family == AF_INET6 && (*host == '\0' || *host == '*'))) {
		if (has_loopback6())
			set_inet(&ret[count++].target, AF_INET6,
			    &in6addr_loopback, port);
		if (v4v6)
			set_inet(
			    &ret[count++].target, AF_INET, &loopback, port);
		return count;
	}
	if (*host == '\0' || strcmp(host, "*") == 0 ||
	    strcmp(host, "0.0.0.0") == 0) {
		set_inet(&ret[0].target, AF_INET, &loopback, port);
		return 1;
	}
	ret[0].wildcard = false;
	if (!discovery_resolve(host, family, port, &ret[0].target))
		return 0;
	/*
	 * An address that moves between machines (VRRP) may be elsewhere
	 * now, and what is shown there proves nothing about us.
	 */
	return discovery_is_local(&ret[0].target) ? 1 : 0;
}

/*
 * Takes what stands in front of the @ off `*text`; NULL: a family that we do
 * not know. Without an @ it is a path or an address of any family.
 */
static const struct family *
take_family(const char **text)
{
	static const struct family path = {"", AF_UNIX, false};
	static const struct family any = {"", AF_UNSPEC, false};
	size_t i;

	if (strncmp(*text, "stream+", 7) == 0)
		*text += 7;
	if (**text == '/')
		return &path;
	if (strchr(*text, '@') == NULL)
		return &any;
	for (i = 0; i < COUNT_OF(families); i++) {
		size_t len = strlen(families[i].prefix);

		if (strncmp(*text, families[i].prefix, len) == 0) {
			*text += len;
			return &families[i];
		}
	}
	return NULL;
}

size_t
discovery_parse(const char *text, bool v4v6, struct discovery_spot *ret)
{
	const struct family *family = take_family(&text);

	memset(ret, 0, 2 * sizeof(*ret));
	if (family == NULL)
		return 0;
	if (family->family == AF_UNIX)
		return parse_unix(text, family->abstract, &ret->target);
	return parse_inet(text, family->family, v4v6, ret);
}

/* Is it an address that no other machine can come to? */
static bool
is_loopback(const struct discovery_target *target)
{
	static const unsigned char mapped[13] = {
	    [10] = 0xff, [11] = 0xff, [12] = 127};
	const struct sockaddr_in *in = (const void *)&target->address;
	const struct sockaddr_in6 *in6 = (const void *)&target->address;

	if (target->address.ss_family == AF_INET)
		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	return memcmp(&in6->sin6_addr, &in6addr_loopback,
		   sizeof(in6->sin6_addr)) == 0 ||
	    memcmp(&in6->sin6_addr, mapped, sizeof(mapped)) == 0;
}

bool
discovery_reach(const char *text, struct discovery_reach *ret)
{
	const struct family *family = take_family(&text);
	struct discovery_target target;
	char host[NI_MAXHOST];
	const char *dash;
	bool any;

	if (family == NULL || family->family == AF_UNIX ||
	    !discovery_split_port(text, host, sizeof(host), &ret->first))
		return false;
	dash = strchr(strrchr(text, ':'), '-');
	ret->last = ret->first;
	if (dash != NULL)
		ret->last = (unsigned)strtoul(dash + 1, NULL, 10);
	any = *host == '\0' || strcmp(host, "*") == 0;
	ret->wildcard =
	    any || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
	ret->six = any && family->family == AF_INET6;
	ret->loopback = false;
	if (any || !discovery_resolve(host, family->family, 1, &target))
		return true;
	ret->six = target.address.ss_family == AF_INET6;
	ret->loopback = is_loopback(&target);
	return true;
}

bool
discovery_is_v6only(const struct hacfg_bind *bind)
{
	socklen_t len = sizeof(int);
	int fd, only = 0;

	if (bind->v6only || bind->v4v6)
		return bind->v6only;
	/* net.ipv6.bindv6only; HAProxy asks in the same way. */
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	if (getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &len) < 0)
		only = 0;
	(void)close(fd);
	return only != 0;
}
