/*
 * transaction_reply.c: HAProxy's words about transactions, turned into what
 * transaction.c decides on. The forms are those of the contract, byte for
 * byte: hazard H1 is a reply that looks right and names another store.
 */
#include "haproxy/transaction_reply.h"

#include <string.h>

#include "haproxy/command.h"
#include "haproxy/socket.h"

/* Lines that name a store between `start` and `end`. */
static const struct {
	enum transaction_said said;
	const char *start;
	const char *end;
} forms[] = {
    {TRANSACTION_SAID_CREATED, "Transaction created for certificate ", "!"},
    {TRANSACTION_SAID_UPDATED, "Transaction updated for certificate ", "!"},
    {TRANSACTION_SAID_ABORTED, "Transaction aborted for certificate '", "'!"},
};

static const char nothing_open[] = "No ongoing transaction!";
static const char committing[] = "\nCommitting ";
static const char foreign[] = "The ongoing transaction is about '";
static const char foreign_end[] = "' but you are trying to ";

static bool
take(struct transaction_reply *ret, enum transaction_said said,
    const char *name, size_t len)
{
	if (len == 0 || len >= sizeof(ret->store))
		return false;
	memcpy(ret->store, name, len);
	ret->store[len] = '\0';
	ret->said = said;
	return true;
}

/* "The ongoing transaction is about 'A' but you are trying to ...": A. */
static bool
read_foreign(const char *reply, struct transaction_reply *ret)
{
	const char *at = strstr(reply, foreign), *end;

	if (at == NULL)
		return false;
	at += sizeof(foreign) - 1;
	end = strstr(at, foreign_end);
	return end != NULL &&
	    take(ret, TRANSACTION_SAID_FOREIGN, at, (size_t)(end - at));
}

/*
 * "Committing P", a dot an instance, the end of the line. The dots cannot be
 * told from a name that ends in one: such a name is refused by its caller.
 */
static bool
read_committed(const char *reply, struct transaction_reply *ret)
{
	const char *at;
	size_t len;

	if (strncmp(reply, committing + 1, sizeof(committing) - 2) == 0) {
		at = reply + sizeof(committing) - 2;
	} else {
		at = strstr(reply, committing);
		if (at == NULL)
			return false;
		at += sizeof(committing) - 1;
	}
	len = strcspn(at, "\r\n");
	while (len > 0 && (at[len - 1] == '.' || at[len - 1] == ' '))
		len--;
	return take(ret, TRANSACTION_SAID_COMMITTED, at, len);
}

static bool
read_form(const char *line, struct transaction_reply *ret)
{
	size_t len = strlen(line);

	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		size_t start = strlen(forms[i].start);
		size_t end = strlen(forms[i].end);

		if (len > start + end &&
		    strncmp(line, forms[i].start, start) == 0 &&
		    strcmp(line + len - end, forms[i].end) == 0)
			return take(ret, forms[i].said, line + start,
			    len - start - end);
	}
	return false;
}

void
transaction_reply_read(const char *reply, struct transaction_reply *ret)
{
	char last[LIMIT_PATH_BYTES + 128];

	ret->said = TRANSACTION_SAID_REFUSED;
	ret->store[0] = '\0';
	socket_last_line(reply, last, sizeof(last));
	if (command_is_locked(reply)) {
		ret->said = TRANSACTION_SAID_LOCKED;
		return;
	}
	if (read_foreign(reply, ret) || read_form(last, ret))
		return;
	if (strcmp(last, "Success!") == 0) {
		(void)read_committed(reply, ret);
		return;
	}
	/* To a commit it says more behind it. */
	if (strncmp(reply, nothing_open, strlen(nothing_open)) == 0)
		ret->said = TRANSACTION_SAID_NOTHING_OPEN;
}

bool
transaction_same_directory(const char *a, const char *b)
{
	const char *end_a = strrchr(a, '/'), *end_b = strrchr(b, '/');

	return end_a != NULL && end_b != NULL && end_a - a == end_b - b &&
	    strncmp(a, b, (size_t)(end_a - a)) == 0;
}
