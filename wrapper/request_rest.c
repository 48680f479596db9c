/*
 * request_rest.c: what stands behind `--` goes to certbot unchanged; here it is
 * looked at, for what certhaul has to know of it.
 */
#include "wrapper/request.h"

#include <stdio.h>
#include <string.h>

enum { TYPED_BYTES = 1024 }; /* a name, before it is checked */

const char *
request_rest_at(const struct request *request, size_t i, const char *option)
{
	const char *word = request->call->rest[i];
	size_t len = strlen(option);

	if (word == NULL || strncmp(word, option, len) != 0)
		return NULL;
	if (word[len] == '=')
		return word + len + 1;
	if (word[len] == '\0' && i + 1 < request->call->rest_count)
		return request->call->rest[i + 1];
	return word[len] == '\0' ? "" : NULL;
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

/* The names that word `i` gives, "a.example,b.example"; NULL: it gives none. */
static const char *
names_at(const struct request *request, size_t i)
{
	static const char *const options[] = {"-d", "--domain", "--domains"};
	const char *word = request->call->rest[i], *names = NULL;

	for (size_t j = 0; names == NULL && j < COUNT_OF(options); j++)
		names = request_rest_at(request, i, options[j]);
	/* "-da.example" */
	return names == NULL && strncmp(word, "-d", 2) == 0 ? word + 2 : names;
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

int
request_rest_check(const struct request *request, struct err *err)
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

		if (given == NULL || strcmp(given, dirs[i].ours) == 0)
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
