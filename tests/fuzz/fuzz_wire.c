/*
 * fuzz_wire.c: the CA's JSON, and certbot's account files. The first byte
 * says whose reader gets it.
 */
#include "tests/fuzz/fuzz.h"

#include "acme/wire.h"

/* They are large, and each is filled anew. */
static union {
	struct wire_directory directory;
	struct wire_authorization authorization;
	struct wire_challenge challenge;
	struct wire_account account;
	struct wire_problem problem;
	struct wire_jwk jwk;
	char text[LIMIT_URL_BYTES];
} read;

static void
read_order(const struct buf *text, struct err *err)
{
	struct wire_order order = {0};

	if (wire_read_order(text, &order, err) == 0)
		wire_order_free(&order);
}

static int
each_webroot(void *context, const char *names, const char *dir, struct err *err)
{
	(void)context;
	(void)err;
	FUZZ_HOLDS(names != NULL && dir != NULL);
	return 0;
}

static void
read_webroots(const struct buf *text, struct err *err)
{
	char *map = fuzz_text((const uint8_t *)text->data, text->len);

	(void)!wire_read_webroots(map, each_webroot, NULL, err);
	free(map);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct buf text;

	if (size == 0)
		return 0;
	text = fuzz_buf(data + 1, size - 1);
	switch (data[0]) {
	case 'd':
		(void)!wire_read_directory(&text, &read.directory, &err);
		break;
	case 'o': read_order(&text, &err); break;
	case 'a':
		(void)!wire_read_authorization(
		    &text, &read.authorization, &err);
		break;
	case 'c':
		(void)!wire_read_challenge(&text, &read.challenge, &err);
		break;
	case 'u': (void)!wire_read_account(&text, &read.account, &err); break;
	case 'p': wire_read_problem(&text, 403, &read.problem); break;
	case 'k': (void)!wire_read_jwk(&text, &read.jwk, &err); break;
	case 'r':
		(void)!wire_read_regr(
		    &text, read.text, sizeof(read.text), &err);
		break;
	case 'w': read_webroots(&text, &err); break;
	default: break;
	}
	buf_free(&text);
	return 0;
}
