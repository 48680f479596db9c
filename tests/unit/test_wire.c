/*
 * test_wire.c: what the CA says is read as RFC 8555 has it, and what it could
 * say besides is refused.
 */
#include "acme/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `text` as a buffer that is only read. */
static struct buf
as_buf(char *text)
{
	struct buf buf = BUF_INIT(LIMIT_ACME_REPLY_BYTES);

	buf.data = text;
	buf.len = strlen(text);
	return buf;
}

#define TEXT(literal) ((char[]){literal})

static void
reads_the_directory_of_the_rfc(void **state)
{
	/* RFC 8555, 7.1.1, with what came later. */
	const struct buf text = as_buf(
	    TEXT("{\"newNonce\": \"https://example.com/acme/new-nonce\","
		 "\"newAccount\": \"https://example.com/acme/new-account\","
		 "\"newOrder\": \"https://example.com/acme/new-order\","
		 "\"newAuthz\": \"https://example.com/acme/new-authz\","
		 "\"revokeCert\": \"https://example.com/acme/revoke-cert\","
		 "\"keyChange\": \"https://example.com/acme/key-change\","
		 "\"meta\": {\"termsOfService\": "
		 "\"https://example.com/acme/terms/2017-5-30\","
		 "\"website\": \"https://www.example.com/\","
		 "\"caaIdentities\": [\"example.com\"],"
		 "\"externalAccountRequired\": true,"
		 "\"profiles\": {\"classic\": \"c\", \"short\": \"s\", "
		 "\"\": 1}}}"));
	struct wire_directory directory;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(wire_read_directory(&text, &directory, &err), 0);
	assert_string_equal(
	    directory.new_nonce, "https://example.com/acme/new-nonce");
	assert_string_equal(
	    directory.new_account, "https://example.com/acme/new-account");
	assert_string_equal(
	    directory.new_order, "https://example.com/acme/new-order");
	assert_string_equal(
	    directory.revoke_cert, "https://example.com/acme/revoke-cert");
	assert_string_equal(
	    directory.key_change, "https://example.com/acme/key-change");
	assert_string_equal(directory.renewal_info, "");
	assert_string_equal(
	    directory.terms, "https://example.com/acme/terms/2017-5-30");
	assert_true(directory.eab_required);
	assert_int_equal(directory.profile_count, 2);
	assert_string_equal(directory.profiles[1], "short");
}

static void
reads_the_order_of_the_rfc(void **state)
{
	/* RFC 8555, 7.1.3. */
	const struct buf text = as_buf(TEXT(
	    "{\"status\": \"valid\", \"expires\": \"2016-01-20T14:09:07.99Z\","
	    "\"identifiers\": [{\"type\": \"dns\", \"value\": "
	    "\"www.example.org\"}],"
	    "\"notBefore\": \"2016-01-01T00:00:00Z\","
	    "\"authorizations\": [\"https://example.com/acme/authz/PAniVnsZ\","
	    "\"https://example.com/acme/authz/r4HqLzrSrpI\"],"
	    "\"finalize\": \"https://example.com/acme/order/T/finalize\","
	    "\"certificate\": \"https://example.com/acme/cert/mAt3xBGa\","
	    "\"error\": null}"));
	struct err err = ERR_INIT;
	struct wire_order order;

	(void)state;
	assert_int_equal(wire_read_order(&text, &order, &err), 0);
	assert_int_equal(order.status, WIRE_VALID);
	assert_int_equal(order.authorization_count, 2);
	assert_string_equal(order.authorizations[1],
	    "https://example.com/acme/authz/r4HqLzrSrpI");
	assert_string_equal(
	    order.finalize, "https://example.com/acme/order/T/finalize");
	assert_string_equal(
	    order.certificate, "https://example.com/acme/cert/mAt3xBGa");
	assert_false(order.error.present);
	wire_order_free(&order);
}

static void
reads_the_authorization_of_the_rfc(void **state)
{
	/* RFC 8555, 7.1.4, and a challenge that nobody knows. */
	const struct buf text = as_buf(
	    TEXT("{\"status\": \"valid\", \"identifier\": {\"type\": \"dns\","
		 "\"value\": \"www.example.org\"}, \"wildcard\": false,"
		 "\"challenges\": [{\"type\": \"dns-persist-01\"},"
		 "{\"url\": \"https://example.com/acme/chall/prV_B7yEyA4\","
		 "\"type\": \"http-01\", \"status\": \"valid\","
		 "\"token\": \"DGyRejmCefe7v4NfDGDKfA\","
		 "\"validated\": \"2014-12-01T12:05:58.16Z\"}]}"));
	struct wire_authorization *authorization =
	    calloc(1, sizeof(*authorization));
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(authorization);
	assert_int_equal(
	    wire_read_authorization(&text, authorization, &err), 0);
	assert_int_equal(authorization->status, WIRE_VALID);
	assert_string_equal(authorization->identifier.value, "www.example.org");
	assert_int_equal(authorization->challenge_count, 1);
	assert_string_equal(
	    authorization->challenges[0].token, "DGyRejmCefe7v4NfDGDKfA");
	free(authorization);
}

static void
reads_an_account(void **state)
{
	const struct buf text =
	    as_buf(TEXT("{\"status\": \"deactivated\", \"contact\": "
			"[\"mailto:a@example.org\"], \"orders\": 7}"));
	struct wire_account *account = calloc(1, sizeof(*account));
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(account);
	assert_int_equal(wire_read_account(&text, account, &err), 0);
	assert_int_equal(account->status, WIRE_DEACTIVATED);
	assert_int_equal(account->contact_count, 1);
	assert_string_equal(account->contacts[0], "mailto:a@example.org");
	free(account);
}

#define URL "\"https://a.example/\""
#define AUTHZ "\"authorizations\":[" URL "]"
#define FINALIZE "\"finalize\":" URL

static void
orders_that_are_none_are_refused(void **state)
{
	static const char *const rows[] = {
	    "",
	    "null",
	    "[]",
	    "{",
	    "{}",
	    "{\"status\":\"ready\"," FINALIZE "," AUTHZ "} x",
	    "{\"status\":\"ready\",\"status\":\"valid\"," FINALIZE "," AUTHZ
	    "}",
	    "{\"status\":\"rea\\u0000dy\"," FINALIZE "," AUTHZ "}",
	    "{\"status\":\"finished\"," FINALIZE "," AUTHZ "}",
	    "{\"status\":1e999999," FINALIZE "," AUTHZ "}",
	    "{\"status\":99999999999999999999999," FINALIZE "," AUTHZ "}",
	    "{\"status\":{\"a\":\"ready\"}," FINALIZE "," AUTHZ "}",
	    "{\"status\":\"ready\",\"finalize\":7," AUTHZ "}",
	    "{\"status\":\"ready\",\"finalize\":\"/1\"," AUTHZ "}",
	    "{\"status\":\"ready\",\"finalize\":\"\"," AUTHZ "}",
	    "{\"status\":\"ready\",\"finalize\":\"https://a b/\"," AUTHZ "}",
	    "{\"status\":\"ready\",\"finalize\":\"http://a/\"," AUTHZ "}",
	    "{\"status\":\"ready\"," FINALIZE "}",
	    "{\"status\":\"ready\"," FINALIZE ",\"authorizations\":[]}",
	    "{\"status\":\"ready\"," FINALIZE ",\"authorizations\":{}}",
	    "{\"status\":\"ready\"," FINALIZE ",\"authorizations\":[1]}",
	    "{\"status\":\"ready\"," FINALIZE ",\"authorizations\":[\"x\"]}",
	    "{\"status\":\"ready\",\"certificate\":[]," FINALIZE "," AUTHZ "}",
	    "{\"status\":\"ready\xff\"," FINALIZE "," AUTHZ "}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *copy = strdup(rows[i]);
		const struct buf text = as_buf(copy);
		struct err err = ERR_INIT;
		struct wire_order order;

		if (wire_read_order(&text, &order, &err) != ERR_SYNTAX)
			fail_msg("taken: %s", rows[i]);
		assert_string_not_equal(err.detail, "");
		free(copy);
	}
}

/* What is asked of one challenge alone; a name that is no name. */
static void
challenges_that_are_none_are_refused(void **state)
{
	static const char *const challenges[] = {
	    "{\"type\":\"http-01\"}",
	    "{\"type\":\"http-01\",\"url\":" URL ",\"status\":\"pending\","
	    "\"token\":\"../../../../../../etc/passwd\"}",
	    "{\"type\":\"http-01\",\"url\":" URL ",\"status\":\"pending\","
	    "\"token\":\"short\"}",
	    "{\"type\":\"http-01\",\"url\":" URL ",\"status\":\"pending\","
	    "\"token\":7}",
	    "{\"type\":\"http-01\",\"url\":\"x\",\"status\":\"pending\"}",
	    "{\"type\":\"http-01\",\"url\":" URL ",\"status\":\"odd\"}",
	    "7",
	};
	static const char *const identifiers[] = {"{}", "7", "null",
	    "{\"type\":\"dns\",\"value\":\"-a.example\"}",
	    "{\"type\":\"dns\",\"value\":\"a.example/../x\"}",
	    "{\"type\":\"ip\",\"value\":\"a.example\"}",
	    "{\"type\":\"mail\",\"value\":\"a@a.example\"}"};
	struct wire_authorization *got = calloc(1, sizeof(*got));
	char line[1024];

	(void)state;
	assert_non_null(got);
	for (size_t i = 0; i < COUNT_OF(challenges) + COUNT_OF(identifiers);
	     i++) {
		bool one = i < COUNT_OF(challenges);
		struct err err = ERR_INIT;
		struct buf text;

		(void)snprintf(line, sizeof(line),
		    "{\"status\":\"pending\",\"identifier\":%s,"
		    "\"challenges\":[%s]}",
		    one ? "{\"type\":\"dns\",\"value\":\"a.example\"}"
			: identifiers[i - COUNT_OF(challenges)],
		    one ? challenges[i] : "");
		text = as_buf(line);
		if (wire_read_authorization(&text, got, &err) != ERR_SYNTAX)
			fail_msg("taken: %s", line);
	}
	free(got);
}

/* `count` times `one` between `before` and `after`. */
static struct buf
repeated(const char *before, const char *one, size_t count, const char *after)
{
	struct buf text = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	struct err err = ERR_INIT;

	assert_int_equal(buf_puts(&text, before, &err), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(buf_puts(&text, one, &err), 0);
	assert_int_equal(buf_puts(&text, after, &err), 0);
	return text;
}

static void
what_is_too_much_is_refused(void **state)
{
	struct wire_directory directory;
	struct err err = ERR_INIT;
	struct wire_order order;
	struct buf text;

	(void)state;
	text = repeated("{\"status\":\"ready\"," FINALIZE
			",\"authorizations\":[" URL,
	    "," URL, LIMIT_AUTHORIZATIONS, "]}");
	assert_int_equal(wire_read_order(&text, &order, &err), ERR_LIMIT);
	buf_free(&text);
	/* As deep as the reply is long: jansson stops before the stack does. */
	text = repeated("", "[", LIMIT_ACME_REPLY_BYTES, "");
	assert_int_equal(wire_read_order(&text, &order, &err), ERR_SYNTAX);
	buf_free(&text);
	text =
	    repeated("{\"newNonce\":\"https://a/", "a", LIMIT_URL_BYTES, "\"}");
	assert_int_equal(
	    wire_read_directory(&text, &directory, &err), ERR_LIMIT);
	buf_free(&text);
	/* More profiles than we keep are no error. */
	text = repeated("{\"newNonce\":" URL ",\"newAccount\":" URL
			",\"newOrder\":" URL ",\"meta\":{\"profiles\":{",
	    "", 0, "");
	for (int i = 0; i < LIMIT_PROFILES + 5; i++)
		assert_int_equal(
		    buf_printf(&text, &err, "\"p%d\":\"\",", i), 0);
	assert_int_equal(buf_puts(&text, "\"last\":\"\"}}}", &err), 0);
	assert_int_equal(wire_read_directory(&text, &directory, &err), 0);
	assert_int_equal(directory.profile_count, LIMIT_PROFILES);
	buf_free(&text);
}

static void
problems_are_told_in_words(void **state)
{
	static const struct {
		const char *text, *words, *type;
	} rows[] = {
	    /* RFC 8555, 6.7.1. */
	    {"{\"type\":\"urn:ietf:params:acme:error:malformed\",\"detail\":"
	     "\"Some of the identifiers requested were rejected\","
	     "\"subproblems\":[{\"type\":\"urn:ietf:params:acme:error:"
	     "malformed\",\"detail\":\"Invalid underscore in DNS name "
	     "\\\"_example.org\\\"\",\"identifier\":{\"type\":\"dns\","
	     "\"value\":\"_example.org\"}},{\"type\":\"urn:ietf:params:acme:"
	     "error:rejectedIdentifier\",\"detail\":\"no\",\"identifier\":{"
	     "\"type\":\"dns\",\"value\":\"example.net\"}}]}",
		"Some of the identifiers requested were rejected (malformed); "
		"_example.org: Invalid underscore in DNS name "
		"\"_example.org\" (malformed); example.net: no "
		"(rejectedIdentifier)",
		"urn:ietf:params:acme:error:malformed"},
	    {"{\"title\":\"Odd\",\"type\":\"about:blank\"}", "Odd (blank)",
		"about:blank"},
	    {"{}", "no reason given", ""},
	    {"{\"type\":7,\"detail\":[],\"subproblems\":{},\"instance\":{}}",
		"no reason given", ""},
	    {"{\"detail\":\"a\\nb\\u001b[2Jc\",\"subproblems\":[7,null,{}]}",
		"a b [2Jc; no reason given; no reason given; no reason given",
		""},
	    {"<html>\n<b>Busy</b>", "HTTP status 503: <html> <b>Busy</b>", ""},
	    {"", "HTTP status 503", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *copy = strdup(rows[i].text);
		const struct buf text = as_buf(copy);
		struct wire_problem problem;

		wire_read_problem(&text, 503, &problem);
		assert_true(problem.present);
		assert_string_equal(problem.text, rows[i].words);
		assert_string_equal(problem.type, rows[i].type);
		assert_string_equal(problem.instance, "");
		free(copy);
	}
}

/* As many of the names as fit, none of them cut. */
static void
problems_know_their_names(void **state)
{
	struct wire_problem problem;
	struct buf text = as_buf(strdup(
	    "{\"subproblems\":[{\"identifier\":{\"value\":\"a.example\"}},"
	    "{},{\"identifier\":{\"value\":\"*.b.example\"}}]}"));

	(void)state;
	wire_read_problem(&text, 400, &problem);
	assert_string_equal(problem.names, "a.example *.b.example");
	buf_free(&text);
	text = repeated("{\"subproblems\":[{}",
	    ",{\"identifier\":{\"value\":\"a.example\"}}", 2000, "]}");
	wire_read_problem(&text, 400, &problem);
	assert_int_equal(
	    strlen(problem.names), LIMIT_ERR_ON_BYTES / 10 * 10 - 1);
	buf_free(&text);
}

static void
long_problems_are_cut(void **state)
{
	struct wire_problem problem;
	struct buf text = repeated("{\"subproblems\":[{}",
	    ",{\"detail\":\"0123456789012345678901234567890123456789\"}", 2000,
	    "],\"instance\":\"https://a.example/i\"}");

	(void)state;
	wire_read_problem(&text, 400, &problem);
	assert_non_null(strstr(problem.text, "; and 1991 more"));
	assert_string_equal(problem.instance, "https://a.example/i");
	buf_free(&text);
	text = repeated("{\"detail\":\"", "x", 5000, "\"}");
	wire_read_problem(&text, 400, &problem);
	assert_int_equal(strlen(problem.text), sizeof(problem.text) - 1);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_the_directory_of_the_rfc),
	    cmocka_unit_test(reads_the_order_of_the_rfc),
	    cmocka_unit_test(reads_the_authorization_of_the_rfc),
	    cmocka_unit_test(reads_an_account),
	    cmocka_unit_test(orders_that_are_none_are_refused),
	    cmocka_unit_test(challenges_that_are_none_are_refused),
	    cmocka_unit_test(what_is_too_much_is_refused),
	    cmocka_unit_test(problems_are_told_in_words),
	    cmocka_unit_test(problems_know_their_names),
	    cmocka_unit_test(long_problems_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
