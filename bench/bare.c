/*
 * bare.c: the least that a client can do: HAProxy's own share of the work.
 *
 *   bare SOCKET ask COMMAND   prints the reply
 *   bare SOCKET commit DIR    `set` and `commit` of each DIR/NAME.pem, nothing
 *                             else; prints the microseconds it took
 *
 * The bundles are read beforehand. Nothing is validated, installed, made
 * durable or compared: the figure is a floor, not a competitor. Part of the
 * bench, not installed.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PEM_MAX_BYTES = 15000, REPLY_MAX_BYTES = 1024 * 1024 };

static int64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* One command, one connection, the reply to EOF; false where cut short. */
static bool
ask(const char *path, const char *command, size_t len, char *reply)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t got = 0;
	ssize_t more = -1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || strlen(path) >= sizeof(address.sun_path))
		goto out;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) !=
		0 ||
	    send(fd, command, len, MSG_NOSIGNAL) != (ssize_t)len ||
	    shutdown(fd, SHUT_WR) != 0)
		goto out;
	while (got < REPLY_MAX_BYTES &&
	    (more = read(fd, reply + got, REPLY_MAX_BYTES - got)) > 0)
		got += (size_t)more;
out:
	reply[got] = '\0';
	if (fd != -1)
		close(fd);
	return more == 0;
}

static int
is_bundle(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot && strcmp(dot, ".pem") == 0;
}

/* "set ssl cert STORE <<" with the bundle; owned, NULL where unreadable. */
static char *
set_command(const char *store)
{
	size_t size = strlen(store) + PEM_MAX_BYTES + 64, len;
	char *text = malloc(size);
	FILE *file = fopen(store, "re");
	int head;

	if (text == NULL || file == NULL)
		goto fail;
	head = snprintf(text, size, "set ssl cert %s <<\n", store);
	len = fread(text + head, 1, PEM_MAX_BYTES, file);
	if (len == 0 || !feof(file))
		goto fail;
	memcpy(text + head + len, "\n", 2);
	fclose(file);
	return text;
fail:
	if (file != NULL)
		fclose(file);
	free(text);
	return NULL;
}

static bool
commit_one(const char *path, const char *store, const char *set, char *reply)
{
	char commit[PATH_MAX + 32];
	int len =
	    snprintf(commit, sizeof(commit), "commit ssl cert %s\n", store);

	return ask(path, set, strlen(set), reply) &&
	    strstr(reply, "Transaction created") != NULL &&
	    ask(path, commit, (size_t)len, reply) &&
	    strstr(reply, "Success!") != NULL;
}

/* What is to be sent for one bundle. */
struct item {
	char *store, *set;
};

static void
free_items(struct item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(items[i].store);
		free(items[i].set);
	}
	free(items);
}

/* The bundles of `dir`, read; NULL where one cannot be. */
static struct item *
read_items(const char *dir, size_t *ret_count)
{
	struct dirent **entries = NULL;
	struct item *items = NULL;
	int count = scandir(dir, &entries, is_bundle, alphasort);
	size_t size = strlen(dir) + NAME_MAX + 2;

	if (count <= 0)
		return NULL;
	items = calloc((size_t)count, sizeof(*items));
	for (int i = 0; items != NULL && i < count; i++) {
		items[i].store = malloc(size);
		if (items[i].store == NULL ||
		    snprintf(items[i].store, size, "%s/%s", dir,
			entries[i]->d_name) < 0 ||
		    (items[i].set = set_command(items[i].store)) == NULL) {
			free_items(items, (size_t)i + 1);
			items = NULL;
		}
	}
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	*ret_count = (size_t)count;
	return items;
}

static int
commit_all(const char *path, const char *dir, char *reply)
{
	size_t count = 0, done = 0;
	struct item *items = read_items(dir, &count);
	int64_t began_us = now_us();

	if (items == NULL) {
		fprintf(stderr, "bare: cannot read the bundles of %s\n", dir);
		return 1;
	}
	while (done < count &&
	    commit_one(path, items[done].store, items[done].set, reply))
		done++;
	if (done == count)
		printf("%lld\n", (long long)(now_us() - began_us));
	else
		fprintf(stderr, "bare: %s: %s\n", items[done].store, reply);
	free_items(items, count);
	return done < count;
}

int
main(int argc, char **argv)
{
	char *reply = NULL;
	char line[512];
	int status = 1, len;

	if (argc != 4) {
		fputs("usage: bare SOCKET ask COMMAND | commit DIR\n", stderr);
		return 2;
	}
	reply = malloc(REPLY_MAX_BYTES + 1);
	if (reply == NULL)
		return 1;
	if (strcmp(argv[2], "commit") == 0) {
		status = commit_all(argv[1], argv[3], reply);
		goto out;
	}
	len = snprintf(line, sizeof(line), "%s\n", argv[3]);
	if (len < 0 || (size_t)len >= sizeof(line) ||
	    !ask(argv[1], line, (size_t)len, reply))
		goto out;
	fputs(reply, stdout);
	status = 0;
out:
	free(reply);
	return status;
}
