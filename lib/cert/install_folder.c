/*
 * install_folder.c: one lineage's folder of earlier bundles: which there are,
 * what is in them, and their end. How they come and go is in
 * install_generations.c.
 */
#include "cert/install.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cert/install_private.h"
#include "cert/pki.h"

static const char doing[] = "looking at earlier bundles";

int
install_folder_fail(const struct install *install, const char *name,
    const char *file, const char *call, struct err *err)
{
	char path[LIMIT_ERR_ON_BYTES];
	int error = errno;

	/* A path that is cut will do for a message. */
	if (snprintf(path, sizeof(path), "%s/%s%s%s",
		install->policy.generations_dir, name,
		file[0] == '\0' ? "" : "/", file) < 0)
		path[0] = '\0';
	errno = error;
	return err_sys(err, doing, path, call);
}

void
install_folder_file(long number, char ret[INSTALL_GENERATION_BYTES])
{
	/* It fits: numbers are at most LIMIT_LINEAGE_GENERATION. */
	(void)snprintf(ret, INSTALL_GENERATION_BYTES, "%u.pem",
	    (unsigned)number % (LIMIT_LINEAGE_GENERATION + 1U));
}

void
install_folder_original(long number, char ret[INSTALL_GENERATION_BYTES])
{
	if (number > 1)
		(void)snprintf(ret, INSTALL_GENERATION_BYTES, "original-%u.pem",
		    (unsigned)number % (LIMIT_ORIGINALS + 1U));
	else
		(void)snprintf(ret, INSTALL_GENERATION_BYTES, "original.pem");
}

bool
install_original(
    const struct install *install, const char *name, char *ret, size_t size)
{
	char file[INSTALL_GENERATION_BYTES];
	int len;

	install_folder_original(1, file);
	len = snprintf(
	    ret, size, "%s/%s/%s", install->policy.generations_dir, name, file);
	return len > 0 && (size_t)len < size && access(ret, F_OK) == 0;
}

/* The N of "N.pem", 0 for everything that we would not have written so. */
static long
number_of(const char *file)
{
	long number = 0;
	size_t i;

	for (i = 0; file[i] >= '0' && file[i] <= '9'; i++) {
		number = number * 10 + (file[i] - '0');
		if (number == 0 || number > LIMIT_LINEAGE_GENERATION)
			return 0;
	}
	return strcmp(file + i, ".pem") == 0 ? number : 0;
}

int
install_folder_open(
    const struct install *install, const char *name, DIR **ret, struct err *err)
{
	int fd = -1;

	if (!text_is_lineage_name(name))
		return err_set(
		    err, ERR_USAGE, doing, name, "is no lineage's name");
	errno = ENOENT; /* there are none at all, and we only look */
	if (install->generations_fd >= 0)
		fd = openat(install->generations_fd, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return install_folder_fail(install, name, "", "open", err);
	*ret = fdopendir(fd);
	if (*ret == NULL) {
		(void)close(fd);
		return err_nomem(err, doing);
	}
	return 0;
}

int
install_folder_make(
    struct install *install, const char *name, DIR **ret, struct err *err)
{
	int rc;

	rc = install_folder_open(install, name, ret, err);
	if (rc != ERR_NOENT)
		return rc;
	err_clear(err);
	if (mkdirat(install->generations_fd, name, 0700) < 0)
		return install_folder_fail(install, name, "", "mkdir", err);
	install->folder_made = true;
	return install_folder_open(install, name, ret, err);
}

/*
 * Puts `number` into `list`, newest first and at most `most`; returns the one
 * that found no place (any more), 0 with none.
 */
static long
insert(long *list, size_t *count, size_t most, long number)
{
	long out = 0;
	size_t i;

	for (i = 0; i < *count && list[i] > number; i++)
		;
	if (i == most)
		return number;
	if (*count == most)
		out = list[most - 1];
	else
		(*count)++;
	memmove(&list[i + 1], &list[i], (*count - i - 1) * sizeof(list[0]));
	list[i] = number;
	return out;
}

int
install_folder_scan(const struct install *install, const char *name, DIR *dir,
    long *list, size_t most, bool prune, struct err *err)
{
	const size_t prefix_len = strlen(FS_STAGE_PREFIX);
	struct dirent *entry;
	char file[INSTALL_GENERATION_BYTES];
	size_t count = 0;
	long number;

	for (;;) {
		const char *gone = NULL;

		errno = 0;
		entry = readdir(dir);
		if (entry == NULL)
			break;
		number = number_of(entry->d_name);
		if (number > 0)
			number = insert(list, &count, most, number);
		if (number > 0) {
			install_folder_file(number, file);
			gone = file;
		} else if (strncmp(entry->d_name, FS_STAGE_PREFIX,
			       prefix_len) == 0) {
			gone = entry->d_name;
		}
		if (prune && gone != NULL &&
		    unlinkat(dirfd(dir), gone, 0) < 0 && errno != ENOENT)
			return install_folder_fail(
			    install, name, gone, "unlink", err);
	}
	if (errno != 0)
		return install_folder_fail(install, name, "", "readdir", err);
	return (int)count;
}

int
install_generations(const struct install *install, const char *name, long *ret,
    size_t most, struct err *err)
{
	DIR *dir = NULL;
	int rc;

	rc = install_folder_open(install, name, &dir, err);
	if (rc == ERR_NOENT) {
		err_clear(err);
		return 0;
	}
	if (rc < 0)
		return rc;
	rc = install_folder_scan(install, name, dir, ret, most, false, err);
	(void)closedir(dir);
	return rc;
}

int
install_generation_stat(const struct install *install, const char *name,
    long number, struct fs_ident *ret, struct err *err)
{
	char file[INSTALL_GENERATION_BYTES];
	struct stat st;
	DIR *dir = NULL;
	int rc;

	rc = install_folder_open(install, name, &dir, err);
	if (rc < 0)
		return rc;
	install_folder_file(number, file);
	if (fstatat(dirfd(dir), file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		rc = install_folder_fail(install, name, file, "stat", err);
	else
		fs_ident_from(&st, ret);
	(void)closedir(dir);
	return rc;
}

int
install_generation_read(const struct install *install, const char *name,
    long number, struct buf *ret, struct err *err)
{
	char file[INSTALL_GENERATION_BYTES];
	DIR *dir = NULL;
	int rc;

	rc = install_folder_open(install, name, &dir, err);
	if (rc < 0)
		return rc;
	install_folder_file(number, file);
	if (number < 1 || number > LIMIT_LINEAGE_GENERATION) {
		errno = ENOENT;
		rc = install_folder_fail(install, name, file, "open", err);
		goto out;
	}
	ret->secret = true;
	rc = fs_read(dirfd(dir), file, FS_TRUST_ANY, ret, NULL, err);
out:
	(void)closedir(dir);
	return rc;
}

int
install_generation_find(const struct install *install, const char *name,
    const unsigned char *digest, struct buf *ret, long *ret_number,
    struct err *err)
{
	unsigned char found[PKI_SHA256_BYTES];
	long numbers[LIMIT_GENERATIONS];
	int count, rc;

	count =
	    install_generations(install, name, numbers, COUNT_OF(numbers), err);
	if (count < 0)
		return count;
	for (int i = 0; i < count; i++) {
		buf_reset(ret);
		rc = install_generation_read(
		    install, name, numbers[i], ret, err);
		if (rc < 0)
			return rc;
		pki_sha256(ret->data, ret->len, found);
		if (memcmp(found, digest, sizeof(found)) == 0) {
			*ret_number = numbers[i];
			return 0;
		}
	}
	buf_reset(ret);
	*ret_number = 0;
	return 0;
}

int
install_forget(struct install *install, const char *name, struct err *err)
{
	DIR *dir = NULL;
	int rc;

	rc = install_folder_open(install, name, &dir, err);
	if (rc == ERR_NOENT) {
		err_clear(err);
		return 0;
	}
	if (rc < 0)
		return rc;
	rc = install_folder_scan(install, name, dir, NULL, 0, true, err);
	(void)closedir(dir);
	if (rc < 0)
		return rc;
	/* A folder with something of somebody else's in it stays. */
	if (unlinkat(install->generations_fd, name, AT_REMOVEDIR) < 0 &&
	    errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST)
		return install_folder_fail(install, name, "", "rmdir", err);
	return 0;
}
