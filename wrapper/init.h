/*
 * init.h: what init.c shares with its parts.
 *
 * Each step looks first, and does only what is missing; with --dry-run it says
 * what it would do. So a second run does and says nothing.
 */
#ifndef WRAPPER_INIT_H
#define WRAPPER_INIT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "wrapper/command.h"

struct elsewhere;

#define INIT_DOING "setting up"

enum { INIT_FAILURES = 8 }; /* the most that can fail in one run */

struct init {
	const struct command_call *call;
	const struct conf *conf;
	const struct elsewhere *elsewhere; /* whose challenges go on */
	bool dry_run;
	unsigned failed; /* what could not be done ... */
	unsigned buried; /* ... of it, what a diff was shown below of */
	struct err failures[INIT_FAILURES];
	unsigned done; /* what was (or would be) done */
	unsigned open; /* what the operator is left with */
	bool made; /* a directory or file was (or would be) made */
	bool written; /* haproxy.cfg is another */
	bool misplaced; /* haproxy.bundle_dir is to be another first */
	struct buf next; /* what is to be done last, lines */
	bool stopped; /* it has rules ahead of the way to listeners */
	bool hooked; /* certbot has a hook of ours that it had not before */
};

/* One line: "WHAT ON", or "would: WHAT ON"; and counts it. */
void init_say(struct init *init, const char *what, const char *on);

/*
 * Says what could not be done; the rest goes on. It is said once more at the
 * end where a diff was shown meanwhile.
 */
void init_fail(struct init *init, const struct err *err);

/*
 * The configuration's file where it is not the one that is read where nobody
 * names another; else NULL. What starts by itself has to be told of it.
 */
const char *init_other_conf(const struct init *init);

/* "PATH/NAME" exists, whatever it is. */
bool init_exists(const char *path);

/* Directories, map, default certificate. (init_dirs.c) */
int init_dirs(struct init *init, struct err *err) MUST_CHECK;

/*
 * A link at `path`, in `dir`, to `target`; in place of what is there. ERR_IO,
 * ERR_PERM. (init_hooks.c)
 */
int init_put_link(const char *target, const char *dir, const char *path,
    struct err *err) MUST_CHECK;

/* Links in certbot's renewal-hooks. (init_hooks.c) */
int init_hooks(struct init *init, struct err *err) MUST_CHECK;

/* What changes for a certbot that is there already. (init_hooks.c) */
int init_tell_certbot(struct init *init, struct err *err) MUST_CHECK;

/* The timer, or a cron file. (init_timer.c) */
int init_timer(struct init *init, struct err *err) MUST_CHECK;

/*
 * DIR/certhaul, for cron. `always`: also where systemd runs. A moment that is
 * in the file already stays. (init_cron.c) ERR_SYNTAX: a path that cron or its
 * shell would read as something else.
 */
int init_cron(struct init *init, const char *dir, bool always,
    struct err *err) MUST_CHECK;

/* haproxy.cfg: the diff, or with --write the change. (init_haproxy.c) */
int init_haproxy(struct init *init, struct err *err) MUST_CHECK;

/*
 * Puts the refitted files in place, checked by HAProxy first; copies are kept.
 * (init_write.c) ERR_HAPROXY: nothing was changed.
 */
struct refit;
int init_write(
    struct init *init, const struct refit *refit, struct err *err) MUST_CHECK;

/*
 * What certhaul.conf is to have with that: told or, with `write`, put in; a
 * copy is kept. (init_conf.c)
 */
int init_conf(struct init *init, const struct refit *refit, bool write,
    struct err *err) MUST_CHECK;

#endif
