/*
 * certbot_hooks.c: looks through certbot's hook directories as certbot itself
 * does (contract "How a hook is run"), and through its cli.ini.
 */
#include "wrapper/certbot_hooks.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "cert/cliini.h"

bool
certbot_hooks_walk(const struct conf *conf, const char *kind,
    void (*see)(const char *path, void *context), void *context)
{
	char dir_path[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES];
	struct dirent *entry;
	DIR *dir;
	int len;

	len = snprintf(dir_path, sizeof(dir_path), "%s/renewal-hooks/%s",
	    conf->letsencrypt.config_dir, kind);
	if (len < 0 || (size_t)len >= sizeof(dir_path))
		return false;
	dir = opendir(dir_path);
	if (dir == NULL)
		return false;
	while ((entry = readdir(dir)) != NULL) {
		struct err ignored = ERR_INIT;
		size_t name_len = strlen(entry->d_name);
		struct stat st;

		/* certbot runs what is a file and has no ~ at its end. */
		if (entry->d_name[name_len - 1] != '~' &&
		    fs_join(path, sizeof(path), dir_path, entry->d_name,
			&ignored) == 0 &&
		    (stat(path, &st) != 0 || S_ISREG(st.st_mode)))
			see(path, context);
	}
	(void)closedir(dir);
	return true;
}

bool
certbot_hooks_is_ours(const char *path)
{
	char *real = realpath(path, NULL);
	const char *base = real == NULL ? NULL : strrchr(real, '/');
	bool ours = base != NULL && strcmp(base + 1, "certhaul-hook") == 0;

	free(real);
	return ours;
}

/* A directory, or the file itself. */
static const char *
named_source(const struct hacfg *hacfg, const char *text)
{
	for (size_t i = 0; i < hacfg->bind_count; i++) {
		const struct hacfg_bind *bind = &hacfg->binds[i];

		for (size_t s = 0; s < bind->source_count; s++) {
			const struct hacfg_source *source = &bind->sources[s];

			if (source->kind == HACFG_CRT &&
			    source->path[0] == '/' &&
			    strstr(text, source->path) != NULL)
				return source->path;
		}
	}
	return NULL;
}

const char *
certbot_hooks_named(const struct conf *conf, const struct discovery *discovery,
    const char *path)
{
	struct buf text = BUF_INIT(LIMIT_HOOK_SCRIPT_BYTES);
	struct err ignored = ERR_INIT;
	const char *named = NULL;

	if (!certbot_hooks_is_ours(path) &&
	    fs_read(AT_FDCWD, path, FS_TRUST_ANY, &text, NULL, &ignored) == 0) {
		if (strstr(buf_text(&text), conf->haproxy.bundle_dir) != NULL)
			named = conf->haproxy.bundle_dir;
		else if (discovery != NULL)
			named = named_source(
			    discovery_hacfg(discovery), buf_text(&text));
	}
	buf_free(&text);
	return named;
}

struct found {
	char *path; /* `size` bytes */
	size_t size;
};

static void
see_pre(const char *path, void *context)
{
	const struct found *found = context;

	if (*found->path == '\0' && access(path, X_OK) == 0 &&
	    !certbot_hooks_is_ours(path))
		(void)snprintf(found->path, found->size, "%s", path);
}

/* The user's cli.ini may take the hook of everybody's off. */
static void
find_in_ini(char *ret, size_t size)
{
	char path[LIMIT_PATH_BYTES], command[2];

	if (cliini_find(getenv, "pre-hook", command, sizeof(command), path,
		sizeof(path)) &&
	    command[0] != '\0')
		(void)snprintf(ret, size, "%s", path);
}

void
certbot_hooks_find_pre(const struct conf *conf, char *ret, size_t size)
{
	struct found found = {ret, size};

	*ret = '\0';
	(void)certbot_hooks_walk(conf, "pre", see_pre, &found);
	if (*ret == '\0')
		find_in_ini(ret, size);
}
