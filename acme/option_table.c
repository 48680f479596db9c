/*
 * option_table.c: certbot's options, a row each. A row reads the command line
 * and cli.ini, fills its member of struct options, names its key in a renewal
 * conf, and is a line of --help.
 */
#include "acme/option_private.h"

#include <limits.h>

#define AT(member) offsetof(struct options, member), 0
#define LIST(member, count)                                                    \
	offsetof(struct options, member), offsetof(struct options, count)
#define NONE 0, 0

/* certbot's alone: needs its Python plugins. */
#define OF_CERTBOT(names, kind, value, ...)                                    \
	{                                                                      \
		names, kind, value, NULL, 0, 0, NULL, NULL, "certbot",         \
		    "of certbot alone", __VA_ARGS__                            \
	}
#define FOREIGN(names, value) OF_CERTBOT(names, OPTION_FOREIGN, value, NONE)
/* Certbot itself knows it; the plugin may be missing. */
#define KNOWN(names, value) OF_CERTBOT(names, OPTION_KNOWN, value, AT(foreign))
/* For an installer, which certonly and renew have no use for. */
#define ENHANCE(names)                                                         \
	{                                                                      \
		names, OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "certbot",   \
		    "of certbot alone after `run`, else of no meaning",        \
		    AT(enhanced)                                               \
	}

static const struct option_row rows[] = {
    /* --- what everything takes --- */
    {"--verbose -v", OPTION_COUNT, NULL, NULL, 0, 0, NULL, NULL, "options",
	"say more; several times: still more", AT(verbose)},
    {"--verbose-level", OPTION_NUMBER, "LEVEL", NULL, INT_MIN, INT_MAX, NULL,
	NULL, "options", "... so many times", AT(verbose)},
    {"--quiet -q", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "options",
	"say nothing but errors", AT(quiet)},
    {"--debug", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "options",
	"show where a failure comes from", AT(debug)},
    {"--non-interactive --noninteractive -n", OPTION_TRUE, NULL, NULL, 0, 0,
	NULL, NULL, "options", "never ask", AT(non_interactive)},
    {"--config-dir", OPTION_TEXT, "DIR", NULL, 0, 0, "/etc/letsencrypt",
	"config_dir", "paths", "configuration, certificates and keys",
	AT(config_dir)},
    {"--work-dir", OPTION_TEXT, "DIR", NULL, 0, 0, "/var/lib/letsencrypt",
	"work_dir", "paths", "what a run needs while it lasts", AT(work_dir)},
    {"--logs-dir", OPTION_TEXT, "DIR", NULL, 0, 0, "/var/log/letsencrypt",
	"logs_dir", "paths", "logs", AT(logs_dir)},
    {"--max-log-backups", OPTION_NUMBER, "N", NULL, 0, INT_MAX, "1000", NULL,
	"options", "earlier logs that are kept; 0: one log for all",
	AT(max_log_backups)},
    {"--config -c", OPTION_TEXT, "FILE", NULL, 0, 0, NULL, NULL, "options",
	"read FILE over what cli.ini says", AT(config_file)},

    {"--preconfigured-renewal", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL,
	"options", "taken for certbot's sake: Debian's cli.ini has it",
	AT(preconfigured_renewal)},
    {"--text -t", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "options",
	"taken for certbot's sake, as the next two", AT(ignored)},
    {"--no-self-upgrade --no-bootstrap --os-packages-only "
     "--no-permissions-check",
	OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "options",
	"what certbot has deprecated", AT(ignored)},
    {"--disable-renew-updates", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL,
	"options", "taken for certbot's sake, as the next three", AT(ignored)},
    {"--https-port", OPTION_NUMBER, "PORT", NULL, INT_MIN, INT_MAX, NULL, NULL,
	"options", "of a web server's plugin", AT(ignored_number)},
    {"--checkpoints", OPTION_NUMBER, "N", NULL, INT_MIN, INT_MAX, NULL, NULL,
	"options", "of `rollback`, which is certbot's", AT(ignored_number)},
    {"--init --prepare", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "options",
	"plugins: nothing is to be prepared", AT(ignored)},
    {"--authenticators", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "options",
	"plugins: those that answer", AT(ignored)},
    {"--installers", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "options",
	"plugins: those that install: there are none", AT(installers)},
    {"--force-interactive", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL,
	"options", "taken for certbot's sake, without -n and not by renew",
	AT(force_interactive)},
    {"--strict-permissions", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL,
	"options", "that is always so", AT(ignored)},

    /* --- the server --- */
    {"--server", OPTION_TEXT, "URL", NULL, 0, 0, OPTION_PRODUCTION, "server",
	"testing", "the CA's directory", AT(server)},
    {"--test-cert --staging", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL,
	"testing", "the CA's staging server: certificates for tests",
	AT(staging)},
    {"--dry-run", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "testing",
	"all but keeping the certificate, on the staging server", AT(dry_run)},
    {"--break-my-certs", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "testing",
	"a test certificate may take a valid one's place", AT(break_my_certs)},
    {"--no-verify-ssl", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "testing",
	"believe any server (only for tests)", AT(no_verify_ssl)},
    {"--user-agent", OPTION_TEXT, "TEXT", NULL, 0, 0, NULL, "user_agent",
	"options", "how to name ourselves to the CA", AT(user_agent)},
    {"--user-agent-comment", OPTION_TEXT, "TEXT", NULL, 0, 0, NULL, NULL,
	"options", "... behind our own name", AT(user_agent_comment)},
    {"--issuance-timeout", OPTION_NUMBER, "SECONDS", NULL, 0, INT_MAX, "90",
	NULL, "options", "how long to wait for the CA to issue",
	AT(issuance_timeout_s)},

    /* --- the account --- */
    {"--email -m", OPTION_TEXT, "EMAIL", NULL, 0, 0, NULL, NULL, "account",
	"where the CA writes to; several with commas", AT(email)},
    {"--register-unsafely-without-email", OPTION_TRUE, NULL, NULL, 0, 0, NULL,
	NULL, "account", "an account with no address", AT(register_unsafely)},
    {"--agree-tos", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "account",
	"agree to the CA's terms of service", AT(agree_tos)},
    {"--eff-email", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "account",
	"taken for certbot's sake; nothing is shared", AT(eff_email)},
    {"--no-eff-email", OPTION_FALSE, NULL, NULL, 0, 0, NULL, NULL, "account",
	"the same", AT(eff_email)},
    {"--account", OPTION_TEXT, "ID", NULL, 0, 0, NULL, "account", "account",
	"this one of several", AT(account)},
    {"--eab-kid", OPTION_TEXT, "ID", NULL, 0, 0, NULL, NULL, "account",
	"external account binding: the key's identifier", AT(eab_kid)},
    {"--eab-hmac-key", OPTION_TEXT, "KEY", NULL, 0, 0, NULL, NULL, "account",
	"... the key, base64url", AT(eab_hmac_key)},
    {"--eab-hmac-alg", OPTION_CHOICE, "ALG", "HS256|HS384|HS512", 0, 0, "HS256",
	NULL, "account", "... its algorithm", AT(eab_hmac_alg)},

    /* --- which certificate --- */
    {"--domains --domain -d", OPTION_LIST, "DOMAIN", NULL, 0, 0, NULL, NULL,
	"certificate", "names, repeated or with commas",
	LIST(domains, domain_count)},
    {"--cert-name", OPTION_TEXT, "NAME", NULL, 0, 0, NULL, NULL, "certificate",
	"the lineage's name", AT(cert_name)},
    {"--csr", OPTION_TEXT, "FILE", NULL, 0, 0, NULL, NULL, "certificate",
	"a request of your own, PEM or DER (certonly)", AT(csr)},
    {"--cert-path", OPTION_TEXT, "FILE", NULL, 0, 0, NULL, NULL, "paths",
	"revoke: which; --csr: where it goes", AT(cert_path)},
    {"--key-path", OPTION_TEXT, "FILE", NULL, 0, 0, NULL, NULL, "paths",
	"revoke: its private key, in place of the account's", AT(key_path)},
    {"--fullchain-path", OPTION_TEXT, "FILE", NULL, 0, 0, NULL, NULL, "paths",
	"--csr: where certificate and chain go", AT(fullchain_path)},
    {"--chain-path", OPTION_TEXT, "FILE", NULL, 0, 0, NULL, NULL, "paths",
	"--csr: where the chain goes", AT(chain_path)},
    {"--expand", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "certificate",
	"a certificate that has fewer names gets the new ones", AT(expand)},
    {"--duplicate", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "certificate",
	"a second lineage with the same names", AT(duplicate)},
    {"--renew-with-new-domains", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL,
	"certificate", "--cert-name with other names: renew at once",
	AT(renew_with_new_domains)},
    {"--keep-until-expiring --keep --reinstall", OPTION_TRUE, NULL, NULL, 0, 0,
	NULL, NULL, "certificate", "what is not due stays as it is", AT(keep)},
    {"--force-renewal --renew-by-default", OPTION_TRUE, NULL, NULL, 0, 0, NULL,
	NULL, "certificate", "renew though it is not due", AT(force_renewal)},
    {"--allow-subset-of-names", OPTION_TRUE, NULL, NULL, 0, 0, NULL,
	"allow_subset_of_names", "certificate",
	"go on without the names that cannot be validated", AT(allow_subset)},

    /* --- keys and chains --- */
    {"--key-type", OPTION_CHOICE, "TYPE", "rsa|ecdsa", 0, 0, "ecdsa",
	"key_type", "security", "the certificate's key", AT(key_type)},
    {"--rsa-key-size", OPTION_NUMBER, "BITS", NULL, INT_MIN, INT_MAX, "2048",
	"rsa_key_size", "security", "2048, 3072 or 4096", AT(rsa_key_size)},
    {"--elliptic-curve", OPTION_CHOICE, "CURVE",
	"secp256r1|secp384r1|secp521r1", 0, 0, "secp256r1", "elliptic_curve",
	"security", "of an ecdsa key", AT(elliptic_curve)},
    {"--reuse-key", OPTION_TRUE, NULL, NULL, 0, 0, NULL, "reuse_key",
	"security", "renewals keep the key", AT(reuse_key)},
    {"--no-reuse-key", OPTION_FALSE, NULL, NULL, 0, 0, NULL, "reuse_key",
	"security", "... do so no more", AT(reuse_key)},
    {"--new-key", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "security",
	"a new key this time, whatever --reuse-key says", AT(new_key)},
    {"--must-staple", OPTION_TRUE, NULL, NULL, 0, 0, NULL, "must_staple",
	"security", "the certificate demands OCSP stapling", AT(must_staple)},
    {"--preferred-chain", OPTION_TEXT, "CN", NULL, 0, 0, NULL,
	"preferred_chain", "certificate",
	"the chain whose topmost issuer has this name", AT(preferred_chain)},
    {"--preferred-profile", OPTION_TEXT, "PROFILE", NULL, 0, 0, NULL,
	"preferred_profile", "certificate", "where the CA has it",
	AT(preferred_profile)},
    {"--required-profile", OPTION_TEXT, "PROFILE", NULL, 0, 0, NULL,
	"required_profile", "certificate", "or no certificate",
	AT(required_profile)},

    /* --- challenges --- */
    {"--preferred-challenges", OPTION_LIST, "TYPE", NULL, 0, 0, NULL,
	"pref_challs", "challenges", "http or dns (http-01, dns-01)",
	LIST(preferred_challenges, preferred_challenge_count)},
    {"--authenticator -a", OPTION_CHOICE, "PLUGIN", "standalone|webroot|manual",
	0, 0, NULL, "authenticator", "challenges", "who answers",
	AT(authenticator)},
    {"--standalone", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "challenges",
	"a listener of our own", AT(standalone)},
    {"--http-01-port", OPTION_NUMBER, "PORT", NULL, INT_MIN, INT_MAX, "80",
	"http01_port", "challenges", "its port", AT(http01_port)},
    {"--http-01-address", OPTION_TEXT, "ADDRESS", NULL, 0, 0, "",
	"http01_address", "challenges", "its address; all of them without",
	AT(http01_address)},
    {"--webroot", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "challenges",
	"files below a web server's directory", AT(webroot)},
    {"--webroot-path -w", OPTION_LIST, "DIR", NULL, 0, 0, NULL, "webroot_path",
	"challenges", "that directory, for the names that follow",
	LIST(webroot_path, webroot_path_count)},
    {"--webroot-map", OPTION_MAP, "JSON", NULL, 0, 0, NULL, NULL, "challenges",
	"names and their directories: {\"a.example,b.example\":\"DIR\"}",
	LIST(webroot_map, webroot_map_count)},
    {"--manual", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "challenges",
	"hooks of yours", AT(manual)},
    {"--manual-auth-hook", OPTION_TEXT, "COMMAND", NULL, 0, 0, NULL,
	"manual_auth_hook", "challenges", "puts a challenge up",
	AT(manual_auth_hook)},
    {"--manual-cleanup-hook", OPTION_TEXT, "COMMAND", NULL, 0, 0, NULL,
	"manual_cleanup_hook", "challenges", "takes it down",
	AT(manual_cleanup_hook)},
    {"--debug-challenges", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL,
	"challenges", "wait for Enter once the answers are up",
	AT(debug_challenges)},
    {"--manual-public-ip-logging-ok", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL,
	"challenges", "taken for certbot's sake", AT(ip_logging_ok)},
    {"--installer -i", OPTION_CHOICE, "PLUGIN", "null|none|None", 0, 0, NULL,
	"installer", "challenges", "none: hooks install", AT(installer)},

    /* --- hooks --- */
    {"--pre-hook", OPTION_TEXT, "COMMAND", NULL, 0, 0, NULL, "pre_hook",
	"hooks", "before a certificate is obtained", AT(pre_hook)},
    {"--post-hook", OPTION_TEXT, "COMMAND", NULL, 0, 0, NULL, "post_hook",
	"hooks", "after it was tried", AT(post_hook)},
    {"--deploy-hook", OPTION_TEXT, "COMMAND", NULL, 0, 0, NULL, NULL, "hooks",
	"for each certificate that is new", AT(deploy_hook)},
    {"--renew-hook", OPTION_TEXT, "COMMAND", NULL, 0, 0, NULL, "renew_hook",
	"hooks", "... not for a lineage's first", AT(renew_hook)},
    {"--run-deploy-hooks", OPTION_TRUE, NULL, NULL, 0, 0, NULL, NULL, "hooks",
	"in a dry run too", AT(run_deploy_hooks)},
    {"--directory-hooks", OPTION_TRUE, NULL, NULL, 0, 0, "true", NULL, "hooks",
	"those in renewal-hooks/", AT(directory_hooks)},
    {"--no-directory-hooks", OPTION_FALSE, NULL, NULL, 0, 0, NULL, NULL,
	"hooks", "... not", AT(directory_hooks)},
    {"--disable-hook-validation", OPTION_FALSE, NULL, NULL, 0, 0, NULL, NULL,
	"hooks", "do not look whether a hook's program is there",
	AT(validate_hooks)},
    {"--validate-hooks", OPTION_TRUE, NULL, NULL, 0, 0, "true", NULL, "hooks",
	"do look (the default)", AT(validate_hooks)},

    /* --- renew, revoke, delete --- */
    {"--random-sleep-on-renew", OPTION_TRUE, NULL, NULL, 0, 0, "true", NULL,
	"renew", "without a terminal, begin within 8 minutes",
	AT(random_sleep)},
    {"--no-random-sleep-on-renew", OPTION_FALSE, NULL, NULL, 0, 0, NULL, NULL,
	"renew", "begin at once", AT(random_sleep)},
    {"--autorenew", OPTION_TRUE, NULL, NULL, 0, 0, "true", "autorenew", "renew",
	"`renew` looks after it", AT(autorenew)},
    {"--no-autorenew", OPTION_FALSE, NULL, NULL, 0, 0, NULL, "autorenew",
	"renew", "`renew` leaves it alone", AT(autorenew)},
    {"--reason", OPTION_CHOICE, "REASON",
	"unspecified|keycompromise|affiliationchanged|superseded|"
	"cessationofoperation",
	0, 0, "unspecified", NULL, "revoke", "why", AT(reason)},
    {"--delete-after-revoke", OPTION_TRUE, NULL, NULL, 0, 0, "true", NULL,
	"revoke", "(the default)", AT(delete_after_revoke)},
    {"--no-delete-after-revoke", OPTION_FALSE, NULL, NULL, 0, 0, NULL, NULL,
	"revoke", "keep the files", AT(delete_after_revoke)},

    /* --- certbot's alone --- */
    KNOWN("--nginx", NULL),
    KNOWN("--apache", NULL),
    KNOWN("--dns-cloudflare", NULL),
    KNOWN("--dns-digitalocean", NULL),
    KNOWN("--dns-dnsimple", NULL),
    KNOWN("--dns-dnsmadeeasy", NULL),
    KNOWN("--dns-gehirn", NULL),
    KNOWN("--dns-google", NULL),
    KNOWN("--dns-linode", NULL),
    KNOWN("--dns-luadns", NULL),
    KNOWN("--dns-nsone", NULL),
    KNOWN("--dns-ovh", NULL),
    KNOWN("--dns-rfc2136", NULL),
    KNOWN("--dns-route53", NULL),
    KNOWN("--dns-sakuracloud", NULL),
    FOREIGN("--nginx-server-root", "DIR"),
    FOREIGN("--nginx-ctl", "PROGRAM"),
    FOREIGN("--apache-server-root", "DIR"),
    ENHANCE("--redirect"),
    ENHANCE("--no-redirect"),
    ENHANCE("--hsts"),
    ENHANCE("--no-hsts"),
    ENHANCE("--uir"),
    ENHANCE("--no-uir"),
    ENHANCE("--staple-ocsp"),
    ENHANCE("--no-staple-ocsp"),
    ENHANCE("--auto-hsts"),
    KNOWN("--configurator", "PLUGIN"),
    FOREIGN("--ip-address", "ADDRESS"),
};

const struct option_row *
option_rows(size_t *ret_count)
{
	*ret_count = COUNT_OF(rows);
	return rows;
}
