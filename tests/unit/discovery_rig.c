/*
 * discovery_rig.c: see discovery_rig.h.
 */
#include "tests/unit/discovery_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

void
discovery_rig_write(void **state, const char *name, const char *text)
{
	scratch_write(state, name, text, strlen(text), 0644);
}

int
discovery_rig_setup(void **state)
{
	if (scratch_setup(state) < 0)
		return -1;
	if (mkdir(scratch_path(state, "ssl"), 0755) < 0 ||
	    mkdir(scratch_path(state, "ssl/sub"), 0755) < 0 ||
	    mkdir(scratch_path(state, "other"), 0755) < 0 ||
	    symlink("ssl", scratch_path(state, "link")) < 0 ||
	    symlink("../ssl/a.pem", scratch_path(state, "other/x.pem")) < 0)
		return -1;
	discovery_rig_write(state, "ssl/a.pem", "a");
	discovery_rig_write(state, "ssl/b.pem", "b");
	discovery_rig_write(state, "ssl/b.key", "b");
	discovery_rig_write(state, "other/a.pem", "not ours");
	return 0;
}

struct discovery *
discovery_rig_load(void **state, const char *text, const char *crt_list)
{
	const char *path = scratch_path(state, "haproxy.cfg");
	const char *dir = *state;
	struct discovery *discovery = NULL;
	struct err err = ERR_INIT;
	static char full[100000];
	size_t used = 0;

	for (; *text != '\0'; text++) {
		if (strncmp(text, "%D", 2) == 0) {
			used += (size_t)snprintf(
			    full + used, sizeof(full) - used, "%s", dir);
			text++;
		} else {
			full[used++] = *text;
		}
		assert_true(used < sizeof(full) - 1);
	}
	full[used] = '\0';
	discovery_rig_write(state, "haproxy.cfg", full);
	if (discovery_load(&path, 1, NULL, scratch_path(state, "ssl/"),
		crt_list, &discovery, &err) < 0)
		fail_msg("%s: %s", err.on, err.detail);
	return discovery;
}
