/*
 * fuzz_reply.c: what HAProxy answers to a certificate transaction.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "haproxy/transaction_reply.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *reply = fuzz_text(data, size);
	struct transaction_reply read;

	transaction_reply_read(reply, &read);
	FUZZ_HOLDS(read.said < TRANSACTION_SAID_COUNT);
	FUZZ_HOLDS(strlen(read.store) < LIMIT_PATH_BYTES);
	free(reply);
	return 0;
}
