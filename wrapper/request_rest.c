/*
 * request_rest.c: what stands behind `--` goes to certbot unchanged; here it is
 * looked at, for what certhaul has to know of it.
 */
#include "wrapper/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

enum { TYPED_BYTES = 1024 }; /* a name, before it is checked */

/* How much of it certbot takes for the whole: what no other begins with. */
static size_t
least_of(const char *option)
{
	static const char *const rows[][2] = {
	    {"--config-dir", "--config-"},
	    {"--work-dir", "--wo"},
	    {"--logs-dir", "--l"},
	    {"--domains", "--do"},
	    {"--csr", "--cs"},
	    {"--cert-name", "--cert-n"},
	    {"--key-type", "--key-t"},
	    {"--dry-run", "--dr"},
	    {"--staging", "--stag"},
	    {"--test-cert", "--tes"},
	    {"--configurator", "--configu"},
	    {"--standalone", "--stan"},
	    {"--webroot-path", "--webroot-p"},
	    {"--nginx", "--ng"},
	    {"--apache", "--ap"},
	    {"--preferred-challenges", "--preferred-chal"},
	    {"--http-01-port", "--http-01-p"},
	    {"--http-01-address", "--http-01-a"},
	    {"--expand", "--ex"},
	    {"--renew-with-new-domains", "--renew-w"},
	    {"--duplicate", "--du"},
	    {"--agree-tos", "--ag"},
	    {"--server", "--se"},
	    {"--account", "--ac"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (strcmp(rows[i][0], option) == 0)
			return strlen(rows[i][1]);
	}
	return strlen(option);
}

/* "-d", "-da.example", or behind flags, as certbot takes them: "-nd". */
static bool
is_short(const char *word, char letter, const char **ret_tail)
{
	static const char flags[] = "nqtv";

	if (word[0] != '-' || word[1] == '-')
		return false;
	word += 1 + strspn(word + 1, flags);
	*ret_tail = word + (*word != '\0');
	return *word == letter;
}

const char *
request_rest_at(const struct request *request, size_t i, const char *option)
{
	const char *word = request->call->rest[i], *tail;
	size_t len;

	if (word == NULL)
		return NULL;
	len = strcspn(word, "=");
	if (option[1] != '-') {
		if (!is_short(word, option[1], &tail))
			return NULL;
		if (*tail != '\0')
			return tail + (*tail == '=');
		len = strlen(word);
	} else if (len < least_of(option) || strncmp(word, option, len) != 0)
		return NULL;
	if (word[len] == '=')
		return word + len + 1;
	return i + 1 < request->call->rest_count ? request->call->rest[i + 1]
						 : "";
}

const char *
request_rest_value(const struct request *request, const char *option)
{
	const char *value = NULL;

	/* The last one counts, as for certbot. */
	for (size_t i = 0; i < request->call->rest_count; i++) {
		const char *here = request_rest_at(request, i, option);

		value = here != NULL ? here : value;
	}
	return value;
}

bool
request_rest_has(const struct request *request, const char *option)
{
	return request_rest_value(request, option) != NULL;
}

bool
request_rest_has_webroots(const struct request *request)
{
	size_t count = 0;

	for (size_t i = 0; i < request->call->rest_count; i++)
		count += request_rest_at(request, i, "-w") != NULL ||
		    request_rest_at(request, i, "--webroot-path") != NULL;
	return count > 1;
}

/* The names that word `i` gives, "a.example,b.example"; NULL: it gives none. */
static const char *
names_at(const struct request *request, size_t i)
{
	static const char *const options[] = {"-d", "--domains"};
	const char *names = NULL;

	for (size_t j = 0; names == NULL && j < COUNT_OF(options); j++)
		names = request_rest_at(request, i, options[j]);
	return names;
}

int
request_rest_names(
    struct request *request, request_take_name *take, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < request->call->rest_count; i++) {
		const char *at = names_at(request, i);

		while (rc == 0 && at != NULL && *at != '\0') {
			size_t len = strcspn(at, ", ");
			char name[TYPED_BYTES];

			(void)snprintf(
			    name, sizeof(name), "%.*s", (int)len, at);
			rc = take(request, name, err);
			at += len + strspn(at + len, ", ");
		}
	}
	return rc;
}

/* Over slashes, and directories that are where they are. */
static const char *
next_part(const char *path)
{
	path += strspn(path, "/");
	while (path[0] == '.' && (path[1] == '/' || path[1] == '\0')) {
		path++;
		path += strspn(path, "/");
	}
	return path;
}

/* Are they one by their words, as they are for certbot? */
static bool
same_path(const char *a, const char *b)
{
	size_t len;

	do {
		a = next_part(a);
		b = next_part(b);
		len = strcspn(a, "/");
		if (len != strcspn(b, "/") || strncmp(a, b, len) != 0)
			return false;
		a += len;
		b += len;
	} while (len > 0);
	return true;
}

static bool
is_ours(const char *given, const char *ours)
{
	char *whole = fs_absolute(given);
	bool same = whole != NULL && same_path(whole, ours);

	free(whole);
	return same;
}

/* It works where we look for what it makes. */
static int
check_dirs(const struct request *request, struct err *err)
{
	const struct conf *conf = request->conf;
	const struct {
		const char *option, *key, *ours;
	} dirs[] = {
	    {"--config-dir", "config_dir", conf->letsencrypt.config_dir},
	    {"--work-dir", "work_dir", conf->letsencrypt.work_dir},
	    {"--logs-dir", "logs_dir", conf->letsencrypt.logs_dir},
	};

	for (size_t i = 0; i < COUNT_OF(dirs); i++) {
		const char *given = request_rest_value(request, dirs[i].option);

		if (given == NULL || is_ours(given, dirs[i].ours))
			continue;
		return err_set(err, ERR_USAGE, REQUEST_DOING, dirs[i].option,
		    "certhaul has certbot work in %.400s, and looks for it "
		    "there; to have it elsewhere, set letsencrypt: { %s = "
		    "\"%.400s\"; }; in %.400s in place of this",
		    dirs[i].ours, dirs[i].key, given,
		    conf->path != NULL ? conf->path : CONF_DEFAULT_PATH);
	}
	return 0;
}

int
request_rest_check(const struct request *request, struct err *err)
{
	if (request_rest_has(request, "--csr"))
		return err_set(err, ERR_USAGE, REQUEST_DOING, "--csr",
		    "certbot keeps no lineage of a CSR, so nothing could be "
		    "deployed, or renewed");
	return check_dirs(request, err);
}
