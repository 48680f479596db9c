/*
 * sides.c: the files beside a bundle: between install (stage) and set, a
 * question to a HAProxy that is started for nothing else.
 *
 * The staged dot file gets its side files for that moment, by links of its own
 * name; the links and the configuration have the name of something staged, so
 * the sweep knows them if we are killed.
 */
#include "hooks/sides.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "haproxy/hacfg.h"
#include "haproxy/reload.h"

static const char doing[] = "trying the files beside the bundle";

static const char *const endings[] = {".issuer", ".ocsp", ".sctl"};

/*
 * What a global section says of which files are read, of issuers, and of a
 * warning (an .ocsp of the certificate before).
 */
static const char *const settings[] = {"ssl-load-extra-files",
    "ssl-load-extra-del-ext", "issuers-chain-path", "ssl-skip-self-issued-ca",
    "zero-warning"};

struct trial {
	const struct conf *conf;
	const struct item *item;
	int dirfd; /* the crt directory */
	char file[NAME_MAX + 1]; /* NAME.pem */
	bool there[COUNT_OF(endings)];
	struct buf global; /* the operator's settings */
};

size_t
sides_ending(const char *text)
{
	for (size_t i = 0; i < COUNT_OF(endings); i++) {
		size_t len = strlen(endings[i]);

		if (strncmp(text, endings[i], len) == 0)
			return len;
	}
	return 0;
}

bool
sides_want_issuer(const struct site *site, const char *name)
{
	char path[LIMIT_PATH_BYTES];
	int len;

	len = snprintf(path, sizeof(path), "%s/%s.pem.ocsp",
	    site->conf->haproxy.bundle_dir, name);
	return len > 0 && (size_t)len < sizeof(path) && access(path, F_OK) == 0;
}

/* One word as HAProxy's parser takes it for what it is. */
static int
add_word(struct buf *text, const char *word, struct err *err)
{
	if (strpbrk(word, "'\n") != NULL)
		return err_set(err, ERR_SYNTAX, doing, word, "has a quote");
	return buf_printf(text, err, " '%s'", word);
}

/* hacfg_each(): the settings that bear on it. */
static int
take_setting(void *context, const struct hacfg_seen *seen, struct err *err)
{
	struct buf *text = context;
	bool wanted = false;
	int rc = 0;

	for (size_t i = 0; i < COUNT_OF(settings); i++)
		wanted = wanted || strcmp(seen->words[0], settings[i]) == 0;
	if (!wanted || strcmp(seen->section, "global") != 0)
		return 0;
	for (size_t i = 0; rc == 0 && i < seen->word_count; i++)
		rc = add_word(text, seen->words[i], err);
	return rc < 0 ? rc : buf_printf(text, err, "\n");
}

/* "beside.issuer" for each that is there, a link to NAME.pem.issuer. */
static int
link_sides(const struct trial *trial, bool make, struct err *err)
{
	char from[NAME_MAX + 1], to[NAME_MAX + 1];
	int rc = 0;

	for (size_t i = 0; i < COUNT_OF(endings); i++) {
		if (!trial->there[i])
			continue;
		(void)snprintf(
		    from, sizeof(from), "%.248s%s", trial->file, endings[i]);
		(void)snprintf(to, sizeof(to), "%.248s%s",
		    trial->item->staged.tmp, endings[i]);
		if (!make)
			(void)unlinkat(trial->dirfd, to, 0);
		else if (rc == 0 && symlinkat(from, trial->dirfd, to) < 0)
			rc = err_sys(err, doing, to, "symlink");
	}
	return rc;
}

/* `haproxy -c` with nothing but the bundle `file` of the crt directory. */
static int
try_file(const struct trial *trial, const char *file, struct err *err)
{
	const struct fs_owner ours = {geteuid(), getegid(), 0600};
	const char *dir = trial->conf->haproxy.bundle_dir;
	struct buf text = BUF_INIT(LIMIT_REPLY_BYTES);
	char path[LIMIT_PATH_BYTES], tmp[NAME_MAX + 1] = "";
	int rc;

	rc = fs_join(path, sizeof(path), dir, file, err);
	if (rc == 0)
		rc = buf_printf(&text, err,
		    "global\n%s\nfrontend beside\n\ttimeout client 1s\n"
		    "\tbind 127.0.0.1:1 ssl crt",
		    buf_text(&trial->global));
	if (rc == 0)
		rc = add_word(&text, path, err);
	if (rc == 0)
		rc = buf_printf(&text, err, "\n");
	if (rc == 0)
		rc = fs_stage(
		    trial->dirfd, &ours, text.data, text.len, false, tmp, err);
	if (rc == 0)
		rc = fs_join(path, sizeof(path), dir, tmp, err);
	if (rc == 0)
		rc = reload_check_file(trial->conf, path, err);
	if (tmp[0] != '\0')
		(void)unlinkat(trial->dirfd, tmp, 0);
	buf_free(&text);
	return rc;
}

/*
 * Is it the side files that HAProxy would not start with? `why` has its words
 * then. Not where it does not start without them, either.
 */
static bool
are_to_blame(const struct trial *trial, struct err *why)
{
	const char *staged = trial->item->staged.tmp;
	struct err ignored = ERR_INIT;
	int rc;

	rc = link_sides(trial, true, why);
	if (rc == 0)
		rc = try_file(trial, staged, why);
	(void)link_sides(trial, false, &ignored);
	return rc == ERR_HAPROXY && try_file(trial, staged, &ignored) == 0;
}

/* HAProxy's words without where we had it look, into `ret`. */
static void
say_words(const struct trial *trial, const char *words, char *ret, size_t size)
{
	static const char place[] = "in section 'frontend' :";
	const char *staged = trial->item->staged.tmp, *at;
	size_t used = 0;

	at = strstr(words, place);
	words = at == NULL ? words : at + strlen(place);
	words += strspn(words, " ");
	ret[0] = '\0';
	while ((at = strstr(words, staged)) != NULL && used < size) {
		int n = snprintf(ret + used, size - used, "%.*s%s",
		    (int)(at - words), words, trial->file);

		used += n > 0 ? (size_t)n : 0;
		words = at + strlen(staged);
	}
	if (used < size)
		(void)snprintf(ret + used, size - used, "%s", words);
}

static void
say_sides(const struct trial *trial, char *ret, size_t size)
{
	size_t used = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < COUNT_OF(endings); i++) {
		int n;

		if (!trial->there[i] || used >= size)
			continue;
		n = snprintf(ret + used, size - used, "%s%s%s",
		    used == 0 ? "" : ", ", trial->file, endings[i]);
		used += n > 0 ? (size_t)n : 0;
	}
}

static int
judge(const struct trial *trial, const struct err *why, struct err *err)
{
	char words[LIMIT_ERR_DETAIL_BYTES / 2];
	char sides[3 * (NAME_MAX + 1)];
	struct err ignored = ERR_INIT;

	say_words(trial, why->detail, words, sizeof(words));
	say_sides(trial, sides, sizeof(sides));
	if (!trial->item->installed.exists ||
	    try_file(trial, trial->file, &ignored) != ERR_HAPROXY)
		return err_set(err, ERR_HAPROXY, doing, trial->item->ref.name,
		    "HAProxy would not start with the new bundle beside %s: "
		    "%s; certhaul does not look after such files: make them "
		    "anew for the new certificate, or remove them, then: "
		    "certhaul-hook deploy %s",
		    sides, words, trial->item->ref.name);
	log_say(LOG_LEVEL_WARN,
	    "%s: HAProxy would not start, as before, since %s does not go with "
	    "the bundle: %s",
	    trial->item->ref.name, sides, words);
	return 0;
}

static bool
are_there(struct trial *trial)
{
	char side[NAME_MAX + 1];
	struct stat st;
	bool any = false;

	for (size_t i = 0; i < COUNT_OF(endings); i++) {
		(void)snprintf(
		    side, sizeof(side), "%.248s%s", trial->file, endings[i]);
		trial->there[i] = fstatat(trial->dirfd, side, &st, 0) == 0;
		any = any || trial->there[i];
	}
	return any;
}

int
sides_check(const struct item *item, struct site *site, struct err *err)
{
	const struct conf_list *config = &site->conf->haproxy.config;
	struct trial trial = {.conf = site->conf,
	    .item = item,
	    .dirfd = -1,
	    .global = BUF_INIT(LIMIT_REPLY_BYTES)};
	struct err why = ERR_INIT;
	int rc = 0;

	item_file_name(item, trial.file, sizeof(trial.file));
	if (fs_open_dir(site->conf->haproxy.bundle_dir, &trial.dirfd, &why) < 0)
		return 0;
	if (!are_there(&trial) ||
	    access(site->conf->haproxy.program, X_OK) != 0)
		goto out;
	if (hacfg_each(config->items, config->count,
		site->conf->haproxy.environment, take_setting, &trial.global,
		&why) < 0)
		log_err(LOG_LEVEL_DEBUG, "", &why);
	err_clear(&why);
	if (are_to_blame(&trial, &why))
		rc = judge(&trial, &why, err);
out:
	buf_free(&trial.global);
	(void)close(trial.dirfd);
	return rc;
}
