/*
 * fuzz_renewal.c: certbot's renewal/NAME.conf: read, changed, written, read.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "cert/renewal.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char section[] = "renewalparams", key[] = "authenticator";
	struct renewal *renewal = NULL, *again = NULL;
	struct buf text = BUF_INIT(1 << 20);
	char *input = fuzz_text(data, size);
	struct err err = ERR_INIT;
	const char *value;

	if (renewal_parse("x.conf", input, &renewal, &err) < 0)
		goto out;
	/* A value of the input's own: its first line. */
	input[strcspn(input, "\r\n")] = '\0';
	if (renewal_set(renewal, section, key, input, &err) < 0 ||
	    renewal_text(renewal, &text, &err) < 0)
		goto out;
	FUZZ_HOLDS(renewal_parse("x.conf", buf_text(&text), &again, &err) == 0);
	value = renewal_get(again, section, key);
	FUZZ_HOLDS(value != NULL && strcmp(value, input) == 0);
out:
	renewal_free(again);
	renewal_free(renewal);
	buf_free(&text);
	free(input);
	return 0;
}
