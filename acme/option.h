/*
 * option.h: certbot's command line: one row an option, which reads argv, reads
 * cli.ini, fills struct options, says what belongs into a renewal conf, and
 * prints --help.
 */
#ifndef ACME_OPTION_H
#define ACME_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

enum option_verb {
	OPTION_RUN, /* `run`, and no verb: certonly, deployment left to hooks */
	OPTION_CERTONLY,
	OPTION_RENEW,
	OPTION_CERTIFICATES,
	OPTION_UPDATE_SYMLINKS,
	OPTION_REVOKE,
	OPTION_DELETE,
	OPTION_REGISTER,
	OPTION_UNREGISTER,
	OPTION_UPDATE_ACCOUNT,
	OPTION_SHOW_ACCOUNT,
	OPTION_RECONFIGURE,
	OPTION_PLUGINS,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_VERBS
};

enum option_kind {
	OPTION_TRUE, /* --force-renewal */
	OPTION_FALSE, /* --no-directory-hooks: clears its member */
	OPTION_COUNT, /* -v */
	OPTION_TEXT,
	OPTION_NUMBER,
	OPTION_CHOICE,
	OPTION_LIST, /* repeated, and split at commas */
	OPTION_MAP, /* JSON: names, split at commas, and their directory */
	OPTION_KNOWN, /* asks for a plugin of certbot's */
	OPTION_FOREIGN, /* comes with one: a clear error */
};

/* A member that was not given has its default and `given` unset. */
struct options {
	enum option_verb verb;
	const char *config_dir, *work_dir, *logs_dir, *server;
	bool staging, dry_run, non_interactive, agree_tos, quiet, debug;
	bool break_my_certs;
	bool no_verify_ssl, register_unsafely, eff_email;
	long verbose;
	const char *config_file; /* --config; or NULL */
	const char *passed_over; /* a cli.ini out of our reach; or NULL */
	const char *email, *account, *cert_name, *user_agent;
	const char *user_agent_comment;
	bool debug_challenges;
	/* What asks for a plugin of certbot's; or NULL. */
	const char *foreign, *foreign_installer;
	bool enhanced; /* what a web server's plugin is to do besides */
	/* What certbot has, and what means nothing here. */
	bool ignored, force_interactive;
	long ignored_number;
	bool installers; /* plugins: those that are told of, none */
	char **domains; /* NULL-terminated; owned, as all lists */
	size_t domain_count;
	const char *csr, *cert_path, *key_path, *fullchain_path, *chain_path;
	const char *key_type, *elliptic_curve;
	long rsa_key_size;
	bool reuse_key, new_key, must_staple;
	const char *preferred_chain;
	char **preferred_challenges;
	size_t preferred_challenge_count;
	bool standalone, webroot, manual;
	const char *authenticator, *installer;
	char **webroot_path;
	size_t webroot_path_count;
	/* By position in domains: how many -w stood before it. */
	size_t *webroot_before;
	/* A name, its directory, and so on; of two for a name the later. */
	char **webroot_map;
	size_t webroot_map_count;
	bool webroot_restored; /* webroot_path is the conf's: params.h */
	const char *manual_auth_hook, *manual_cleanup_hook;
	long http01_port;
	const char *http01_address;
	bool force_renewal, keep, expand, renew_with_new_domains;
	bool allow_subset, duplicate;
	/* For a lineage's first certificate, and (what was given for both)
	 * for those that follow. */
	const char *deploy_hook, *renew_hook;
	const char *pre_hook, *post_hook;
	bool run_deploy_hooks, directory_hooks, validate_hooks, random_sleep;
	long max_log_backups;
	const char *reason;
	bool delete_after_revoke, autorenew, ip_logging_ok;
	bool preconfigured_renewal;
	const char *eab_kid, *eab_hmac_key, *eab_hmac_alg;
	const char *preferred_profile, *required_profile;
	long issuance_timeout_s;
	const char *topic; /* of --help TOPIC */
	unsigned long long given[4]; /* by row of the table: option_given() */
	char **words; /* argv behind the program's name; borrowed */
	char **memory; /* what cli.ini's values live in; owned */
	size_t memory_count;
};

/* Let's Encrypt: where nothing is said, and for what is not to count. */
#define OPTION_PRODUCTION "https://acme-v02.api.letsencrypt.org/directory"
#define OPTION_STAGING "https://acme-staging-v02.api.letsencrypt.org/directory"

/* One row of the table. */
struct option_row {
	const char *names; /* "--domains --domain -d", the first is the name */
	enum option_kind kind;
	const char *value; /* "DOMAIN", in the help; or NULL */
	const char *values; /* of a choice: "rsa|ecdsa" */
	long least, most;
	const char *fallback; /* the default as text; or NULL */
	const char *renewal; /* its key in [renewalparams], or NULL */
	const char *group; /* where --help shows it */
	const char *help;
	size_t offset; /* in struct options */
	size_t count_offset; /* of a list or a map */
};

/*
 * argv, then --config's file and cli.ini in both places (what comes first
 * wins): XDG_CONFIG_HOME through `get_env`. Long options may be abbreviated.
 * ERR_USAGE (exit 2) names the option and the nearest one; for what is
 * certbot's alone it says to install certbot. `argv` is borrowed for the life
 * of `ret`.
 */
int option_read(int argc, char **argv, char *(*get_env)(const char *),
    struct options *ret, struct err *err) MUST_CHECK;
void option_free(struct options *options);

/* The directory of `name` by --webroot-map; NULL: it has none there. */
const char *option_mapped_webroot(
    const struct options *options, const char *name);

/* Was it given, on the command line or in cli.ini? `name` as "--domains". */
bool option_given(const struct options *options, const char *name);

/* Does the server (its URL) issue for tests alone? certbot goes by its name. */
bool option_is_staging(const char *server);

/* The table, for help, renewal confs, tests. */
const struct option_row *option_rows(size_t *ret_count);

/* The verb's word; static storage. */
const char *option_verb_name(enum option_verb verb);

/* --help [TOPIC]. */
int option_help(const char *topic, struct buf *ret, struct err *err) MUST_CHECK;

#endif
