/*
 * transaction_store.c: the stores around a transaction: what each holds, which
 * is the observation of HAProxy's memory; whether a bundle would fit; making
 * an empty one, and deleting one.
 */
#define _GNU_SOURCE /* strptime() */
#include "haproxy/transaction.h"

#include <string.h>
#include <time.h>

#include "cert/pki.h"
#include "haproxy/command.h"

static const char showing[] = "reading HAProxy's certificates";

enum {
	/* One command line of a batch; the buffer has 16,384 bytes. */
	BATCH_BYTES = LIMIT_BUFSIZE_DEFAULT / 2,
	PREFIX_BYTES = 4, /* "@1 ", and one that is spare */
	PAYLOAD_MAJOR = 3, /* tune.cli.max-payload-size came with 3.4 */
	PAYLOAD_MINOR = 4,
};

/* One line of an answer: a key and its value, both borrowed. */
struct line {
	const char *text;
	size_t len;
};

static bool
line_has_key(const struct line *line, const char *key, struct line *value)
{
	size_t len = strlen(key);

	if (line->len < len || strncmp(line->text, key, len) != 0)
		return false;
	value->text = line->text + len;
	value->len = line->len - len;
	while (value->len > 0 && *value->text == ' ') {
		value->text++;
		value->len--;
	}
	return true;
}

static bool
line_is(const struct line *line, const char *text)
{
	return line->len == strlen(text) &&
	    strncmp(line->text, text, line->len) == 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* A fingerprint that was cut off is none. */
static void
take_sha1(const struct line *value, struct transaction_store *ret)
{
	unsigned char sha1[sizeof(ret->sha1)];

	if (value->len != 2 * sizeof(sha1))
		return;
	for (size_t i = 0; i < sizeof(sha1); i++) {
		int high = hex_digit(value->text[2 * i]);
		int low = hex_digit(value->text[2 * i + 1]);

		if (high < 0 || low < 0)
			return;
		sha1[i] = (unsigned char)(high << 4 | low);
	}
	memcpy(ret->sha1, sha1, sizeof(sha1));
}

static void
take_serial(const struct line *value, struct transaction_store *ret)
{
	if (value->len >= sizeof(ret->serial))
		return;
	for (size_t i = 0; i < value->len; i++) {
		if (hex_digit(value->text[i]) < 0)
			return;
	}
	for (size_t i = 0; i < value->len; i++) {
		char c = value->text[i];

		ret->serial[i] = c >= 'a' ? (char)(c - 'a' + 'A') : c;
	}
	ret->serial[value->len] = '\0';
}

/* "notAfter: Feb  3 04:05:06 2027 GMT", as OpenSSL prints it. */
static void
take_not_after(const struct line *value, struct transaction_store *ret)
{
	char text[64];
	const char *end;
	struct tm utc = {0};

	if (value->len >= sizeof(text))
		return;
	memcpy(text, value->text, value->len);
	text[value->len] = '\0';
	end = strptime(text, "%b %d %H:%M:%S %Y GMT", &utc);
	if (end != NULL && *end == '\0')
		ret->not_after_s = timegm(&utc);
}

/* "Used", or in later versions perhaps more behind it. */
static bool
take_status(const struct line *value, struct transaction_store *ret)
{
	static const struct {
		const char *word;
		enum transaction_status status;
	} words[] = {
	    {"Used", TRANSACTION_USED},
	    {"Unused", TRANSACTION_UNUSED},
	    {"Empty", TRANSACTION_EMPTY},
	};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (line_is(value, words[i].word)) {
			ret->status = words[i].status;
			return true;
		}
	}
	return false;
}

/*
 * The answers of one batch, in their order. A store that is not there is
 * answered by a line that does not name it, and the chain goes on; others
 * start with their file name. Each must have a status.
 */
static int
read_batch(const char *reply, const char *const *stores, size_t count,
    struct transaction_store *ret, struct err *err)
{
	const char *all = reply;
	size_t begun = 0, whole = 0;

	while (*reply != '\0') {
		struct line line = {reply, strcspn(reply, "\n")}, value;

		reply += line.len + (reply[line.len] == '\n' ? 1 : 0);
		if (line_has_key(
			&line, "Can't display the certificate", &value)) {
			begun++;
			whole++;
		} else if (line_has_key(&line, "Filename:", &value)) {
			/* An answer to another question spoils them all. */
			if (begun >= count || !line_is(&value, stores[begun]))
				whole = count + 1;
			begun++;
		} else if (begun == 0 || begun > count) {
			continue;
		} else if (line_has_key(&line, "Status:", &value)) {
			whole += take_status(&value, &ret[begun - 1]) ? 1 : 0;
		} else if (line_has_key(&line, "Serial:", &value)) {
			take_serial(&value, &ret[begun - 1]);
		} else if (line_has_key(&line, "SHA1 FingerPrint:", &value)) {
			take_sha1(&value, &ret[begun - 1]);
		} else if (line_has_key(&line, "notAfter:", &value)) {
			take_not_after(&value, &ret[begun - 1]);
		}
	}
	if (begun != count || whole != count) {
		char words[256];

		socket_words(all, words, sizeof(words));
		return err_set(err, ERR_SYNTAX, showing,
		    stores[begun < count ? begun : count - 1],
		    "of %zu stores asked for, %zu were answered for: %s", count,
		    whole < begun ? whole : begun, words);
	}
	return 0;
}

/* As many stores as go on one command line; 0 where the first is too long. */
static int
ask_batch(const struct process *process, const char *const *stores,
    size_t count, struct buf *reply, size_t *ret_asked, struct err *err)
{
	struct buf line = BUF_INIT(LIMIT_COMMAND_BYTES);
	size_t asked = 0;
	int rc = 0;

	while (rc == 0 && asked < count && asked < LIMIT_SHOW_BATCH) {
		size_t more = strlen(stores[asked]) + sizeof(";show ssl cert ");

		if (asked > 0 && line.len + more > BATCH_BYTES)
			break;
		rc = command_check_word(stores[asked], err);
		if (rc == 0)
			rc = buf_printf(&line, err, "%sshow ssl cert %s",
			    asked > 0 ? ";" : "", stores[asked]);
		asked++;
	}
	if (rc == 0)
		rc = command_ask(process, buf_text(&line),
		    command_answer_ms(process), reply, err);
	if (rc == 0)
		*ret_asked = asked;
	buf_free(&line);
	return rc;
}

bool
transaction_store_has(
    const struct transaction_store *store, const struct pki_facts *facts)
{
	static const unsigned char none[sizeof(store->sha1)];

	if (store->status == TRANSACTION_ABSENT ||
	    store->status == TRANSACTION_EMPTY)
		return false;
	if (memcmp(store->sha1, none, sizeof(none)) == 0)
		return strcmp(store->serial, facts->serial) == 0;
	return memcmp(store->sha1, facts->sha1, sizeof(store->sha1)) == 0;
}

int
transaction_show(const struct process *process, const char *const *stores,
    size_t count, struct transaction_store *ret, struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	int rc = 0;

	memset(ret, 0, count * sizeof(*ret));
	for (size_t done = 0, asked = 0; rc == 0 && done < count;
	     done += asked) {
		rc = ask_batch(
		    process, stores + done, count - done, &reply, &asked, err);
		if (rc == 0)
			rc = read_batch(buf_text(&reply), stores + done, asked,
			    ret + done, err);
	}
	buf_free(&reply);
	return rc;
}

bool
transaction_fits(const struct process *process, const char *store,
    size_t pem_len, size_t bufsize, size_t payload_max)
{
	size_t line = PREFIX_BYTES + sizeof("set ssl cert  <<\n\n");
	size_t most = process->bufsize > 0 ? process->bufsize
	    : bufsize > 0                  ? bufsize
					   : (size_t)LIMIT_BUFSIZE_DEFAULT;

	if (process_at_least(process, PAYLOAD_MAJOR, PAYLOAD_MINOR)) {
		size_t payload = payload_max > 0
		    ? payload_max
		    : (size_t)LIMIT_CLI_PAYLOAD_DEFAULT;

		most = payload;
	}
	line += strlen(store);
	return line < most && pem_len < most - line;
}

/* Does the reply hold `before`, the store, `after` in one piece? */
static int
is_said(const char *reply, const char *before, const char *store,
    const char *after, bool *ret, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_COMMAND_BYTES);
	int rc;

	rc = buf_printf(&text, err, "%s'%s'%s", before, store, after);
	if (rc == 0)
		*ret = *ret || command_reply_has(reply, text.data);
	buf_free(&text);
	return rc;
}

/* `COMMAND STORE`, where one of two sayings about it is success. */
static int
change(const struct process *process, const char *command, const char *store,
    const char *const sayings[2][2], struct err *err)
{
	struct buf line = BUF_INIT(LIMIT_COMMAND_BYTES);
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	bool well = false;
	int rc;

	rc = command_check_word(store, err);
	if (rc == 0)
		rc = buf_printf(&line, err, "%s %s", command, store);
	if (rc == 0)
		rc = command_ask(process, line.data, command_answer_ms(process),
		    &reply, err);
	for (size_t i = 0; rc == 0 && i < 2; i++)
		rc = is_said(buf_text(&reply), sayings[i][0], store,
		    sayings[i][1], &well, err);
	if (rc == 0 && !well)
		rc = command_refused(command, store, buf_text(&reply), err);
	buf_free(&reply);
	buf_free(&line);
	return rc;
}

int
transaction_new(
    const struct process *process, const char *store, struct err *err)
{
	static const char *const sayings[2][2] = {
	    {"New empty certificate store ", "!"},
	    {"Certificate ", " already exists!"},
	};

	return change(process, "new ssl cert", store, sayings, err);
}

int
transaction_delete(
    const struct process *process, const char *store, struct err *err)
{
	static const char *const sayings[2][2] = {
	    {"Certificate ", " deleted!"},
	    {"certificate ", " doesn't exist!"},
	};

	return change(process, "del ssl cert", store, sayings, err);
}
