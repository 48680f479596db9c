/*
 * store_settle.c: is an order that was kept (store_pending.c) still of use to
 * its lineage, or has that got another certificate since? What came of it, and
 * when it is of no use to anybody.
 */
#include "acme/store_part.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cert/pki.h"

static const char doing[] = "settling the order that is kept";

void
store_pending_describe(const struct pki_cert *live, char *ret)
{
	const struct pki_facts *facts;

	(void)snprintf(ret, STORE_LIVE_BYTES, "none");
	if (live == NULL)
		return;
	facts = pki_cert_facts(live);
	(void)snprintf(
	    ret, STORE_LIVE_BYTES, "%s %s", facts->serial, facts->issuer);
	text_clean(ret);
}

/*
 * Is the lineage's certificate another one than when the order was begun? Where
 * that is not known: was it issued since, or has it a key that was made for the
 * order? Clocks differ, and a CA's notBefore may be as coarse as a day, so the
 * time is the last resort; the file's says nothing: who restores a backup
 * changes it.
 */
static bool
is_another(const struct store_pending *pending, const struct pki_cert *leaf,
    const struct buf *key)
{
	char live[STORE_LIVE_BYTES];
	bool same;

	store_pending_describe(leaf, live);
	if (pending->live[0] != '\0')
		return strcmp(live, pending->live) != 0;
	same = key->len == pending->key.len &&
	    memcmp(buf_text(key), buf_text(&pending->key), key->len) == 0;
	return pki_cert_facts(leaf)->not_before_s > pending->begun_s ||
	    (same && !pending->reused);
}

/*
 * What is live, beside the order: its own, another one, or as it was? Nothing
 * is known of what cannot be read.
 */
enum beside { UNKNOWN, OWN, ANOTHER, AS_BEFORE };

static enum beside
compare(const struct store_dirs *dirs, const char *name,
    const struct store_pending *pending)
{
	enum beside beside = UNKNOWN;
	char live[STORE_LIVE_BYTES];
	struct lineage_ref ref;
	struct lineage files;
	struct pki_cert *leaf = NULL;
	struct err err = ERR_INIT;

	if (store_ref(dirs, name, &ref, &err) < 0 ||
	    lineage_read(&ref, &files, &err) < 0)
		return UNKNOWN;
	if (store_leaf(&files.pem[LINEAGE_CERT], "cert.pem", &leaf, &err) ==
	    0) {
		store_pending_describe(leaf, live);
		if (strcmp(live, pending->got) == 0)
			beside = OWN;
		else if (is_another(pending, leaf, &files.pem[LINEAGE_PRIVKEY]))
			beside = ANOTHER;
		else
			beside = AS_BEFORE;
	}
	pki_cert_free(leaf);
	lineage_free(&files);
	return beside;
}

bool
store_pending_is_debt(const struct store_pending *pending)
{
	return pending->got[0] != '\0' && pending->order_url[0] == '\0';
}

/*
 * Of what is kept only that hooks are owed. A disk that is full is no reason
 * for the key to stay: then nothing is.
 */
static int
keep_debt(const struct store_dirs *dirs, const char *name,
    struct store_pending *pending, struct err *err)
{
	int rc;

	pending->order_url[0] = '\0';
	buf_reset(&pending->key);
	buf_reset(&pending->without);
	rc = store_pending_write(dirs, name, pending, err);
	if (rc == 0)
		return 0;
	err_clear(err);
	return store_pending_remove(dirs, name, err);
}

int
store_pending_stored(
    const struct store_dirs *dirs, const char *name, struct err *err)
{
	struct store_pending *pending = calloc(1, sizeof(*pending));
	int rc;

	if (pending == NULL)
		return err_nomem(err, doing);
	rc = store_pending_read(dirs, name, pending, err);
	if (rc == 0) {
		rc = keep_debt(dirs, name, pending, err);
		store_pending_free(pending);
	} else {
		err_clear(err);
		rc = store_pending_remove(dirs, name, err);
	}
	free(pending);
	return rc;
}

int
store_pending_settle(const struct store_dirs *dirs, const char *name,
    bool *ret_owed, struct err *err)
{
	struct store_pending *pending = calloc(1, sizeof(*pending));
	enum beside beside;
	bool debt;
	int rc;

	*ret_owed = false;
	if (pending == NULL)
		return err_nomem(err, doing);
	rc = store_pending_read(dirs, name, pending, err);
	if (rc < 0) {
		/* What cannot be read is not taken up, either. */
		err_clear(err);
		free(pending);
		return 0;
	}
	beside = compare(dirs, name, pending);
	debt = store_pending_is_debt(pending);
	*ret_owed = beside == OWN;
	if (beside == OWN && !debt)
		rc = keep_debt(dirs, name, pending, err);
	else if (beside == ANOTHER || (beside == AS_BEFORE && debt))
		rc = store_pending_remove(dirs, name, err);
	store_pending_free(pending);
	free(pending);
	return rc;
}

/* Is there no lineage of that name (any more)? */
static bool
is_gone(const struct store_dirs *dirs, const char *name)
{
	struct store_lineage lineage;
	struct err err = ERR_INIT;
	int rc = store_read(dirs, name, &lineage, &err);

	if (rc == 0)
		store_lineage_free(&lineage);
	return rc == ERR_NOENT;
}

/* `file` is NAME.order; `pending` is room for it. */
static void
sweep_one(const struct store_dirs *dirs, const char *file, time_t oldest_s,
    struct store_pending *pending)
{
	static const char suffix[] = ".order";
	size_t len = strlen(file);
	char name[NAME_MAX + 1];
	struct err err = ERR_INIT;
	bool over;

	if (len < sizeof(suffix) || len >= sizeof(name) ||
	    strcmp(file + len - strlen(suffix), suffix) != 0)
		return;
	len -= strlen(suffix);
	memcpy(name, file, len);
	name[len] = '\0';
	if (store_pending_read(dirs, name, pending, &err) < 0)
		return;
	over = pending->begun_s < oldest_s || store_pending_is_debt(pending);
	store_pending_free(pending);
	/* Who is owed hooks is so however old that is, while there is one. */
	if (over && (pending->got[0] == '\0' || is_gone(dirs, name)))
		(void)!store_pending_remove(dirs, name, &err);
}

void
store_pending_sweep(const struct store_dirs *dirs, time_t oldest_s)
{
	struct store_pending *pending = calloc(1, sizeof(*pending));
	char path[LIMIT_PATH_BYTES];
	const struct dirent *entry;
	struct err err = ERR_INIT;
	DIR *dir = NULL;
	int fd = -1;

	if (pending != NULL && store_folder(dirs, false, &fd, path, &err) == 0)
		dir = fdopendir(fd);
	if (dir == NULL && fd >= 0)
		(void)close(fd);
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		sweep_one(dirs, entry->d_name, oldest_s, pending);
	if (dir != NULL)
		(void)closedir(dir);
	free(pending);
}

int
store_pending_note(const struct store_dirs *dirs, const char *name,
    const struct buf *cert, struct err *err)
{
	struct store_pending *pending = NULL;
	struct pki_cert *leaf = NULL;
	int rc;

	pending = calloc(1, sizeof(*pending));
	if (pending == NULL)
		return err_nomem(err, doing);
	rc = store_pending_read(dirs, name, pending, err);
	if (rc < 0)
		goto out;
	rc = store_leaf(cert, "the CA's answer", &leaf, err);
	if (rc == 0) {
		store_pending_describe(leaf, pending->got);
		rc = store_pending_write(dirs, name, pending, err);
	}
	pki_cert_free(leaf);
	store_pending_free(pending);
out:
	free(pending);
	if (rc != ERR_NOENT)
		return rc;
	err_clear(err);
	return 0;
}
