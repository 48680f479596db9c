/*
 * test_targets.c: bind lines become addresses that a client on this machine
 * can shake hands with, and whose default certificate is whose.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "haproxy/discovery.h"
#include "tests/unit/scratch.h"

static void
write_text(void **state, const char *name, const char *text)
{
	scratch_write(state, name, text, strlen(text), 0644);
}

static int
setup(void **state)
{
	if (scratch_setup(state) < 0 ||
	    mkdir(scratch_path(state, "ssl"), 0755) < 0)
		return -1;
	write_text(state, "ssl/b.pem", "b");
	write_text(state, "ssl/c.pem", "c");
	return 0;
}

/* Loads one frontend whose bind lines are `lines`; "DIR" is the directory. */
static struct discovery *
load(void **state, const char *lines)
{
	const char *path = scratch_path(state, "haproxy.cfg"), *hit;
	struct discovery *discovery = NULL;
	struct err err = ERR_INIT;
	char text[8192] = "frontend f\n";

	while ((hit = strstr(lines, "DIR")) != NULL) {
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%.*s%s/ssl", (int)(hit - lines), lines,
		    (const char *)*state);
		lines = hit + 3;
	}
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", lines);
	write_text(state, "haproxy.cfg", text);
	if (discovery_load(&path, 1, NULL, scratch_path(state, "ssl"), "",
		&discovery, &err) < 0)
		fail_msg("%s: %s", err.on, err.detail);
	return discovery;
}

/* The targets as one line: "ADDRESS[+proxy][+default][(FILTERS)] ...". */
static const char *
targets_of(const struct discovery *discovery, const char *file_name,
    const char *const *given, size_t count, char *text, size_t size)
{
	struct discovery_targets *targets = calloc(1, sizeof(*targets));
	struct err err = ERR_INIT;
	size_t i;

	assert_non_null(targets);
	text[0] = '\0';
	if (discovery_targets(
		discovery, file_name, given, count, targets, &err) < 0)
		fail_msg("%s: %s", err.on, err.detail);
	for (i = 0; i < targets->count; i++)
		snprintf(text + strlen(text), size - strlen(text),
		    "%s%s%s%s%s%s%s", i == 0 ? "" : " ", targets->items[i].text,
		    targets->items[i].accept_proxy ? "+proxy" : "",
		    targets->items[i].is_default ? "+default" : "",
		    targets->items[i].filters == NULL ? "" : "(",
		    targets->items[i].filters == NULL
			? ""
			: targets->items[i].filters,
		    targets->items[i].filters == NULL ? "" : ")");
	free(targets);
	return text;
}

static void
assert_targets(
    void **state, const char *lines, const char *file_name, const char *wanted)
{
	struct discovery *discovery = load(state, lines);
	char text[4096];

	assert_string_equal(
	    targets_of(discovery, file_name, NULL, 0, text, sizeof(text)),
	    wanted);
	discovery_free(discovery);
}

static bool
has_loopback6(void)
{
	struct sockaddr_in6 address = {
	    .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool has =
	    fd >= 0 && bind(fd, (const void *)&address, sizeof(address)) == 0;

	if (fd >= 0)
		close(fd);
	return has;
}

static void
wildcards_become_loopback(void **state)
{
	assert_targets(state, " bind *:443 ssl strict-sni crt DIR\n", "a.pem",
	    "127.0.0.1:443");
	assert_targets(state,
	    " bind :443,0.0.0.0:444,ipv4@:445,ipv4@*:446-450 ssl strict-sni"
	    " crt DIR\n",
	    "a.pem", "127.0.0.1:443 127.0.0.1:444 127.0.0.1:445 127.0.0.1:446");
}

static void
ipv6_wildcards_are_both_loopbacks_with_v4v6(void **state)
{
	bool six = has_loopback6();

	assert_targets(state, " bind :::443 ssl strict-sni crt DIR\n", "a.pem",
	    six ? "[::1]:443" : "");
	assert_targets(state, " bind [::]:443 v4v6 ssl strict-sni crt DIR\n",
	    "a.pem", six ? "[::1]:443 127.0.0.1:443" : "127.0.0.1:443");
	assert_targets(state,
	    " bind ipv6@:443,ipv6@*:444 ssl strict-sni crt DIR\n", "a.pem",
	    six ? "[::1]:443 [::1]:444" : "");
}

static void
addresses_of_other_machines_are_left_out(void **state)
{
	/* 192.0.2.0/24 and 2001:db8::/32 are for documents (RFC 5737, 3849). */
	assert_targets(state,
	    " bind 192.0.2.1:443,2001:db8::1:443,[2001:db8::2]:443,"
	    "127.0.0.9:443,tcp4@127.0.0.8:443 ssl strict-sni crt DIR\n",
	    "a.pem", "127.0.0.9:443 127.0.0.8:443");
}

static void
what_cannot_be_connected_to_is_left_out(void **state)
{
	assert_targets(state,
	    " bind quic4@:443,fd@3,sockpair@4,rhttp@x,udp@:1,:0,:99999,"
	    "nonsense,:x,:444 ssl strict-sni crt DIR\n"
	    " bind :445 ssl crt DIR interface eth0\n"
	    " bind :446 crt DIR\n bind :447 ssl\n",
	    "a.pem", "127.0.0.1:444");
}

static void
assert_unseen(void **state, const char *binds, bool given, bool wanted)
{
	struct discovery *discovery = load(state, binds);
	struct err err = ERR_INIT;
	bool unseen = !wanted;

	assert_int_equal(
	    discovery_is_unseen(discovery, "a.pem", given, &unseen, &err), 0);
	assert_int_equal(unseen, wanted);
	discovery_free(discovery);
}

static void
a_bundle_may_be_seen_at_no_address_of_ours(void **state)
{
	static const char *const away[] = {
	    " bind 192.0.2.1:443 ssl strict-sni crt DIR\n",
	    " bind :443 interface eth0 ssl strict-sni crt DIR\n",
	    (" bind 192.0.2.1:443 ssl strict-sni crt DIR\n"
	     " bind quic4@192.0.2.1:443 ssl strict-sni crt DIR\n")};
	static const char *const here[] = {
	    " bind quic4@:443 ssl strict-sni crt DIR\n",
	    " bind 192.0.2.1:443,127.0.0.1:443 ssl strict-sni crt DIR\n",
	    (" bind 192.0.2.1:443 ssl strict-sni crt DIR\n"
	     " bind 127.0.0.1:443 ssl strict-sni crt DIR\n")};

	for (size_t i = 0; i < COUNT_OF(away); i++) {
		assert_unseen(state, away[i], false, true);
		assert_unseen(state, away[i], true, false);
	}
	for (size_t i = 0; i < COUNT_OF(here); i++)
		assert_unseen(state, here[i], false, false);
}

static void
names_are_resolved(void **state)
{
	assert_targets(state,
	    " bind ipv4@localhost:443 ssl strict-sni crt DIR\n", "a.pem",
	    "127.0.0.1:443");
}

static void
unix_sockets_are_addresses(void **state)
{
	struct discovery *discovery = load(state,
	    " bind /run/x.sock,unix@/run/y.sock,abns@z accept-proxy ssl"
	    " strict-sni crt DIR\n");
	struct discovery_targets *targets = calloc(1, sizeof(*targets));
	const struct sockaddr_un *address;
	struct err err = ERR_INIT;

	assert_non_null(targets);
	assert_int_equal(
	    discovery_targets(discovery, "a.pem", NULL, 0, targets, &err), 0);
	assert_int_equal(targets->count, 3);
	assert_string_equal(targets->items[0].text, "unix:/run/x.sock");
	assert_string_equal(targets->items[1].text, "unix:/run/y.sock");
	assert_string_equal(targets->items[2].text, "abns:z");
	assert_true(targets->items[0].accept_proxy);
	address = (const void *)&targets->items[2].address;
	assert_int_equal(address->sun_family, AF_UNIX);
	assert_memory_equal(address->sun_path, "\0z\0", 3);
	/* HAProxy binds abstract names in their full length. */
	assert_int_equal(targets->items[2].address_len, sizeof(*address));
	free(targets);
	discovery_free(discovery);
}

static void
only_binds_that_load_the_bundle_count(void **state)
{
	static const char lines[] =
	    " bind :1 ssl crt DIR/a.pem strict-sni\n"
	    " bind :2 ssl crt DIR/b.pem strict-sni accept-proxy\n"
	    " bind :3 ssl crt DIR strict-sni\n"
	    " bind :4 ssl crt /etc/other strict-sni\n";

	assert_targets(state, lines, "a.pem", "127.0.0.1:1 127.0.0.1:3");
	assert_targets(state, lines, "b.pem", "127.0.0.1:2+proxy 127.0.0.1:3");
	assert_targets(state, lines, "x.pem", "127.0.0.1:3");
}

static void
the_default_is_the_first_of_all(void **state)
{
	static const char lines[] =
	    " bind :1 ssl crt DIR\n bind :2 ssl crt DIR/c.pem crt DIR\n"
	    " bind :3 ssl crt /dev/null crt DIR\n"
	    " bind :4 ssl strict-sni crt DIR\n"
	    " bind :5 ssl crt DIR default-crt DIR/c.pem\n";

	/* In the directory: bytewise, also one that is not there yet. */
	assert_targets(state, lines, "b.pem",
	    "127.0.0.1:1+default 127.0.0.1:2 127.0.0.1:3 127.0.0.1:4"
	    " 127.0.0.1:5");
	assert_targets(state, lines, "a.pem",
	    "127.0.0.1:1+default 127.0.0.1:2 127.0.0.1:3 127.0.0.1:4"
	    " 127.0.0.1:5");
	assert_targets(state, lines, "c.pem",
	    "127.0.0.1:1 127.0.0.1:2+default 127.0.0.1:3 127.0.0.1:4"
	    " 127.0.0.1:5+default");
	write_text(state, "ssl/.hidden", "x");
	write_text(state, "ssl/0.key", "x");
	write_text(state, "ssl/0.pem.ocsp", "x");
	assert_targets(
	    state, " bind :1 ssl crt DIR\n", "b.pem", "127.0.0.1:1+default");
	write_text(state, "ssl/0.crt", "x");
	assert_targets(state, " bind :1 ssl crt DIR\n", "b.pem", "127.0.0.1:1");
}

static void
the_default_of_a_crt_list_is_its_first_entry(void **state)
{
	char lines[512];

	snprintf(lines, sizeof(lines), "# %s\n%s/ssl/c.pem\n%s/ssl/b.pem\n",
	    "first", (const char *)*state, (const char *)*state);
	write_text(state, "list", lines);
	snprintf(lines, sizeof(lines),
	    " bind :1 ssl crt-list %s\n bind :2 ssl crt /x crt-list %s\n",
	    scratch_path(state, "list"), scratch_path(state, "list"));
	assert_targets(
	    state, lines, "c.pem", "127.0.0.1:1+default 127.0.0.1:2");
	assert_targets(state, lines, "b.pem", "127.0.0.1:1 127.0.0.1:2");
	/* It would be added to the one list that there is. */
	assert_targets(state, lines, "n.pem", "127.0.0.1:1 127.0.0.1:2");
}

static void
filters_of_a_crt_list_are_told(void **state)
{
	const char *dir = *state;
	char lines[1024];

	/* Lines of one bundle are taken together; one without filters is for
	 * all of its names. */
	snprintf(lines, sizeof(lines),
	    "%s/ssl/a.pem [alpn h2] a.test  *.a.test\n"
	    "%s/ssl/b.pem b.test\r\n"
	    "%s/ssl/a.pem\tc.test\n"
	    "%s/ssl/b.pem [alpn h2]\n"
	    "%s/ssl/d.pem !*\n",
	    dir, dir, dir, dir, dir);
	write_text(state, "list", lines);
	snprintf(lines, sizeof(lines),
	    " bind :1 ssl crt-list %s\n bind :2 ssl crt DIR crt-list %s\n",
	    scratch_path(state, "list"), scratch_path(state, "list"));
	assert_targets(
	    state, lines, "b.pem", "127.0.0.1:1 127.0.0.1:2+default");
	assert_targets(state, lines, "d.pem", "127.0.0.1:1(!*) 127.0.0.1:2");
	snprintf(lines, sizeof(lines), " bind :1 ssl crt-list %s\n",
	    scratch_path(state, "list"));
	assert_targets(state, lines, "a.pem",
	    "127.0.0.1:1+default(a.test  *.a.test c.test)");
}

static void
given_addresses_replace_those_found(void **state)
{
	static const char *const given[] = {
	    "127.0.0.1:443", "192.0.2.7:443", "127.0.0.3:444", "127.0.0.1:443"};
	struct discovery *discovery = load(state,
	    " bind *:443 ssl accept-proxy crt DIR\n bind :445 ssl crt DIR\n");
	char text[1024];

	/* What bind lines say of an address of ours is used. */
	assert_string_equal(
	    targets_of(discovery, "a.pem", given, 4, text, sizeof(text)),
	    "127.0.0.1:443+proxy+default 192.0.2.7:443 127.0.0.3:444");
	discovery_free(discovery);
}

static void
given_addresses_are_checked(void **state)
{
	static const char *const wrong[] = {"", "localhost", ":443",
	    "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:1-2",
	    "::1:443", "[::1]", "/run/x.sock"};
	struct discovery *discovery = load(state, " bind :1 ssl crt DIR\n");
	struct discovery_targets *targets = calloc(1, sizeof(*targets));
	struct err err = ERR_INIT;
	size_t i;

	assert_non_null(targets);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (discovery_targets(discovery, "a.pem", &wrong[i], 1, targets,
			&err) != ERR_CONF)
			fail_msg("'%s' was taken", wrong[i]);
	}
	free(targets);
	discovery_free(discovery);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(wildcards_become_loopback),
	    TEST(ipv6_wildcards_are_both_loopbacks_with_v4v6),
	    TEST(addresses_of_other_machines_are_left_out),
	    TEST(what_cannot_be_connected_to_is_left_out),

	    TEST(a_bundle_may_be_seen_at_no_address_of_ours),
	    TEST(names_are_resolved),
	    TEST(unix_sockets_are_addresses),
	    TEST(only_binds_that_load_the_bundle_count),
	    TEST(the_default_is_the_first_of_all),
	    TEST(the_default_of_a_crt_list_is_its_first_entry),
	    TEST(filters_of_a_crt_list_are_told),
	    TEST(given_addresses_replace_those_found),
	    TEST(given_addresses_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
