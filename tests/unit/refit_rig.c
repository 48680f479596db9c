/*
 * refit_rig.c: see refit_rig.h.
 */
#include "tests/unit/refit_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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

void
refit_rig_expect(void **state, enum refit_scope scope, const char *text,
    const char *wanted, const char *unwanted)
{
	struct buf made = BUF_INIT(65536);
	struct refit refit = {.edits = NULL};
	struct err err = ERR_INIT;
	const char *cfg;

	scratch_write(state, "haproxy.cfg", text, strlen(text), 0644);
	cfg = scratch_path(state, "haproxy.cfg");
	if (refit_find(refit_rig_conf, scope, NULL, &refit, &err) < 0)
		fail_msg("%s: %s", err.on, err.detail);
	assert_int_equal(refit_apply(&refit, cfg, text, &made, &err), 0);
	scratch_write(state, "haproxy.cfg", made.data, made.len, 0644);
	for (size_t i = 0; i < refit.note_count; i++)
		assert_int_equal(
		    buf_printf(&made, &err, "# %s\n", refit.notes[i]), 0);
	if (wanted != NULL && strstr(made.data, wanted) == NULL)
		fail_msg("no \"%s\" in:\n%s", wanted, made.data);
	if (unwanted != NULL && strstr(made.data, unwanted) != NULL)
		fail_msg("\"%s\" in:\n%s", unwanted, made.data);
	refit_free(&refit);
	assert_int_equal(
	    refit_find(refit_rig_conf, scope, NULL, &refit, &err), 0);
	assert_int_equal(refit.count, 0);
	refit_free(&refit);
	buf_free(&made);
}
