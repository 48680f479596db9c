/*
 * publish_private.h: what the two ways to publish share.
 */
#ifndef ACME_PUBLISH_PRIVATE_H
#define ACME_PUBLISH_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "acme/publish.h"
#include "base/attr.h"
#include "base/err.h"

#define PUBLISH_BELOW_WEBROOT ".well-known/acme-challenge"

/* A directory that we made: which one, and where. */
struct publish_made {
	int dirfd;
	char *name; /* owned */
	dev_t dev;
	ino_t ino;
};

/* A challenge that stays up (publish_hold()); texts owned, or NULL. */
struct publish_held {
	char *name, *token, *validation;
	bool wildcard;
};

/* One order's; `outputs` are the auth hook's, by position in its names. */
struct publish {
	struct front *front;
	const struct options *params;
	const struct renewal *conf;
	const char *const *names;
	size_t name_count;
	char **outputs;
	struct publish_held *held; /* likewise */
	bool holding;
	unsigned *left; /* how many followed it, likewise */
	int *dirs; /* where a file of it is up, likewise; or -1 */
	char *all; /* the names in turn, without `*.`, with commas; or NULL */
	bool noted; /* what is up is noted for the next run */
	struct publish_made *made; /* taken away again */
	size_t made_count;
};

/* Which of the names is it? */
size_t publish_index(
    const struct publish *publish, const struct issue_challenge *challenge);

int publish_file_up(struct publish *publish,
    const struct issue_challenge *challenge, struct err *err) MUST_CHECK;
/* From where it was put, whatever the way there leads to by now. */
int publish_file_down(struct publish *publish,
    const struct issue_challenge *challenge, struct err *err) MUST_CHECK;

/*
 * Notes, for publish_left_down() of the next run, that DIR/TOKEN below `root`
 * is to be made. Errors as store_folder(); ERR_IO.
 */
int publish_left_note(struct publish *publish, const char *root,
    const char *token, struct err *err) MUST_CHECK;

/* The order is done with: where nothing is up any more the notes go. */
void publish_left_done(struct publish *publish);

/*
 * Opens the directory `below` (or "") the webroot `root`, for the *at calls;
 * where `make`, parts that are missing are made, 0755 and with the owner of
 * what they are in. Below the webroot, and on the way to one that is not there,
 * no link leads on but root's and ours, and those to a directory of the link's
 * own owner: ERR_UNSAFE. ERR_INVALID: a part of it is no directory.
 */
int publish_dir_open(struct publish *publish, const char *root,
    const char *below, bool make, int *ret, struct err *err) MUST_CHECK;

/* Removes what publish_dir_open() has made, where it is empty. */
void publish_dir_tidy(struct publish *publish);

#endif
