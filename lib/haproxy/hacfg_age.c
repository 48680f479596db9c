/*
 * hacfg_age.c: has a running HAProxy read what is in the files now? By the
 * time of a file's last change that no copy takes along.
 */
#include "haproxy/hacfg.h"

#include <sys/stat.h>

#include "base/fs.h"
#include "base/limits.h"

enum { NS_A_SECOND = 1000 * 1000 * 1000 };

const char *
hacfg_changed_since(const char *const *files, size_t count, time_t since_s)
{
	long long latest_ns = 0;
	const char *latest = NULL;

	for (size_t i = 0; i < count; i++) {
		struct fs_ident ident;
		struct stat st;

		if (stat(files[i], &st) != 0)
			continue;
		fs_ident_from(&st, &ident);
		if (latest != NULL && ident.ctime_ns <= latest_ns)
			continue;
		latest = files[i];
		latest_ns = ident.ctime_ns;
	}
	return latest_ns / NS_A_SECOND > since_s ? latest : NULL;
}

static size_t
least(size_t a, size_t b)
{
	return a != 0 && a < b ? a : b;
}

struct hacfg_sizes
hacfg_sizes(const struct hacfg *hacfg, time_t start_s)
{
	struct hacfg_sizes sizes = {
	    .bufsize = hacfg->bufsize, .payload_max = hacfg->payload_max};

	sizes.unread = hacfg_changed_since((const char *const *)hacfg->files,
	    hacfg->file_count, start_s - HACFG_OFF_S - 1);
	if (sizes.unread != NULL) {
		sizes.bufsize = least(sizes.bufsize, LIMIT_BUFSIZE_DEFAULT);
		sizes.payload_max =
		    least(sizes.payload_max, LIMIT_CLI_PAYLOAD_DEFAULT);
	}
	return sizes;
}
