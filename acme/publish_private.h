/*
 * publish_private.h: what the two ways to publish share.
 */
#ifndef ACME_PUBLISH_PRIVATE_H
#define ACME_PUBLISH_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "acme/publish.h"
#include "base/attr.h"
#include "base/err.h"

/* The auth hook's output, by position in the order's names. */
struct publish {
	struct front *front;
	const struct options *params;
	const struct renewal *conf;
	const char *const *names;
	size_t name_count;
	char **outputs;
	unsigned *left; /* how many followed it, likewise */
	char *all; /* the names in turn, without `*.`, with commas; or NULL */
	/* Directories below a webroot that we made: taken away again. */
	char **made;
	size_t made_count;
};

/* Which of the names is it? */
size_t publish_index(
    const struct publish *publish, const struct issue_challenge *challenge);

int publish_file_up(struct publish *publish,
    const struct issue_challenge *challenge, struct err *err) MUST_CHECK;
int publish_file_down(struct publish *publish,
    const struct issue_challenge *challenge, struct err *err) MUST_CHECK;
void publish_file_tidy(struct publish *publish);

#endif
