/*
 * taker.c: looks through the files that HAProxy loads, after a handshake that
 * showed another certificate: the bundles first, then what stood on the bind
 * lines before them.
 */
#include "hooks/taker.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cert/bundle.h"

static bool
is_in_file(const char *path, const unsigned char *sha256)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct bundle bundle = {0};
	struct err ignored = ERR_INIT;
	bool found = false;

	if (fs_read(AT_FDCWD, path, FS_TRUST_ANY, &pem, NULL, &ignored) == 0 &&
	    bundle_parse_leaf(pem.data, pem.len, path, &bundle, &ignored) ==
		0 &&
	    bundle.leaf != NULL)
		found = memcmp(pki_cert_facts(bundle.leaf)->sha256, sha256,
			    PKI_SHA256_BYTES) == 0;
	bundle_free(&bundle);
	buf_free(&pem);
	return found;
}

/* In `path`, or, where that is a directory, in a file of it: into `ret`. */
static bool
is_in(const char *path, const unsigned char *sha256, char *ret, size_t size)
{
	struct dirent *entry;
	bool found = false;
	struct stat st;
	DIR *dir;

	if (stat(path, &st) != 0)
		return false;
	if (!S_ISDIR(st.st_mode)) {
		(void)snprintf(ret, size, "%s", path);
		return is_in_file(path, sha256);
	}
	dir = opendir(path);
	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		int n = snprintf(ret, size, "%s/%s", path, entry->d_name);

		found = entry->d_name[0] != '.' && n > 0 && (size_t)n < size &&
		    is_in_file(ret, sha256);
	}
	if (dir != NULL)
		(void)closedir(dir);
	return found;
}

void
taker_find(const struct site *site, const unsigned char *sha256, char *ret,
    size_t size, bool *ret_ours)
{
	const struct hacfg *hacfg =
	    site->discovery == NULL ? NULL : discovery_hacfg(site->discovery);

	*ret_ours = is_in(site->conf->haproxy.bundle_dir, sha256, ret, size);
	if (*ret_ours)
		return;
	for (size_t i = 0; hacfg != NULL && i < hacfg->bind_count; i++) {
		const struct hacfg_bind *bind = &hacfg->binds[i];

		for (size_t k = 0; k < bind->source_count; k++) {
			if (bind->sources[k].kind == HACFG_CRT &&
			    is_in(bind->sources[k].path, sha256, ret, size))
				return;
		}
	}
	*ret = '\0';
}
