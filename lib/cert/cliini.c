/*
 * cliini.c: see cliini.h.
 */
#include "cert/cliini.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

enum { OF_USER, OF_EVERYBODY };

enum { ENTRY_BYTES = 16 * 1024 /* of passwd */ };

/* As Python expands `~`: by passwd where there is no HOME. `space` holds it. */
static const char *
home_of(char *(*get_env)(const char *), char *space, size_t size)
{
	const char *home = get_env("HOME");
	struct passwd entry, *found = NULL;

	if (home == NULL &&
	    getpwuid_r(getuid(), &entry, space, size, &found) == 0 &&
	    found != NULL)
		home = found->pw_dir;
	return home;
}

bool
cliini_path(char *(*get_env)(const char *), size_t i, char *ret, size_t size)
{
	const char *xdg = get_env("XDG_CONFIG_HOME"), *home;
	char space[ENTRY_BYTES];
	int len = -1;

	if (i == OF_EVERYBODY)
		len = snprintf(ret, size, "/etc/letsencrypt/cli.ini");
	else if (xdg != NULL && xdg[0] == '/')
		len = snprintf(ret, size, "%s/letsencrypt/cli.ini", xdg);
	else if ((home = home_of(get_env, space, sizeof(space))) != NULL &&
	    home[0] == '/')
		len =
		    snprintf(ret, size, "%s/.config/letsencrypt/cli.ini", home);
	return len >= 0 && (size_t)len < size;
}
