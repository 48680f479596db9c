/*
 * request_names.c: the names of the lineages that there are, beside those of
 * the request: by certbot's rule one with fewer is replaced, and it asks.
 */
#include "wrapper/request.h"

#include <string.h>

#include "cert/bundle.h"

static bool
is_requested(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->wanted.name_count; i++) {
		if (strcmp(request->list[i], name) == 0)
			return true;
	}
	return false;
}

static enum request_names
compare(const struct request *request, const struct pki_facts *facts)
{
	for (size_t i = 0; i < facts->name_count; i++) {
		if (!is_requested(request, facts->names[i]))
			return REQUEST_OTHER;
	}
	return facts->name_count == request->wanted.name_count ? REQUEST_SAME
							       : REQUEST_SOME;
}

enum request_names
request_compare(
    const struct request *request, const struct known_lineage *known)
{
	enum request_names found = REQUEST_OTHER;
	struct bundle bundle = {.leaf = NULL};
	struct err ignored = ERR_INIT;
	struct lineage lineage;

	if (lineage_read(&known->ref, &lineage, &ignored) < 0)
		return REQUEST_OTHER;
	if (bundle_build(&lineage, &bundle, &ignored) == 0 &&
	    bundle.leaf != NULL)
		found = compare(request, pki_cert_facts(bundle.leaf));
	bundle_free(&bundle);
	lineage_free(&lineage);
	return found;
}

int
request_agree(
    const struct request *request, const struct known *known, struct err *err)
{
	const char *cert_name = request->wanted.cert_name;
	const struct known_lineage *named;
	bool same = false;

	if (request->wanted.expand || request_rest_has(request, "--expand") ||
	    request_rest_has(request, "--renew-with-new-domains"))
		return 0;
	named = cert_name == NULL ? NULL : known_get(known, cert_name);
	if (named != NULL && named->generation > 0 &&
	    request_compare(request, named) != REQUEST_SAME)
		return err_set(err, ERR_USAGE, REQUEST_DOING, cert_name,
		    "the lineage %.240s has other names; --expand gives it "
		    "these, in place of those",
		    cert_name);
	for (size_t i = 0; cert_name == NULL && i < known->count; i++)
		same |=
		    request_compare(request, &known->items[i]) == REQUEST_SAME;
	for (size_t i = 0; cert_name == NULL && !same && i < known->count;
	     i++) {
		if (request_compare(request, &known->items[i]) == REQUEST_SOME)
			return err_set(err, ERR_USAGE, REQUEST_DOING,
			    request->list[0],
			    "the lineage %.240s has some of these names: "
			    "--expand gives it the others, too; --cert-name "
			    "NAME makes another one",
			    known->items[i].ref.name);
	}
	return 0;
}
