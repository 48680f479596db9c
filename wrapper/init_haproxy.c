/*
 * init_haproxy.c: what haproxy.cfg lacks: told, and shown as a diff of each
 * file; written only where that was asked for.
 */
#include "wrapper/init.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/lock.h"
#include "base/log.h"
#include "haproxy/reload.h"
#include "wrapper/elsewhere.h"
#include "wrapper/init_file.h"
#include "wrapper/refit.h"
#include "wrapper/unread.h"

/* Is the file of edit `i` one that no earlier edit was of? */
static bool
is_first_of_file(const struct refit *refit, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (strcmp(refit->edits[j].file, refit->edits[i].file) == 0)
			return false;
	}
	return true;
}

static int
show_diff(const struct refit *refit, const char *file, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_HACFG_BYTES);
	struct buf diff = BUF_INIT(2 * LIMIT_HACFG_BYTES);
	int rc;

	rc = fs_read(AT_FDCWD, file, FS_TRUST_ANY, &text, NULL, err);
	if (rc == 0)
		rc = refit_diff(refit, file, buf_text(&text), &diff, err);
	if (rc == 0)
		(void)fputs(buf_text(&diff), stdout);
	buf_free(&diff);
	buf_free(&text);
	return rc;
}

static int
show(struct init *init, const struct refit *refit, struct err *err)
{
	int rc = 0;

	init->buried = init->failed;
	(void)printf("HAProxy's configuration lacks:\n");
	for (size_t i = 0; i < refit->count; i++)
		(void)printf("  - %s (%s:%u)\n",
		    refit_item_text(refit->edits[i].item), refit->edits[i].file,
		    refit->edits[i].line);
	(void)printf("\n");
	for (size_t i = 0; i < refit->count && rc == 0; i++) {
		if (is_first_of_file(refit, i))
			rc = show_diff(refit, refit->edits[i].file, err);
	}
	(void)fflush(stdout);
	return rc;
}

/*
 * What we cannot see may have it all: a second frontend on a port would share
 * its connections out.
 */
static int
check_read(struct init *init, bool write, struct err *err)
{
	char path[LIMIT_PATH_BYTES];

	if (!unread_first(init->conf, path, sizeof(path)))
		return 0;
	if (write)
		return err_set(
		    err, ERR_CONF, INIT_DOING, path, "%s", UNREAD_WORDS);
	init->open++;
	log_say(LOG_LEVEL_WARN, "%s: %s", path, UNREAD_WORDS);
	return 0;
}

/*
 * What HAProxy itself has against it; init_write() asks, too. Where a dry run
 * did not make what the files name, it would complain of that, and of what it
 * may not read where it is not root who asks.
 */
static void
tell_refused(struct init *init, const struct refit *refit)
{
	struct err why = ERR_INIT;

	if (geteuid() != 0 || init->conf->haproxy.update == CONF_UPDATE_NONE ||
	    (init->dry_run && init->made) ||
	    reload_check(init->conf, &why) != ERR_HAPROXY)
		return;
	init->open++;
	log_say(LOG_LEVEL_WARN,
	    "%s: HAProxy refuses its configuration as it is (%s -c), and "
	    "neither starts nor reloads with it: mend this%s: %s",
	    why.on, init->conf->haproxy.program,
	    refit->count > 0 ? ", where the lines below do not" : "",
	    why.detail);
}

/* What is to be done where haproxy.config names no file. */
static int
explain(int rc, struct err *err)
{
	struct err why = *err;

	if (rc != ERR_NOENT)
		return rc;
	err_clear(err);
	return err_set(err, rc, INIT_DOING, why.on,
	    "there is none: install HAProxy, or have haproxy.config in "
	    "certhaul.conf name its configuration, and run init again");
}

static int
look(struct init *init, struct err *err)
{
	bool write = command_has(init->call, "write");
	struct refit refit;
	int rc;

	rc = refit_find(init->conf, REFIT_ALL, init->elsewhere, &refit, err);
	if (rc < 0)
		return explain(rc, err);
	for (size_t i = 0; i < refit.note_count; i++)
		log_say(LOG_LEVEL_WARN, "%s", refit.notes[i]);
	init->stopped = refit.stopped;
	init->misplaced = refit.dir_to != NULL;
	for (size_t i = 0; i < refit.next_count && rc == 0; i++)
		rc = buf_printf(&init->next, err, "next: %s\n", refit.next[i]);
	init->open += (unsigned)(refit.note_count + refit.next_count);
	if (!write || refit.count == 0 || init->dry_run)
		tell_refused(init, &refit);
	if (rc == 0)
		rc = check_read(init, write && refit.count > 0, err);
	if (rc == 0 && refit.count > 0)
		rc = show(init, &refit, err);
	if (rc == 0 && refit.count > 0 && write)
		rc = init_write(init, &refit, err);
	if (rc == 0)
		rc = init_conf(init, &refit, write, err);
	if (rc == 0 && refit.count > 0 && !write) {
		init->open++;
		(void)printf("\nPut these lines in yourself, or have it done: "
			     "certhaul init --write\n");
	}
	refit_free(&refit);
	return rc;
}

/*
 * What is written is so under the lock, and then what a killed run has left is
 * nobody's any more. Where nothing is to be written it is not waited for.
 */
static int
lock(struct init *init, struct lock **ret, struct err *err)
{
	const struct conf *conf = init->conf;
	bool write = command_has(init->call, "write");
	struct err why = ERR_INIT;
	int rc;

	if (init->dry_run)
		return 0;
	rc = lock_take(
	    conf->lock_file, write ? conf->lock_wait_ms : 0, ret, &why);
	if (rc == ERR_LOCKED && write)
		*err = why;
	if (rc < 0)
		return rc == ERR_LOCKED && write ? rc : 0;
	for (size_t i = 0; i < conf->haproxy.config.count; i++)
		init_file_sweep(init, conf->haproxy.config.items[i]);
	if (conf->path != NULL)
		init_file_sweep(init, conf->path);
	return 0;
}

int
init_haproxy(struct init *init, struct err *err)
{
	struct elsewhere elsewhere = {NULL, 0};
	struct lock *held = NULL;
	int rc;

	rc = lock(init, &held, err);
	if (rc < 0)
		return rc;
	rc = elsewhere_find(init->conf, &elsewhere, err);
	init->elsewhere = &elsewhere;
	if (rc == 0)
		rc = look(init, err);
	init->elsewhere = NULL;
	elsewhere_free(&elsewhere);
	lock_release(held);
	return rc;
}
