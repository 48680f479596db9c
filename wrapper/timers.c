/*
 * timers.c: looks for whoever starts a renewal. A file that is there is not
 * enough: a unit is nothing without systemd, and a line of cron's that begins
 * with `test ! -d /run/systemd/system`, as Debian's and ours do, is nothing
 * with it.
 */
#define _GNU_SOURCE /* memmem */
#include "wrapper/timers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/fs.h"

#define SYSTEMD "/run/systemd/system"
#define WANTS "/etc/systemd/system/timers.target.wants/"
#define MASKS "/etc/systemd/system/"

enum { PATHS_MOST = 8 };

static const struct {
	const char *program; /* what a line of cron's names */
	const char *units[PATHS_MOST], *crons[PATHS_MOST];
} owners[] = {
    [TIMERS_CERTHAUL] =
	{
	    .program = "certhaul",
	    .units = {WANTS "certhaul.timer"},
	    .crons = {"/etc/cron.d/certhaul", "/etc/crontab",
		"/var/spool/cron/crontabs/root", "/var/spool/cron/root",
		"/etc/cron.daily/certhaul", "/etc/cron.weekly/certhaul"},
	},
    [TIMERS_CERTBOT] =
	{
	    .program = "certbot",
	    .units = {WANTS "certbot.timer", WANTS "certbot-renew.timer",
		WANTS "snap.certbot.renew.timer"},
	    .crons = {"/etc/cron.d/certbot", "/etc/crontab",
		"/var/spool/cron/crontabs/root", "/var/spool/cron/root",
		"/etc/cron.d/letsencrypt", "/etc/cron.daily/certbot",
		"/etc/cron.weekly/certbot"},
	},
};
_Static_assert(COUNT_OF(owners) == TIMERS_OWNERS, "one each");

static bool
below(const char *root, const char *path, char *ret, size_t size)
{
	int len = snprintf(ret, size, "%s%s", root, path);

	return len > 0 && (size_t)len < size;
}

bool
timers_has_systemd(const char *root)
{
	char path[LIMIT_PATH_BYTES];

	return below(root, SYSTEMD, path, sizeof(path)) &&
	    access(path, F_OK) == 0;
}

bool
timers_is_unit(const char *path)
{
	return strncmp(path, WANTS, strlen(WANTS)) == 0;
}

/* Enabled; a link into nothing is what was removed, into /dev/null masks. */
static bool
is_enabled(const char *root, const char *unit)
{
	char path[LIMIT_PATH_BYTES], mask[LIMIT_PATH_BYTES], *real;
	bool masked;

	if (!below(root, unit, path, sizeof(path)) || access(path, F_OK) != 0)
		return false;
	if (snprintf(mask, sizeof(mask), "%s" MASKS "%s", root,
		strrchr(unit, '/') + 1) >= (int)sizeof(mask))
		return true;
	real = realpath(mask, NULL);
	masked = real != NULL && strcmp(real, "/dev/null") == 0;
	free(real);
	return !masked;
}

static bool
has(const char *line, size_t len, const char *word)
{
	return memmem(line, len, word, strlen(word)) != NULL;
}

/* A line that renews: a moment, and the program with `renew` in it. */
static bool
is_renewal(const char *line, size_t len, const char *program, bool systemd,
    bool script)
{
	size_t blanks = strspn(line, " \t");

	/* Not a comment, nor the value of a variable; a script has no times. */
	if (blanks >= len || line[blanks] == '#' ||
	    (!script && strchr("0123456789*@", line[blanks]) == NULL))
		return false;
	return has(line, len, program) && has(line, len, "renew") &&
	    !(systemd && has(line, len, SYSTEMD));
}

static bool
has_renewal(
    const char *root, const char *cron, const char *program, bool systemd)
{
	struct buf text = BUF_INIT(LIMIT_CONF_BYTES);
	struct err ignored = ERR_INIT;
	char path[LIMIT_PATH_BYTES];
	bool found = false, script = strstr(cron, "ly/") != NULL;

	if (below(root, cron, path, sizeof(path)) &&
	    fs_read(AT_FDCWD, path, FS_TRUST_ANY, &text, NULL, &ignored) == 0) {
		const char *line = buf_text(&text);

		while (!found && *line != '\0') {
			size_t len = strcspn(line, "\n");

			found = is_renewal(line, len, program, systemd, script);
			line += len + (line[len] == '\n');
		}
	}
	buf_free(&text);
	return found;
}

const char *
timers_find(const char *root, enum timers_whose whose)
{
	const char *const *units = owners[whose].units;
	const char *const *crons = owners[whose].crons;
	bool systemd = timers_has_systemd(root);

	for (size_t i = 0; systemd && i < PATHS_MOST && units[i] != NULL; i++) {
		if (is_enabled(root, units[i]))
			return units[i];
	}
	for (size_t i = 0; i < PATHS_MOST && crons[i] != NULL; i++) {
		if (has_renewal(root, crons[i], owners[whose].program, systemd))
			return crons[i];
	}
	return NULL;
}

bool
timers_noted(const struct conf *conf, char *ret, size_t size)
{
	char note[LIMIT_PATH_BYTES];
	struct err ignored = ERR_INIT;
	ssize_t len;

	if (fs_join(
		note, sizeof(note), conf->state_dir, TIMERS_NOTE, &ignored) < 0)
		return false;
	len = readlink(note, ret, size);
	if (len <= 0 || (size_t)len >= size)
		return false;
	ret[len] = '\0';
	return true;
}

const char *
timers_find_own(
    const char *root, const struct conf *conf, char *ret, size_t size)
{
	const char *found = timers_find(root, TIMERS_CERTHAUL);

	if (found != NULL)
		return found;
	return timers_noted(conf, ret, size) &&
		has_renewal("", ret, owners[TIMERS_CERTHAUL].program,
		    timers_has_systemd(root))
	    ? ret
	    : NULL;
}
