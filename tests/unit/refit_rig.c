/*
 * refit_rig.c: see refit_rig.h.
 */
#include "tests/unit/refit_rig.h"

#include <stdio.h>

#include "tests/unit/scratch.h"

struct conf *refit_rig_conf;

int
refit_rig_setup(void **state)
{
	struct err err = ERR_INIT;
	char text[1024];
	int n;

	if (scratch_setup(state) < 0)
		return -1;
	n = snprintf(text, sizeof(text),
	    "challenge: { map = \"/m.map\"; };\n"
	    "haproxy: { config = [ \"%s\" ]; bundle_dir = \"/d/ssl\";\n"
	    "  sockets = [ \"/s.sock\" ]; };\n",
	    scratch_path(state, "haproxy.cfg"));
	scratch_write(state, "c.conf", text, (size_t)n, 0600);
	return conf_load(scratch_path(state, "c.conf"), &refit_rig_conf, &err);
}

int
refit_rig_teardown(void **state)
{
	conf_free(refit_rig_conf);
	return scratch_teardown(state);
}
