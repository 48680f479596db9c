/*
 * option_check.c: what the options mean together: which server, what goes with
 * which command, what excludes what.
 */
#include "acme/option_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acme/store.h"
#include "base/text.h"

/* Words that are known, but not together: certbot ends with 1 then, not 2. */
static int
wrong(const char *option, const char *why, struct err *err)
{
	return err_set(err, ERR_INVALID, OPTION_DOING, option, "%s", why);
}

bool
option_is_staging(const char *server)
{
	return strstr(server, "staging") != NULL;
}

/* --staging, and a dry run, are of Let's Encrypt's staging server. */
static int
choose_server(struct options *options, struct err *err)
{
	bool own = strcmp(options->server, OPTION_PRODUCTION) != 0 &&
	    strcmp(options->server, OPTION_STAGING) != 0;

	if (options->staging && own)
		return wrong("--staging",
		    "says one server and --server another: leave one out", err);
	if (options->dry_run && options->verb != OPTION_CERTONLY &&
	    options->verb != OPTION_RENEW && options->verb != OPTION_RUN &&
	    options->verb != OPTION_RECONFIGURE)
		return wrong("--dry-run",
		    "goes with certonly, renew and reconfigure", err);
	if (options->staging || (options->dry_run && !own))
		options->server = OPTION_STAGING;
	return 0;
}

/* As certbot has them; where we are in the file system does not change. */
static int
make_absolute(struct options *options, struct err *err)
{
	const char **const paths[] = {&options->config_dir, &options->work_dir,
	    &options->logs_dir, &options->cert_path, &options->key_path,
	    &options->fullchain_path, &options->chain_path};
	char path[LIMIT_PATH_BYTES];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(paths); i++) {
		if (*paths[i] == NULL)
			continue;
		rc = option_absolute(*paths[i], path, sizeof(path), err);
		if (rc == 0)
			rc = option_keep(
			    options, path, strlen(path), paths[i], err);
	}
	return rc;
}

/* The one who answers: --webroot is another spelling of -a webroot. */
static int
choose_authenticator(struct options *options, struct err *err)
{
	static const char name[] = "--authenticator";
	int count = options->standalone + options->webroot + options->manual;
	const char *who = options->standalone ? "standalone"
	    : options->webroot                ? "webroot"
					      : "manual";
	size_t row = 0;
	int rc;

	if (count == 0)
		return 0;
	if (count > 1 ||
	    (options->authenticator != NULL &&
		strcmp(options->authenticator, who) != 0))
		return wrong("--standalone",
		    "--standalone, --webroot, --manual and --authenticator "
		    "exclude each other",
		    err);
	rc = option_find(name, strlen(name), &row, err);
	return rc < 0 ? rc : option_store(options, row, who, name, err);
}

/* As it goes into renewal confs. */
static void
settle_installer(struct options *options)
{
	if (options->installer != NULL &&
	    strcmp(options->installer, "none") == 0)
		options->installer = "None";
}

/* Each by its whole name, as it goes into renewal confs. */
static int
check_challenges(struct options *options, struct err *err)
{
	static const struct {
		const char *word, *name;
	} known[] = {{"http", "http-01"}, {"http-01", "http-01"},
	    {"dns", "dns-01"}, {"dns-01", "dns-01"}};
	static const char alpn[] = "tls-alpn-01"; /* known to certbot, too */

	for (size_t i = 0; i < options->preferred_challenge_count; i++) {
		char **word = &options->preferred_challenges[i], *name;
		size_t k = 0;

		while (k < COUNT_OF(known) && strcmp(*word, known[k].word) != 0)
			k++;
		if (k == COUNT_OF(known))
			return err_set(err,
			    strcmp(*word, alpn) == 0 ? ERR_INVALID : ERR_USAGE,
			    OPTION_DOING, "--preferred-challenges",
			    "\"%s\" is neither http (http-01) nor dns "
			    "(dns-01)",
			    *word);
		name = strdup(known[k].name);
		if (name == NULL)
			return err_nomem(err, OPTION_DOING);
		free(*word);
		*word = name;
	}
	return 0;
}

static bool
is_address(const char *name)
{
	unsigned char room[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, name, room) == 1 ||
	    inet_pton(AF_INET6, name, room) == 1;
}

/* As the CA wants it: lower case, no dot at the end. */
static void
clean_name(char *name)
{
	size_t len = strlen(name);

	if (len > 0 && name[len - 1] == '.')
		name[len - 1] = '\0';
	for (char *at = name; *at != '\0'; at++) {
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	}
}

/* Clean, and each once. */
static int
clean_domains(struct options *options, struct err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < options->webroot_map_count; i += 2)
		clean_name(options->webroot_map[i]);
	for (size_t i = 0; i < options->domain_count; i++) {
		char *name = options->domains[i];
		bool twice = false;

		clean_name(name);
		if (is_address(name))
			return err_set(err, ERR_INVALID, OPTION_DOING, name,
			    "is an IP address; names are asked for here");
		if (!text_is_dns_name(name, true))
			return err_set(err, ERR_INVALID, OPTION_DOING, name,
			    "is no domain name: labels of letters, digits and "
			    "dashes, with dots between (xn--... for others)");
		for (size_t k = 0; k < kept; k++)
			twice = twice || strcmp(options->domains[k], name) == 0;
		if (!twice) {
			/* Swapped, so that each is still freed once. */
			options->domains[i] = options->domains[kept];
			options->domains[kept] = name;
			options->webroot_before[kept] =
			    options->webroot_before[i];
			kept++;
		}
	}
	options->domain_count = kept;
	return 0;
}

/* As certbot: an authorization does not tell a wildcard's name. */
static int
check_subset(const struct options *options, struct err *err)
{
	for (size_t i = 0; options->allow_subset && i < options->domain_count;
	     i++) {
		if (strncmp(options->domains[i], "*.", 2) == 0)
			return wrong("--allow-subset-of-names",
			    "does not go with a wildcard", err);
	}
	return 0;
}

static int
check_csr(const struct options *options, struct err *err)
{
	if (options->csr == NULL)
		return 0;
	/* This one is argparse's. */
	if (access(options->csr, R_OK) < 0)
		return err_set(err, ERR_USAGE, OPTION_DOING, options->csr,
		    "cannot be read: %s", strerror(errno));
	if (options->verb != OPTION_CERTONLY)
		return wrong("--csr", "goes with certonly alone", err);
	if (options->allow_subset)
		return wrong("--csr",
		    "its names are fixed: not with --allow-subset-of-names",
		    err);
	return 0;
}

/* Nobody is asked here; but who wants both ways is told so, as by certbot. */
static int
check_interactive(const struct options *options, struct err *err)
{
	static const char name[] = "--force-interactive";

	if (!options->force_interactive)
		return 0;
	if (options->verb == OPTION_RENEW)
		return wrong(name, "cannot be used with renew", err);
	if (options->non_interactive)
		return wrong(
		    name, "and --non-interactive exclude each other", err);
	return 0;
}

static int
check_account(const struct options *options, struct err *err)
{
	if ((options->eab_kid == NULL) != (options->eab_hmac_key == NULL))
		return wrong("--eab-kid",
		    "and --eab-hmac-key go together: the CA gives both", err);
	if (options->preferred_profile != NULL &&
	    options->required_profile != NULL)
		return wrong("--required-profile",
		    "and --preferred-profile exclude each other", err);
	return 0;
}

/* Its own row is what a conf keeps: from here on it counts as given. */
static int
settle_hooks(struct options *options, struct err *err)
{
	static const char name[] = "--renew-hook";
	size_t row = 0;
	int rc;

	if (options->deploy_hook == NULL)
		return 0;
	rc = option_find(name, strlen(name), &row, err);
	return rc < 0
	    ? rc
	    : option_store(options, row, options->renew_hook, name, err);
}

static int
refuse_plugin(const char *option, struct err *err)
{
	return wrong(option,
	    "asks for a plugin of certbot's own: install certbot for it", err);
}

int
option_check_plugins(const struct options *options, struct err *err)
{
	return options->foreign == NULL ? 0
					: refuse_plugin(options->foreign, err);
}

/*
 * As certbot, which minds a missing plugin only where it would be used. renew
 * does so where a lineage is due: params_check_authenticator().
 */
static int
check_plugins(const struct options *options, struct err *err)
{
	if (options->verb != OPTION_RUN && options->verb != OPTION_CERTONLY &&
	    options->verb != OPTION_RECONFIGURE)
		return 0;
	return options->foreign_installer == NULL
	    ? option_check_plugins(options, err)
	    : refuse_plugin(options->foreign_installer, err);
}

/* What a web server's plugin would do, after `run` alone. */
static int
check_enhancements(const struct options *options, struct err *err)
{
	size_t count;
	const struct option_row *rows = option_rows(&count);

	for (size_t i = 0; options->verb == OPTION_RUN && i < count; i++) {
		if (rows[i].offset == offsetof(struct options, enhanced) &&
		    option_given(options, rows[i].names))
			return wrong(rows[i].names,
			    "is for certbot's web server plugins: install "
			    "certbot for it",
			    err);
	}
	return 0;
}

int
option_check(struct options *options, struct err *err)
{
	int rc;

	settle_installer(options);
	rc = settle_hooks(options, err);
	if (rc == 0)
		rc = choose_server(options, err);
	if (rc == 0)
		rc = make_absolute(options, err);
	if (rc == 0)
		rc = option_check_webroots(options, err);
	if (rc == 0)
		rc = choose_authenticator(options, err);
	if (rc == 0)
		rc = check_challenges(options, err);
	if (rc == 0)
		rc = clean_domains(options, err);
	if (rc == 0)
		rc = check_csr(options, err);
	if (rc == 0)
		rc = check_subset(options, err);
	if (rc == 0)
		rc = check_interactive(options, err);
	if (rc == 0)
		rc = option_check_agent(options, err);
	if (rc == 0)
		rc = check_plugins(options, err);
	if (rc == 0)
		rc = check_enhancements(options, err);
	/* As certbot: "" names none. */
	if (rc == 0 && options->cert_name != NULL &&
	    options->cert_name[0] == '\0')
		options->cert_name = NULL;
	if (rc == 0 && options->cert_name != NULL &&
	    !store_is_name(options->cert_name))
		rc = err_set(err, ERR_INVALID, OPTION_DOING, options->cert_name,
		    "is no lineage's name: a file's name, without a slash, and "
		    "no dot first");
	return rc == 0 ? check_account(options, err) : rc;
}
