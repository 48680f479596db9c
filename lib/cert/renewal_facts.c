/*
 * renewal_facts.c: certbot's renewal conf, for those who look: when the next renewal
 * is due, and by which challenge.
 *
 * It is a ConfigObj file. Only `key = value` on one line is taken, a value
 * that goes over several lines (in ''' or """) is passed over whole.
 */
#include "cert/renewal_facts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char doing[] = "reading the renewal configuration";

enum {
	SECONDS_AN_HOUR = 60 * 60,
	SECONDS_A_DAY = 24 * SECONDS_AN_HOUR,
	SHORT_LIFE_S = 10 * SECONDS_A_DAY,
	BEFORE_MOST = 10000, /* of its unit */
};

enum where { WHERE_TOP, WHERE_PARAMS, WHERE_ELSE };

/* Trimmed in place: where the text begins. */
static char *
trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL)
		text[--len] = '\0';
	return text;
}

/* "[x]" is a section, "[[x]]" one within it. */
static enum where
section_of(const char *line)
{
	static const char params[] = "[renewalparams]";

	return strncmp(line, params, strlen(params)) == 0 ? WHERE_PARAMS
							  : WHERE_ELSE;
}

/* The value without quotes, or without the comment behind it. */
static char *
value_of(char *text)
{
	char *end;

	text = trim(text);
	if (*text == '"' || *text == '\'') {
		end = strchr(text + 1, *text);
		if (end != NULL) {
			*end = '\0';
			return text + 1;
		}
	}
	text[strcspn(text, "#")] = '\0';
	return trim(text);
}

/* A value that is not closed on its line: its three quotes, or NULL. */
static const char *
opened_by(const char *text)
{
	static const char *const quotes[] = {"'''", "\"\"\""};

	text += strspn(text, " \t");
	for (size_t i = 0; i < COUNT_OF(quotes); i++) {
		if (strncmp(text, quotes[i], 3) == 0)
			return strstr(text + 3, quotes[i]) == NULL ? quotes[i]
								   : NULL;
	}
	return NULL;
}

/* "30 days", "2 weeks", "12 hours"; what else certbot knows is rare. */
static long
read_before(const char *text)
{
	static const struct {
		const char *word;
		long seconds;
	} units[] = {
	    {"hour", SECONDS_AN_HOUR},
	    {"day", SECONDS_A_DAY},
	    {"week", 7L * SECONDS_A_DAY},
	};
	char *end = NULL;
	long number;

	if (!isdigit((unsigned char)*text))
		return 0;
	errno = 0;
	number = strtol(text, &end, 10);
	if (errno != 0 || number < 1 || number > BEFORE_MOST)
		return 0;
	end += strspn(end, " \t");
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		size_t len = strlen(units[i].word);

		if (strncasecmp(end, units[i].word, len) == 0 &&
		    (strcmp(end + len, "") == 0 || strcmp(end + len, "s") == 0))
			return number * units[i].seconds;
	}
	return 0;
}

/* As ConfigObj's as_bool() has it. */
static bool
is_false(const char *text)
{
	static const char *const words[] = {"false", "no", "off", "0"};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strcasecmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

static void
take(enum where where, const char *key, const char *value,
    struct renewal_facts *ret)
{
	const struct {
		const char *key;
		char *to;
		size_t size;
	} texts[] = {
	    {"authenticator", ret->authenticator, sizeof(ret->authenticator)},
	    {"pref_challs", ret->challenges, sizeof(ret->challenges)},
	    {"server", ret->server, sizeof(ret->server)},
	    {"account", ret->account, sizeof(ret->account)},
	};

	if (where == WHERE_TOP && strcmp(key, "renew_before_expiry") == 0)
		ret->before_s = read_before(value);
	if (where != WHERE_PARAMS)
		return;
	if (strcmp(key, "autorenew") == 0)
		ret->autorenew = !is_false(value);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		if (strcmp(key, texts[i].key) == 0 &&
		    strlen(value) < texts[i].size)
			(void)snprintf(texts[i].to, texts[i].size, "%s", value);
	}
}

void
renewal_facts_parse(const char *text, struct renewal_facts *ret)
{
	enum where where = WHERE_TOP;
	const char *open = NULL;
	char line[1024];

	*ret = (struct renewal_facts){.autorenew = true};
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		bool whole = len < sizeof(line);
		char *begin, *equals;

		(void)snprintf(line, sizeof(line), "%.*s",
		    (int)(whole ? len : sizeof(line) - 1), text);
		text += len + (text[len] == '\n');
		if (open != NULL) {
			if (strstr(line, open) != NULL)
				open = NULL;
			continue;
		}
		begin = trim(line);
		equals = strchr(begin, '=');
		if (*begin == '[') {
			where = section_of(begin);
		} else if (*begin != '#' && equals != NULL && whole) {
			*equals = '\0';
			open = opened_by(equals + 1);
			if (open == NULL)
				take(where, trim(begin), value_of(equals + 1),
				    ret);
		}
	}
}

int
renewal_facts_read(
    const struct lineage_ref *ref, struct renewal_facts *ret, struct err *err)
{
	static const char live[] = "/live/";
	struct buf text = BUF_INIT(LIMIT_RENEWAL_BYTES);
	size_t dir_len = strlen(ref->dir), name_len = strlen(ref->name);
	size_t live_len = strlen(live), top;
	char path[LIMIT_PATH_BYTES];
	int len, rc;

	*ret = (struct renewal_facts){.autorenew = true};
	top = dir_len - name_len - live_len;
	if (dir_len <= name_len + live_len ||
	    strncmp(ref->dir + top, live, live_len) != 0)
		return err_set(err, ERR_NOENT, doing, ref->dir,
		    "it is not in a directory live/");
	len = snprintf(path, sizeof(path), "%.*s/renewal/%s.conf", (int)top,
	    ref->dir, ref->name);
	if (len < 0 || (size_t)len >= sizeof(path))
		return err_set(
		    err, ERR_NOENT, doing, ref->dir, "its path is too long");
	rc = fs_read(AT_FDCWD, path, FS_TRUST_ANY, &text, NULL, err);
	if (rc == 0)
		renewal_facts_parse(buf_text(&text), ret);
	buf_free(&text);
	return rc;
}

bool
renewal_facts_is_http(const struct renewal_facts *renewal)
{
	static const char *const http[] = {
	    "standalone", "webroot", "nginx", "apache", "manual"};

	if (*renewal->challenges != '\0' &&
	    strncmp(renewal->challenges, "http", strlen("http")) != 0)
		return false;
	for (size_t i = 0; i < COUNT_OF(http); i++) {
		if (strcmp(renewal->authenticator, http[i]) == 0)
			return true;
	}
	return false;
}

long
renewal_facts_before_s(const struct renewal_facts *renewal, long life_s)
{
	if (renewal->before_s > 0)
		return renewal->before_s;
	return life_s < SHORT_LIFE_S ? life_s / 2 : life_s / 3;
}
