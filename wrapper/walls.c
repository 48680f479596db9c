/*
 * walls.c: the unit as conf/certhaul.service.in has it, and as it was changed;
 * held against the paths of certhaul.conf.
 */
#include "wrapper/walls.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"

#define UNIT "/etc/systemd/system/certhaul.service"

/* What the unit says, and its drop-ins after it. */
struct walls {
	bool etc, usr, home; /* are read-only */
	bool all; /* so is everything, but for the kernel's own */
	bool tmp; /* is its own */
	bool no_home; /* is empty, whatever is open */
	char open[4096]; /* what may be written all the same, blanks around */
};

static bool
is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	return strncmp(path, dir, len) == 0 &&
	    (len == 1 || path[len] == '/' || path[len] == '\0');
}

static bool
is_off(const char *value)
{
	static const char *const words[] = {"", "no", "false", "off", "0"};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strcmp(value, words[i]) == 0)
			return true;
	}
	return false;
}

/* What is in `value` stays writable, below `dir` ("": as it stands). */
static void
open_paths(struct walls *walls, const char *dir, const char *value)
{
	static const char blanks[] = " \t";

	/* Nothing takes back what was said before. */
	if (*value == '\0' && *dir == '\0')
		walls->open[0] = '\0';
	for (value += strspn(value, blanks); *value != '\0';
	     value += strspn(value, blanks)) {
		size_t used = strlen(walls->open), len = strcspn(value, blanks);

		(void)snprintf(walls->open + used, sizeof(walls->open) - used,
		    "%s%.*s ", dir, (int)len, value);
		value += len;
	}
}

static void
take_setting(struct walls *walls, const char *key, const char *value)
{
	static const struct {
		const char *key, *dir;
	} opened[] = {
	    {"ReadWritePaths", ""},
	    {"StateDirectory", "/var/lib/"},
	    {"CacheDirectory", "/var/cache/"},
	    {"LogsDirectory", "/var/log/"},
	    {"RuntimeDirectory", "/run/"},
	};

	if (strcmp(key, "ProtectSystem") == 0) {
		walls->usr = !is_off(value);
		walls->all = strcmp(value, "strict") == 0;
		walls->etc = walls->all || strcmp(value, "full") == 0;
	} else if (strcmp(key, "ProtectHome") == 0) {
		walls->home = !is_off(value);
		walls->no_home = walls->home && strcmp(value, "read-only") != 0;
	} else if (strcmp(key, "PrivateTmp") == 0) {
		walls->tmp = !is_off(value);
	}
	for (size_t i = 0; i < COUNT_OF(opened); i++) {
		if (strcmp(key, opened[i].key) == 0)
			open_paths(walls, opened[i].dir, value);
	}
}

static char *
trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r");
	for (len = strlen(text); len > 0 && strchr(" \t\r", text[len - 1]);)
		text[--len] = '\0';
	return text;
}

/* systemd takes blanks on both sides of the = and of the line. */
static void
take_line(struct walls *walls, char *line)
{
	char *value = strchr(line, '=');

	if (value == NULL)
		return;
	*value++ = '\0';
	take_setting(walls, trim(line), trim(value));
}

static void
take_file(struct walls *walls, const char *path)
{
	struct buf text = BUF_INIT(LIMIT_CONF_BYTES);
	struct err ignored = ERR_INIT;
	char *line, *next;

	if (fs_read(AT_FDCWD, path, FS_TRUST_ANY, &text, NULL, &ignored) < 0 ||
	    text.len == 0)
		goto out;
	for (line = text.data; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		take_line(walls, line);
	}
out:
	buf_free(&text);
}

static int
is_conf(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot != NULL && strcmp(dot, ".conf") == 0;
}

/* As conf/certhaul.service.in has them, and as they were changed. */
static void
read_walls(const char *root, struct walls *ret)
{
	char dir[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES];
	struct err ignored = ERR_INIT;
	struct dirent **entries = NULL;
	int count;

	*ret = (struct walls){.etc = true,
	    .usr = true,
	    .home = true,
	    .tmp = true,
	    .open = "-/etc/letsencrypt -/etc/haproxy /var/lib/certhaul "};
	/* One that stands in its place has the walls that it names. */
	(void)snprintf(path, sizeof(path), "%s" UNIT, root);
	if (access(path, F_OK) == 0)
		*ret = (struct walls){.open = ""};
	take_file(ret, path);
	(void)snprintf(dir, sizeof(dir), "%s" UNIT ".d", root);
	count = scandir(dir, &entries, is_conf, alphasort);
	for (int i = 0; i < count; i++) {
		if (fs_join(path, sizeof(path), dir, entries[i]->d_name,
			&ignored) == 0)
			take_file(ret, path);
		free(entries[i]);
	}
	free(entries);
}

static bool
is_opened(const struct walls *walls, const char *path)
{
	char dir[LIMIT_PATH_BYTES];

	for (const char *word = walls->open; *word != '\0';) {
		size_t len = strcspn(word, " \t");

		(void)snprintf(dir, sizeof(dir), "%.*s", (int)len, word);
		if (is_below(path, dir + strspn(dir, "-+")))
			return true;
		word += len;
		word += strspn(word, " \t");
	}
	return false;
}

/* Is it below one of the directories that this wall is about? */
static bool
is_walled(bool wall, const char *const *dirs, const char *path)
{
	for (; wall && *dirs != NULL; dirs++) {
		if (is_below(path, *dirs))
			return true;
	}
	return false;
}

static const char *const home[] = {"/home", "/root", "/run/user", NULL};

/* Is it, or what a link of that name leads to, closed to writers? */
static bool
is_closed(const struct walls *walls, const char *path)
{
	static const char *const etc[] = {"/etc", NULL};
	static const char *const usr[] = {"/usr", "/boot", "/efi", NULL};
	static const char *const kernel[] = {"/dev", "/proc", "/sys", NULL};
	char real[PATH_MAX];

	if (realpath(path, real) != NULL)
		path = real;
	return (is_walled(walls->etc, etc, path) ||
		   is_walled(walls->usr, usr, path) ||
		   is_walled(walls->home, home, path) ||
		   (walls->all && !is_walled(true, kernel, path))) &&
	    !is_opened(walls, path);
}

/* Is item `i` below an earlier one, which is told? */
static bool
is_covered(const struct walls *walls, const char *const *written, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (written[j] != NULL && *written[j] != '\0' &&
		    is_below(written[i], written[j]) &&
		    is_closed(walls, written[j]))
			return true;
	}
	return false;
}

static bool
is_hidden(const struct walls *walls, const char *path)
{
	static const char *const tmp[] = {"/tmp", "/var/tmp", NULL};

	return is_walled(walls->tmp, tmp, path) ||
	    is_walled(walls->no_home, home, path);
}

/* What is written there is a file beside it, too: its directory. */
static void
put_dir(const char *path, char *ret, size_t size)
{
	const char *slash = strrchr(path, '/');
	int len = slash == NULL || slash == path ? 0 : (int)(slash - path);

	(void)snprintf(ret, size, "%.*s", len, path);
}

/* What is in the way. */
struct faults {
	char closed[LIMIT_PATH_BYTES]; /* blanks between them */
	char opened[LIMIT_PATH_BYTES]; /* the same, as the unit is to have it */
	char hidden[LIMIT_PATH_BYTES]; /* commas */
};

static void
add(char *list, size_t size, const char *between, const char *path)
{
	size_t used = strlen(list);

	(void)snprintf(
	    list + used, size - used, "%s%s", used > 0 ? between : "", path);
}

static void
add_hidden(const struct walls *walls, const char *path, struct faults *faults)
{
	if (is_hidden(walls, path))
		add(faults->hidden, sizeof(faults->hidden), ", ", path);
}

/* systemd does not start a unit with one that is not there, but for a `-`. */
static void
add_closed(const char *path, struct faults *faults)
{
	char word[LIMIT_PATH_BYTES];

	(void)snprintf(word, sizeof(word), "%s%s",
	    access(path, F_OK) == 0 ? "" : "-", path);
	add(faults->closed, sizeof(faults->closed), " ", path);
	add(faults->opened, sizeof(faults->opened), " ", word);
}

static void
look_at_written(
    const struct conf *conf, const struct walls *walls, struct faults *faults)
{
	char list[LIMIT_PATH_BYTES] = "", lock[LIMIT_PATH_BYTES] = "";
	const char *const written[] = {conf->haproxy.bundle_dir,
	    conf->letsencrypt.config_dir, conf->letsencrypt.work_dir,
	    conf->letsencrypt.logs_dir, conf->state_dir, list, lock};

	if (conf->haproxy.crt_list != NULL)
		put_dir(conf->haproxy.crt_list, list, sizeof(list));
	if (conf->lock_file != NULL)
		put_dir(conf->lock_file, lock, sizeof(lock));
	for (size_t i = 0; i < COUNT_OF(written); i++) {
		const char *path = written[i];

		if (path == NULL || *path == '\0')
			continue;
		add_hidden(walls, path, faults);
		if (!is_hidden(walls, path) && is_closed(walls, path) &&
		    !is_covered(walls, written, i))
			add_closed(path, faults);
	}
}

static void
look_at_sockets(
    const struct conf *conf, const struct walls *walls, struct faults *faults)
{
	for (size_t i = 0; i < conf->haproxy.sockets.count; i++)
		add_hidden(walls, conf->haproxy.sockets.items[i], faults);
	if (conf->haproxy.master_socket != NULL)
		add_hidden(walls, conf->haproxy.master_socket, faults);
}

size_t
walls_tell(
    const struct conf *conf, const char *root, walls_say *say, void *context)
{
	struct faults faults = {.closed = ""};
	char text[2 * LIMIT_PATH_BYTES + 256];
	struct walls walls;

	read_walls(root, &walls);
	look_at_written(conf, &walls, &faults);
	look_at_sockets(conf, &walls, &faults);
	if (*faults.closed != '\0') {
		(void)snprintf(text, sizeof(text),
		    "certhaul.service may not write to %s: systemctl edit "
		    "certhaul.service, and put there: [Service] (a line of its "
		    "own) ReadWritePaths=%s",
		    faults.closed, faults.opened);
		say(context, text);
	}
	if (*faults.hidden != '\0') {
		(void)snprintf(text, sizeof(text),
		    "certhaul.service does not see %s (PrivateTmp=, "
		    "ProtectHome=): have it elsewhere, as in /run/haproxy",
		    faults.hidden);
		say(context, text);
	}
	return (*faults.closed != '\0') + (*faults.hidden != '\0');
}

size_t
walls_tell_snap(const struct engine *engine, const char *root, walls_say *say,
    void *context)
{
	char drop_in[LIMIT_PATH_BYTES], text[LIMIT_PATH_BYTES + 256];

	if (!engine_is_snap(engine))
		return 0;
	(void)snprintf(drop_in, sizeof(drop_in),
	    "%s/etc/systemd/system/certhaul.service.d/snap.conf", root);
	if (access(drop_in, F_OK) == 0)
		return 0;
	(void)snprintf(text, sizeof(text),
	    "certhaul.service is closed to what snapd does for %s: install -D "
	    "-m 644 PREFIX/share/certhaul/snap.conf "
	    "/etc/systemd/system/certhaul.service.d/snap.conf, then systemctl "
	    "daemon-reload",
	    engine->path);
	say(context, text);
	return 1;
}
