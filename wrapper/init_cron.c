/*
 * init_cron.c: who renews where systemd does not: conf/certhaul.cron.in, which
 * was made a string, filled in for this machine.
 */
#include "wrapper/init.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "wrapper/program.h"
#include "wrapper/timers.h"

static const char template[] =
#include "wrapper/cron_text.h"
    ;

enum { CRON_MODE = 0644, MINUTES = 60, HOURS = 12, DECIMAL = 10 };

/* When: at this minute of this hour, and half a day later. */
struct moment {
	long minute, hour;
};

struct place {
	const char *name; /* as it stands in the template */
	const char *value;
};

/* A number below `end`, and what stands behind it. */
static bool
take(const char **at, long end, char behind, long *ret)
{
	char *rest = NULL;
	long number = strtol(*at, &rest, DECIMAL);

	if (rest == *at || *rest != behind || number < 0 || number >= end)
		return false;
	*at = rest + 1;
	*ret = number;
	return true;
}

/* "37 5,17 * * * root ...": what the operator, or init, has chosen before. */
static bool
moment_of(const char *text, struct moment *ret)
{
	struct moment found;
	const char *at;
	long later;

	for (; *text != '\0';
	     text += strcspn(text, "\n"), text += *text == '\n') {
		at = text;
		if (take(&at, MINUTES, ' ', &found.minute) &&
		    take(&at, HOURS, ',', &found.hour) &&
		    take(&at, 2L * HOURS, ' ', &later) &&
		    later == found.hour + HOURS) {
			*ret = found;
			return true;
		}
	}
	return false;
}

static int
choose(struct moment *ret, struct err *err)
{
	unsigned number = 0;
	int rc = clock_random(&number, sizeof(number), err);

	ret->minute = (long)(number % MINUTES);
	ret->hour = (long)(number / MINUTES % HOURS);
	return rc;
}

/* cron makes a line end of %, and the shell has characters of its own. */
static int
check_path(const char *path, struct err *err)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789/._+:@,=-";

	if (*path != '/')
		return err_set(err, ERR_SYNTAX, INIT_DOING, path,
		    "cron starts elsewhere: give the whole path with -c");
	if (path[strspn(path, plain)] == '\0')
		return 0;
	return err_set(err, ERR_SYNTAX, INIT_DOING, path,
	    "has a character that a line of cron cannot have; move it, or "
	    "write the file for cron by hand");
}

/* The place that `text` begins with; NULL: none. */
static const struct place *
place_at(const char *text, const struct place *places, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strncmp(text, places[i].name, strlen(places[i].name)) == 0)
			return &places[i];
	}
	return NULL;
}

/* The template with its @PLACES@ filled in. */
static int
fill(const struct place *places, size_t count, struct buf *ret, struct err *err)
{
	const char *at = template;
	int rc = 0;

	while (rc == 0 && *at != '\0') {
		const struct place *place = place_at(at, places, count);
		size_t len = 1 + strcspn(at + 1, "@");

		if (place != NULL) {
			rc = buf_puts(ret, place->value, err);
			len = strlen(place->name);
		} else {
			rc = buf_add(ret, at, len, err);
		}
		at += len;
	}
	return rc;
}

static int
cron_text(const struct init *init, const struct moment *moment, bool always,
    struct buf *ret, struct err *err)
{
	/* Whoever named it: cron has neither our options nor environment. */
	const char *conf = init_other_conf(init);
	char program[LIMIT_PATH_BYTES], options[LIMIT_PATH_BYTES + 8];
	char minute[24], hours[48];
	const struct place places[] = {
	    {"@minute@", minute},
	    {"@hours@", hours},
	    {"@unless@", always ? "" : "! -d /run/systemd/system -a "},
	    {"@certhaul@", program},
	    {"@options@", options},
	};
	int rc;

	if (!program_beside("certhaul", program, sizeof(program)))
		return err_set(err, ERR_NOENT, INIT_DOING, "certhaul",
		    "where it is cannot be told");
	(void)snprintf(minute, sizeof(minute), "%ld", moment->minute);
	(void)snprintf(hours, sizeof(hours), "%ld,%ld", moment->hour,
	    moment->hour + HOURS);
	(void)snprintf(options, sizeof(options), "%s%s",
	    conf != NULL ? " -c " : "", conf != NULL ? conf : "");
	rc = check_path(program, err);
	if (rc == 0 && conf != NULL)
		rc = check_path(conf, err);
	return rc < 0 ? rc : fill(places, COUNT_OF(places), ret, err);
}

/* For who looks whether anything renews: the directory is known here alone. */
static int
note(const struct init *init, const char *path, struct err *err)
{
	const char *dir = init->conf->state_dir;
	char link[LIMIT_PATH_BYTES], noted[LIMIT_PATH_BYTES];
	char *whole = fs_absolute(path);
	int rc = 0;

	if (whole == NULL)
		return err_nomem(err, INIT_DOING);
	if (!timers_noted(init->conf, noted, sizeof(noted)) ||
	    strcmp(noted, whole) != 0) {
		rc = fs_check_dir(dir, err);
		if (rc == 0)
			rc = fs_join(link, sizeof(link), dir, TIMERS_NOTE, err);
		if (rc == 0)
			rc = init_put_link(whole, dir, link, err);
	}
	free(whole);
	return rc;
}

int
init_cron(struct init *init, const char *dir, bool always, struct err *err)
{
	const struct fs_owner owner = {geteuid(), getegid(), CRON_MODE};
	struct buf text = BUF_INIT(LIMIT_CONF_BYTES);
	struct buf there = BUF_INIT(LIMIT_CONF_BYTES);
	char path[LIMIT_PATH_BYTES];
	struct err none = ERR_INIT;
	struct moment moment;
	int fd = -1, rc;

	rc = fs_open_dir(dir, &fd, err);
	if (rc == 0)
		rc = fs_join(path, sizeof(path), dir, "certhaul", err);
	if (rc < 0)
		goto out;
	if (fs_read(fd, "certhaul", FS_TRUST_ANY, &there, NULL, &none) < 0)
		buf_reset(&there);
	if (!moment_of(buf_text(&there), &moment))
		rc = choose(&moment, err);
	if (rc == 0)
		rc = cron_text(init, &moment, always, &text, err);
	if (rc < 0)
		goto out;
	/* cron takes any name without a dot, so it is one file, replaced. */
	if (strcmp(buf_text(&there), buf_text(&text)) != 0) {
		init_say(init, "write", path);
		if (!init->dry_run)
			rc = fs_replace(
			    fd, "certhaul", &owner, text.data, text.len, err);
	}
	if (rc == 0 && !init->dry_run)
		rc = note(init, path, err);
out:
	if (fd >= 0)
		(void)close(fd);
	buf_free(&there);
	buf_free(&text);
	return rc;
}
