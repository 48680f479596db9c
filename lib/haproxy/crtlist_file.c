/*
 * crtlist_file.c: entries of a crt-list file on disk, so that a reload does
 * not forget what crtlist.c put into memory. Nothing but the one entry changes:
 * the file is its administrator's.
 */
#include "haproxy/crtlist.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "haproxy/command.h"

static const char doing[] = "editing the crt-list file";

/* A crt-list file that is being edited. */
struct edit {
	char *real; /* links resolved: the link itself is to stay */
	const char *name; /* its last component, within `real` */
	int dirfd;
	struct fs_owner owner;
	struct buf text;
	const char *crt_base; /* borrowed */
};

static void
file_close(struct edit *file)
{
	if (file->dirfd >= 0)
		close(file->dirfd);
	free(file->real);
	buf_free(&file->text);
}

static int
file_open(const struct crtlist_file *which, struct edit *file, struct err *err)
{
	const char *path = which->path;
	struct stat st = {0};
	char *slash;
	int rc;

	file->crt_base = which->crt_base;
	file->real = realpath(path, NULL);
	if (file->real == NULL)
		return err_sys(err, doing, path, "realpath");
	/* realpath() is absolute: there is a slash. */
	slash = strrchr(file->real, '/');
	if (slash == NULL || slash[1] == '\0')
		return err_set(err, ERR_SYNTAX, doing, path, "is a directory");
	*slash = '\0';
	file->name = slash + 1;
	rc = fs_open_dir(
	    slash == file->real ? "/" : file->real, &file->dirfd, err);
	/* Who may write there could change the file for another meanwhile. */
	if (rc == 0)
		rc = fs_check_dir_fd(
		    file->dirfd, slash == file->real ? "/" : file->real, err);
	if (rc == 0)
		rc = fs_read_here(file->dirfd, file->name, FS_TRUST_ANY,
		    &file->text, &st, err);
	if (rc == 0 && strlen(buf_text(&file->text)) != file->text.len)
		rc = err_set(err, ERR_SYNTAX, doing, path,
		    "has a NUL byte in it: it is no text");
	if (rc < 0)
		return rc;
	file->owner.uid = st.st_uid;
	file->owner.gid = st.st_gid;
	file->owner.mode = st.st_mode & 0777;
	return 0;
}

/* Is the word of an entry, whose store is then `store`? */
static bool
is_store(const char *word, size_t len, const char *store, const char *crt_base)
{
	size_t base = strlen(crt_base);

	if (strlen(store) == len && strncmp(word, store, len) == 0)
		return true;
	return base > 0 && *word != '/' && *word != '@' &&
	    strlen(store) == base + 1 + len &&
	    strncmp(store, crt_base, base) == 0 && store[base] == '/' &&
	    strncmp(store + base + 1, word, len) == 0;
}

/*
 * Does the line hold an entry for `store`? HAProxy's crtlist_parse_line():
 * white space (any that isspace() knows) or a bracket ends the first word;
 * there are no quotes and no escapes, and only a # in column one is a comment.
 */
static bool
is_entry(const char *line, size_t len, const char *store, const char *crt_base)
{
	size_t start = 0, end;

	if (len > 0 && line[0] == '#')
		return false;
	while (start < len && isspace((unsigned char)line[start]))
		start++;
	end = start;
	while (end < len && !isspace((unsigned char)line[end]) &&
	    line[end] != '[' && line[end] != ']')
		end++;
	return is_store(line + start, end - start, store, crt_base);
}

/* The length of the line at `at`, its newline included. */
static size_t
line_len(const char *at, size_t left)
{
	const char *end = memchr(at, '\n', left);

	return end != NULL ? (size_t)(end - at) + 1 : left;
}

/* Is it an entry, of whatever store? */
static bool
is_any_entry(const char *line, size_t len)
{
	size_t start = 0;

	while (start < len && isspace((unsigned char)line[start]))
		start++;
	return start < len && line[0] != '#';
}

/* A line that is taken out, behind how many lines and entries it stood. */
static int
keep_line(struct buf *taken, size_t number, size_t entries, const char *line,
    size_t len, struct err *err)
{
	int rc = buf_printf(taken, err, "%zu,%zu ", number, entries);

	if (rc == 0)
		rc = buf_add(taken, line, len, err);
	if (rc == 0 && line[len - 1] != '\n')
		rc = buf_puts(taken, "\n", err);
	return rc;
}

/*
 * Copies every line that is no entry for `store`; tells how many were, and
 * which, where that is wanted (`taken`).
 */
static int
copy_others(const struct edit *file, const char *store, struct buf *ret,
    struct buf *taken, size_t *ret_entries, struct err *err)
{
	const struct buf *text = &file->text;
	size_t number = 0, entries = 0;
	int rc = 0;

	*ret_entries = 0;
	for (size_t at = 0, len; rc == 0 && at < text->len; at += len) {
		len = line_len(text->data + at, text->len - at);
		if (is_entry(text->data + at, len, store, file->crt_base)) {
			(*ret_entries)++;
			if (taken != NULL)
				rc = keep_line(taken, number, entries,
				    text->data + at, len, err);
		} else {
			rc = buf_add(ret, text->data + at, len, err);
		}
		entries += is_any_entry(text->data + at, len);
		number++;
	}
	return rc;
}

/*
 * Is this its place: behind as many lines as it stood, but, as the order of the
 * entries is what counts (the first is the default), never in front of one of
 * those before it, nor behind one of those after it?
 */
static bool
is_place(const char *taken, size_t number, size_t entries, bool entry_next)
{
	char *end = NULL;
	size_t lines_before = strtoul(taken, &end, 10), entries_before = 0;

	if (*end == ',')
		entries_before = strtoul(end + 1, &end, 10);
	return entries >= entries_before &&
	    (number >= lines_before || entry_next);
}

/* Copies every line, and each of those taken where it was. */
static int
copy_with(const struct buf *text, const struct buf *taken, struct buf *ret,
    struct err *err)
{
	const char *line = buf_text(taken);
	size_t at = 0, number = 0, entries = 0;
	int rc = 0;

	while (rc == 0 && (*line != '\0' || at < text->len)) {
		size_t len = line_len(text->data + at, text->len - at);
		bool entry = is_any_entry(text->data + at, len);

		if (*line != '\0' &&
		    (at == text->len ||
			is_place(line, number, entries, entry))) {
			/* HAProxy refuses a line without its newline. */
			if (ret->len > 0 && ret->data[ret->len - 1] != '\n')
				rc = buf_puts(ret, "\n", err);
			line = strchr(line, ' ') + 1;
			len = strcspn(line, "\n") + 1;
			if (rc == 0)
				rc = buf_add(ret, line, len, err);
			line += len;
			entry = true;
		} else {
			rc = buf_add(ret, text->data + at, len, err);
			at += len;
		}
		entries += entry;
		number++;
	}
	return rc;
}

/* A store that would be read as something else must not become a line. */
static int
check_store(const char *store, struct err *err)
{
	if (strpbrk(store, "[]") != NULL)
		return err_set(err, ERR_INVALID, doing, store,
		    "a bracket cannot stand in a crt-list's file name");
	return command_check_word(store, err);
}

static int
replace(struct edit *file, const struct buf *text, struct err *err)
{
	return fs_replace(file->dirfd, file->name, &file->owner, buf_text(text),
	    text->len, err);
}

/* Adds the entry where it is wanted and not there, or the reverse. */
static int
edit(const struct crtlist_file *which, const char *store, bool wanted,
    struct buf *taken, bool *ret_changed, struct err *err)
{
	struct edit file = {.dirfd = -1, .text = BUF_INIT(LIMIT_CRTLIST_BYTES)};
	struct buf text = BUF_INIT(LIMIT_CRTLIST_BYTES);
	size_t entries = 0;
	int rc;

	rc = check_store(store, err);
	if (rc == 0)
		rc = file_open(which, &file, err);
	if (rc == 0)
		rc = copy_others(&file, store, &text, taken, &entries, err);
	if (rc < 0)
		goto out;
	*ret_changed = wanted == (entries == 0);
	if (!*ret_changed)
		goto out;
	/* HAProxy refuses to start on a last line without its newline. */
	if (wanted && text.len > 0 && text.data[text.len - 1] != '\n')
		rc = buf_puts(&text, "\n", err);
	if (rc == 0 && wanted)
		rc = buf_printf(&text, err, "%s\n", store);
	if (rc == 0)
		rc = replace(&file, &text, err);
out:
	buf_free(&text);
	file_close(&file);
	return rc;
}

int
crtlist_file_add(const struct crtlist_file *file, const char *store,
    bool *ret_changed, struct err *err)
{
	return edit(file, store, true, NULL, ret_changed, err);
}

int
crtlist_file_del(const struct crtlist_file *file, const char *store,
    struct buf *ret_taken, bool *ret_changed, struct err *err)
{
	return edit(file, store, false, ret_taken, ret_changed, err);
}

int
crtlist_file_lines(const struct crtlist_file *which, const char *store,
    struct buf *ret_taken, struct err *err)
{
	struct edit file = {.dirfd = -1, .text = BUF_INIT(LIMIT_CRTLIST_BYTES)};
	struct buf others = BUF_INIT(LIMIT_CRTLIST_BYTES);
	size_t entries = 0;
	int rc;

	rc = file_open(which, &file, err);
	if (rc == 0)
		rc = copy_others(
		    &file, store, &others, ret_taken, &entries, err);
	buf_free(&others);
	file_close(&file);
	return rc;
}

int
crtlist_file_return(const struct crtlist_file *which, const char *store,
    const struct buf *taken, struct err *err)
{
	struct edit file = {.dirfd = -1, .text = BUF_INIT(LIMIT_CRTLIST_BYTES)};
	struct buf text = BUF_INIT(LIMIT_CRTLIST_BYTES);
	struct buf others = BUF_INIT(LIMIT_CRTLIST_BYTES);
	size_t entries = 0;
	int rc;

	rc = file_open(which, &file, err);
	if (rc == 0)
		rc = copy_others(&file, store, &others, NULL, &entries, err);
	if (rc == 0 && entries == 0)
		rc = copy_with(&file.text, taken, &text, err);
	if (rc == 0 && entries == 0)
		rc = replace(&file, &text, err);
	buf_free(&others);
	buf_free(&text);
	file_close(&file);
	return rc;
}
