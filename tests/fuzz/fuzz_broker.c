/*
 * fuzz_broker.c: a network half that was taken over. The input is its frames:
 * a byte for the length, then so many bytes. Whatever they are, nothing but
 * the ordered names is published, and the broker comes to its end.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "acme/broker.h"

enum { FRAMES = 32 };

static const char *const names[] = {"a.example", "*.b.example"};

static int
on_url(void *context, const char *url, struct err *err)
{
	(void)context;
	(void)err;
	FUZZ_HOLDS(strncmp(url, "https://ca.example/", 19) == 0);
	return 0;
}

static int
on_challenge(
    void *context, const struct issue_challenge *challenge, struct err *err)
{
	(void)context;
	(void)err;
	FUZZ_HOLDS(strcmp(challenge->name, "a.example") == 0 ||
	    strcmp(challenge->name, "b.example") == 0);
	return 0;
}

static int
on_key(void *context, struct buf *ret, struct err *err)
{
	(void)context;
	(void)ret;
	return err_set(err, ERR_NOENT, "looking for a key", NULL, "none");
}

static void
on_say(void *context, const char *line)
{
	(void)context;
	for (; *line != '\0'; line++)
		FUZZ_HOLDS((unsigned char)*line >= ' ' && *line != 0x7f);
}

static void
on_show(void *context, const char *status, const char *const *contacts,
    size_t count)
{
	(void)context;
	on_say(NULL, status);
	for (size_t i = 0; i < count; i++)
		on_say(NULL, contacts[i]);
}

static void
send_frames(int fd, const uint8_t *data, size_t size)
{
	for (int i = 0; i < FRAMES && size > 0; i++) {
		size_t len = *data;

		data++;
		size--;
		if (len > size)
			len = size;
		(void)!send(fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		data += len;
		size -= len;
	}
	(void)shutdown(fd, SHUT_WR);
}

static void
begin(struct job *job, struct issue_holdings *holdings)
{
	static struct jws_key *key;
	struct err err = ERR_INIT;

	if (key == NULL)
		FUZZ_HOLDS(jws_key_make("P-256", &key, &err) == 0);
	holdings->key = key;
	job->kind = JOB_ISSUE;
	job->server = "https://ca.example/dir";
	job->names = names;
	job->name_count = COUNT_OF(names);
	job->challenge = JOB_DNS_01;
	job->answer = JOB_BROKER;
	memcpy(job->account_url, "https://ca.example/acct/1", 26);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct issue_front front = {.account = on_url,
	    .order = on_url,
	    .publish = on_challenge,
	    .withdraw = on_challenge,
	    .key = on_key,
	    .silence_ms = 1000,
	    .most_ms = 5000,
	    .say = on_say,
	    .note = on_say,
	    .show = on_show};
	static struct issue_result result;
	static struct job job;
	static struct issue_holdings holdings;
	struct err err = ERR_INIT;
	int ends[2];

	begin(&job, &holdings);
	memset(&result, 0, sizeof(result));
	result.chain.max_bytes = LIMIT_PEM_FILE_BYTES;
	FUZZ_HOLDS(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	send_frames(ends[1], data, size);
	(void)!broker_serve(ends[0], &job, &holdings, &front, &result, &err);
	(void)close(ends[0]);
	(void)close(ends[1]);
	issue_result_free(&result);
	return 0;
}
