/*
 * record.c: the store of records: state_dir/lineages/NAME, one file a lineage.
 * The first thing that a converge reads, and the last that it writes. What it
 * writes in between is in record_intent.c, which records there are in
 * record_names.c.
 */
#include "cert/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cert/record_private.h"

static const char loading[] = "reading the record";
static const char saving[] = "writing the record";

/* A record that was written and has not its name yet. */
struct record_waiting {
	char tmp[NAME_MAX + 1];
	char name[LIMIT_LINEAGE_NAME_BYTES + 1];
};

int
record_fail(const struct record_store *store, const char *doing,
    const char *name, const char *call, struct err *err)
{
	char path[LIMIT_ERR_ON_BYTES];
	int error = errno;

	/* A path that is cut will do for a message. */
	if (snprintf(path, sizeof(path), "%s/%s", store->path, name) < 0)
		path[0] = '\0';
	errno = error;
	return err_sys(err, doing, path, call);
}

/* The boundary that no name passes that could leave the directory. */
static int
check_name(const char *name, const char *doing, struct err *err)
{
	if (text_is_lineage_name(name))
		return 0;
	return err_set(err, ERR_USAGE, doing, name, "is no lineage's name");
}

/* state_dir, by a descriptor: what was looked at is what is used. */
static int
open_state_dir(const char *state_dir, bool make, int *ret_fd, struct err *err)
{
	int rc = 0;

	if (make)
		rc = fs_mkdirs(state_dir, 0700, err);
	if (rc == 0)
		rc = fs_open_dir(state_dir, ret_fd, err);
	return rc < 0 ? rc : fs_check_dir_fd(*ret_fd, state_dir, err);
}

/* The directory of the records within, which is no link either. */
static int
open_lineages(struct record_store *store, int state_fd, struct err *err)
{
	static const char name[] = "lineages";

	if (!store->look_only && mkdirat(state_fd, name, 0700) != 0 &&
	    errno != EEXIST)
		return err_sys(err, loading, store->path, "mkdir");
	store->fd = openat(
	    state_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (store->fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return err_set(err, ERR_UNSAFE, loading, store->path,
		    "it is not a directory; remove it");
	if (store->fd < 0)
		return err_sys(err, loading, store->path, "open");
	return fs_check_dir_fd(store->fd, store->path, err);
}

/* Gives all that wait their names. */
static int
name_waiting(struct record_store *store, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < store->waiting_count; i++) {
		if (rc == 0)
			rc = fs_rename(store->fd, store->path,
			    store->waiting[i].tmp, store->waiting[i].name, err);
		if (rc < 0)
			(void)unlinkat(store->fd, store->waiting[i].tmp, 0);
	}
	store->waiting_count = 0;
	return rc;
}

static int
store_open(const char *state_dir, bool look_only, struct record_store **ret,
    struct err *err)
{
	struct record_store *store = NULL;
	int state_fd = -1, rc;

	store = calloc(1, sizeof(*store));
	if (store == NULL)
		return err_nomem(err, loading);
	store->fd = -1;
	store->look_only = look_only;
	store->loaded_text.max_bytes = LIMIT_RECORD_BYTES;
	store->waiting = calloc(LIMIT_BATCH, sizeof(*store->waiting));
	if (store->waiting == NULL) {
		rc = err_nomem(err, loading);
		goto out;
	}
	rc = fs_join(
	    store->path, sizeof(store->path), state_dir, "lineages", err);
	if (rc == 0)
		rc = open_state_dir(state_dir, !look_only, &state_fd, err);
	if (rc == 0)
		rc = open_lineages(store, state_fd, err);
	if (rc == 0)
		rc = record_intents_open(store, err);
	if (rc < 0)
		goto out;
	*ret = store;
	store = NULL;
out:
	if (state_fd >= 0)
		(void)close(state_fd);
	record_store_close(store);
	return rc;
}

int
record_store_open(
    const char *state_dir, struct record_store **ret, struct err *err)
{
	return store_open(state_dir, false, ret, err);
}

int
record_store_open_look(
    const char *state_dir, struct record_store **ret, struct err *err)
{
	return store_open(state_dir, true, ret, err);
}

void
record_store_close(struct record_store *store)
{
	struct err ignored = ERR_INIT;

	if (store == NULL)
		return;
	(void)!name_waiting(store, &ignored);
	record_intents_close(store);
	if (store->fd >= 0)
		(void)close(store->fd);
	buf_free(&store->loaded_text);
	free(store->waiting);
	free(store);
}

/*
 * The file of `name` into the store; where there is none, or none that could
 * be believed, no bytes.
 */
static int
load_text(struct record_store *store, const char *name, struct err *err)
{
	struct buf *text = &store->loaded_text;
	int rc;

	buf_reset(text);
	store->loaded[0] = '\0';
	rc = fs_read_here(store->fd, name, FS_TRUST_PRIVATE, text, NULL, err);
	switch (rc) {
	case 0: break;
	case ERR_NOENT: /* none yet */
	case ERR_UNSAFE: /* none that could be believed */
	case ERR_LIMIT:
	case ERR_SYNTAX:
		err_clear(err);
		buf_reset(text);
		break;
	default:
		return err_set(
		    err, rc, loading, store->path, "%s: %s", name, err->detail);
	}
	memcpy(store->loaded, name, strlen(name) + 1);
	return 0;
}

int
record_load(struct record_store *store, const char *name, struct record *ret,
    struct err *err)
{
	const char *text = NULL;
	size_t len = 0;
	int rc;

	rc = check_name(name, loading, err);
	if (rc == 0)
		rc = load_text(store, name, err);
	if (rc < 0)
		return rc;
	text = record_intents_find(store, name, &len);
	if (text == NULL) {
		text = buf_text(&store->loaded_text);
		len = store->loaded_text.len;
	}
	if (!record_text_read(text, len, name, ret)) {
		memset(ret, 0, sizeof(*ret));
		memcpy(ret->lineage.name, name, strlen(name) + 1);
	}
	return 0;
}

/* Are these bytes there already? Not knowing means that they are not. */
static bool
is_saved(
    const struct record_store *store, const char *name, const struct buf *text)
{
	struct buf old = BUF_INIT(LIMIT_RECORD_BYTES);
	struct err ignored = ERR_INIT;
	bool same = false;

	if (!record_intents_allow(store, name, text))
		return false;
	if (fs_read_here(
		store->fd, name, FS_TRUST_PRIVATE, &old, NULL, &ignored) == 0)
		same = old.len == text->len &&
		    memcmp(old.data, text->data, text->len) == 0;
	buf_free(&old);
	return same;
}

/* What waits for `name` is out of date. */
static void
drop_waiting(struct record_store *store, const char *name)
{
	for (size_t i = 0; i < store->waiting_count; i++) {
		if (strcmp(store->waiting[i].name, name) != 0)
			continue;
		(void)unlinkat(store->fd, store->waiting[i].tmp, 0);
		store->waiting[i] = store->waiting[--store->waiting_count];
		return;
	}
}

/*
 * A rename over a file whose data is not on the disk yet has ext4 write that
 * first, each by itself; after one sync for all of them it costs nothing.
 */
static bool
wait_for_sync(struct record_store *store, const char *tmp, const char *name)
{
	struct record_waiting *waiting;

	if (store->waiting_count == LIMIT_BATCH)
		return false;
	waiting = &store->waiting[store->waiting_count++];
	memcpy(waiting->tmp, tmp, strlen(tmp) + 1);
	memcpy(waiting->name, name, strlen(name) + 1);
	return true;
}

int
record_save(struct record_store *store, const struct record *record,
    bool durable, struct err *err)
{
	const struct fs_owner owner = {geteuid(), getegid(), 0600};
	struct buf text = BUF_INIT(LIMIT_RECORD_BYTES);
	const char *name = record->lineage.name;
	char tmp[NAME_MAX + 1];
	bool same;
	int rc;

	store->writes = true;
	rc = check_name(name, saving, err);
	if (rc == 0)
		rc = record_text_write(record, &text, err);
	if (rc < 0)
		goto out;
	drop_waiting(store, name);
	same = is_saved(store, name, &text);
	record_intents_end(store, name);
	if (same)
		goto out;
	rc =
	    fs_stage(store->fd, &owner, text.data, text.len, durable, tmp, err);
	if (rc < 0) {
		rc = err_set(
		    err, rc, saving, store->path, "%s: %s", name, err->detail);
		goto out;
	}
	if (!durable && wait_for_sync(store, tmp, name))
		goto out;
	rc = fs_rename(store->fd, store->path, tmp, name, err);
	if (rc < 0)
		(void)unlinkat(store->fd, tmp, 0);
	else if (durable)
		rc = fs_sync(store->fd, store->path, err);
out:
	buf_free(&text);
	return rc;
}

bool
record_has_intent(const struct record *record)
{
	return !pki_sha256_is_none(record->intent);
}

bool
record_is_held(const struct record *record, const struct lineage_ident *now)
{
	return record->held && lineage_ident_same(&record->source, now);
}

bool
record_is_out(const struct record *record, const struct lineage_ident *now)
{
	return record->out && lineage_ident_same(&record->source, now);
}

void
record_take_in(struct record *record)
{
	record->out = record->revoked = false;
	record->begun[0] = '\0';
}

int
record_remove(struct record_store *store, const char *name, struct err *err)
{
	int rc;

	rc = check_name(name, saving, err);
	if (rc == 0 && unlinkat(store->fd, name, 0) < 0 && errno != ENOENT)
		rc = record_fail(store, saving, name, "unlink", err);
	if (rc == 0)
		rc = record_intents_forget(store, name, err);
	store->writes = true;
	return rc;
}

int
record_sync(struct record_store *store, struct err *err)
{
	int rc;

	if (store->waiting_count == 0)
		return 0;
	rc = fs_sync_all(store->fd, store->path, err);
	if (rc == 0)
		rc = name_waiting(store, err);
	return rc < 0 ? rc : fs_sync(store->fd, store->path, err);
}
