/*
 * choose.c: see choose.h.
 */
#include "acme/choose.h"

#include <stdio.h>
#include <string.h>

#include "cert/due.h"
#include "base/clock.h"
#include "base/text.h"
#include "cert/pki.h"

static const char doing[] = "looking for the certificate";

void
choose_free(struct choose *choose)
{
	if (choose->what != CHOOSE_NEW)
		store_lineage_free(&choose->lineage);
}

int
choose_is_due(struct front *front, const struct store_lineage *lineage,
    bool *ret, struct err *err)
{
	const struct pki_facts *facts = pki_cert_facts(lineage->leaf);
	time_t due_s = 0;
	int rc;

	if (front->cli->force_renewal || front->cli->dry_run) {
		*ret = true;
		return 0;
	}
	/* As certbot: what is forced, or tried in a dry run, asks for it. */
	if (!renewal_get_bool(
		lineage->conf, "renewalparams", "autorenew", true)) {
		*ret = false;
		return 0;
	}
	rc = due_moment(facts->not_before_s, facts->not_after_s,
	    renewal_get(lineage->conf, "", "renew_before_expiry"), &due_s, err);
	if (rc == 0)
		*ret = clock_now_s() >= due_s;
	return rc;
}

/* --- names ---------------------------------------------------------------- */

static bool
has_name(const struct pki_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->name_count; i++) {
		if (strcmp(facts->names[i], name) == 0)
			return true;
	}
	return false;
}

enum relation { UNRELATED, IDENTICAL, SUBSET };

/* How do the lineage's names stand to those that are wanted? */
static enum relation
relate(const struct options *cli, const struct store_lineage *lineage)
{
	const struct pki_facts *facts = pki_cert_facts(lineage->leaf);
	size_t shared = 0;

	for (size_t i = 0; i < cli->domain_count; i++)
		shared += has_name(facts, cli->domains[i]);
	if (shared != facts->name_count || facts->name_count == 0)
		return UNRELATED;
	return shared == cli->domain_count ? IDENTICAL : SUBSET;
}

/* --- decisions ------------------------------------------------------------ */

/* Another kind of key only where both the name and the kind were said. */
static int
check_key(
    struct front *front, const struct store_lineage *lineage, struct err *err)
{
	const struct options *cli = front->cli;
	const char *is = pki_cert_facts(lineage->leaf)->key.type == PKI_KEY_RSA
	    ? "rsa"
	    : "ecdsa";

	if (!option_given(cli, "--key-type") || cli->cert_name != NULL ||
	    strcmp(cli->key_type, is) == 0)
		return 0;
	return err_set(err, ERR_USAGE, doing, lineage->ref.name,
	    "has an %s key; to change it to %s, give both --cert-name %s and "
	    "--key-type %s",
	    is, cli->key_type, lineage->ref.name, cli->key_type);
}

static int
key_changes(struct front *front, const struct store_lineage *lineage)
{
	const struct options *cli = front->cli;
	bool rsa = pki_cert_facts(lineage->leaf)->key.type == PKI_KEY_RSA;

	return option_given(cli, "--key-type") &&
	    (strcmp(cli->key_type, "rsa") == 0) != rsa;
}

/* The same names: renewed where it is due, or another key is wanted. */
static int
same_names(struct front *front, struct choose *choose, struct err *err)
{
	bool due = false;
	int rc = check_key(front, &choose->lineage, err);

	if (rc == 0)
		rc = choose_is_due(front, &choose->lineage, &due, err);
	if (rc < 0)
		return rc;
	due = due || key_changes(front, &choose->lineage);
	choose->what = due ? CHOOSE_RENEW : CHOOSE_KEEP;
	return 0;
}

static int
fewer_names(struct front *front, struct choose *choose, struct err *err)
{
	const struct options *cli = front->cli;

	choose->what = CHOOSE_RENEW;
	if (cli->expand || cli->force_renewal)
		return check_key(front, &choose->lineage, err);
	return err_set(err, ERR_USAGE, doing, choose->lineage.ref.name,
	    "has some of these names already; --expand gives it the others "
	    "too, --duplicate makes a second one beside it");
}

/* --cert-name: that one, whatever its names. */
static int
by_name(struct front *front, struct choose *choose, struct err *err)
{
	const struct options *cli = front->cli;
	int rc =
	    store_read(&front->dirs, cli->cert_name, &choose->lineage, err);

	if (rc == ERR_NOENT && cli->domain_count > 0) {
		err_clear(err);
		(void)snprintf(
		    choose->name, sizeof(choose->name), "%s", cli->cert_name);
		return 0;
	}
	if (rc == ERR_NOENT)
		return err_set(err, ERR_NOENT, doing, cli->cert_name,
		    "No certificate with name %s found. Use -d to give the "
		    "names of a new one (certhaul-acme certificates lists "
		    "what there is)",
		    cli->cert_name);
	if (rc < 0)
		return rc;
	choose->what = CHOOSE_KEEP; /* there is something to free */
	if (choose->lineage.broken.code != 0) {
		*err = choose->lineage.broken;
		return err->code;
	}
	if (cli->domain_count > 0 &&
	    relate(cli, &choose->lineage) != IDENTICAL) {
		choose->what = CHOOSE_RENEW;
		return 0;
	}
	return same_names(front, choose, err);
}

/* One lineage of many: is it one, and of how many names? */
static bool
suits(struct front *front, const char *name, enum relation wanted,
    struct store_lineage *ret, size_t *ret_names)
{
	struct err err = ERR_INIT;

	if (store_read(&front->dirs, name, ret, &err) < 0)
		return false;
	if (ret->broken.code == 0 && relate(front->cli, ret) == wanted) {
		*ret_names = pki_cert_facts(ret->leaf)->name_count;
		return true;
	}
	store_lineage_free(ret);
	return false;
}

/* The first name without its `*.`, and a number where that is taken. */
static int
new_name(struct front *front, struct choose *choose, struct err *err)
{
	const char *first = front->cli->domains[0];

	return store_new_name(&front->dirs,
	    strncmp(first, "*.", 2) == 0 ? first + 2 : first, choose->name,
	    sizeof(choose->name), err);
}

/* As certbot: the last one with just these names, or the largest part. */
static bool
find_related(struct front *front, char *const *names, size_t count,
    enum relation wanted, struct choose *choose)
{
	size_t most = 0, has = 0;
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		struct store_lineage one;

		if (!suits(front, names[i], wanted, &one, &has))
			continue;
		if (found && wanted == SUBSET && has <= most) {
			store_lineage_free(&one);
			continue;
		}
		if (found)
			store_lineage_free(&choose->lineage);
		choose->lineage = one;
		found = true;
		most = has;
	}
	return found;
}

/* -d alone: a lineage with just these names, then one with some of them. */
static int
by_domains(struct front *front, struct choose *choose, struct err *err)
{
	char **names = NULL;
	size_t count = 0;
	bool same, fewer;
	int rc = store_names(&front->dirs, &names, &count, err);

	if (rc < 0)
		return rc;
	same = find_related(front, names, count, IDENTICAL, choose);
	fewer = !same && find_related(front, names, count, SUBSET, choose);
	lineage_names_free(names, count);
	if (!same && !fewer)
		return new_name(front, choose, err);
	choose->what = CHOOSE_KEEP;
	return same ? same_names(front, choose, err)
		    : fewer_names(front, choose, err);
}

int
choose_lineage(struct front *front, struct choose *ret, struct err *err)
{
	const struct options *cli = front->cli;
	int rc;

	memset(ret, 0, sizeof(*ret));
	ret->what = CHOOSE_NEW;
	if (cli->cert_name != NULL)
		rc = by_name(front, ret, err);
	else if (cli->domain_count == 0)
		rc = err_set(err, ERR_USAGE, doing, NULL,
		    "which names? Give -d NAME (or --cert-name)");
	else if (cli->duplicate)
		rc = store_new_name(&front->dirs,
		    strncmp(cli->domains[0], "*.", 2) == 0 ? cli->domains[0] + 2
							   : cli->domains[0],
		    ret->name, sizeof(ret->name), err);
	else
		rc = by_domains(front, ret, err);
	if (rc < 0)
		choose_free(ret);
	return rc;
}
