/*
 * elsewhere.c: from the renewal confs to the names of elsewhere.h. What init
 * and the preflight ask before they propose a way for challenges.
 */
#include "wrapper/elsewhere.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cert/bundle.h"
#include "cert/renewal_facts.h"
#include "wrapper/challenge.h"
#include "wrapper/refit.h"

static int
add_name(struct elsewhere *ret, const char *name, struct err *err)
{
	char **grown;

	for (size_t i = 0; i < ret->count; i++) {
		if (strcmp(ret->names[i], name) == 0)
			return 0;
	}
	grown = realloc(ret->names, (ret->count + 1) * sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, "looking at lineages");
	ret->names = grown;
	grown[ret->count] = strdup(name);
	if (grown[ret->count] == NULL)
		return err_nomem(err, "looking at lineages");
	ret->count++;
	return 0;
}

static int
add_names(const struct lineage_ref *ref, struct elsewhere *ret, struct err *err)
{
	struct bundle bundle = {.leaf = NULL};
	struct err ignored = ERR_INIT;
	const struct pki_facts *facts;
	struct lineage lineage;
	int rc = 0;

	if (lineage_read(ref, &lineage, &ignored) < 0)
		return 0;
	if (bundle_build(&lineage, false, &bundle, &ignored) == 0 &&
	    bundle.leaf != NULL) {
		facts = pki_cert_facts(bundle.leaf);
		for (size_t i = 0; i < facts->name_count && rc == 0; i++) {
			if (text_is_dns_name(facts->names[i], false))
				rc = add_name(ret, facts->names[i], err);
		}
	}
	bundle_free(&bundle);
	lineage_free(&lineage);
	return rc;
}

static bool
is_elsewhere(const struct conf *conf, const struct refit_led *led,
    const struct lineage_ref *ref)
{
	struct err ignored = ERR_INIT;
	struct renewal_facts facts;

	if (renewal_facts_read(ref, &facts, &ignored) < 0 || !facts.autorenew)
		return false;
	return challenge_is_of_others(challenge_way_of(conf, led, &facts));
}

int
elsewhere_find(const struct conf *conf, struct elsewhere *ret, struct err *err)
{
	const char *dir = conf->letsencrypt.config_dir;
	struct elsewhere found = {NULL, 0};
	struct err ignored = ERR_INIT;
	char **lineages = NULL;
	struct refit_led led;
	size_t count = 0;
	int rc = 0;

	/* That it cannot be read is refit_find()'s to say. */
	(void)!refit_led(conf, &led, &ignored);
	if (lineage_list(dir, &lineages, &count, &ignored) < 0)
		count = 0;
	for (size_t i = 0; i < count && rc == 0; i++) {
		struct lineage_ref ref;

		if (lineage_ref_from_name(dir, lineages[i], &ref, &ignored) ==
			0 &&
		    is_elsewhere(conf, &led, &ref))
			rc = add_names(&ref, &found, err);
	}
	lineage_names_free(lineages, count);
	if (rc < 0)
		elsewhere_free(&found);
	else
		*ret = found;
	return rc;
}

void
elsewhere_drop(struct elsewhere *elsewhere, const char *name)
{
	for (size_t i = 0; i < elsewhere->count; i++) {
		if (strcmp(elsewhere->names[i], name) != 0)
			continue;
		free(elsewhere->names[i]);
		elsewhere->names[i] = elsewhere->names[--elsewhere->count];
		return;
	}
}

void
elsewhere_free(struct elsewhere *elsewhere)
{
	for (size_t i = 0; i < elsewhere->count; i++)
		free(elsewhere->names[i]);
	free(elsewhere->names);
	*elsewhere = (struct elsewhere){NULL, 0};
}
