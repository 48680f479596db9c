/*
 * test_jws_b64.c: base64url has one spelling of each byte string, and no other
 * is taken.
 */
#include "acme/jws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#define MOST 1024

static struct err err;

static void
test_b64_vectors(void **state)
{
	/* RFC 4648, 10, without the padding. */
	static const char *const pairs[][2] = {{"", ""}, {"f", "Zg"},
	    {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"},
	    {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
	    {"\xfb\xff\xbf", "-_-_"}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		struct buf text = BUF_INIT(MOST), back = BUF_INIT(MOST);

		assert_int_equal(jws_b64_encode(pairs[i][0],
				     strlen(pairs[i][0]), &text, &err),
		    0);
		assert_string_equal(buf_text(&text), pairs[i][1]);
		assert_int_equal(jws_b64_decode(pairs[i][1], &back, &err), 0);
		assert_int_equal(back.len, strlen(pairs[i][0]));
		assert_memory_equal(buf_text(&back), pairs[i][0], back.len);
		buf_free(&text);
		buf_free(&back);
	}
}

static void
test_b64_refuses(void **state)
{
	/* Padding, the other alphabet, bits that are lost, a lone letter. */
	static const char *const bad[] = {
	    "Zg==", "+/+/", "Zh", "Zm9", "Z", "Zm9vY", "Zm 8", "Zm\n8"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct buf back = BUF_INIT(MOST);

		assert_int_equal(
		    jws_b64_decode(bad[i], &back, &err), ERR_SYNTAX);
		assert_int_equal(back.len, 0);
		buf_free(&back);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_b64_vectors),
	    cmocka_unit_test(test_b64_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
