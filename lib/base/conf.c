/*
 * conf.c: certhaul.conf from the disk to a constant struct conf. The first
 * thing that every program does; conf_table.c says what may stand in it,
 * conf_value.c looks at each value.
 */
#include "base/conf.h"

#include <fcntl.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf_scan.h"
#include "base/conf_twice.h"
#include "base/conf_value.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"

enum {
	WORDS_MOST = 96, /* options and groups, for the nearest name */
	KEY_BYTES = 128, /* "group.option"; longer ones are cut, so unknown */
};

/* The group of an option: how many bytes in front of its dot. */
static size_t
group_len(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot != NULL ? (size_t)(dot - name) : 0;
}

static const struct conf_option *
find_option(const char *key)
{
	const struct conf_option *rows = NULL;
	size_t count;

	rows = conf_options(&count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].name, key) == 0)
			return &rows[i];
	}
	return NULL;
}

static bool
is_group(const char *name)
{
	const struct conf_option *rows = NULL;
	size_t count, len = strlen(name);

	rows = conf_options(&count);
	for (size_t i = 0; i < count; i++) {
		if (len > 0 && group_len(rows[i].name) == len &&
		    strncmp(rows[i].name, name, len) == 0)
			return true;
	}
	return false;
}

/* "did you mean": by spelling, else the same name in another group. */
static const char *
nearest_option(const char *key)
{
	const char *words[WORDS_MOST + 1], *near = NULL, *name = NULL;
	const struct conf_option *rows = NULL;
	size_t count;

	rows = conf_options(&count);
	if (count > WORDS_MOST)
		count = WORDS_MOST;
	for (size_t i = 0; i < count; i++)
		words[i] = rows[i].name;
	words[count] = NULL;
	near = text_nearest(key, words);
	name = strrchr(key, '.') != NULL ? strrchr(key, '.') + 1 : key;
	for (size_t i = 0; near == NULL && i < count; i++) {
		if (strcmp(rows[i].name + group_len(rows[i].name) +
			    (strchr(rows[i].name, '.') != NULL),
			name) == 0)
			near = rows[i].name;
	}
	return near;
}

/* The nearest group's name into `ret`; "" where none is near. */
static void
nearest_group(const char *name, char *ret, size_t size)
{
	char groups[WORDS_MOST][KEY_BYTES];
	const char *words[WORDS_MOST + 1], *near = NULL;
	const struct conf_option *rows = NULL;
	size_t count, len, found = 0;

	rows = conf_options(&count);
	for (size_t i = 0; i < count && found < WORDS_MOST; i++) {
		len = group_len(rows[i].name);
		if (len == 0 || len >= KEY_BYTES)
			continue;
		memcpy(groups[found], rows[i].name, len);
		groups[found][len] = '\0';
		words[found] = groups[found];
		found++;
	}
	words[found] = NULL;
	near = text_nearest(name, words);
	/* A group's name is shorter than KEY_BYTES, and so is `ret`. */
	(void)snprintf(ret, size, "%s", near != NULL ? near : "");
}

static int
unknown(const config_setting_t *setting, const char *key, const char *file,
    struct err *err)
{
	char near_group[KEY_BYTES];
	const char *near = NULL;

	if (config_setting_is_group(setting)) {
		nearest_group(key, near_group, sizeof(near_group));
		near = near_group[0] != '\0' ? near_group : NULL;
	} else {
		near = nearest_option(key);
	}
	if (is_group(key))
		return conf_value_err(setting, file, key, err,
		    "it is a group: write %s: { ... };", key);
	if (near == NULL)
		return conf_value_err(
		    setting, file, key, err, "there is no such option");
	return conf_value_err(setting, file, key, err,
	    "there is no such option; did you mean %s?", near);
}

/* Stores every setting of `group`, whose name is `prefix` ("": the top). */
static int
read_group(struct conf *conf, const config_setting_t *group, const char *prefix,
    const char *file, struct err *err)
{
	int rc, count = config_setting_length(group);
	const config_setting_t *setting = NULL;
	const struct conf_option *row = NULL;
	char key[KEY_BYTES];

	for (int i = 0; i < count; i++) {
		setting = config_setting_get_elem(group, (unsigned)i);
		(void)snprintf(key, sizeof(key), "%s%s%s", prefix,
		    prefix[0] != '\0' ? "." : "", config_setting_name(setting));
		row = find_option(key);
		if (row != NULL)
			rc = conf_value_set(conf, row, setting, file, err);
		else if (config_setting_is_group(setting) && is_group(key))
			rc = read_group(conf, setting, key, file, err);
		else
			rc = unknown(setting, key, file, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int
parse(config_t *config, const char *text, const char *file, struct err *err)
{
	char on[LIMIT_ERR_ON_BYTES], name[KEY_BYTES];

	if (config_read_string(config, text) == CONFIG_TRUE)
		return 0;
	(void)snprintf(
	    on, sizeof(on), "%s:%d", file, config_error_line(config));
	if (conf_twice_find(
		text, config_error_line(config), name, sizeof(name)))
		return err_set(err, ERR_CONF, CONF_DOING, on,
		    "%s: it is there already", name);
	return err_set(
	    err, ERR_CONF, CONF_DOING, on, "%s", config_error_text(config));
}

/* The defaults go the way of the file, so they are checked as it is. */
static int
set_default(struct conf *conf, const struct conf_option *row, struct err *err)
{
	static const char file[] = "the defaults";
	struct buf text = BUF_INIT(LIMIT_CONF_STRING_BYTES);
	config_t config;
	int rc;

	config_init(&config);
	rc = buf_printf(&text, err, "v = %s;", row->fallback);
	if (rc < 0)
		goto out;
	rc = parse(&config, buf_text(&text), file, err);
	if (rc < 0)
		goto out;
	rc = conf_value_set(conf, row, config_lookup(&config, "v"), file, err);
out:
	config_destroy(&config);
	buf_free(&text);
	return rc;
}

static int
set_defaults(struct conf *conf, struct err *err)
{
	const struct conf_option *rows = NULL;
	size_t count;
	int rc = 0;

	rows = conf_options(&count);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = set_default(conf, &rows[i], err);
	return rc;
}

/* The text of `path` as settings; `config` is initialised. */
static int
parse_file(config_t *config, const char *path, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_CONF_BYTES);
	int rc;

	rc = fs_read(AT_FDCWD, path, FS_TRUST_PRIVATE, &text, NULL, err);
	if (rc == 0)
		rc = conf_scan(&text, path, err);
	if (rc == 0)
		rc = parse(config, buf_text(&text), path, err);
	buf_free(&text);
	return rc;
}

static int
read_file(struct conf *conf, const char *path, struct err *err)
{
	config_t config;
	int rc;

	config_init(&config);
	rc = parse_file(&config, path, err);
	if (rc == 0)
		rc = read_group(
		    conf, config_root_setting(&config), "", path, err);
	config_destroy(&config);
	if (rc < 0)
		return rc;
	/* It is handed on to hooks that run elsewhere, and for years. */
	conf->path = fs_absolute(path);
	return conf->path == NULL ? err_nomem(err, CONF_DOING) : 0;
}

static int
take_state_dir(
    struct conf *conf, config_t *config, const char *path, struct err *err)
{
	static const char name[] = "state_dir";
	config_setting_t *setting = config_lookup(config, name);
	const struct conf_option *rows = NULL;
	size_t count;

	rows = conf_options(&count);
	for (size_t i = 0; setting != NULL && i < count; i++) {
		if (strcmp(rows[i].name, name) == 0)
			return conf_value_set(
			    conf, &rows[i], setting, path, err);
	}
	return 0;
}

/* What cannot be parsed may have a line that can. */
static int
scan_state_dir(struct conf *conf, const char *path, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_CONF_BYTES);
	struct buf line = BUF_INIT(LIMIT_CONF_BYTES);
	struct err ignored = ERR_INIT;
	const char *at;
	int rc = err->code;

	if (fs_read(AT_FDCWD, path, FS_TRUST_PRIVATE, &text, NULL, &ignored) <
	    0)
		goto out;
	for (at = buf_text(&text); rc < 0 && *at != '\0';
	     at += strcspn(at, "\n"), at += *at == '\n') {
		config_t config;

		at += strspn(at, " \t");
		if (strncmp(at, "state_dir", strlen("state_dir")) != 0)
			continue;
		/* A comment must end with its line. */
		buf_reset(&line);
		if (buf_printf(&line, &ignored, "%.*s\n",
			(int)strcspn(at, "\n"), at) < 0)
			break;
		config_init(&config);
		if (parse(&config, buf_text(&line), path, &ignored) == 0)
			rc = take_state_dir(conf, &config, path, err);
		config_destroy(&config);
	}
out:
	buf_free(&line);
	buf_free(&text);
	return rc;
}

static int
read_state_dir(struct conf *conf, const char *path, struct err *err)
{
	config_t config;
	int rc;

	config_init(&config);
	rc = parse_file(&config, path, err);
	if (rc == 0)
		rc = take_state_dir(conf, &config, path, err);
	else if (rc == ERR_CONF)
		rc = scan_state_dir(conf, path, err);
	config_destroy(&config);
	return rc;
}

/* Which file that is; *ret_default where nobody named one. */
static const char *
choose_path(const char *path, bool *ret_default)
{
	*ret_default = false;
	if (path != NULL)
		return path;
	path = getenv(CONF_ENV);
	*ret_default = path == NULL || path[0] == '\0';
	return *ret_default ? CONF_DEFAULT_PATH : path;
}

/* What is read from the file over the defaults. */
typedef int (*reader)(struct conf *conf, const char *path, struct err *err);

/* `lenient`: where it is the default file, an error of that code, or any. */
static int
load(const char *path, reader read, int lenient, struct conf **ret,
    struct err *err)
{
	struct conf *conf = NULL;
	bool is_default = false;
	int rc;

	path = choose_path(path, &is_default);
	conf = calloc(1, sizeof(*conf));
	if (conf == NULL)
		return err_nomem(err, CONF_DOING);
	rc = set_defaults(conf, err);
	if (rc < 0)
		goto out;
	rc = read(conf, path, err);
	if (rc < 0 && is_default && (lenient == 0 || rc == lenient)) {
		err_clear(err);
		rc = 0;
	}
	if (rc < 0)
		goto out;
	*ret = conf;
	conf = NULL;
out:
	conf_free(conf);
	return rc;
}

int
conf_load(const char *path, struct conf **ret, struct err *err)
{
	return load(path, read_file, ERR_NOENT, ret, err);
}

int
conf_load_state_dir(const char *path, struct conf **ret, struct err *err)
{
	return load(path, read_state_dir, 0, ret, err);
}

void
conf_free(struct conf *conf)
{
	const struct conf_option *rows = NULL;
	char *path = NULL;
	size_t count;

	if (conf == NULL)
		return;
	rows = conf_options(&count);
	for (size_t i = 0; i < count; i++)
		conf_value_free(conf, &rows[i]);
	conf_environment_free(conf->haproxy.environment);
	memcpy(&path, &conf->path, sizeof(path));
	free(path);
	free(conf);
}
