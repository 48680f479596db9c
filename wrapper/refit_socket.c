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
#include <unistd.h>

#include "base/fs.h"

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

/*
 * The place of the value behind the word `name`, as HAProxy takes it: the last;
 * 0 where there is none. There is a `level user`.
 */
static size_t
value_of(const struct refit_line *line, const char *name)
{
	size_t i, at = 0;

	for (i = 1; i + 1 < line->count; i++) {
		if (strcmp(line->words[i], name) == 0 &&
		    strcmp(line->words[i - 1], "level") != 0)
			at = i + 1;
	}
	return at;
}

/* Is the value of one of the words that name an owner not root? */
static bool
is_others(const struct refit_line *line, const char *name, const char *id)
{
	size_t at = value_of(line, name), at_id = value_of(line, id);

	return (at != 0 && strcmp(line->words[at], "root") != 0) ||
	    (at_id != 0 && strcmp(line->words[at_id], "0") != 0);
}

/* Does the mode let others than root connect, which takes the right to write?
 */
static bool
lets_in(mode_t mode, bool group)
{
	return (mode & S_IWOTH) != 0 || (group && (mode & S_IWGRP) != 0);
}

/*
 * May others than root use it, by its line or as it is now? A reload keeps the
 * socket that is there, whatever the line says by then. Whose group it gets
 * where neither says, its directory may decide.
 */
static bool
is_open(const struct refit_line *line, const char *path)
{
	bool group = is_others(line, "group", "gid");
	size_t mode = value_of(line, "mode");
	struct stat st;

	if (is_others(line, "user", "uid"))
		return true;
	if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
		if ((st.st_uid != 0 && st.st_uid != geteuid()) ||
		    lets_in(st.st_mode, st.st_gid != 0))
			return true;
	} else {
		group |=
		    value_of(line, "group") == 0 && value_of(line, "gid") == 0;
	}
	return mode != 0 &&
	    lets_in((mode_t)strtoul(line->words[mode], NULL, 8), group);
}

static bool
has_admin(const struct refit_line *line)
{
	size_t level = value_of(line, "level");

	return level != 0 && strcmp(line->words[level], "admin") == 0;
}

static int
raise_level(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *line, struct err *err)
{
	size_t level = value_of(line, "level");
	char text[32];

	/* It is root's alone by the umask: that is not to change by it. */
	(void)snprintf(text, sizeof(text), "%s%s",
	    level != 0 ? "admin" : "level admin",
	    value_of(line, "mode") == 0 ? " mode 600" : "");
	return refit_replace_word(
	    work, REFIT_SOCKET, section, line, level, text, err);
}

/* Where one of haproxy.sockets is. */
struct sight {
	const struct refit_section *section;
	const struct refit_line *line; /* NULL: nowhere */
	const char *other; /* another's path, which has admin; NULL: none */
};

static void
see_line(struct sight *sight, const struct refit_section *section,
    const struct refit_line *line, const char *path)
{
	const char *its = refit_word(line, 2);

	if (strcmp(line->words[0], "stats") != 0 ||
	    strcmp(refit_word(line, 1), "socket") != 0)
		return;
	its += strncmp(its, "unix@", 5) == 0 ? 5 : 0;
	if (sight->line == NULL && same_socket(its, path)) {
		sight->section = section;
		sight->line = line;
	} else if (has_admin(line) && *its == '/') {
		sight->other = its;
	}
}

static struct sight
look_for(const struct refit_text *text, const char *path)
{
	struct sight sight = {.line = NULL};

	for (size_t i = 0; i < text->count; i++) {
		const struct refit_section *section = &text->sections[i];

		for (size_t j = 1;
		     refit_is(section, "global") && j < section->count; j++)
			see_line(&sight, section, &section->lines[j], path);
	}
	return sight;
}

/* Has a `stats socket` line this path, whatever its level? */
static bool
is_taken(const struct refit_text *text, const char *path)
{
	return look_for(text, path).line != NULL;
}

/* "DIR/certhaul.sock", or with a number that none has yet. */
static int
own_path(const struct refit_text *text, const char *path, char *ret,
    size_t size, struct err *err)
{
	char dir[LIMIT_PATH_BYTES], base[32] = "certhaul.sock";
	int rc;

	rc = fs_join(ret, size, dir_of(path, dir), base, err);
	for (int n = 2; rc == 0 && is_taken(text, ret); n++) {
		(void)snprintf(base, sizeof(base), "certhaul-%d.sock", n);
		rc = fs_join(ret, size, dir, base, err);
	}
	return rc;
}

/* certhaul.conf is to name `to` in place of `from`. */
static int
name_instead(
    struct refit_work *work, const char *from, const char *to, struct err *err)
{
	struct refit *refit = work->refit;

	if (refit->socket_to != NULL)
		return 0;
	refit->socket_from = strdup(from);
	refit->socket_to = strdup(to);
	return refit->socket_from == NULL || refit->socket_to == NULL
	    ? err_nomem(err, REFIT_DOING)
	    : 0;
}

/*
 * Who may use the socket would be given more rights than the operator gave
 * them: it stays as it is, beside one of ours.
 */
static int
add_own(struct refit_work *work, const struct sight *sight, const char *path,
    struct err *err)
{
	char own[LIMIT_PATH_BYTES];
	char text[LIMIT_PATH_BYTES + 64];
	int rc;

	rc = own_path(&work->text, path, own, sizeof(own), err);
	(void)snprintf(
	    text, sizeof(text), "stats socket %s mode 600 level admin", own);
	if (rc == 0)
		rc = refit_add(work, REFIT_SOCKET, sight->section,
		    sight->line->line + 1, false, text, err);
	if (rc == 0)
		rc = refit_note(work, err,
		    "%s (%s:%u) has not level admin, and others than root may "
		    "use it: it is left to them, and certhaul gets %s beside "
		    "it",
		    path, sight->section->file, sight->line->line, own);
	return rc < 0 ? rc : name_instead(work, path, own, err);
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

static int
note_other(struct refit_work *work, const struct sight *sight, const char *path,
    struct err *err)
{
	int rc = refit_note(work, err,
	    "haproxy.cfg has the socket %s, and haproxy.sockets in "
	    "certhaul.conf %s: set haproxy: { sockets = [ \"%s\" ]; };",
	    sight->other, path, sight->other);

	/* Beside one of others' it may be what add_own() put there. */
	if (rc < 0 || sight->line == NULL || work->refit->socket_to != NULL)
		return rc;
	work->refit->socket_there = true;
	return name_instead(work, path, sight->other, err);
}

static int
add_socket(struct refit_work *work, const struct refit_section *global,
    const char *path, struct err *err)
{
	char text[LIMIT_PATH_BYTES + 64];
	int rc;

	if (!refit_may_bind(work, path, &rc, err))
		return rc;
	(void)snprintf(
	    text, sizeof(text), "stats socket %s mode 600 level admin", path);
	return refit_add(
	    work, REFIT_SOCKET, global, refit_end_of(global), false, text, err);
}

/* Does one of haproxy.sockets let certhaul in? Others need not, then. */
static bool
is_led(const struct refit_work *work)
{
	const struct conf_list *sockets = &work->conf->haproxy.sockets;

	for (size_t i = 0; i < sockets->count; i++) {
		struct sight sight = look_for(&work->text, sockets->items[i]);

		if (sight.line != NULL && has_admin(sight.line))
			return true;
	}
	return false;
}

int
refit_find_sockets(struct refit_work *work, const struct refit_section *global,
    struct err *err)
{
	const struct conf_list *sockets = &work->conf->haproxy.sockets;
	bool own = false, led = is_led(work);
	int rc = 0;

	for (size_t i = 0; i < sockets->count && rc == 0; i++) {
		const char *path = sockets->items[i];
		struct sight sight = look_for(&work->text, path);

		if (sight.line != NULL && led)
			continue;
		if (sight.line != NULL && !is_open(sight.line, path)) {
			rc = raise_level(work, sight.section, sight.line, err);
		} else if (sight.other != NULL) {
			rc = note_other(work, &sight, path, err);
		} else if (sight.line == NULL) {
			rc = add_socket(work, global, path, err);
		} else if (!own) {
			rc = add_own(work, &sight, path, err);
			own = true;
		}
	}
	return rc;
}
