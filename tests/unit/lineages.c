/*
 * lineages.c: has the tree of make-lineages.sh in a scratch directory, and
 * reads from it what tests ask for.
 */
#include "tests/unit/lineages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

static const char tree[] = "lineages";

int
lineages_setup(void **state)
{
	const char *source = getenv("CERTHAUL_SRCDIR");
	char script[PATH_MAX];
	int len, status;
	pid_t pid;

	if (scratch_setup(state) != 0)
		return -1;
	len = snprintf(script, sizeof(script), "%s/tests/data/copy-lineages.sh",
	    source != NULL ? source : ".");
	if (len < 0 || (size_t)len >= sizeof(script))
		return -1;
	pid = fork();
	if (pid == 0) {
		(void)execl(
		    script, script, scratch_path(state, tree), (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

int
lineages_teardown(void **state)
{
	return scratch_teardown(state);
}

const char *
lineages_config(void *const *state)
{
	return scratch_path(state, "lineages/etc");
}

struct lineage_ref
lineages_ref(void *const *state, const char *name)
{
	struct err err = ERR_INIT;
	struct lineage_ref ref;

	assert_int_equal(
	    lineage_ref_from_name(lineages_config(state), name, &ref, &err), 0);
	return ref;
}

/* A failure that should not be is told in its own words. */
static void
assert_done(int rc, const struct err *err)
{
	char line[LIMIT_ERR_DETAIL_BYTES];

	if (rc != 0)
		fail_msg("%s", err_text(err, line, sizeof(line)));
}

void
lineages_read(void *const *state, const char *name, struct lineage *ret)
{
	struct lineage_ref ref = lineages_ref(state, name);
	struct err err = ERR_INIT;

	assert_done(lineage_read(&ref, ret, &err), &err);
}

void
lineages_build(void *const *state, const char *name, struct bundle *ret)
{
	struct err err = ERR_INIT;
	struct lineage lineage;

	lineages_read(state, name, &lineage);
	assert_done(bundle_build(&lineage, false, ret, &err), &err);
	lineage_free(&lineage);
}

void
lineages_file(void *const *state, const char *file, struct buf *ret)
{
	struct buf read = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	struct err err = ERR_INIT;
	char path[PATH_MAX];
	int len;

	len = snprintf(path, sizeof(path), "%s/%s", tree, file);
	assert_true(len > 0 && (size_t)len < sizeof(path));
	assert_done(fs_read(AT_FDCWD, scratch_path(state, path), FS_TRUST_ANY,
			&read, NULL, &err),
	    &err);
	*ret = read;
}

void
lineages_blocks(void *const *state, const char *file, struct pki_blocks *ret)
{
	struct err err = ERR_INIT;
	struct buf pem;

	lineages_file(state, file, &pem);
	assert_done(pki_blocks_read(pem.data, pem.len, file, ret, &err), &err);
	buf_free(&pem);
	assert_true(ret->count > 0);
}

struct pki_cert *
lineages_cert(void *const *state, const char *file)
{
	struct err err = ERR_INIT;
	struct pki_blocks blocks;
	struct pki_cert *cert = NULL;

	lineages_blocks(state, file, &blocks);
	assert_done(pki_cert_parse(&blocks.items[0], file, &cert, &err), &err);
	pki_blocks_free(&blocks);
	return cert;
}

struct pki_key *
lineages_key(void *const *state, const char *file)
{
	struct err err = ERR_INIT;
	struct pki_blocks blocks;
	struct pki_key *key = NULL;

	lineages_blocks(state, file, &blocks);
	assert_done(
	    pki_key_parse(&blocks.items[blocks.count - 1], file, &key, &err),
	    &err);
	pki_blocks_free(&blocks);
	return key;
}
