/*
 * request_preflight.c: the preflight in words: a line a name, then what to do,
 * each advice once.
 */
#include "wrapper/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "wrapper/preflight.h"

static void
say_name(const struct preflight_result *result)
{
	(void)printf("%s: preflight %s%s%s%s%s\n", result->name,
	    preflight_verdict_name(result->verdict),
	    *result->address != '\0' ? " at " : "", result->address,
	    result->verdict == PREFLIGHT_GOOD ? "" : ": ",
	    result->verdict == PREFLIGHT_GOOD ? "" : result->detail);
}

/* Was the same advice given with an earlier name? */
static bool
is_told(const struct preflight_result *results, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (strcmp(results[j].advice, results[i].advice) == 0)
			return true;
	}
	return *results[i].advice == '\0';
}

/* Once for each address. */
static void
say_doubt(const struct preflight_result *results, size_t i)
{
	if (*results[i].doubt == '\0')
		return;
	for (size_t j = 0; j < i; j++) {
		if (strcmp(results[j].doubt, results[i].doubt) == 0)
			return;
	}
	(void)printf("%s\n", results[i].doubt);
}

int
request_preflight(
    const struct request *request, bool *ret_good, struct err *err)
{
	const struct certbot_request *wanted = &request->wanted;
	const struct preflight_way way = {
	    .in_proxy = wanted->way == CERTBOT_IN_PROXY};
	struct preflight_result *results;
	size_t bad = 0;
	int rc;

	results = calloc(wanted->name_count, sizeof(*results));
	if (results == NULL)
		return err_nomem(err, REQUEST_DOING);
	rc = preflight(request->conf, wanted->names, wanted->name_count, &way,
	    results, err);
	log_make_way();
	for (size_t i = 0; i < wanted->name_count && rc == 0; i++) {
		say_name(&results[i]);
		bad += results[i].verdict != PREFLIGHT_GOOD;
	}
	for (size_t i = 0; i < wanted->name_count && rc == 0; i++)
		say_doubt(results, i);
	for (size_t i = 0; i < wanted->name_count && rc == 0; i++) {
		if (!is_told(results, i))
			(void)printf("\n%s", results[i].advice);
	}
	if (rc == 0 && bad > 0)
		(void)printf("\nThe CA was not asked: %zu of %zu names would "
			     "fail there, too. (--no-preflight asks it.)\n",
		    bad, wanted->name_count);
	(void)fflush(stdout);
	*ret_good = bad == 0;
	preflight_free(results, wanted->name_count);
	return rc;
}
