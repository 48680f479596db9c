/*
 * verb_revoke.c: revoke: a certificate of ours by its lineage, or any by its
 * file; signed by the account, or by the certificate's own key.
 */
#include "acme/verb.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "acme/jws.h"
#include "acme/params.h"
#include "base/fs.h"
#include "cert/pki.h"

static const char doing[] = "revoking";

/* RFC 5280, 5.3.1; the words are certbot's. */
static const struct {
	const char *word;
	int code;
} reasons[] = {{"unspecified", 0}, {"keycompromise", 1},
    {"affiliationchanged", 3}, {"superseded", 4}, {"cessationofoperation", 5}};

static int
reason_code(const char *word)
{
	for (size_t i = 0; i < COUNT_OF(reasons); i++) {
		if (strcasecmp(word, reasons[i].word) == 0)
			return reasons[i].code;
	}
	return 0;
}

/* What is to be revoked. */
struct target {
	struct buf der;
	const char *name; /* of its lineage; NULL: none of ours */
	struct store_lineage lineage; /* where there is a name */
	bool read;
	char path[LIMIT_PATH_BYTES]; /* of its file */
};

/* The first certificate in `pem`, as DER. */
static int
first_certificate(
    const struct buf *pem, const char *path, struct buf *ret, struct err *err)
{
	struct pki_blocks blocks = {NULL, 0};
	int rc = pki_blocks_read(pem->data, pem->len, path, &blocks, err);

	if (rc == 0 &&
	    (blocks.count == 0 ||
		blocks.items[0].label != PKI_LABEL_CERTIFICATE))
		rc = err_set(err, ERR_SYNTAX, doing, path,
		    "does not begin with a certificate");
	if (rc == 0)
		rc =
		    buf_add(ret, blocks.items[0].der, blocks.items[0].len, err);
	pki_blocks_free(&blocks);
	return rc;
}

/* Is `path` the file that this name of the lineage leads to? */
static bool
leads_to(const struct lineage_ref *ref, const char *name, const char *path)
{
	char link[LIMIT_PATH_BYTES], real[PATH_MAX], wanted[PATH_MAX];
	struct err err = ERR_INIT;

	return fs_join(link, sizeof(link), ref->dir, name, &err) == 0 &&
	    realpath(link, real) != NULL && realpath(path, wanted) != NULL &&
	    strcmp(real, wanted) == 0;
}

/*
 * The lineage whose certificate the file is, by its link or in the archive; an
 * earlier one of it is none, as what is served stays good.
 */
static const char *
lineage_of_path(struct front *front, const char *path, struct lineage_ref *ref)
{
	struct err err = ERR_INIT;
	char directory[LIMIT_PATH_BYTES];
	const char *slash = strrchr(path, '/'), *name;

	if (slash == NULL || (size_t)(slash - path) >= sizeof(directory))
		return NULL;
	memcpy(directory, path, (size_t)(slash - path));
	directory[slash - path] = '\0';
	name = strrchr(directory, '/');
	if (name == NULL || store_ref(&front->dirs, name + 1, ref, &err) < 0 ||
	    (!leads_to(ref, "cert.pem", path) &&
		!leads_to(ref, "fullchain.pem", path)))
		return NULL;
	return ref->name;
}

static int
find_target(struct front *front, struct lineage_ref *ref, struct target *ret,
    struct err *err)
{
	const struct options *cli = front->cli;
	struct buf pem = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	const char *file = cli->cert_path;
	int rc = 0;

	if ((file == NULL) == (cli->cert_name == NULL))
		return err_set(err, ERR_USAGE, doing, NULL,
		    "Error! Exactly one of --cert-path or --cert-name must be "
		    "specified!");
	ret->name =
	    file == NULL ? cli->cert_name : lineage_of_path(front, file, ref);
	if (ret->name != NULL) {
		rc = store_read(&front->dirs, ret->name, &ret->lineage, err);
		ret->read = rc == 0;
		if (rc == ERR_NOENT && file != NULL) {
			err_clear(err);
			ret->name = NULL;
			rc = 0;
		}
	}
	/* The option's is absolute, and no longer than that. */
	if (rc == 0 && file != NULL)
		(void)snprintf(ret->path, sizeof(ret->path), "%s", file);
	else if (rc == 0)
		rc = fs_join(ret->path, sizeof(ret->path), ret->lineage.ref.dir,
		    "cert.pem", err);
	if (rc == 0)
		rc =
		    fs_read(AT_FDCWD, ret->path, FS_TRUST_ANY, &pem, NULL, err);
	if (rc == 0)
		rc = first_certificate(&pem, ret->path, &ret->der, err);
	buf_free(&pem);
	return rc;
}

/* --key-path: the certificate's own key has the right, too (8555, 7.6). */
static int
read_key(const char *path, struct jws_key **ret, struct err *err)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	int rc = fs_read(AT_FDCWD, path, FS_TRUST_ANY, &pem, NULL, err);

	if (rc == 0)
		rc = jws_key_from_pem(&pem, ret, err);
	buf_free(&pem);
	return rc;
}

static int
wait_for(void *context, int fd, long timeout_ms, struct err *err)
{
	return front_wait(context, fd, timeout_ms, err);
}

static void
say_line(void *context, const char *line)
{
	front_say(context, "%s", line);
}

static void
note_line(void *context, const char *line)
{
	front_note(context, FRONT_DEBUG, "%s", line);
}

/* `account` has no key where the certificate's own is used. */
static int
revoke(struct front *front, const struct options *params,
    const struct target *target, const struct accounts_entry *account,
    const struct jws_key *own, struct err *err)
{
	const struct issue_front callbacks = {.context = front,
	    .wait = wait_for,
	    .say = say_line,
	    .note = note_line};
	const struct issue_holdings holdings = {
	    .key = own != NULL ? own : account->key,
	    .certificate = &target->der,
	    .certificate_key = own,
	    .reason = reason_code(front->cli->reason)};
	struct issue_result result = {.retry_after_s = 0};
	struct job job;
	int rc;

	front_job(front, params, JOB_REVOKE, account, &job);
	/* Without a thumbprint there is no account, and none is looked for. */
	rc = own != NULL ? 0
			 : jws_thumbprint(holdings.key, job.thumbprint,
			       sizeof(job.thumbprint), err);
	if (rc == 0)
		rc = issue_run(
		    front->issue, &job, &holdings, &callbacks, &result, err);
	issue_result_free(&result);
	return rc;
}

static int
revoke_with_account(struct front *front, const struct options *params,
    const struct target *target, struct err *err)
{
	struct accounts_entry account = {.key = NULL};
	int rc;

	rc = accounts_read(
	    params->config_dir, params->server, params->account, &account, err);
	if (rc == ERR_NOENT)
		rc = err_set(err, ERR_NOENT, doing, params->server,
		    "there is no account there to revoke with; give the "
		    "certificate's own key by --key-path");
	if (rc == 0)
		rc = revoke(front, params, target, &account, NULL, err);
	accounts_entry_free(&account);
	return rc;
}

static int
revoke_with_key(struct front *front, const struct options *params,
    const struct target *target, struct err *err)
{
	const struct accounts_entry nobody = {.key = NULL};
	struct jws_key *own = NULL;
	int rc = read_key(front->cli->key_path, &own, err);

	if (rc == 0)
		rc = revoke(front, params, target, &nobody, own, err);
	jws_key_free(own);
	return rc;
}

/* At the server, and with the account, that the lineage was made with. */
static int
revoke_target(struct front *front, const struct target *target, struct err *err)
{
	const struct options *cli = front->cli;
	struct options params = *cli;
	int rc = 0;

	if (target->read && target->lineage.conf != NULL &&
	    !option_given(cli, "--server") && !cli->staging)
		rc = params_restore(cli, target->lineage.conf, &params, err);
	if (rc == 0)
		rc = cli->key_path != NULL
		    ? revoke_with_key(front, &params, target, err)
		    : revoke_with_account(front, &params, target, err);
	params_free(&params, cli);
	return rc;
}

int
verb_revoke(struct front *front, int *ret_status, struct err *err)
{
	struct target target = {.der = BUF_INIT(LIMIT_PEM_FILE_BYTES)};
	struct lineage_ref ref;
	int rc;

	*ret_status = VERB_EXIT_DONE;
	rc = find_target(front, &ref, &target, err);
	if (rc == 0)
		rc = revoke_target(front, &target, err);
	/* Its key may be in an order that came to nothing. */
	if (rc == 0 && target.name != NULL)
		rc = store_pending_remove(&front->dirs, target.name, err);
	if (rc == 0 && target.name != NULL && front->cli->delete_after_revoke) {
		rc = store_delete(&front->dirs, target.name, err);
		if (rc == 0)
			front_say(front,
			    "Deleted all files relating to certificate %s.",
			    target.name);
	}
	if (rc == 0)
		front_say(front,
		    "Congratulations! You have successfully revoked the "
		    "certificate that was located at %s.",
		    target.path);
	if (target.read)
		store_lineage_free(&target.lineage);
	buf_free(&target.der);
	return rc;
}
