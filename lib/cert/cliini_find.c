/*
 * cliini_find.c: one option of the files that certbot reads, for who only
 * wants to know what it will do.
 */
#include "cert/cliini.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"

/* ConfigArgParse takes the name with its dashes, too. */
static bool
is_named(const struct cliini_item *item, const char *option)
{
	size_t dashes = strncmp(item->name, "--", 2) == 0 ? 2 : 0;

	return item->name_len == dashes + strlen(option) &&
	    strncmp(item->name + dashes, option, strlen(option)) == 0;
}

static bool
find_in(const char *text, const char *option, char *ret, size_t size)
{
	struct cliini_item item;
	bool found = false;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		if (cliini_split(text, len, &item) == CLIINI_ITEM &&
		    item.value != NULL && is_named(&item, option)) {
			(void)snprintf(
			    ret, size, "%.*s", (int)item.value_len, item.value);
			found = true;
		}
		text += len + (text[len] == '\n');
	}
	return found;
}

bool
cliini_find(char *(*get_env)(const char *), const char *option, char *ret,
    size_t size, char *ret_path, size_t path_size)
{
	struct buf text = BUF_SECRET(LIMIT_CONF_BYTES); /* eab-hmac-key */
	struct err ignored = ERR_INIT;
	bool found = false;

	for (size_t i = 0; !found && i < CLIINI_FILES; i++) {
		buf_reset(&text);
		if (!cliini_path(get_env, i, ret_path, path_size) ||
		    fs_read(AT_FDCWD, ret_path, FS_TRUST_ANY, &text, NULL,
			&ignored) < 0)
			continue;
		found = find_in(buf_text(&text), option, ret, size);
	}
	buf_free(&text);
	return found;
}
