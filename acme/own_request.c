/*
 * own_request.c: --csr: the operator has made key and request himself; the
 * certificate goes where he says, and is nobody's lineage.
 */
#include "acme/own_request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "acme/certify.h"
#include "acme/csr.h"
#include "acme/obtain.h"
#include "acme/option_private.h"
#include "base/fs.h"
#include "base/text.h"
#include "cert/pki.h"

static const char doing[] = "obtaining a certificate";
static const char order_prefix[] = "csr-";

enum { ORDER_NAME_BYTES = sizeof(order_prefix) + 2 * PKI_SHA256_BYTES };

/* A new file, never over another, as certbot does it. */
static int
write_new(const char *path, const struct buf *data, struct err *err)
{
	size_t done = 0;
	int rc = 0,
	    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_sys(err, doing, path, "open");
	while (rc == 0 && done < data->len) {
		ssize_t n = write(fd, data->data + done, data->len - done);

		if (n < 0 && errno != EINTR)
			rc = err_sys(err, doing, path, "write");
		done += n > 0 ? (size_t)n : 0;
	}
	if (rc == 0)
		rc = fs_sync(fd, path, err);
	if (close(fd) < 0 && rc == 0)
		rc = err_sys(err, doing, path, "close");
	if (rc < 0)
		(void)unlink(path);
	return rc;
}

/*
 * --cert-path, or 0000_cert.pem and so on: the first that is free. `ret` is the
 * whole path, as certbot tells it.
 */
static int
write_numbered(const char *path, const char *stem, const struct buf *data,
    char *ret, struct err *err)
{
	char name[64];
	int rc;

	if (path != NULL) {
		(void)snprintf(ret, LIMIT_PATH_BYTES, "%s", path);
		return write_new(path, data, err);
	}
	for (int i = 0; i < 10000; i++) {
		(void)snprintf(name, sizeof(name), "%04d_%s.pem", i, stem);
		rc = option_absolute(name, ret, LIMIT_PATH_BYTES, err);
		if (rc == 0)
			rc = write_new(ret, data, err);
		if (rc != ERR_EXISTS)
			return rc;
	}
	return err_set(err, ERR_EXISTS, doing, stem,
	    "10,000 of them are in this directory; give --cert-path, "
	    "--chain-path and --fullchain-path");
}

/* Before anything is ordered: what is issued must have where to go. */
static int
make_directories(const struct options *cli, struct err *err)
{
	const char *const paths[] = {
	    cli->cert_path, cli->chain_path, cli->fullchain_path};
	char dir[LIMIT_PATH_BYTES];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(paths); i++) {
		size_t len = paths[i] == NULL
		    ? 0
		    : (size_t)(strrchr(paths[i], '/') - paths[i]);

		(void)snprintf(dir, sizeof(dir), "%.*s", (int)len,
		    len > 0 ? paths[i] : "");
		if (len > 0)
			rc = fs_mkdirs(dir, 0755, err);
	}
	return rc;
}

static void
tell_until(struct front *front, const struct buf *pem)
{
	struct pki_cert *leaf = NULL;
	struct err ignored = ERR_INIT;

	/* It was read when it was checked. */
	if (store_leaf(pem, "the certificate", &leaf, &ignored) == 0)
		obtain_tell_until(front, leaf);
	pki_cert_free(leaf);
}

/* Once one is written it is not handed out again: it may have been revoked. */
static int
write_results(struct front *front, const char *order,
    const struct certify_result *result, struct err *err)
{
	const struct options *cli = front->cli;
	char cert[LIMIT_PATH_BYTES], chain[LIMIT_PATH_BYTES];
	char fullchain[LIMIT_PATH_BYTES];
	int rc;

	rc = write_numbered(cli->cert_path, "cert", &result->cert, cert, err);
	if (rc == 0)
		rc =
		    store_pending_note(&front->dirs, order, &result->cert, err);
	if (rc == 0)
		rc = write_numbered(
		    cli->chain_path, "chain", &result->chain, chain, err);
	if (rc == 0)
		rc = write_numbered(cli->fullchain_path, "chain",
		    &result->fullchain, fullchain, err);
	if (rc < 0)
		return rc;
	front_say(front, "%s", "");
	front_say(front, "Successfully received certificate.");
	front_say(front, "Certificate is saved at:            %s", cert);
	front_say(front, "Intermediate CA chain is saved at:  %s", chain);
	front_say(front, "Full certificate chain is saved at: %s", fullchain);
	tell_until(front, &result->cert);
	return 0;
}

static int
add_names(
    struct buf *list, const char *const *names, size_t count, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = buf_printf(
		    list, err, "%s%s", list->len > 0 ? ", " : "", names[i]);
	return rc;
}

static bool
is_among(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(names[i], name) == 0)
			return true;
	}
	return false;
}

/* -d beside the request's own names adds none. */
static int
check_names(const struct certify *certify, struct err *err)
{
	const struct options *cli = certify->params;
	const char *const *wanted = (const char *const *)cli->domains;
	struct buf own = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	struct buf all = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	size_t known = 0;
	int rc = 0;

	while (known < cli->domain_count &&
	    is_among(certify->names, certify->name_count, wanted[known]))
		known++;
	if (known == cli->domain_count)
		return 0;
	rc = add_names(&own, certify->names, certify->name_count, err);
	if (rc == 0)
		rc = add_names(&all, wanted, cli->domain_count, err);
	if (rc == 0)
		rc = err_set(err, ERR_INVALID, doing, cli->csr,
		    "Inconsistent domain requests: From the CSR: %s; From "
		    "command line/config: %s",
		    buf_text(&own), buf_text(&all));
	buf_free(&own);
	buf_free(&all);
	return rc;
}

static int
for_request(struct front *front, struct certify *certify, struct err *err)
{
	struct accounts_entry account = {.key = NULL};
	struct certify_result result;
	int rc = front_account(front, front->cli, &account, err);

	if (rc < 0)
		return rc;
	/* cppcheck-suppress autoVariables # taken back below */
	certify->account = &account;
	rc = certify_run(certify, &result, err);
	if (rc == 0) {
		if (front->cli->dry_run)
			front_say(front, "The dry run was successful.");
		else
			rc = write_results(
			    front, certify->lineage, &result, err);
		certify_result_free(&result);
	}
	/* Until it is written the next run can fetch it once more. */
	if (rc == 0 && !front->cli->dry_run)
		rc = store_pending_remove(&front->dirs, certify->lineage, err);
	certify->account = NULL;
	accounts_entry_free(&account);
	return rc;
}

/* Under which name the order is kept: there is no lineage. */
static void
name_order(const struct buf *csr, char ret[ORDER_NAME_BYTES])
{
	unsigned char digest[PKI_SHA256_BYTES];

	pki_sha256(buf_text(csr), csr->len, digest);
	memcpy(ret, order_prefix, sizeof(order_prefix));
	text_hex(digest, sizeof(digest), ret + strlen(order_prefix));
}

int
own_request_run(struct front *front, struct err *err)
{
	const struct options *cli = front->cli;
	struct buf file = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	struct buf csr = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	char order[ORDER_NAME_BYTES], what[LIMIT_ERR_ON_BYTES];
	struct certify certify = {
	    .front = front, .params = cli, .lineage = order, .csr = &csr};
	char **names = NULL;
	int rc;

	rc = fs_read(AT_FDCWD, cli->csr, FS_TRUST_ANY, &file, NULL, err);
	if (rc == 0)
		rc = csr_read(
		    &file, cli->csr, &csr, &names, &certify.name_count, err);
	certify.names = (const char *const *)names;
	name_order(&csr, order);
	if (rc == 0)
		rc = check_names(&certify, err);
	if (rc < 0)
		goto out;
	if (!cli->dry_run)
		rc = make_directories(cli, err);
	if (rc < 0)
		goto out;
	/* As certbot: no hook is run. */
	certify_describe(certify.names, certify.name_count, what, sizeof(what));
	front_say(front, "%s for %s",
	    cli->dry_run ? "Simulating a certificate request"
			 : "Requesting a certificate",
	    what);
	rc = for_request(front, &certify, err);
out:
	csr_names_free(names);
	buf_free(&csr);
	buf_free(&file);
	return rc;
}
