/*
 * cliini.c: see cliini.h.
 */
#include "cert/cliini.h"

#include <stdio.h>

enum { OF_USER, OF_EVERYBODY };

bool
cliini_path(char *(*get_env)(const char *), size_t i, char *ret, size_t size)
{
	const char *xdg = get_env("XDG_CONFIG_HOME"), *home = get_env("HOME");
	int len = -1;

	if (i == OF_EVERYBODY)
		len = snprintf(ret, size, "/etc/letsencrypt/cli.ini");
	else if (xdg != NULL && xdg[0] == '/')
		len = snprintf(ret, size, "%s/letsencrypt/cli.ini", xdg);
	else if (home != NULL && home[0] == '/')
		len =
		    snprintf(ret, size, "%s/.config/letsencrypt/cli.ini", home);
	return len >= 0 && (size_t)len < size;
}
