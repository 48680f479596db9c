/*
 * conf_twice.c: libconfig tells the line of a setting that is there twice, and
 * not its name; conf.c asks for that where the text is refused.
 */
#include "base/conf_twice.h"

#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a name is made of (libconfig's manual, "Settings"). */
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz0123456789*_-";

/* Is the name that ends behind `len` bytes of `text` there twice? */
static bool
is_twice(const char *text, size_t len)
{
	static const char value[] = " = 0;";
	char *cut = malloc(len + sizeof(value));
	const char *why;
	config_t config;
	bool twice;

	if (cut == NULL)
		return false;
	memcpy(cut, text, len);
	memcpy(cut + len, value, sizeof(value));
	config_init(&config);
	twice = config_read_string(&config, cut) != CONFIG_TRUE;
	/* A group in front that is not closed is another fault. */
	why = config_error_text(&config);
	twice = twice && why != NULL && strstr(why, "duplicate") != NULL;
	config_destroy(&config);
	free(cut);
	return twice;
}

bool
conf_twice_find(const char *text, int line, char *ret, size_t size)
{
	const char *at = text;

	while (at != NULL && --line > 0) {
		at = strchr(at, '\n');
		at = at == NULL ? NULL : at + 1;
	}
	while (at != NULL && *at != '\0' && *at != '\n') {
		size_t len = strspn(at, letters);

		if (len > 0 && is_twice(text, (size_t)(at - text) + len)) {
			(void)snprintf(ret, size, "%.*s", (int)len, at);
			return true;
		}
		at += len > 0 ? len : 1;
	}
	return false;
}
