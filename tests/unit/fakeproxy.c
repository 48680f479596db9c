/*
 * fakeproxy.c: the scripted server. A child of the test that dies with it, and
 * that shares one page of memory with it: what was received, and whether it
 * was what the script says.
 */
#include "tests/unit/fakeproxy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MOST = 8, FILE_BYTES = 160 };

struct received {
	size_t len;
	char text[FAKE_KEPT_BYTES + 1];
};

struct record {
	size_t connections;
	size_t wrong; /* 1 + the first step that was not as expected */
	struct received received[FAKE_STEPS_MOST];
};

struct fake {
	pid_t pid;
	char path[96];
	struct record *record;
	size_t steps;
};

struct lab {
	char dir[64];
	struct fake *fakes[FAKE_MOST];
	size_t count;
	char *files[FILES_MOST];
	size_t file_count;
};

static void
pause_ms(size_t ms)
{
	struct timespec time = {
	    (time_t)(ms / 1000), (long)(ms % 1000) * 1000000L};

	while (nanosleep(&time, &time) < 0) {
	}
}

/* Reads at most `most` bytes of the command, to EOF. */
static void
take_command(int fd, size_t most, struct received *ret)
{
	char chunk[4096];

	while (ret->len < most) {
		size_t want = most - ret->len;
		ssize_t n;

		n = read(
		    fd, chunk, want < sizeof(chunk) ? want : sizeof(chunk));
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++) {
			if (ret->len + (size_t)i < FAKE_KEPT_BYTES)
				ret->text[ret->len + (size_t)i] = chunk[i];
		}
		ret->len += (size_t)n;
	}
}

static void
say(int fd, const char *text, size_t len, size_t gap_ms)
{
	size_t step = gap_ms > 0 ? 1 : len;

	for (size_t at = 0; at < len; at += step) {
		if (send(fd, text + at, step, MSG_NOSIGNAL) < 0)
			return;
		if (gap_ms > 0)
			pause_ms(gap_ms);
	}
}

static void
play(int fd, const struct fake_step *step, struct received *received)
{
	const char *reply = step->reply != NULL ? step->reply : "";
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	switch (step->way) {
	case FAKE_ANSWER:
		take_command(fd, SIZE_MAX, received);
		say(fd, reply, strlen(reply), 0);
		break;
	case FAKE_CUT:
		take_command(fd, SIZE_MAX, received);
		say(fd, reply, step->amount, 0);
		break;
	case FAKE_STALL:
		take_command(fd, SIZE_MAX, received);
		pfd.events = 0;
		poll(&pfd, 1, -1);
		break;
	case FAKE_CLOSE: take_command(fd, SIZE_MAX, received); break;
	case FAKE_RESET: poll(&pfd, 1, -1); break;
	case FAKE_EARLY:
		take_command(fd, step->amount, received);
		say(fd, reply, strlen(reply), 0);
		break;
	case FAKE_DRIBBLE:
		take_command(fd, SIZE_MAX, received);
		say(fd, reply, strlen(reply), step->amount);
		break;
	}
}

static bool
is_expected(const struct fake_step *step, const struct received *received)
{
	return step->expect == NULL || step->way == FAKE_RESET ||
	    strncmp(received->text, step->expect, strlen(step->expect)) == 0;
}

/* The record is written before the client can see the end of its answer. */
static _Noreturn void
serve(int listener, const struct fake_step *steps, size_t count,
    struct record *record)
{
	for (;;) {
		struct received *received;
		size_t i = record->connections;
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			continue;
		record->connections = i + 1;
		if (i >= count) {
			close(fd);
			continue;
		}
		received = &record->received[i];
		play(fd, &steps[i], received);
		if (!is_expected(&steps[i], received) && record->wrong == 0)
			record->wrong = i + 1;
		close(fd);
	}
}

int
fake_setup(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	if (lab == NULL)
		return -1;
	snprintf(lab->dir, sizeof(lab->dir), "/tmp/certhaul-fake-XXXXXX");
	if (mkdtemp(lab->dir) == NULL) {
		free(lab);
		return -1;
	}
	*state = lab;
	return 0;
}

static void
remove_files(const char *dir)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;

	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(stream), entry->d_name, 0);
	}
	if (stream != NULL)
		closedir(stream);
	rmdir(dir);
}

int
fake_teardown(void **state)
{
	struct lab *lab = *state;

	for (size_t i = 0; i < lab->count; i++) {
		struct fake *fake = lab->fakes[i];

		kill(fake->pid, SIGKILL);
		waitpid(fake->pid, NULL, 0);
		munmap(fake->record, sizeof(struct record));
		free(fake);
	}
	for (size_t i = 0; i < lab->file_count; i++)
		free(lab->files[i]);
	remove_files(lab->dir);
	free(lab);
	return 0;
}

const char *
fake_file(void **state, const char *name)
{
	struct lab *lab = *state;
	char *path = malloc(FILE_BYTES);

	assert_non_null(path);
	assert_true(lab->file_count < FILES_MOST);
	lab->files[lab->file_count++] = path;
	assert_in_range(snprintf(path, FILE_BYTES, "%s/%s", lab->dir, name), 1,
	    FILE_BYTES - 1);
	return path;
}

struct fake *
fake_start(void **state, const struct fake_step *steps, size_t count)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct lab *lab = *state;
	struct fake *fake = calloc(1, sizeof(*fake));
	pid_t parent = getpid();
	int listener;

	assert_non_null(fake);
	assert_true(lab->count < FAKE_MOST && count <= FAKE_STEPS_MOST);
	snprintf(fake->path, sizeof(fake->path), "%s/%zu.sock", lab->dir,
	    lab->count);
	memcpy(address.sun_path, fake->path, sizeof(fake->path));
	fake->steps = count;
	fake->record = mmap(NULL, sizeof(struct record), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(fake->record != MAP_FAILED);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(listener >= 0);
	assert_int_equal(
	    bind(listener, (const struct sockaddr *)&address, sizeof(address)),
	    0);
	assert_int_equal(listen(listener, 64), 0);
	fake->pid = fork();
	if (fake->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		serve(listener, steps, count, fake->record);
	}
	close(listener);
	assert_true(fake->pid > 0);
	lab->fakes[lab->count++] = fake;
	return fake;
}

struct process
fake_process(const struct fake *fake)
{
	struct process process = {
	    .version = {2, 6, 12},
	    .patience = {.answer_ms = 2000,
		.commit_ms = 2000,
		.foreign_ms = 120,
		.pause_ms = 1},
	};

	memcpy(process.peer.path, fake->path, sizeof(fake->path));
	return process;
}

struct process
fake_master(const struct fake *fake)
{
	struct process process = fake_process(fake);

	process.peer.master = true;
	return process;
}

const char *
fake_received(const struct fake *fake, size_t i)
{
	return fake->record->received[i].text;
}

size_t
fake_received_len(const struct fake *fake, size_t i)
{
	return fake->record->received[i].len;
}

void
fake_played(const struct fake *fake)
{
	const struct record *record = fake->record;

	if (record->wrong != 0)
		fail_msg("step %zu received: %s", record->wrong - 1,
		    record->received[record->wrong - 1].text);
	assert_int_equal(record->connections, fake->steps);
}
