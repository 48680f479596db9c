/*
 * agreed.c: beside the pipeline: a file state_dir/lists, a line for each worker
 * and list: "PID:START SOCKET DEV INO SIZE MTIME CTIME LIST".
 */
#include "hooks/agreed.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "hooks/site.h"

static const char doing[] = "noting which crt-lists agree";
static const char file_name[] = "lists";

enum { WHO_WORDS = 2, IDENT_WORDS = 5 };

struct agreed {
	const struct conf *conf; /* borrowed */
	struct buf text;
	bool changed;
};

int
agreed_open(const struct conf *conf, struct agreed **ret, struct err *err)
{
	struct agreed *agreed = calloc(1, sizeof(*agreed));
	struct err why = ERR_INIT;
	int fd = -1, rc;

	if (agreed == NULL)
		return err_nomem(err, doing);
	agreed->text = (struct buf)BUF_INIT(LIMIT_REPLY_BYTES);
	agreed->conf = conf;
	rc = fs_open_dir(conf->state_dir, &fd, &why);
	if (rc == 0)
		rc = fs_read_here(
		    fd, file_name, FS_TRUST_PRIVATE, &agreed->text, NULL, &why);
	if (rc < 0)
		buf_reset(&agreed->text);
	if (fd >= 0)
		(void)close(fd);
	*ret = agreed;
	return 0;
}

/* The next line's length, its end included; 0: there is none. */
static size_t
next_line(const char *text)
{
	size_t len = strcspn(text, "\n");

	return text[len] == '\n' ? len + 1 : 0;
}

/*
 * Is the line of that worker, by that socket: of two containers each may have a
 * process of one number?
 */
static bool
is_of(const char *line, size_t len, const struct process *process)
{
	const char *socket = process->peer.path;
	char who[LIMIT_IDENTITY_BYTES], noted[LIMIT_IDENTITY_BYTES];
	size_t word = strcspn(line, " \n");

	if (word >= sizeof(noted) || word >= len ||
	    strncmp(line + word + 1, socket, strlen(socket)) != 0 ||
	    line[word + 1 + strlen(socket)] != ' ')
		return false;
	memcpy(noted, line, word);
	noted[word] = '\0';
	process_identity(process, 1, who, sizeof(who));
	return process_identity_equal(noted, who);
}

/* Is it, behind its worker, `words` and then `list`? */
static bool
says(const char *line, size_t len, size_t words, const char *list)
{
	const char *end = line + len - 1;

	for (size_t i = 0; i < words; i++) {
		line += strcspn(line, " \n");
		line += *line == ' ';
	}
	return (size_t)(end - line) == strlen(list) &&
	    strncmp(line, list, strlen(list)) == 0;
}

static int
print(struct buf *ret, const char *list, const struct fs_ident *ident,
    struct err *err)
{
	return buf_printf(ret, err, "%llu %llu %llu %lld %lld %s", ident->dev,
	    ident->ino, ident->size, ident->mtime_ns, ident->ctime_ns, list);
}

bool
agreed_holds(const struct agreed *agreed, const struct process *process,
    const char *list, const struct fs_ident *ident)
{
	struct buf wanted = BUF_INIT(LIMIT_COMMAND_BYTES);
	const char *line = buf_text(&agreed->text);
	struct err ignored = ERR_INIT;
	bool holds = false;
	size_t len;

	if (print(&wanted, list, ident, &ignored) == 0) {
		for (; !holds && (len = next_line(line)) > 0; line += len)
			holds = says(line, len, WHO_WORDS, buf_text(&wanted)) &&
			    is_of(line, len, process);
	}
	buf_free(&wanted);
	return holds;
}

/* Copies every line but that of the worker and the list; is there one? */
static int
copy_others(const struct agreed *agreed, const struct process *process,
    const char *list, struct buf *ret, bool *ret_any, struct err *err)
{
	const char *line = buf_text(&agreed->text);
	int rc = 0;
	size_t len;

	*ret_any = false;
	for (; rc == 0 && (len = next_line(line)) > 0; line += len) {
		if (says(line, len, WHO_WORDS + IDENT_WORDS, list) &&
		    is_of(line, len, process))
			*ret_any = true;
		else
			rc = buf_add(ret, line, len, err);
	}
	return rc;
}

void
agreed_note(struct agreed *agreed, const struct process *process,
    const char *list, const struct fs_ident *ident)
{
	struct buf text = BUF_INIT(LIMIT_REPLY_BYTES);
	struct err ignored = ERR_INIT;
	char who[LIMIT_IDENTITY_BYTES];
	bool any = false;
	int rc;

	if (strchr(list, '\n') != NULL ||
	    strpbrk(process->peer.path, " \n") != NULL ||
	    (ident != NULL && agreed_holds(agreed, process, list, ident)))
		return;
	rc = copy_others(agreed, process, list, &text, &any, &ignored);
	if (rc == 0 && ident != NULL) {
		process_identity(process, 1, who, sizeof(who));
		rc = buf_printf(
		    &text, &ignored, "%s %s ", who, process->peer.path);
		if (rc == 0)
			rc = print(&text, list, ident, &ignored);
		if (rc == 0)
			rc = buf_puts(&text, "\n", &ignored);
	}
	if (rc == 0 && (any || ident != NULL)) {
		buf_free(&agreed->text);
		agreed->text = text;
		agreed->changed = true;
	} else {
		buf_free(&text);
	}
}

static bool
is_up(const char *line, size_t len, const struct site *site)
{
	for (size_t p = 0; p < site->process_count; p++) {
		if (site->processes[p].up &&
		    is_of(line, len, &site->processes[p].process))
			return true;
	}
	return false;
}

void
agreed_keep(const struct agreed *agreed, const struct site *site)
{
	const struct fs_owner owner = {geteuid(), getegid(), 0600};
	struct buf text = BUF_INIT(LIMIT_REPLY_BYTES);
	const char *line = buf_text(&agreed->text);
	struct err ignored = ERR_INIT;
	char tmp[NAME_MAX + 1] = "";
	int fd = -1, rc = 0;
	size_t len;

	if (!agreed->changed)
		return;
	for (; rc == 0 && (len = next_line(line)) > 0; line += len) {
		if (is_up(line, len, site))
			rc = buf_add(&text, line, len, &ignored);
	}
	if (rc == 0)
		rc = fs_open_dir(agreed->conf->state_dir, &fd, &ignored);
	if (rc == 0)
		(void)fs_sweep(fd);
	/* It need not last longer than HAProxy does: nothing is synced. */
	if (rc == 0)
		rc = fs_stage(
		    fd, &owner, text.data, text.len, false, tmp, &ignored);
	if (rc == 0 &&
	    fs_rename(fd, agreed->conf->state_dir, tmp, file_name, &ignored) <
		0)
		(void)unlinkat(fd, tmp, 0);
	if (fd >= 0)
		(void)close(fd);
	buf_free(&text);
}

void
agreed_close(struct agreed *agreed)
{
	if (agreed == NULL)
		return;
	buf_free(&agreed->text);
	free(agreed);
}
