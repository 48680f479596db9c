/*
 * test_text.c: what the validators let through, and what is shown.
 */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

static char *
repeat(char c, size_t count)
{
	char *text = test_malloc(count + 1);

	memset(text, c, count);
	text[count] = '\0';
	return text;
}

static void
lineage_names_are_file_names_and_words(void **state)
{
	static const char *const good[] = {
	    "a", "a.example", "a.example-0001", "A_b-9", "9"};
	static const char *const bad[] = {"", ".", "..", ".a", "-a", "a/b",
	    "../a", "a b", "a\n", "a;b", "*.a", "a\\", "\xc3\xa9", "a\"", "a#b",
	    "a<b"};
	char *longest = repeat('a', LIMIT_LINEAGE_NAME_BYTES + 1);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_true(text_is_lineage_name(good[i]));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(text_is_lineage_name(bad[i]));
	assert_false(text_is_lineage_name(longest));
	longest[LIMIT_LINEAGE_NAME_BYTES] = '\0';
	assert_true(text_is_lineage_name(longest));
	test_free(longest);
}

static void
dns_names_have_labels_of_1_to_63(void **state)
{
	static const char *const good[] = {
	    "a", "a.example", "xn--bcher-kva.de", "_acme.a", "1.2", "A.B"};
	static const char *const bad[] = {"", ".", "a.", ".a", "a..b", "-a.b",
	    "a-.b", "a b", "a/b", "*.a", "a.*", "\xc3\xa9.de", "a:b", "a\n"};
	char *label = repeat('a', 64);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_true(text_is_dns_name(good[i], false));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(text_is_dns_name(bad[i], false));
	assert_false(text_is_dns_name(label, false));
	label[63] = '\0';
	assert_true(text_is_dns_name(label, false));
	test_free(label);
}

static void
dns_names_have_at_most_253_bytes(void **state)
{
	char *name = repeat('a', 254);

	(void)state;
	for (size_t i = 49; i < 254; i += 50)
		name[i] = '.';
	assert_false(text_is_dns_name(name, false));
	name[253] = '\0';
	assert_true(text_is_dns_name(name, false));
	test_free(name);
}

static void
a_wildcard_is_one_label_in_front(void **state)
{
	(void)state;
	assert_true(text_is_dns_name("*.a.example", true));
	assert_true(text_is_dns_name("a.example", true));
	assert_false(text_is_dns_name("*", true));
	assert_false(text_is_dns_name("*.", true));
	assert_false(text_is_dns_name("*.*.a", true));
	assert_false(text_is_dns_name("a.*.b", true));
	assert_false(text_is_dns_name("f*.a", true));
}

static void
base64url_has_its_alphabet_and_bounds(void **state)
{
	(void)state;
	assert_true(text_is_base64url("aZ0-_", 1, 5));
	assert_false(text_is_base64url("aZ0-_", 1, 4));
	assert_false(text_is_base64url("aZ0-_", 6, 9));
	assert_false(text_is_base64url("", 1, 4));
	assert_true(text_is_base64url("", 0, 4));
	assert_false(text_is_base64url("a=", 1, 4));
	assert_false(text_is_base64url("a+", 1, 4));
	assert_false(text_is_base64url("a/", 1, 4));
	assert_false(text_is_base64url("a\n", 1, 4));
}

static void
cli_words_cannot_begin_another_command(void **state)
{
	char word[] = "ab?cd";

	(void)state;
	assert_false(text_is_cli_word(""));
	assert_true(text_is_cli_word("/etc/haproxy/ssl/a.example.pem"));
	assert_true(text_is_cli_word("@store/name:*[]{}()$%&!|~^+=,?>"));
	for (int c = 1; c < 256; c++) {
		word[2] = (char)c;
		if (c <= ' ' || c >= 127 || c == '"' || c == '\'' ||
		    c == '\\' || c == ';' || c == '<' || c == '#')
			assert_false(text_is_cli_word(word));
		else
			assert_true(text_is_cli_word(word));
	}
}

static void
names_cover_as_rfc_6125_says(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool covers;
	} cases[] = {
	    {"a.example", "a.example", true},
	    {"A.Example", "a.eXAMPLE", true},
	    {"a.example", "b.example", false},
	    {"a.example", "a.example.org", false},
	    {"*.example", "a.example", true},
	    {"*.EXAMPLE", "a.example", true},
	    {"*.example", "a.b.example", false},
	    {"*.example", "example", false},
	    {"*.example", ".example", false},
	    {"*.example", "*.example", true},
	    {"*.b.example", "*.example", false},
	    {"*.example", "*.b.example", false},
	    {"a.example", "*.example", false},
	    {"f*.example", "foo.example", false},
	    {"*", "a", false},
	    {"*.", "a.", false},
	    {"", "", false},
	    {"a.*.example", "a.b.example", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(
		    text_name_covers(cases[i].pattern, cases[i].name),
		    cases[i].covers);
}

static void
cleaned(const char *from, const char *to)
{
	char *text = test_malloc(strlen(from) + 1);

	memcpy(text, from, strlen(from) + 1);
	text_clean(text);
	assert_string_equal(text, to);
	test_free(text);
}

static void
clean_text_is_one_line_of_utf8(void **state)
{
	(void)state;
	cleaned("", "");
	cleaned("plain", "plain");
	cleaned("a\nb\tc\x7f"
		"d",
	    "a b c d");
	cleaned("end \r\n\t ", "end");
	cleaned("\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91",
	    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91");
	cleaned("a\xffz", "a?z");
	cleaned("cut \xe2\x82", "cut ??");
	cleaned("long \xc0\xaf \xe0\x80\xaf", "long ?? ???");
	cleaned("half \xed\xa0\x80", "half ???");
	cleaned("far \xf4\x90\x80\x80", "far ????");
	cleaned("c1 \xc2\x9b"
		"31m",
	    "c1  31m");
	cleaned("turn \xe2\x80\xae x", "turn   x");
	cleaned("line\xe2\x80\xa8"
		"two",
	    "line two");
}

static void
keys_are_hidden_wherever_they_were_cut(void **state)
{
	(void)state;
	cleaned("a -----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----"
		" b",
	    "a [key] b");
	cleaned("-----BEGIN RSA PRIVATE KEY-----xx-----END RSA PRIVATE KEY-----"
		"-----BEGIN EC PRIVATE KEY-----yy-----END EC PRIVATE KEY-----",
	    "[key][key]");
	cleaned("a -----BEGIN ENCRYPTED PRIVATE KEY-----\nMII", "a [key]");
	cleaned("MIISECRET\n-----END PRIVATE KEY-----\nb", "[key] b");
	cleaned("-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----",
	    "-----BEGIN CERTIFICATE----- MII -----END CERTIFICATE-----");
	cleaned("-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"
		"-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----",
	    "-----BEGIN CERTIFICATE----- MII -----END CERTIFICATE----- "
	    "[key]");
	cleaned(
	    "------BEGIN PRIVATE KEY-----S-----END PRIVATE KEY-----", "-[key]");
	cleaned("-----BEGIN PRIVATE KEY-----S-----BEGIN PRIVATE KEY-----T"
		"-----END PRIVATE KEY-----",
	    "[key]");
}

static void
the_nearest_word_is_near(void **state)
{
	static const char *const words[] = {
	    "bundle_dir", "sockets", "config", "port", NULL};
	static const char *const none[] = {NULL};
	static const char *const several[] = {"request", "renew", NULL};
	char *longest = repeat('a', 5000);

	(void)state;
	assert_string_equal(text_nearest("bundel_dir", words), "bundle_dir");
	assert_string_equal(text_nearest("bundledir", words), "bundle_dir");
	assert_string_equal(text_nearest("socket", words), "sockets");
	assert_string_equal(text_nearest("prot", words), "port");
	assert_string_equal(text_nearest("port", words), "port");
	assert_string_equal(text_nearest("PORT", words), "port");
	assert_string_equal(text_nearest("Sokcets", words), "sockets");
	assert_string_equal(text_nearest("bund", words), "bundle_dir");
	assert_string_equal(text_nearest("C", words), "config");
	assert_null(text_nearest("pq", words));
	assert_null(text_nearest("", words));
	assert_null(text_nearest("something_else", words));
	assert_null(text_nearest("port", none));
	assert_null(text_nearest("re", several));
	assert_null(text_nearest(longest, words));
	test_free(longest);
}

static void
hex_is_lower_case(void **state)
{
	char hex[9];

	(void)state;
	memset(hex, 'X', sizeof(hex));
	text_hex((const unsigned char *)"\x00\x9f\xab", 3, hex);
	assert_string_equal(hex, "009fab");
	assert_int_equal(hex[7], 'X');
	text_hex(NULL, 0, hex);
	assert_string_equal(hex, "");
}

static void
urls_are_absolute_and_printable(void **state)
{
	static const struct {
		const char *url;
		bool https, plain;
	} rows[] = {
	    {"https://ca.example/dir", true, true},
	    {"HTTPS://CA.example:14000/dir?a=b&c=%20", true, true},
	    {"https://[::1]:14000/dir", true, true},
	    {"http://127.0.0.1/dir", false, true},
	    {"HTTP://127.1.2.3:4000", false, true},
	    {"http://localhost:4000/dir", false, true},
	    {"http://[::1]:4000/dir", false, true},
	    {"http://[::1]?dir", false, true},
	    {"http://ca.example/dir", false, false},
	    {"http://128.0.0.1/dir", false, false},
	    {"http://127.0.0.1.ca.example/dir", false, false},
	    {"http://localhost.ca.example/dir", false, false},
	    {"http://127.0.0.1@ca.example/dir", false, false},
	    {"http://127.0.0.1:1"
	     "@ca.example/dir",
		false, false},
	    {"http://[::1]ca.example/dir", false, false},
	    {"http://[::2]/dir", false, false},
	    {"http:///dir", false, false},
	    {"https://", false, false},
	    {"https:///dir", false, false},
	    {"/dir", false, false},
	    {"", false, false},
	    {"file:///etc/passwd", false, false},
	    {"https://a.example/ b", false, false},
	    {"https://a.example/\n", false, false},
	    {"https://a.example/\"", false, false},
	    {"https://a.example/\\", false, false},
	    {"https://a.example/\xc3\xa4", false, false},
	};
	char longest[LIMIT_URL_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(
		    text_is_url(rows[i].url, false), rows[i].https);
		assert_int_equal(text_is_url(rows[i].url, true), rows[i].plain);
	}
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "https://", 8);
	longest[LIMIT_URL_BYTES] = '\0';
	assert_false(text_is_url(longest, false));
	longest[LIMIT_URL_BYTES - 1] = '\0';
	assert_true(text_is_url(longest, false));
}

static void
utf8_is_told_from_other_bytes(void **state)
{
	static const char *const wrong[] = {"\xff", "a\xc3", "\xc0\xaf",
	    "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "a\xe2\x82z"};

	(void)state;
	assert_true(text_is_utf8(""));
	assert_true(
	    text_is_utf8("a\n\033\xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82"));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(text_is_utf8(wrong[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(utf8_is_told_from_other_bytes),
	    cmocka_unit_test(lineage_names_are_file_names_and_words),
	    cmocka_unit_test(dns_names_have_labels_of_1_to_63),
	    cmocka_unit_test(dns_names_have_at_most_253_bytes),
	    cmocka_unit_test(a_wildcard_is_one_label_in_front),
	    cmocka_unit_test(base64url_has_its_alphabet_and_bounds),
	    cmocka_unit_test(cli_words_cannot_begin_another_command),
	    cmocka_unit_test(names_cover_as_rfc_6125_says),
	    cmocka_unit_test(clean_text_is_one_line_of_utf8),
	    cmocka_unit_test(keys_are_hidden_wherever_they_were_cut),
	    cmocka_unit_test(the_nearest_word_is_near),
	    cmocka_unit_test(hex_is_lower_case),
	    cmocka_unit_test(urls_are_absolute_and_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
