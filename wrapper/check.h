/*
 * check.h: the installation, item by item: what is well, and what to do where
 * it is not. Shared by the files of `certhaul check`.
 */
#ifndef WRAPPER_CHECK_H
#define WRAPPER_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/fs.h"
#include "haproxy/discovery.h"
#include "haproxy/process.h"
#include "wrapper/command.h"
#include "wrapper/engine.h"
#include "wrapper/observe.h"

enum check_weight {
	CHECK_GOOD,
	CHECK_HINT, /* works, but somebody should know */
	CHECK_BAD, /* will fail, or does */
	CHECK_WEIGHTS
};

/* One run. Every item writes lines; what all of them need is found once. */
struct check {
	const struct conf *conf; /* borrowed */
	const char *root; /* in front of /etc: "", and a directory in tests */
	const char *item; /* the row that is being looked at */
	bool colour;
	struct buf text; /* what is not printed yet */
	size_t counts[CHECK_WEIGHTS];
	int rc; /* of the first line that could not be written ... */
	struct err err; /* ... and why */

	struct observed observed; /* empty where that failed: */
	struct err observed_err; /* code 0: it did not */
	struct discovery *discovery; /* NULL: see discovery_err */
	struct err discovery_err;
	struct process process; /* the first that answers, where `up` */
	bool up;
	struct engine engine;
	struct err engine_err; /* code 0: there is one */
	char hook[LIMIT_PATH_BYTES]; /* certhaul-hook, "" where not found */
};

/* Is a handshake all that tells what is served, as no socket is asked? */
bool check_is_live(const struct conf *conf);

/* Did every socket take a question, and give no answer to it? */
bool check_is_mute(const struct check *check);

/* One line: "bad   sockets   ...". Failures are kept in check->rc. */
void check_say(struct check *check, enum check_weight weight, const char *fmt,
    ...) PRINTF_LIKE(3, 4);

/* The reason of `err` as such a line. */
void check_say_err(
    struct check *check, enum check_weight weight, const struct err *err);

/*
 * Do those of `bits` (S_IRWXO, S_IWGRP) that the file's mode has let anybody
 * in, by the directories that lead to it; or does any of these, or the file,
 * belong to somebody who is neither root nor `owner`, whose group may read
 * what it may read in bundles? `ret_who`: "everybody", "group adm", "user www".
 * (check_rights.c)
 */
bool check_is_open(const char *path, const struct stat *st, mode_t bits,
    const struct fs_owner *owner, char *ret_who, size_t size);

/* A list of a few names, "a, b and 7 more", for a line. */
struct check_list {
	char text[1024]; /* a few names of the longest */
	size_t count;
};
void check_list_add(struct check_list *list, const char *name);
/* The same text, its end put on. */
const char *check_list_text(struct check_list *list);

/* The items, each in its file. */
/*
 * Says who may write what root reads or runs; how many files were found.
 * (check_writers.c)
 */
size_t check_writers(struct check *check);

void check_configuration(struct check *check); /* check_files.c */
void check_bundles(struct check *check);
void check_space(struct check *check);
void check_generations(struct check *check);
void check_permissions(struct check *check); /* check_rights.c */
void check_haproxy_config(struct check *check); /* check_haproxy.c */
void check_environment(struct check *check);
void check_sockets(struct check *check);
void check_master(struct check *check);
void check_binds(struct check *check); /* check_binds.c */
void check_served(struct check *check); /* check_certs.c */
void check_renewal(struct check *check);
/* How many lines were said of what they are renewed by (check_means.c). */
size_t check_means(struct check *check);
void check_payloads(struct check *check);
void check_clock(struct check *check);
void check_port(struct check *check); /* check_challenge.c */
/* Asks for their names, by one of our ways (check_fetch.c). */
void check_fetch(struct check *check, const bool *asked, bool in_proxy);
/*
 * The same of those that others renew, where haproxy.cfg leads challenges to
 * us: is that so for their names?
 */
struct refit_led;
void check_fetch_others(
    struct check *check, const bool *asked, const struct refit_led *to);
void check_duplicates(struct check *check); /* check_names.c */
void check_engine(struct check *check); /* check_certbot.c */
void check_hooks(struct check *check);
void check_other_hooks(struct check *check);
void check_timers(struct check *check);

#endif
