/*
 * test_listen.c: which of an address's sockets the responder can do without.
 */
#include "acme/listen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"

/* Somebody else who listens on every address of a family; -1: there is none. */
static int
taken_by(int family, long *ret_port)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	socklen_t len = family == AF_INET ? sizeof(v4) : sizeof(v6);
	struct sockaddr *address =
	    family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;

	if (fd < 0)
		return -1;
	if (family == AF_INET6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, address, len) < 0 || listen(fd, 1) < 0 ||
	    getsockname(fd, address, &len) < 0) {
		(void)close(fd);
		return -1;
	}
	*ret_port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
	return fd;
}

static int
family_of(int fd)
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(address);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	return address.ss_family;
}

static void
ipv4_does_without_ipv6(void **state)
{
	int sockets[LIMIT_LISTENERS];
	struct err err = ERR_INIT;
	size_t count = 0;
	long port = 0;
	int other = taken_by(AF_INET6, &port);

	(void)state;
	if (other < 0)
		skip();
	assert_int_equal(listen_open("", port, sockets, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(family_of(sockets[0]), AF_INET);
	listen_close(sockets, &count);
	assert_int_equal(close(other), 0);
}

/* The CA would be answered by whoever has the other. */
static void
ipv6_does_not_without_ipv4(void **state)
{
	int sockets[LIMIT_LISTENERS];
	struct err err = ERR_INIT;
	size_t count = 0;
	long port = 0;
	int other = taken_by(AF_INET, &port);

	(void)state;
	assert_true(other >= 0);
	assert_int_equal(
	    listen_open("", port, sockets, &count, &err), ERR_EXISTS);
	assert_int_equal(count, 0);
	assert_int_equal(close(other), 0);
}

/* As certbot's: a conf that it wrote with that address answers IPv4, too. */
static void
ipv6_alone_is_for_ipv4_too(void **state)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	socklen_t len = sizeof(v6);
	int sockets[LIMIT_LISTENERS], fd;
	struct err err = ERR_INIT;
	size_t count = 0;
	long port = 0;
	int other = taken_by(AF_INET6, &port);

	(void)state;
	if (other < 0)
		skip();
	assert_int_equal(close(other), 0);
	assert_int_equal(listen_open("::", 0, sockets, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(
	    getsockname(sockets[0], (struct sockaddr *)&v6, &len), 0);
	v4.sin_port = v6.sin6_port;
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&v4, sizeof(v4)), 0);
	assert_int_equal(close(fd), 0);
	listen_close(sockets, &count);
}

static void
an_address_may_be_a_name(void **state)
{
	int sockets[LIMIT_LISTENERS];
	struct err err = ERR_INIT;
	size_t count = 0;

	(void)state;
	assert_int_equal(listen_open("localhost", 0, sockets, &count, &err), 0);
	assert_true(count >= 1);
	listen_close(sockets, &count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ipv4_does_without_ipv6),
	    cmocka_unit_test(ipv6_does_not_without_ipv4),
	    cmocka_unit_test(ipv6_alone_is_for_ipv4_too),
	    cmocka_unit_test(an_address_may_be_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
