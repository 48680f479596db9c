/*
 * site_age.c: HAProxy's configuration on disk: what of it was changed last, by
 * the time that no copy takes along.
 */
#include "hooks/site.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cert/pki.h"
#include "haproxy/transaction.h"

/* The version of one more file. */
static void
add_file(const char *file, unsigned char *sum)
{
	unsigned char digest[PKI_SHA256_BYTES];
	struct fs_ident ident = {0};
	struct stat st;

	if (stat(file, &st) == 0)
		fs_ident_from(&st, &ident);
	pki_sha256(file, strlen(file), digest);
	pki_sha256_add(sum, digest);
	pki_sha256(&ident, sizeof(ident), digest);
	pki_sha256_add(sum, digest);
}

void
site_version(const struct site *site, unsigned char *ret)
{
	const struct hacfg *hacfg =
	    site->discovery == NULL ? NULL : discovery_hacfg(site->discovery);

	memset(ret, 0, PKI_SHA256_BYTES);
	for (size_t i = 0; hacfg != NULL && i < hacfg->file_count; i++)
		add_file(hacfg->files[i], ret);
	for (size_t i = 0; hacfg != NULL && i < hacfg->bind_count; i++) {
		const struct hacfg_bind *bind = &hacfg->binds[i];

		for (size_t k = 0; k < bind->source_count; k++) {
			if (bind->sources[k].kind == HACFG_CRT_LIST)
				add_file(bind->sources[k].path, ret);
		}
	}
}

/* The file that was changed last, where that was after `since_s`; or NULL. */
static const char *
find_changed(const struct site *site, time_t since_s)
{
	const struct conf_list *files = &site->conf->haproxy.config;
	const struct hacfg *hacfg =
	    site->discovery == NULL ? NULL : discovery_hacfg(site->discovery);

	return hacfg == NULL
	    ? hacfg_changed_since(files->items, files->count, since_s)
	    : hacfg_changed_since((const char *const *)hacfg->files,
		  hacfg->file_count, since_s);
}

/* The process that was started first of those that are up; NULL: none is. */
static const struct process *
find_oldest(const struct site *site)
{
	const struct process *oldest = NULL;

	for (size_t p = 0; p < site->process_count; p++) {
		const struct process *process = &site->processes[p].process;

		if (site->processes[p].up &&
		    (oldest == NULL || process->start_s < oldest->start_s))
			oldest = process;
	}
	return oldest;
}

/* Is the file that `path` begins with, `len` bytes, in `dir` and gone? */
static bool
is_gone_from(const char *dir, const char *path, size_t len)
{
	char file[LIMIT_PATH_BYTES];
	size_t dir_len = strlen(dir);

	if (len <= dir_len || len >= sizeof(file) ||
	    strncmp(path, dir, dir_len) != 0 ||
	    (path[dir_len] != '/' && path[dir_len - 1] != '/'))
		return false;
	memcpy(file, path, len);
	file[len] = '\0';
	return access(file, F_OK) != 0 && errno == ENOENT;
}

/* The one of `ours` that lacks one of `files`; NULL: none does. */
static const char *
lacks_file(const struct conf_list *ours, const char *files, bool cut)
{
	size_t len;

	for (; *files != '\0'; files += len + 1) {
		len = strcspn(files, ";");
		for (size_t i = 0; i < ours->count; i++) {
			if (!(cut && files[len] == '\0') &&
			    is_gone_from(ours->items[i], files, len))
				return ours->items[i];
		}
		if (files[len] == '\0')
			break;
	}
	return NULL;
}

/* Only there can a file go that is not named. */
static bool
has_directory(const struct conf_list *ours)
{
	struct stat st;

	for (size_t i = 0; i < ours->count; i++) {
		if (stat(ours->items[i], &st) == 0 && S_ISDIR(st.st_mode))
			return true;
	}
	return false;
}

void
site_find_gone(struct site *site)
{
	const struct conf_list *ours = &site->conf->haproxy.config;
	char files[LIMIT_PATH_BYTES];
	struct err ignored = ERR_INIT;

	site->gone = NULL;
	if (!has_directory(ours))
		return;
	for (size_t p = 0; site->gone == NULL && p < site->process_count; p++) {
		if (site->processes[p].up &&
		    process_files(&site->processes[p].process, files,
			sizeof(files), &ignored) == 0)
			site->gone = lacks_file(
			    ours, files, strlen(files) + 1 == sizeof(files));
	}
}

const char *
site_is_behind(const struct site *site)
{
	const struct process *oldest = find_oldest(site);
	const char *file = oldest == NULL
	    ? NULL
	    : find_changed(site, process_unread_s(oldest));

	return file != NULL ? file : site->gone;
}

bool
site_has_read_all(const struct site *site)
{
	const struct process *oldest = find_oldest(site);

	return (oldest == NULL ||
		   find_changed(site, process_read_s(oldest)) == NULL) &&
	    site->gone == NULL;
}

bool
site_fits(const struct site *site, size_t p, const char *name, size_t bytes)
{
	const struct process *process = &site->processes[p].process;
	const char *unread = find_changed(site, process_read_s(process));
	struct hacfg_sizes sizes = hacfg_sizes(discovery_hacfg(site->discovery),
	    unread != NULL ? unread : site->gone);

	return transaction_fits(
	    process, name, bytes, sizes.bufsize, sizes.payload_max);
}
