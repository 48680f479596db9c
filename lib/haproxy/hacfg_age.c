/*
 * hacfg_age.c: has a running HAProxy read what is in the files now? By the
 * time of a file's last change that no copy takes along.
 */
#include "haproxy/hacfg.h"

#include <sys/stat.h>

#include "base/fs.h"
#include "base/limits.h"

enum { NS_A_SECOND = 1000 * 1000 * 1000 };

/* Keeps `file` where `st` was changed later than what is kept. */
static void
keep_later(const char *file, const struct stat *st, const char **ret_file,
    long long *ret_ns)
{
	struct fs_ident ident;

	fs_ident_from(st, &ident);
	if (*ret_file != NULL && ident.ctime_ns <= *ret_ns)
		return;
	*ret_file = file;
	*ret_ns = ident.ctime_ns;
}

const char *
hacfg_changed_since(const char *const *files, size_t count, time_t since_s)
{
	long long latest_ns = 0;
	const char *latest = NULL;
	struct stat st;

	for (size_t i = 0; i < count; i++) {
		if (stat(files[i], &st) == 0)
			keep_later(files[i], &st, &latest, &latest_ns);
		if (lstat(files[i], &st) == 0)
			keep_later(files[i], &st, &latest, &latest_ns);
	}
	return latest_ns / NS_A_SECOND > since_s ? latest : NULL;
}

static size_t
least(size_t a, size_t b)
{
	return a != 0 && a < b ? a : b;
}

struct hacfg_sizes
hacfg_sizes(const struct hacfg *hacfg, const char *unread)
{
	struct hacfg_sizes sizes = {
	    .unread = unread,
	    .bufsize = hacfg->bufsize,
	    .payload_max = hacfg->payload_max,
	};

	if (unread != NULL) {
		sizes.bufsize = least(sizes.bufsize, LIMIT_BUFSIZE_DEFAULT);
		sizes.payload_max =
		    least(sizes.payload_max, LIMIT_CLI_PAYLOAD_DEFAULT);
	}
	return sizes;
}
