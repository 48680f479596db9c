/*
 * subset_certify.c: see subset.h. Between obtain.c and certify.c: the tries
 * with fewer names.
 */
#include "acme/subset.h"

#include <stdlib.h>
#include <string.h>

#include "acme/pending.h"

static const char doing[] = "getting a certificate";

/*
 * Tells it with these words. Those that are kept are in the order of all; the
 * others are noted with what is left out.
 */
static void
tell_left_out(struct certify *certify, const char *words,
    const char *const *all, size_t all_count, size_t kept_count)
{
	const char *const *kept = certify->names;
	struct buf left_out = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	struct err err = ERR_INIT;
	int rc = 0;

	for (size_t i = 0, k = 0; rc == 0 && i < all_count; i++) {
		if (k < kept_count && kept[k] == all[i]) {
			k++;
			continue;
		}
		rc = buf_printf(&left_out, &err, "%s%s",
		    left_out.len > 0 ? ", " : "", all[i]);
		/* None is left out twice. */
		if (certify->left_out_count < COUNT_OF(certify->left_out))
			certify->left_out[certify->left_out_count++] = all[i];
	}
	front_say(certify->front, "%s without: %s", words, buf_text(&left_out));
	buf_free(&left_out);
}

static void
tell_failure(struct front *front, const struct err *why)
{
	char line[LIMIT_LOG_LINE_BYTES];

	(void)err_text(why, line, sizeof(line));
	if (front->cli->quiet)
		logfile_say(front->log, "WARNING", "%s", line);
	else
		front_warn(front, "%s", line);
}

/* Is there another try, with fewer names? `err`, why not before, is told. */
static int
leave_out(struct certify *certify, const bool *refused, const char **names,
    size_t *count, struct err *err)
{
	const char *all[LIMIT_AUTHORIZATIONS];
	size_t before = *count;

	if (before > COUNT_OF(all))
		return err->code;
	memcpy(all, names, before * sizeof(*all));
	if (!subset_leave_out(err, refused, names, count))
		return err->code;
	tell_failure(certify->front, err);
	err_clear(err);
	/* As certbot says it. */
	tell_left_out(certify,
	    "Unable to obtain a certificate with every requested domain. "
	    "Retrying",
	    all, before, *count);
	return 0;
}

/* The first try: for all, or as an earlier run's order is, if there is one. */
static int
begin(struct certify *certify, const char *const *all, const char **names,
    size_t *count, struct err *err)
{
	size_t before = *count;
	int rc;

	if (!certify->params->allow_subset || certify->params->dry_run)
		return 0;
	rc = pending_subset(certify, names, count, err);
	if (rc == 0 && *count < before)
		tell_left_out(certify,
		    "An earlier run was refused some domains. Going on with "
		    "its order",
		    all, before, *count);
	return rc;
}

/*
 * The tries. Of what is left out each was refused in this run, or in the one
 * whose order the CA may have issued: from that one no other follows but for
 * `all`. Each may run all names' hooks: a CA does not get one for each name.
 */
static int
try_all(struct certify *certify, const char *const *all, const char **names,
    size_t *count, struct certify_result *ret, struct err *err)
{
	size_t all_count = *count;
	bool earlier;
	int rc = begin(certify, all, names, count, err);

	earlier = *count < all_count;
	for (unsigned tries = 1; rc == 0; tries++) {
		certify->name_count = *count;
		rc = certify_run(certify, ret, err);
		if (rc == 0 && !ret->gone)
			break;
		if (rc == 0 && tries < LIMIT_SUBSETS) {
			memcpy(names, all, all_count * sizeof(*names));
			*count = all_count;
			certify->left_out_count = 0;
			earlier = false;
			front_say(certify->front,
			    "Trying every requested domain again.");
			continue;
		}
		if (rc == 0)
			return err_set(err, ERR_REFUSED_CA, doing, NULL,
			    "its orders come to nothing");
		if (!certify->params->allow_subset || earlier ||
		    tries == LIMIT_SUBSETS)
			break;
		rc = leave_out(certify, ret->refused, names, count, err);
	}
	return rc;
}

int
subset_certify(struct certify *certify, const char **names, size_t *count,
    struct certify_result *ret, struct err *err)
{
	const char **all = calloc(*count + 1, sizeof(*all));
	int rc;

	if (all == NULL)
		return err_nomem(err, doing);
	memcpy(all, names, *count * sizeof(*all));
	certify->names = names;
	certify->name_count = *count;
	rc = try_all(certify, all, names, count, ret, err);
	free(all);
	return rc;
}
