/*
 * earlier.c: certhaul-hook rollback, before the pipeline: the generation that
 * takes the lineage's place as the source of the bundle.
 */
#include "hooks/earlier.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cert/bundle.h"
#include "hooks/names.h"

static const char doing[] = "going back to an earlier bundle";

enum { NANOSECONDS = 1000000000 };

/* What there is of one lineage. */
struct earlier {
	const char *name;
	long numbers[LIMIT_GENERATIONS];
	int count;
	bool installed; /* something is there now: */
	unsigned char digest[PKI_SHA256_BYTES]; /* ... this */
};

static int
look(struct site *site, const char *name, struct earlier *ret, struct err *err)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct install_state now = {0};
	int rc;

	memset(ret, 0, sizeof(*ret));
	ret->name = name;
	rc = install_stat(site->install, name, &now, err);
	ret->installed = rc == 0 && now.exists;
	if (ret->installed)
		rc = install_read(site->install, name, &pem, err);
	if (rc == 0 && ret->installed)
		pki_sha256(pem.data, pem.len, ret->digest);
	buf_free(&pem);
	if (rc < 0)
		return rc;
	ret->count = install_generations(
	    site->install, name, ret->numbers, COUNT_OF(ret->numbers), err);
	return ret->count < 0 ? ret->count : 0;
}

/* Fills `err` with `what` and the numbers that there are. */
static int
none(const struct earlier *earlier, const char *what, struct err *err)
{
	char numbers[LIMIT_ERR_DETAIL_BYTES / 2] = "";
	size_t used = 0;

	for (int i = 0; i < earlier->count; i++) {
		int n = snprintf(numbers + used, sizeof(numbers) - used,
		    "%s%ld", i == 0 ? "" : ", ", earlier->numbers[i]);

		if (n > 0 && (size_t)n < sizeof(numbers) - used)
			used += (size_t)n;
	}
	return err_set(err, ERR_NOENT, doing, earlier->name,
	    "%s; kept are: %s (rollback %s --dry-run tells of each)", what,
	    numbers, earlier->name);
}

/* The newest with this digest, or, where not `equal`, with another. */
static int
find(struct site *site, const struct earlier *earlier,
    const unsigned char *digest, bool equal, long *ret, struct err *err)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	unsigned char found[PKI_SHA256_BYTES];
	int rc = 0;

	*ret = 0;
	for (int i = 0; *ret == 0 && i < earlier->count; i++) {
		buf_reset(&pem);
		rc = install_generation_read(site->install, earlier->name,
		    earlier->numbers[i], &pem, err);
		if (rc < 0)
			break;
		pki_sha256(pem.data, pem.len, found);
		if ((memcmp(found, digest, sizeof(found)) == 0) == equal)
			*ret = earlier->numbers[i];
	}
	buf_free(&pem);
	return rc;
}

static int
choose_newest(struct site *site, const struct earlier *earlier, long *ret,
    struct err *err)
{
	struct record record;
	int rc;

	rc = site_record(site, earlier->name, &record, err);
	if (rc < 0)
		return rc;
	*ret = 0;
	if (record.held && record_has_intent(&record))
		rc = find(site, earlier, record.intent, true, ret, err);
	if (rc == 0 && *ret == 0)
		rc = find(site, earlier, earlier->digest, false, ret, err);
	if (rc == 0 && *ret == 0)
		rc = none(
		    earlier, "no generation differs from what is there", err);
	return rc;
}

/* Nothing is there to go back from, and nobody has a lineage called so. */
static bool
is_unknown(const struct site *site, const struct earlier *earlier)
{
	struct err ignored = ERR_INIT;
	struct lineage_ref ref;

	return earlier->count == 0 && !earlier->installed &&
	    lineage_ref_from_name(site->conf->letsencrypt.config_dir,
		earlier->name, &ref, &ignored) == 0 &&
	    access(ref.dir, F_OK) != 0;
}

int
earlier_choose(
    struct site *site, const char *name, long to, long *ret, struct err *err)
{
	struct earlier earlier;
	char what[96];
	int rc;

	rc = look(site, name, &earlier, err);
	if (rc < 0)
		return rc;
	if (is_unknown(site, &earlier))
		return names_unknown(site, name, err);
	if (earlier.count == 0)
		return err_set(err, ERR_NOENT, doing, name,
		    "no earlier bundle of it is kept in %s: one is when a "
		    "renewal takes its place",
		    site->generations_dir);
	if (to == 0)
		return choose_newest(site, &earlier, ret, err);
	for (int i = 0; i < earlier.count; i++) {
		if (earlier.numbers[i] == to) {
			*ret = to;
			return 0;
		}
	}
	(void)snprintf(what, sizeof(what), "there is no generation %ld", to);
	return none(&earlier, what, err);
}

/* One line: "  NUMBER  serial ..., until ..., installed ...". */
static int
add_line(struct buf *ret, const char *label, const struct buf *pem,
    const struct fs_ident *ident, struct err *err)
{
	struct bundle bundle = {0};
	char until[32], since[32];
	int rc;

	(void)clock_iso(
	    (time_t)(ident->mtime_ns / NANOSECONDS), since, sizeof(since));
	rc = bundle_parse(pem->data, pem->len, label, &bundle, err);
	if (rc == 0 && bundle.leaf == NULL) {
		rc = buf_printf(ret, err,
		    "  %8s  no certificate, installed %s\n", label, since);
	} else if (rc == 0) {
		const struct pki_facts *leaf = pki_cert_facts(bundle.leaf);

		rc = buf_printf(ret, err,
		    "  %8s  serial %s, until %s, installed %s\n", label,
		    leaf->serial,
		    clock_iso(leaf->not_after_s, until, sizeof(until)), since);
	}
	bundle_free(&bundle);
	return rc;
}

int
earlier_list(
    struct site *site, const char *name, struct buf *ret, struct err *err)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct install_state now = {0};
	struct earlier earlier;
	char label[32];
	int rc;

	rc = look(site, name, &earlier, err);
	if (rc == 0)
		rc = buf_printf(ret, err, "%s: what is kept\n", name);
	if (rc == 0 && earlier.installed) {
		rc = install_stat(site->install, name, &now, err);
		if (rc == 0)
			rc = install_read(site->install, name, &pem, err);
		if (rc == 0)
			rc = add_line(ret, "now", &pem, &now.ident, err);
	}
	for (int i = 0; rc == 0 && i < earlier.count; i++) {
		struct fs_ident ident = {0};

		buf_reset(&pem);
		rc = install_generation_stat(
		    site->install, name, earlier.numbers[i], &ident, err);
		if (rc == 0)
			rc = install_generation_read(
			    site->install, name, earlier.numbers[i], &pem, err);
		(void)snprintf(label, sizeof(label), "%ld", earlier.numbers[i]);
		if (rc == 0)
			rc = add_line(ret, label, &pem, &ident, err);
	}
	buf_free(&pem);
	return rc;
}
