/*
 * issue_paths.c: what the client may read, and whether it still is what was
 * there when it was shut in: a rule of Landlock's is for a file, not for its
 * name, and these are written anew and renamed.
 */
#include "acme/issue_private.h"

#include <sys/stat.h>

/*
 * What a resolver, TLS and a locale read. /etc/letsencrypt is not among it,
 * nor is anybody's home.
 */
static const char *const readable[] = {"/etc/resolv.conf", "/etc/hosts",
    "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/host.conf", "/etc/services",
    "/etc/protocols", "/etc/passwd", "/etc/ssl", "/etc/pki",
    "/etc/ca-certificates", "/etc/ld.so.cache", "/etc/localtime", "/usr/lib",
    "/usr/lib64", "/lib", "/lib64", "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates", "/usr/share/zoneinfo",
    "/run/systemd/resolve", "/run/nscd", "/run/resolvconf", "/dev/null",
    "/dev/urandom"};
_Static_assert(COUNT_OF(readable) + 2 <= ISSUE_PATHS, "a CA's file, and NULL");

void
issue_paths(const char *ca_file, const char **ret)
{
	size_t count = 0;

	while (count < COUNT_OF(readable)) {
		ret[count] = readable[count];
		count++;
	}
	if (ca_file != NULL && ca_file[0] != '\0')
		ret[count++] = ca_file;
	ret[count] = NULL;
}

void
issue_paths_look(const char *ca_file, struct issue_seen *ret)
{
	const char *paths[ISSUE_PATHS];
	struct stat st;

	issue_paths(ca_file, paths);
	for (size_t i = 0; paths[i] != NULL; i++) {
		ret[i] = (struct issue_seen){.there = stat(paths[i], &st) == 0};
		if (!ret[i].there)
			continue;
		ret[i].dev = st.st_dev;
		ret[i].ino = st.st_ino;
	}
}

bool
issue_paths_are_others(const char *ca_file, const struct issue_seen *seen)
{
	struct issue_seen now[ISSUE_PATHS] = {{.there = false}};
	const char *paths[ISSUE_PATHS];

	issue_paths(ca_file, paths);
	issue_paths_look(ca_file, now);
	for (size_t i = 0; paths[i] != NULL; i++) {
		if (now[i].there != seen[i].there ||
		    now[i].dev != seen[i].dev || now[i].ino != seen[i].ino)
			return true;
	}
	return false;
}
