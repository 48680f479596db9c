/*
 * refit_socket.c: the sockets of haproxy.sockets, as HAProxy has them or could
 * have them: what `haproxy -c` takes it may be unable to bind. A part of
 * refit_find().
 */
#include "wrapper/refit_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The directory of `path`, without its last slash but for "/". */
static const char *
dir_of(const char *path, char ret[LIMIT_PATH_BYTES])
{
	const char *base = strrchr(path, '/');
	size_t len = base == NULL ? 0 : (size_t)(base - path);

	(void)snprintf(ret, LIMIT_PATH_BYTES, "%.*s",
	    (int)(len == 0 && base != NULL ? 1 : len), path);
	return ret;
}

/* Is its directory there? */
static bool
has_dir(const char *path, struct stat *ret)
{
	char dir[LIMIT_PATH_BYTES];

	return stat(dir_of(path, dir), ret) == 0 && S_ISDIR(ret->st_mode);
}

/* The directories of two sockets may be one (/run and /var/run). */
static bool
same_socket(const char *a, const char *b)
{
	const char *base_a = strrchr(a, '/'), *base_b = strrchr(b, '/');
	struct stat st_a, st_b;

	if (strcmp(a, b) == 0)
		return true;
	if (base_a == NULL || base_b == NULL || strcmp(base_a, base_b) != 0)
		return false;
	return has_dir(a, &st_a) && has_dir(b, &st_b) &&
	    st_a.st_dev == st_b.st_dev && st_a.st_ino == st_b.st_ino;
}

/* The place of the value behind the word `name`, 0 where there is none. */
static size_t
value_of(const struct refit_line *line, const char *name)
{
	size_t i;

	for (i = 1; i + 1 < line->count; i++) {
		if (strcmp(line->words[i], name) == 0)
			return i + 1;
	}
	return 0;
}

/* May nobody but its owner, root, write to the socket? */
static bool
is_private(const struct refit_line *line)
{
	static const char *const others[] = {"user", "uid", "group", "gid"};
	size_t mode = value_of(line, "mode");

	for (size_t i = 0; i < COUNT_OF(others); i++) {
		if (value_of(line, others[i]) != 0)
			return false;
	}
	return mode != 0 && (strtol(line->words[mode], NULL, 8) & 077) == 0;
}

/* Who may use it would be given more rights than the operator gave them. */
static int
raise_level(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *line, const char *path, struct err *err)
{
	size_t level = value_of(line, "level");
	char dir[LIMIT_PATH_BYTES];

	if (is_private(line))
		return refit_replace_word(work, REFIT_SOCKET, section, line,
		    level, level != 0 ? "admin" : "level admin", err);
	dir_of(path, dir);
	return refit_note(work, err,
	    "%s (%s:%u) has not level admin, and others than root may use it: "
	    "leave it to them, put \"stats socket %s/certhaul.sock mode 600 "
	    "level admin\" beside it, and haproxy: { sockets = [ "
	    "\"%s/certhaul.sock\" ]; }; into certhaul.conf",
	    path, section->file, line->line, dir, dir);
}

/* Looks for `path` among the sockets; `*ret_other`: another with admin. */
static int
find_socket(struct refit_work *work, const char *path, bool *ret_found,
    const char **ret_other, struct err *err)
{
	const struct refit_text *text = &work->text;
	size_t i, j, level;

	for (i = 0; i < text->count; i++) {
		const struct refit_section *section = &text->sections[i];

		for (j = 1; refit_is(section, "global") && j < section->count;
		     j++) {
			const struct refit_line *line = &section->lines[j];
			const char *its = refit_word(line, 2);
			bool admin;

			if (strcmp(line->words[0], "stats") != 0 ||
			    strcmp(refit_word(line, 1), "socket") != 0)
				continue;
			its += strncmp(its, "unix@", 5) == 0 ? 5 : 0;
			level = value_of(line, "level");
			admin = level != 0 &&
			    strcmp(line->words[level], "admin") == 0;
			if (admin && *its == '/')
				*ret_other = its;
			if (!same_socket(its, path))
				continue;
			*ret_found = true;
			return admin
			    ? 0
			    : raise_level(work, section, line, path, err);
		}
	}
	return 0;
}

/* `haproxy -c` binds nothing, so that it would not find this out. */
static int
note_dir(struct refit_work *work, const char *path, struct err *err)
{
	const struct hacfg *hacfg = work->hacfg;
	char dir[LIMIT_PATH_BYTES], other[LIMIT_PATH_BYTES] = "";
	struct stat st;

	for (size_t i = 0; i < hacfg->socket_count && *other == '\0'; i++) {
		if (has_dir(hacfg->sockets[i], &st))
			dir_of(hacfg->sockets[i], other);
	}
	dir_of(path, dir);
	if (*other == '\0')
		(void)snprintf(other, sizeof(other), "DIRECTORY");
	return refit_note(work, err,
	    "the directory of %s (haproxy.sockets in certhaul.conf) is not "
	    "there, and HAProxy would not start with a socket in it: none is "
	    "proposed. Where HAProxy's unit makes it (RuntimeDirectory=), "
	    "start HAProxy and run init again; else have it made at each boot "
	    "(in /etc/tmpfiles.d: d %s 0755 root root), or set haproxy: { "
	    "sockets = [ \"%s/certhaul.sock\" ]; };",
	    path, dir, other);
}

bool
refit_may_bind(
    struct refit_work *work, const char *path, int *ret_rc, struct err *err)
{
	struct stat st;
	bool there = has_dir(path, &st);

	*ret_rc = there ? 0 : note_dir(work, path, err);
	return there;
}

int
refit_find_sockets(struct refit_work *work, const struct refit_section *global,
    struct err *err)
{
	const struct conf_list *sockets = &work->conf->haproxy.sockets;
	char text[LIMIT_PATH_BYTES + 64];
	size_t i;
	int rc = 0;

	for (i = 0; i < sockets->count && rc == 0; i++) {
		const char *other = NULL;
		bool found = false;

		rc = find_socket(work, sockets->items[i], &found, &other, err);
		if (rc < 0 || found)
			continue;
		if (other != NULL) {
			rc = refit_note(work, err,
			    "haproxy.cfg has the socket %s, and haproxy.sockets"
			    " in certhaul.conf %s: set haproxy: { sockets = [ "
			    "\"%s\" ]; };",
			    other, sockets->items[i], other);
			continue;
		}
		if (!refit_may_bind(work, sockets->items[i], &rc, err))
			continue;
		(void)snprintf(text, sizeof(text),
		    "stats socket %s mode 600 level admin", sockets->items[i]);
		rc = refit_add(work, REFIT_SOCKET, global, refit_end_of(global),
		    false, text, err);
	}
	return rc;
}
