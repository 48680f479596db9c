/*
 * fuzz_header.c: the head of a CA's reply, line by line.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "acme/http_private.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char base[] = "https://ca.example/acme/order";
	struct http_reply *reply = calloc(1, sizeof(*reply));
	const char *line = (const char *)data, *end = line + size;

	FUZZ_HOLDS(reply != NULL);
	while (line < end) {
		const char *next = memchr(line, '\n', (size_t)(end - line));

		next = next == NULL ? end : next + 1;
		http_header_take(
		    line, (size_t)(next - line), base, false, reply);
		line = next;
	}
	FUZZ_HOLDS(reply->alternate_count <= LIMIT_ALTERNATES);
	FUZZ_HOLDS(strlen(reply->replay_nonce) < LIMIT_NONCE_BYTES);
	http_reply_free(reply);
	free(reply);
	return 0;
}
