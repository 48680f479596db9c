/*
 * renewal_quote.c: how ConfigObj quotes what it writes: not at all where it
 * need not, else with double quotes, single ones, or three of a kind.
 */
#include "cert/renewal_part.h"

#include <string.h>

static const char doing[] = "writing the renewal configuration";

static int
refuse(const char *text, struct err *err)
{
	return err_set(err, ERR_INVALID, doing, NULL,
	    "this cannot be quoted in a renewal configuration, which certbot "
	    "refuses, too; put it into a script: %s",
	    text);
}

/* At an end, these are lost or misread without quotes. */
static bool
needs_quote(const char *text)
{
	static const char edges[] = " \r\n\v\t'\"";

	return strchr(edges, text[0]) != NULL ||
	    strchr(edges, text[strlen(text) - 1]) != NULL ||
	    strpbrk(text, ",#") != NULL;
}

int
renewal_quote(
    const char *text, bool multiline, struct buf *ret, struct err *err)
{
	bool single = strchr(text, '\'') != NULL;
	bool twice = strchr(text, '"') != NULL;
	bool lines = strchr(text, '\n') != NULL;
	const char *quote = "";
	int rc;

	if (multiline && (lines || (single && twice))) {
		if (strstr(text, "\"\"\"") != NULL)
			quote = "\"\"\"";
		else
			quote = "'''";
		if (strstr(text, "\"\"\"") != NULL &&
		    strstr(text, "'''") != NULL)
			return refuse(text, err);
		/* What cannot be read back all the same, put() sees. */
	} else if (lines) {
		return refuse(text, err);
	} else if (text[0] == '\0') {
		quote = "\"";
	} else if (needs_quote(text)) {
		if (single && twice)
			return refuse(text, err);
		quote = twice ? "'" : "\"";
	}
	rc = buf_puts(ret, quote, err);
	if (rc == 0)
		rc = buf_puts(ret, text, err);
	if (rc == 0)
		rc = buf_puts(ret, quote, err);
	return rc;
}
