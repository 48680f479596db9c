/*
 * request_names.c: the names of the lineages that there are, beside those of
 * the request: by certbot's rule one with fewer is replaced, and it asks. Each
 * lineage is read once, before anything is put up.
 */
#include "wrapper/request.h"

#include <stdio.h>
#include <stdlib.h>
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

static const char *
shared_name(const struct request *request, const struct pki_facts *facts)
{
	for (size_t i = 0; i < request->wanted.name_count; i++) {
		for (size_t j = 0; j < facts->name_count; j++) {
			if (strcmp(request->list[i], facts->names[j]) == 0)
				return request->list[i];
		}
	}
	return NULL;
}

static struct request_relation
relate(const struct request *request, const struct known_lineage *known)
{
	struct request_relation found = {.names = REQUEST_OTHER};
	const struct pki_facts *facts;
	struct bundle bundle = {.leaf = NULL};
	struct err ignored = ERR_INIT;
	struct lineage lineage;

	if (lineage_read(&known->ref, &lineage, &ignored) < 0)
		return found;
	if (bundle_build(&lineage, false, &bundle, &ignored) == 0 &&
	    bundle.leaf != NULL) {
		facts = pki_cert_facts(bundle.leaf);
		found.names = compare(request, facts);
		found.shared = shared_name(request, facts);
		found.name_count = facts->name_count;
		found.rsa = facts->key.type == PKI_KEY_RSA;
	}
	bundle_free(&bundle);
	lineage_free(&lineage);
	return found;
}

static const struct request_relation *
relation_of(const struct request *request, const struct known_lineage *known)
{
	return &request->relations[known - request->known.items];
}

enum request_names
request_compare(
    const struct request *request, const struct known_lineage *known)
{
	return relation_of(request, known)->names;
}

/* Refuses what certbot would ask about: nobody is there to answer. */
static int
agree(const struct request *request, struct err *err)
{
	const struct known *known = &request->known;
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
			    "--expand gives it the others, too",
			    known->items[i].ref.name);
	}
	return 0;
}

/*
 * The kind of key that was not asked for is no reason to change the one that a
 * lineage has (nor for certbot to refuse).
 */
static void
keep_key_type(struct request *request)
{
	const char *named = request->wanted.cert_name;

	if (command_text(request->call, "key-type") != NULL ||
	    request_rest_has(request, "--key-type"))
		return;
	for (size_t i = 0; i < request->known.count; i++) {
		const struct known_lineage *item = &request->known.items[i];

		if (named != NULL
			? strcmp(item->ref.name, named) == 0
			: request_compare(request, item) != REQUEST_OTHER)
			request->wanted.key_type = NULL;
	}
}

/* Which one certbot will write to; NULL: a new one. */
static const struct known_lineage *
find_target(const struct request *request)
{
	const struct known *known = &request->known;
	bool expand =
	    request->wanted.expand || request_rest_has(request, "--expand");
	const struct known_lineage *same = NULL, *some = NULL;
	size_t most = 0;

	if (request->wanted.cert_name != NULL)
		return known_get(known, request->wanted.cert_name);
	for (size_t i = 0; i < known->count; i++) {
		const struct request_relation *relation =
		    relation_of(request, &known->items[i]);

		if (relation->names == REQUEST_SAME)
			same = &known->items[i];
		if (relation->names == REQUEST_SOME && expand &&
		    relation->name_count >= most) {
			some = &known->items[i];
			most = relation->name_count;
		}
	}
	return same != NULL ? same : some;
}

/* The kind of key that it will have. */
static bool
will_be_rsa(const struct request *request, const struct known_lineage *target)
{
	const char *type = request->wanted.key_type;

	if (type == NULL && target != NULL)
		return relation_of(request, target)->rsa;
	return type != NULL && strcmp(type, "rsa") == 0;
}

/*
 * The first lineage, beside `target`, that has a certificate for one of the
 * names, of this kind of key; NULL: none. HAProxy has none of one that was
 * detached.
 */
static const struct known_lineage *
find_rival(
    const struct request *request, const struct known_lineage *target, bool rsa)
{
	const struct known *known = &request->known;

	for (size_t i = 0; i < known->count; i++) {
		const struct known_lineage *item = &known->items[i];
		const struct request_relation *relation =
		    relation_of(request, item);

		if (item != target && !item->out && relation->shared != NULL &&
		    relation->rsa == rsa)
			return item;
	}
	return NULL;
}

/* Refuses a second certificate for a name, of the same kind of key. */
static int
clash(const struct request *request, struct err *err)
{
	const struct known_lineage *target = find_target(request), *rival;
	bool rsa = will_be_rsa(request, target);
	char expand[2 * LIMIT_LINEAGE_NAME_BYTES] = "";

	if (request->wanted.dry_run || request_rest_has(request, "--duplicate"))
		return 0;
	rival = find_rival(request, target, rsa);
	if (rival == NULL)
		return 0;
	/* Where a third has one of them, too, that would end here again. */
	if (find_rival(request, rival, rsa) == NULL)
		(void)snprintf(expand, sizeof(expand),
		    "to have all in that one, add --cert-name %s --expand, and "
		    "its other names (certhaul status shows them), which it "
		    "loses else; or ",
		    rival->ref.name);
	return err_set(err, ERR_USAGE, REQUEST_DOING,
	    relation_of(request, rival)->shared,
	    "the lineage %.240s has a certificate for that name, and which of "
	    "two HAProxy shows is not certain: %scerthaul delete %.240s, then "
	    "this again; if two are meant, on different bind lines: "
	    "-- --duplicate",
	    rival->ref.name, expand, rival->ref.name);
}

int
request_settle(struct request *request, struct err *err)
{
	struct known *known = &request->known;
	int rc = known_all(request->conf, known, err);

	if (rc < 0)
		return rc;
	request->relations =
	    calloc(known->count + 1, sizeof(*request->relations));
	if (request->relations == NULL)
		return err_nomem(err, REQUEST_DOING);
	for (size_t i = 0; i < known->count; i++)
		request->relations[i] = relate(request, &known->items[i]);
	rc = agree(request, err);
	if (rc < 0)
		return rc;
	keep_key_type(request);
	return clash(request, err);
}
