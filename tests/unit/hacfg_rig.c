/*
 * hacfg_rig.c: see hacfg_rig.h.
 */
#include "tests/unit/hacfg_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"

struct hacfg *
hacfg_rig_read(void **state, const char *text)
{
	return hacfg_rig_read_in(state, text, NULL);
}

struct hacfg *
hacfg_rig_read_in(
    void **state, const char *text, const struct conf_environment *environment)
{
	const char *path = scratch_path(state, "haproxy.cfg");
	struct hacfg *hacfg = NULL;
	struct err err = ERR_INIT;

	scratch_write(state, "haproxy.cfg", text, strlen(text), 0644);
	if (hacfg_read(&path, 1, environment, &hacfg, &err) < 0)
		fail_msg("%s: %s", err.on, err.detail);
	return hacfg;
}
