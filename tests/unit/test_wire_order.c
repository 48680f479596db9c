/*
 * test_wire_order.c: when an order expires, in whatever form a CA says it.
 */
#include "acme/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void
reads_when_an_order_expires(void **state)
{
	static const struct {
		const char *text;
		long expires_s;
	} rows[] = {
	    {"\"2016-01-20T14:09:07Z\"", 1453298947},
	    {"\"2016-01-20T16:09:07+02:00\"", 1453298947},
	    {"\"2016-01-20T11:39:07.5-02:30\"", 1453298947},
	    /* What is no time is no reason to give the order up. */
	    {"\"2016-01-20\"", 0},
	    {"\"2016-01-20T14:09:07\"", 0},
	    {"\"2016-01-20T14:09:07+2\"", 0},
	    {"\"soon\"", 0},
	    {"7", 0},
	    {"null", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf text = BUF_INIT(1024);
		struct err err = ERR_INIT;
		struct wire_order order;

		assert_int_equal(
		    buf_printf(&text, &err,
			"{\"status\": \"ready\", \"expires\": %s, "
			"\"authorizations\": [\"https://a.example/1\"], "
			"\"finalize\": \"https://a.example/2\"}",
			rows[i].text),
		    0);
		assert_int_equal(wire_read_order(&text, &order, &err), 0);
		assert_int_equal(order.expires_s, rows[i].expires_s);
		wire_order_free(&order);
		buf_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_when_an_order_expires),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
