/*
 * option.c: certbot's command line -> struct options: the verb and the words
 * of argv; then cli.ini for what argv left open.
 */
#include "acme/option.h"

#include <stdlib.h>
#include <string.h>

#include "acme/option_private.h"
#include "base/text.h"

static const char *const verbs[] = {
    [OPTION_RUN] = "run",
    [OPTION_CERTONLY] = "certonly",
    [OPTION_RENEW] = "renew",
    [OPTION_CERTIFICATES] = "certificates",
    [OPTION_UPDATE_SYMLINKS] = "update_symlinks",
    [OPTION_REVOKE] = "revoke",
    [OPTION_DELETE] = "delete",
    [OPTION_REGISTER] = "register",
    [OPTION_UNREGISTER] = "unregister",
    [OPTION_UPDATE_ACCOUNT] = "update_account",
    [OPTION_SHOW_ACCOUNT] = "show_account",
    [OPTION_RECONFIGURE] = "reconfigure",
    [OPTION_PLUGINS] = "plugins",
    [OPTION_HELP] = "help",
    [OPTION_VERSION] = "version",
};
_Static_assert(COUNT_OF(verbs) == OPTION_VERBS, "a word for each verb");

/* What certbot has besides, for its web server plugins. */
static const char *const foreign_verbs[] = {"install", "enhance", "rollback"};

const char *
option_verb_name(enum option_verb verb)
{
	return verbs[verb];
}

static int
read_verb(const char *word, struct options *options, struct err *err)
{
	const char *words[OPTION_VERBS + 1] = {NULL};
	const char *near;

	if (strcmp(word, "auth") == 0) /* as certbot has it */
		word = "certonly";
	if (strcmp(word, "everything") == 0)
		word = "run";
	for (size_t i = 0; i < COUNT_OF(foreign_verbs); i++) {
		if (strcmp(word, foreign_verbs[i]) == 0)
			return err_set(err, ERR_INVALID, OPTION_DOING, word,
			    "is a command of certbot's web server plugins: "
			    "install certbot for it");
	}
	for (size_t i = 0; i < OPTION_VERBS; i++) {
		if (i != OPTION_VERSION && strcmp(word, verbs[i]) == 0) {
			options->verb = (enum option_verb)i;
			return 0;
		}
		words[i] = verbs[i];
	}
	near = text_nearest(word, words);
	return err_set(err, ERR_USAGE, OPTION_DOING, word,
	    "no such command%s%s%s; see --help",
	    near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near,
	    near == NULL ? "" : "\"?");
}

/* --- argv ----------------------------------------------------------------- */

struct words {
	int argc;
	char **argv;
	int at; /* the next word */
	bool verb; /* it was seen */
};

static bool
is_number(const char *text)
{
	static const char digits[] = "0123456789";
	size_t len = strspn(text, digits);

	if (text[len] == '.') {
		text += len + 1;
		len = strspn(text, digits);
	}
	return len > 0 && text[len] == '\0';
}

/* The value of `name`: the next word, whatever it looks like but an option. */
static int
next_value(
    struct words *words, const char *name, const char **ret, struct err *err)
{
	if (words->at == words->argc)
		return err_set(
		    err, ERR_USAGE, OPTION_DOING, name, "needs a value");
	*ret = words->argv[words->at];
	/* As argparse: "-" alone is a value, and a number; "-x" is not. */
	if ((*ret)[0] == '-' && (*ret)[1] != '\0' && !is_number(*ret + 1))
		return err_set(err, ERR_USAGE, OPTION_DOING, name,
		    "needs a value, and \"%s\" is an option (write %s=VALUE)",
		    *ret, name);
	words->at++;
	return 0;
}

static int
read_long(struct words *words, struct options *options, struct err *err)
{
	const char *word = words->argv[words->at++], *value = NULL;
	size_t len = strcspn(word, "="), row = 0, count;
	const struct option_row *rows = option_rows(&count);
	int rc = option_find(word, len, &row, err);

	if (rc < 0)
		return rc;
	if (word[len] == '=')
		value = word + len + 1;
	if (!option_takes_value(&rows[row]) && value != NULL)
		return err_set(
		    err, ERR_USAGE, OPTION_DOING, word, "takes no value");
	if (option_takes_value(&rows[row]) && value == NULL)
		rc = next_value(words, word, &value, err);
	return rc < 0 ? rc : option_store(options, row, value, word, err);
}

/* -d NAME, -dNAME, -nq */
static int
read_letters(struct words *words, struct options *options, struct err *err)
{
	const char *word = words->argv[words->at++];
	size_t count;
	const struct option_row *rows = option_rows(&count);

	for (const char *at = word + 1; *at != '\0'; at++) {
		char name[3] = {'-', *at, '\0'};
		const char *value = NULL;
		size_t row = 0;
		int rc = option_find(name, 2, &row, err);

		if (rc == 0 && option_takes_value(&rows[row])) {
			if (at[1] != '\0')
				value = at[1] == '=' ? at + 2 : at + 1;
			else
				rc = next_value(words, name, &value, err);
		}
		if (rc == 0)
			rc = option_store(options, row, value, name, err);
		if (rc < 0 || value != NULL)
			return rc;
	}
	return 0;
}

/* Is `word` the option, or an abbreviation that is `least` at least? */
static bool
is_short_for(const char *word, const char *least, const char *option)
{
	return strncmp(word, least, strlen(least)) == 0 &&
	    strncmp(word, option, strlen(word)) == 0;
}

/* Is it -h, --help or --version? Then the rest is not looked at. */
static bool
read_special(struct words *words, struct options *options)
{
	const char *word = words->argv[words->at];
	bool version = is_short_for(word, "--vers", "--version");
	bool help =
	    is_short_for(word, "--he", "--help") || strcmp(word, "-h") == 0;

	if (version)
		options->verb = OPTION_VERSION;
	if (!help)
		return version;
	options->topic = words->verb ? verbs[options->verb] : NULL;
	if (words->at + 1 < words->argc && words->argv[words->at + 1][0] != '-')
		options->topic = words->argv[words->at + 1];
	options->verb = OPTION_HELP;
	return true;
}

static int
read_word(struct words *words, struct options *options, struct err *err)
{
	const char *word = words->argv[words->at];

	if (strncmp(word, "--", 2) == 0)
		return read_long(words, options, err);
	if (word[0] == '-' && word[1] != '\0')
		return read_letters(words, options, err);
	words->at++;
	if (!words->verb) {
		words->verb = true;
		return read_verb(word, options, err);
	}
	if (options->verb == OPTION_HELP && options->topic == NULL) {
		options->topic = word;
		return 0;
	}
	return err_set(err, ERR_USAGE, OPTION_DOING, word,
	    "is no option, and the command is already \"%s\"; names go "
	    "behind -d",
	    verbs[options->verb]);
}

/* What holds where nothing was given, by the table. */
static int
set_defaults(struct options *options, struct err *err)
{
	size_t count;
	const struct option_row *rows = option_rows(&count);
	int rc = 0;

	_Static_assert(sizeof(options->given) * 8 >= 128, "rows fit");
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (rows[i].fallback != NULL)
			rc = option_store(
			    options, i, rows[i].fallback, rows[i].names, err);
	}
	memset(options->given, 0, sizeof(options->given));
	return rc;
}

int
option_read(int argc, char **argv, char *(*get_env)(const char *),
    struct options *ret, struct err *err)
{
	struct words words = {.argc = argc, .argv = argv, .at = 1};
	struct options options;
	int rc;

	memset(&options, 0, sizeof(options));
	options.verb = OPTION_RUN;
	options.words = argc > 0 ? argv + 1 : NULL;
	rc = set_defaults(&options, err);
	while (rc == 0 && words.at < argc) {
		if (read_special(&words, &options)) {
			*ret = options;
			return 0;
		}
		rc = read_word(&words, &options, err);
	}
	if (rc == 0 && options.verb != OPTION_HELP) {
		rc = option_read_ini(get_env, &options, err);
		if (rc == 0)
			rc = option_check(&options, err);
	}
	if (rc < 0)
		option_free(&options);
	else
		*ret = options;
	return rc;
}

const char *
option_mapped_webroot(const struct options *options, const char *name)
{
	for (size_t i = options->webroot_map_count; i >= 2; i -= 2) {
		if (strcmp(options->webroot_map[i - 2], name) == 0)
			return options->webroot_map[i - 1];
	}
	return NULL;
}

static void
free_list(char **list)
{
	if (list == NULL)
		return;
	for (size_t i = 0; list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

void
option_free(struct options *options)
{
	free_list(options->domains);
	free_list(options->preferred_challenges);
	free_list(options->webroot_path);
	free_list(options->webroot_map);
	free_list(options->memory);
	free(options->webroot_before);
	memset(options, 0, sizeof(*options));
}
