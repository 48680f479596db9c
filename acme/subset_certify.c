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
 * As certbot says it. Those that are kept are in the order of all; the others
 * are noted with what is left out.
 */
static void
tell_left_out(struct certify *certify, const char *const *all, size_t all_count,
    const char *const *kept, size_t kept_count)
{
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
	front_say(certify->front,
	    "Unable to obtain a certificate with every requested domain. "
	    "Retrying without: %s",
	    buf_text(&left_out));
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

/*
 * Is there another try, with fewer names? `failed`: after the one that `err`
 * is about, which is told then; else after an earlier run's.
 */
static int
leave_out(struct certify *certify, const bool *refused, const char **names,
    size_t *count, struct err *err)
{
	const char **all = calloc(*count + 1, sizeof(*all));
	size_t before = *count;
	int rc = err->code;

	if (all == NULL)
		return rc < 0 ? rc : err_nomem(err, doing);
	memcpy(all, names, before * sizeof(*all));
	if (rc == 0) {
		rc = pending_subset(certify, names, count, err);
	} else if (subset_leave_out(err, refused, names, count)) {
		tell_failure(certify->front, err);
		err_clear(err);
		rc = 0;
	}
	if (rc == 0 && *count < before)
		tell_left_out(certify, all, before, names, *count);
	free(all);
	return rc;
}

/* Each order may run all names' hooks: a CA does not get one for each name. */
int
subset_certify(struct certify *certify, const char **names, size_t *count,
    struct certify_result *ret, struct err *err)
{
	const struct options *params = certify->params;
	int rc = 0;

	certify->names = names;
	certify->name_count = *count;
	if (params->allow_subset && !params->dry_run)
		rc = leave_out(certify, NULL, names, count, err);
	for (unsigned tries = 1; rc == 0; tries++) {
		certify->name_count = *count;
		rc = certify_run(certify, ret, err);
		if (rc == 0 || !params->allow_subset || tries == LIMIT_SUBSETS)
			break;
		rc = leave_out(certify, ret->refused, names, count, err);
	}
	return rc;
}
