/*
 * scriptedca.h: tests/tools/scriptedca.py in a process of its own, and the
 * certificate that it shows; in a scratch directory.
 */
#ifndef TESTS_UNIT_SCRIPTEDCA_H
#define TESTS_UNIT_SCRIPTEDCA_H

#include <stddef.h>

/* cmocka group set-up and tear-down; *state serves scratch_path() too. */
int scriptedca_setup(void **state);
int scriptedca_teardown(void **state);

/* "https://127.0.0.1:PORT/" and `path`; as long-lived as scratch_path()'s. */
const char *scriptedca_url(const char *path);

/* Its certificate, for REQUESTS_CA_BUNDLE. */
const char *scriptedca_file(void *const *state);

/*
 * How many requests of `scene` it had, of lines that hold `word` ("" for all).
 * Lines are "SCENE METHOD STEP PURPOSE".
 */
unsigned scriptedca_count(
    void *const *state, const char *scene, const char *word);

#endif
