/*
 * lineages.h: the tree of tests/data/make-lineages.sh, for a unit test.
 */
#ifndef TESTS_UNIT_LINEAGES_H
#define TESTS_UNIT_LINEAGES_H

#include "cert/bundle.h"
#include "cert/lineage.h"

/* cmocka group set-up and tear-down; *state serves scratch_path() too. */
int lineages_setup(void **state);
int lineages_teardown(void **state);

/* CONFIG of the tree, where live/, archive/ and renewal/ are. */
const char *lineages_config(void *const *state);

/* The lineage `name` of the tree. */
struct lineage_ref lineages_ref(void *const *state, const char *name);

/* Reads a lineage that can be read: lineage_free(). */
void lineages_read(void *const *state, const char *name, struct lineage *ret);

/* Reads it and builds its bundle, whatever is wrong with it: bundle_free(). */
void lineages_build(void *const *state, const char *name, struct bundle *ret);

/* A file of the tree, below its top ("ca/e1.pem"): buf_free(). */
void lineages_file(void *const *state, const char *file, struct buf *ret);

/* Its blocks, at least one: pki_blocks_free(). */
void lineages_blocks(
    void *const *state, const char *file, struct pki_blocks *ret);

/* The first certificate and the last key in it; both owned. */
struct pki_cert *lineages_cert(void *const *state, const char *file);
struct pki_key *lineages_key(void *const *state, const char *file);

#endif
