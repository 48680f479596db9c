/*
 * verb_certificates.c: certificates: what there is, in certbot's words;
 * update_symlinks; delete; plugins.
 */
#include "acme/verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cert/pki.h"

enum { DAY_S = 24 * 3600 };

/* As certbot: a certificate for tests is none, whenever it ends. */
static bool
is_for_tests(const struct store_lineage *lineage)
{
	const char *server =
	    renewal_get(lineage->conf, "renewalparams", "server");

	return server != NULL && option_is_staging(server);
}

/* "2026-11-25 07:01:34+00:00 (VALID: 89 days)" */
static void
describe_end(time_t not_after_s, bool for_tests, char *ret, size_t size)
{
	time_t left_s = not_after_s - clock_now_s();
	char when[32];

	(void)clock_iso(not_after_s, when, sizeof(when));
	when[10] = ' '; /* for its T */
	when[19] = '\0'; /* for its Z */
	if (for_tests)
		(void)snprintf(ret, size, "%s+00:00 (INVALID: TEST_CERT%s)",
		    when, left_s <= 0 ? ", EXPIRED" : "");
	else if (left_s <= 0)
		(void)snprintf(ret, size, "%s+00:00 (INVALID: EXPIRED)", when);
	else if (left_s < DAY_S)
		(void)snprintf(ret, size, "%s+00:00 (VALID: %ld hour(s))", when,
		    (long)(left_s / 3600));
	else if (left_s < 2 * DAY_S)
		(void)snprintf(ret, size, "%s+00:00 (VALID: 1 day)", when);
	else
		(void)snprintf(ret, size, "%s+00:00 (VALID: %ld days)", when,
		    (long)(left_s / DAY_S));
}

static void
say_lineage(struct front *front, const struct store_lineage *lineage)
{
	const struct pki_facts *facts = pki_cert_facts(lineage->leaf);
	struct buf names = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	struct err err = ERR_INIT;
	char until[96], serial[PKI_SERIAL_BYTES];
	size_t len = strlen(facts->serial);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < facts->name_count; i++)
		rc = buf_printf(
		    &names, &err, "%s%s", i == 0 ? "" : " ", facts->names[i]);
	/* As certbot: lower case, no zero in front. */
	for (size_t i = 0; i <= len; i++) {
		char c = facts->serial[i];

		serial[i] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
	}
	describe_end(
	    facts->not_after_s, is_for_tests(lineage), until, sizeof(until));
	front_say(front, "  Certificate Name: %s", lineage->ref.name);
	front_say(front, "    Serial Number: %s",
	    serial + (len > 1 ? strspn(serial, "0") : 0));
	front_say(front, "    Key Type: %s",
	    facts->key.type == PKI_KEY_RSA ? "RSA" : "ECDSA");
	front_say(front, "    Domains: %s", buf_text(&names));
	front_say(front, "    Expiry Date: %s", until);
	front_say(
	    front, "    Certificate Path: %s/fullchain.pem", lineage->ref.dir);
	front_say(
	    front, "    Private Key Path: %s/privkey.pem", lineage->ref.dir);
	buf_free(&names);
}

/* --cert-name and -d narrow it down. */
static bool
is_wanted(const struct options *cli, const struct store_lineage *lineage)
{
	const struct pki_facts *facts = pki_cert_facts(lineage->leaf);
	size_t found = 0;

	if (cli->cert_name != NULL &&
	    strcmp(cli->cert_name, lineage->ref.name) != 0)
		return false;
	for (size_t i = 0; i < cli->domain_count; i++) {
		for (size_t k = 0; k < facts->name_count; k++)
			found += strcmp(cli->domains[i], facts->names[k]) == 0;
	}
	return found == cli->domain_count;
}

static bool
is_narrowed(const struct front *front)
{
	return front->cli->cert_name != NULL || front->cli->domain_count > 0;
}

static void
say_found(struct front *front)
{
	front_say(front, "Found the following %scerts:",
	    is_narrowed(front) ? "matching " : "");
}

static void
warn_broken(struct front *front, const struct store_lineage *lineage)
{
	char line[LIMIT_LOG_LINE_BYTES];

	if (front->cli->quiet)
		return;
	front_warn(front,
	    "Renewal configuration file %s produced an unexpected error: %s. "
	    "Skipping.",
	    lineage->conf_path, err_text(&lineage->broken, line, sizeof(line)));
}

static int
say_all(struct front *front, char **names, size_t count, struct err *err)
{
	struct buf broken = BUF_INIT(LIMIT_REPLY_BYTES);
	size_t shown = 0, read = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct store_lineage lineage;

		rc = store_read(&front->dirs, names[i], &lineage, err);
		if (rc < 0)
			break;
		read += lineage.broken.code == 0;
		if (lineage.broken.code != 0) {
			warn_broken(front, &lineage);
			rc = buf_printf(
			    &broken, err, "  %s\n", lineage.conf_path);
		} else if (is_wanted(front->cli, &lineage)) {
			if (shown++ == 0)
				say_found(front);
			say_lineage(front, &lineage);
		}
		store_lineage_free(&lineage);
	}
	/* As certbot: there are some, but none of those that are meant. */
	if (shown == 0 && read > 0 && is_narrowed(front)) {
		say_found(front);
		front_say(front, "%s", "");
	} else if (shown == 0 && broken.len == 0) {
		front_say(front, "No certificates found.");
	}
	if (broken.len > 0) {
		front_say(front, "%s", "");
		front_say(front,
		    "The following renewal configurations were invalid:");
		for (const char *at = buf_text(&broken); *at != '\0';) {
			size_t len = strcspn(at, "\n");

			front_say(front, "%.*s", (int)len, at);
			at += len + (at[len] == '\n');
		}
	}
	buf_free(&broken);
	return rc;
}

int
verb_certificates(struct front *front, int *ret_status, struct err *err)
{
	char **names = NULL;
	size_t count = 0;
	int rc = store_names(&front->dirs, &names, &count, err);

	*ret_status = VERB_EXIT_DONE;
	if (rc < 0)
		return rc;
	front_say(front, "%s", "");
	front_say(front, FRONT_RULE);
	rc = say_all(front, names, count, err);
	front_say(front, FRONT_RULE);
	lineage_names_free(names, count);
	return rc;
}

int
verb_update_symlinks(struct front *front, int *ret_status, struct err *err)
{
	char **names = NULL;
	size_t count = 0;
	int rc = store_names(&front->dirs, &names, &count, err);

	*ret_status = VERB_EXIT_DONE;
	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = store_relink(&front->dirs, names[i], err);
	lineage_names_free(names, count);
	return rc;
}

/* certbot would ask. */
static int
which_one(const struct store_dirs *dirs, struct err *err)
{
	char **names = NULL;
	size_t count = 0;
	int rc = store_names(dirs, &names, &count, err);

	lineage_names_free(names, count);
	if (rc < 0)
		return rc;
	return err_set(err, ERR_USAGE, "deleting", NULL, "%s",
	    count == 0 ? "No existing certificates found."
		       : "which certificate? Give --cert-name NAME "
			 "(certhaul-acme certificates lists them)");
}

int
verb_delete(struct front *front, int *ret_status, struct err *err)
{
	const char *name = front->cli->cert_name;
	int rc;

	*ret_status = VERB_EXIT_DONE;
	if (name == NULL)
		return which_one(&front->dirs, err);
	/* First: it would bring back what a killed run has deleted half. */
	rc = store_pending_remove(&front->dirs, name, err);
	if (rc == 0)
		rc = store_delete(&front->dirs, name, err);
	if (rc == 0)
		front_say(front,
		    "Deleted all files relating to certificate %s.", name);
	return rc;
}

/* What certbot says of those that it has without a package of its own. */
static void
say_plugins(struct front *front)
{
	static const struct {
		const char *name, *what;
	} plugins[] = {{"standalone", "Spin up a temporary webserver"},
	    {"webroot", "Place files in webroot directory"}};

	for (size_t i = 0; i < COUNT_OF(plugins); i++) {
		const char *name = plugins[i].name;

		if (i > 0)
			front_say(front, "%s", "");
		front_say(front, "* %s", name);
		front_say(front, "Description: %s", plugins[i].what);
		front_say(front, "Interfaces: Authenticator, Plugin");
		front_say(front,
		    "Entry point: %s = "
		    "certbot._internal.plugins.%s:Authenticator",
		    name, name);
	}
}

int
verb_plugins(struct front *front, int *ret_status, struct err *err)
{
	(void)err;
	*ret_status = VERB_EXIT_DONE;
	front_say(front, "%s", "");
	front_say(front, FRONT_RULE);
	if (front->cli->installers)
		front_say(front, "No plugins");
	else
		say_plugins(front);
	front_say(front, FRONT_RULE);
	return 0;
}
