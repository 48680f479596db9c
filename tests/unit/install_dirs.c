/*
 * install_dirs.c: temporary directories for the tests of install.
 */
#define _XOPEN_SOURCE 700 /* nftw() */
#include "tests/unit/install_dirs.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
make_root(char *root, size_t size, const char *below)
{
	assert_true(
	    snprintf(root, size, "%s/certhaul-test-XXXXXX", below) < (int)size);
	assert_non_null(mkdtemp(root));
}

static struct install_dirs *
make(const char *other)
{
	struct install_dirs *dirs = calloc(1, sizeof(*dirs));
	const char *keep;

	assert_non_null(dirs);
	make_root(dirs->root, sizeof(dirs->root), "/tmp");
	if (other != NULL)
		make_root(dirs->other, sizeof(dirs->other), other);
	keep = other == NULL ? dirs->root : dirs->other;
	(void)snprintf(
	    dirs->bundles, sizeof(dirs->bundles), "%s/ssl", dirs->root);
	(void)snprintf(dirs->generations, sizeof(dirs->generations),
	    "%s/state/generations", keep);
	assert_return_code(mkdir(dirs->bundles, 0755), 0);
	dirs->policy.bundle_dir = dirs->bundles;
	dirs->policy.generations_dir = dirs->generations;
	dirs->policy.generations = 3;
	dirs->policy.owner.uid = geteuid();
	/* Another group than the one a new file has, where we may give it. */
	dirs->policy.owner.gid = geteuid() == 0 ? 65534 : getegid();
	dirs->policy.owner.mode = 0640;
	install_dirs_reopen(dirs);
	return dirs;
}

int
install_dirs_make(void **state)
{
	*state = make(NULL);
	return 0;
}

int
install_dirs_make_apart(void **state)
{
	struct stat tmp, shm;

	*state = NULL;
	if (stat("/tmp", &tmp) == 0 && stat("/dev/shm", &shm) == 0 &&
	    tmp.st_dev != shm.st_dev && access("/dev/shm", W_OK) == 0)
		*state = make("/dev/shm");
	return 0;
}

static int
remove_one(
    const char *path, const struct stat *st, int type, struct FTW *position)
{
	(void)st;
	(void)type;
	(void)position;
	return remove(path);
}

int
install_dirs_remove(void **state)
{
	struct install_dirs *dirs = *state;

	if (dirs == NULL)
		return 0;
	install_close(dirs->install);
	(void)nftw(dirs->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	if (dirs->other[0] != '\0')
		(void)nftw(dirs->other, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(dirs);
	return 0;
}

void
install_dirs_reopen(struct install_dirs *dirs)
{
	install_close(dirs->install);
	dirs->install = NULL;
	assert_return_code(
	    install_open(&dirs->policy, &dirs->install, &dirs->err), 0);
}

static int
open_at(const char *dir, const char *file, int flags)
{
	char path[512];

	assert_true(snprintf(path, sizeof(path), "%s/%s", dir, file) <
	    (int)sizeof(path));
	return open(path, flags | O_CLOEXEC, 0600);
}

void
install_dirs_put(const char *dir, const char *file, const char *text)
{
	int fd = open_at(dir, file, O_WRONLY | O_CREAT | O_TRUNC);

	assert_return_code(fd, 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_return_code(close(fd), 0);
}

void
install_dirs_expect(const char *dir, const char *file, const char *text)
{
	char found[1024] = "";
	int fd = open_at(dir, file, O_RDONLY);
	ssize_t len;

	if (text == NULL) {
		assert_int_equal(fd, -1);
		return;
	}
	assert_return_code(fd, 0);
	len = read(fd, found, sizeof(found) - 1);
	assert_return_code(len, 0);
	assert_string_equal(found, text);
	assert_return_code(close(fd), 0);
}

size_t
install_dirs_count(const char *dir)
{
	DIR *stream = opendir(dir);
	size_t count = 0;

	if (stream == NULL)
		return 0;
	while (readdir(stream) != NULL)
		count++;
	(void)closedir(stream);
	return count - 2;
}

int
install_dirs_stage(struct install_dirs *dirs, const char *name,
    const char *text, struct install_staged *ret)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	int rc;

	err_clear(&dirs->err);
	rc = buf_puts(&pem, text, &dirs->err);
	if (rc == 0)
		rc = install_stage(dirs->install, name, &pem, ret, &dirs->err);
	buf_free(&pem);
	return rc;
}

void
install_dirs_deploy(struct install_dirs *dirs, const char *name,
    const char *text, struct install_staged *ret)
{
	struct install *install = dirs->install;

	assert_return_code(install_dirs_stage(dirs, name, text, ret), 0);
	assert_return_code(install_sync(install, ret, &dirs->err), 0);
	assert_return_code(install_publish(install, ret, &dirs->err), 0);
	assert_return_code(install_settle(install, &dirs->err), 0);
}
