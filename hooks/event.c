/*
 * event.c: argv and environment -> struct event: the first arrow of the way
 * of a certificate.
 */
#include "hooks/event.h"

#include <getopt.h>
#include <libgen.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* What a command takes. */
enum {
	TAKES_ALL = 1 << 0,
	TAKES_FORCE = 1 << 1,
	TAKES_DRY_RUN = 1 << 2,
	TAKES_TO = 1 << 3,
	TAKES_REVOKED = 1 << 4,
	TAKES_FOR = 1 << 5,
};

struct kind_row {
	const char *word;
	bool directory; /* certbot has a renewal-hooks directory of that name */
	unsigned takes;
	size_t least, most; /* how many names */
};

static const struct kind_row kinds[] = {
    [EVENT_DEPLOY] = {"deploy", true, TAKES_ALL | TAKES_FORCE | TAKES_DRY_RUN,
	0, SIZE_MAX},
    [EVENT_PRE] = {"pre", true, 0, 0, 0},
    [EVENT_POST] = {"post", true, 0, 0, 0},
    [EVENT_DETACH] = {"detach", false,
	TAKES_DRY_RUN | TAKES_REVOKED | TAKES_FOR, 1, SIZE_MAX},
    [EVENT_ROLLBACK] = {"rollback", false,
	TAKES_FORCE | TAKES_DRY_RUN | TAKES_TO, 1, 1},
    [EVENT_AUTH] = {"auth", false, 0, 0, 0},
    [EVENT_CLEANUP] = {"cleanup", false, 0, 0, 0},
    [EVENT_HELP] = {"help", false, 0, 0, 0},
    [EVENT_VERSION] = {"version", false, 0, 0, 0},
};
_Static_assert(COUNT_OF(kinds) == EVENT_KINDS, "a row for each kind");

static const char doing[] = "reading the command line";

const char *
event_usage(void)
{
	return "usage: certhaul-hook [-c CONF] [-v] deploy [NAME...] [--all] "
	       "[--force] [--dry-run]\n"
	       "       certhaul-hook [-c CONF] [-v] detach NAME... "
	       "[--revoked | --for VERB]\n"
	       "                 [--dry-run]\n"
	       "       certhaul-hook [-c CONF] [-v] rollback NAME [--to N] "
	       "[--force] [--dry-run]\n"
	       "       certhaul-hook [-c CONF] [-v] pre|post|auth|cleanup\n"
	       "\n"
	       "  deploy    bring lineages into HAProxy and prove it: the one "
	       "certbot names in\n"
	       "            RENEWED_LINEAGE, those NAMEd, or --all\n"
	       "  pre       warn of what would make a renewal pointless\n"
	       "  post      the one reload, if one is due; try again what "
	       "failed\n"
	       "  detach    take bundles out of HAProxy and off the disk, "
	       "though their lineages\n"
	       "            are there (before they are revoked or deleted)\n"
	       "  rollback  go back to an earlier bundle, and hold the "
	       "lineage's back until\n"
	       "            certbot renews it, or deploy NAME\n"
	       "  auth      certbot's --manual-auth-hook: answer http-01 "
	       "inside HAProxy\n"
	       "  cleanup   certbot's --manual-cleanup-hook\n"
	       "\n"
	       "  -c, --config CONF  read CONF instead of "
	       "/etc/certhaul/certhaul.conf\n"
	       "  -v, --verbose      say more\n"
	       "  -a, --all          every lineage, those that are gone too\n"
	       "  -f, --force        let a staging or an older certificate "
	       "replace the\n"
	       "                     installed one, and an expired one come "
	       "back by rollback\n"
	       "      --revoked      the CA has revoked them: deploy NAME "
	       "takes --force then\n"
	       "      --for VERB     it is the first step of a revoke or a "
	       "delete: until that is\n"
	       "                     done, a problem\n"
	       "      --to N         the generation to go back to; --dry-run "
	       "lists them\n"
	       "  -n, --dry-run      print the plan, change nothing\n"
	       "  -h, --help         this text\n"
	       "  -V, --version      the version\n"
	       "\n"
	       "exit status: 0 done or nothing to do, 1 failed, 2 usage or "
	       "configuration,\n"
	       "  3 refused by validation, 4 refused by HAProxy or by the "
	       "handshake and rolled\n"
	       "  back, 5 installed but not proved to be served, 6 the lock "
	       "was not had\n";
}

static int
kind_from_word(const char *word, struct event *ret, struct err *err)
{
	const char *words[EVENT_KINDS + 1] = {NULL};
	const char *near;

	for (size_t i = 0; i < EVENT_KINDS; i++) {
		if (strcmp(word, kinds[i].word) == 0) {
			ret->kind = (enum event_kind)i;
			return 0;
		}
		words[i] = kinds[i].word;
	}
	near = text_nearest(word, words);
	return err_set(err, ERR_USAGE, doing, word,
	    "no such command%s%s%s; see certhaul-hook --help",
	    near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near,
	    near == NULL ? "" : "\"?");
}

/* /etc/letsencrypt/renewal-hooks/deploy/certhaul-hook -> deploy */
static int
kind_from_directory(const char *program, struct event *ret, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	const char *directory;

	if (strlen(program) < sizeof(path) && strchr(program, '/') != NULL) {
		memcpy(path, program, strlen(program) + 1);
		directory = basename(dirname(path));
		for (size_t i = 0; i < EVENT_KINDS; i++) {
			if (kinds[i].directory &&
			    strcmp(directory, kinds[i].word) == 0) {
				ret->kind = (enum event_kind)i;
				return 0;
			}
		}
	}
	return err_set(err, ERR_USAGE, doing, NULL,
	    "what for? Give deploy, pre, post, auth or cleanup (certbot "
	    "--deploy-hook \"certhaul-hook deploy\"), or link the program "
	    "into renewal-hooks/deploy");
}

static int
read_number(const char *text, long *ret, struct err *err)
{
	char *end = NULL;
	long number;

	number = strtol(text, &end, 10);
	if (*text < '1' || *text > '9' || *end != '\0' ||
	    number > LIMIT_LINEAGE_GENERATION)
		return err_set(err, ERR_USAGE, doing, text,
		    "is no generation's number; rollback NAME --dry-run lists "
		    "those that there are");
	*ret = number;
	return 0;
}

static int
read_removal(const char *text, const char **ret, struct err *err)
{
	if (strcmp(text, "revoke") != 0 && strcmp(text, "delete") != 0)
		return err_set(err, ERR_USAGE, doing, text,
		    "--for takes revoke or delete");
	*ret = text;
	return 0;
}

static int
read_options(int argc, char **argv, struct event *ret, struct err *err)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"verbose", no_argument, NULL, 'v'},
	    {"all", no_argument, NULL, 'a'},
	    {"force", no_argument, NULL, 'f'},
	    {"to", required_argument, NULL, 't'},
	    {"dry-run", no_argument, NULL, 'n'},
	    {"revoked", no_argument, NULL, 'r'},
	    {"for", required_argument, NULL, 'o'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	int c, rc = 0;

	opterr = 0;
	optind = 0; /* GNU: start anew, in tests too */
	while (rc == 0 &&
	    (c = getopt_long(argc, argv, ":c:vafnhV", options, NULL)) != -1) {
		switch (c) {
		case 'c': ret->conf_path = optarg; break;
		case 'v': ret->verbose = true; break;
		case 'a': ret->all = true; break;
		case 'f': ret->force = true; break;
		case 't': rc = read_number(optarg, &ret->to, err); break;
		case 'n': ret->dry_run = true; break;
		case 'r': ret->revoked = true; break;
		case 'o': rc = read_removal(optarg, &ret->removal, err); break;
		case 'h': ret->kind = EVENT_HELP; return 0;
		case 'V': ret->kind = EVENT_VERSION; return 0;
		case ':':
			return err_set(err, ERR_USAGE, doing, argv[optind - 1],
			    "needs a value");
		default:
			return err_set(err, ERR_USAGE, doing, argv[optind - 1],
			    "no such option; see certhaul-hook --help");
		}
	}
	return rc;
}

/*
 * RENEWED_DOMAINS, split at spaces. certbot cuts it at 16,000 bytes or more:
 * near that length the last word may be half a name and is left out.
 */
static int
read_domains(const char *text, struct event *ret, struct err *err)
{
	bool cut = strlen(text) >= LIMIT_RENEWED_DOMAINS_WHOLE_BYTES;
	size_t count = 0;
	char **domains = NULL;

	domains = calloc(LIMIT_CERT_NAMES + 1, sizeof(*domains));
	if (domains == NULL)
		return err_nomem(err, doing);
	ret->domains = domains;
	while (count < LIMIT_CERT_NAMES) {
		size_t len;

		text += strspn(text, " ");
		len = strcspn(text, " ");
		if (len == 0 || (cut && text[len] == '\0'))
			break;
		domains[count] = strndup(text, len);
		if (domains[count++] == NULL)
			return err_nomem(err, doing);
		text += len;
	}
	return 0;
}

static int
read_environment(
    char *(*get_env)(const char *), struct event *ret, struct err *err)
{
	const char *path = get_env("RENEWED_LINEAGE");
	const char *domains = get_env("RENEWED_DOMAINS");
	int rc;

	if (path == NULL || *path == '\0')
		return err_set(err, ERR_USAGE, doing, "deploy",
		    "which lineage? Give its NAME or --all; certbot gives "
		    "RENEWED_LINEAGE, which is not set");
	rc = lineage_ref_from_path(path, &ret->lineage, err);
	if (rc < 0)
		return rc;
	ret->renewed = true;
	return domains == NULL || *domains == '\0'
	    ? 0
	    : read_domains(domains, ret, err);
}

/* Options that the command does not take. */
static int
check_options(const struct event *event, struct err *err)
{
	const struct kind_row *kind = &kinds[event->kind];
	const struct {
		bool given;
		unsigned bit;
		const char *name;
	} options[] = {
	    {event->all, TAKES_ALL, "--all"},
	    {event->force, TAKES_FORCE, "--force"},
	    {event->dry_run, TAKES_DRY_RUN, "--dry-run"},
	    {event->to > 0, TAKES_TO, "--to"},
	    {event->revoked, TAKES_REVOKED, "--revoked"},
	    {event->removal != NULL, TAKES_FOR, "--for"},
	};

	for (size_t i = 0; i < COUNT_OF(options); i++) {
		if (options[i].given && (kind->takes & options[i].bit) == 0)
			return err_set(err, ERR_USAGE, doing, kind->word,
			    "does not take %s", options[i].name);
	}
	return 0;
}

static int
check_names(const struct event *event, struct err *err)
{
	const struct kind_row *kind = &kinds[event->kind];

	if (event->name_count < kind->least)
		return err_set(err, ERR_USAGE, doing, kind->word,
		    "of which lineage? Give its NAME");
	if (event->name_count > kind->most)
		return err_set(err, ERR_USAGE, doing, kind->word,
		    kind->most == 0 ? "takes no names"
				    : "takes one NAME at a time");
	if (event->all && event->name_count > 0)
		return err_set(err, ERR_USAGE, doing, event->names[0],
		    "give names or --all, not both");
	for (size_t i = 0; i < event->name_count; i++) {
		if (!text_is_lineage_name(event->names[i]))
			return err_set(err, ERR_USAGE, doing, event->names[i],
			    "is no lineage's name: letters, digits, dots, "
			    "dashes and underscores");
	}
	return 0;
}

int
event_read(int argc, char **argv, char *(*get_env)(const char *),
    struct event *ret, struct err *err)
{
	struct event event = {.kind = EVENT_KINDS};
	int rc;

	rc = read_options(argc, argv, &event, err);
	if (rc < 0 || event.kind != EVENT_KINDS)
		goto out;
	if (optind < argc)
		rc = kind_from_word(argv[optind++], &event, err);
	else
		rc = kind_from_directory(argc > 0 ? argv[0] : "", &event, err);
	if (rc < 0)
		goto out;
	event.names = (const char *const *)(argv + optind);
	event.name_count = (size_t)(argc - optind);
	rc = check_options(&event, err);
	if (rc == 0)
		rc = check_names(&event, err);
	if (rc == 0 && event.kind == EVENT_DEPLOY && !event.all &&
	    event.name_count == 0)
		rc = read_environment(get_env, &event, err);
out:
	if (rc < 0)
		event_free(&event);
	else
		*ret = event;
	return rc;
}

void
event_free(struct event *event)
{
	if (event->domains == NULL)
		return;
	for (size_t i = 0; event->domains[i] != NULL; i++)
		free(event->domains[i]);
	free(event->domains);
	event->domains = NULL;
}
