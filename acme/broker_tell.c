/*
 * broker_tell.c: what the client has to tell the operator, in lines. They come
 * from the network, and move no cursor.
 */
#include "acme/broker_private.h"

#include "base/text.h"

int
broker_up(struct broker *broker, struct ipc_reader *fields, struct buf *reply,
    struct err *err)
{
	const struct issue_front *front = broker->front;
	struct buf what = BUF_INIT(LIMIT_IPC_BYTES);
	int rc = ipc_get_bytes(fields, LIMIT_IPC_BYTES, &what, err);

	(void)reply;
	rc = broker_fields_end(fields, rc, err);
	if (rc == 0 && front->up != NULL)
		rc = front->up(front->context, buf_text(&what), err);
	buf_free(&what);
	return rc;
}

static int
get_line(struct ipc_reader *fields, char *ret, struct err *err)
{
	int rc = ipc_get_text(fields, ret, LIMIT_LOG_LINE_BYTES, err);

	rc = broker_fields_end(fields, rc, err);
	if (rc == 0)
		text_clean(ret);
	return rc;
}

int
broker_say(struct broker *broker, struct ipc_reader *fields, struct buf *reply,
    struct err *err)
{
	char line[LIMIT_LOG_LINE_BYTES];
	int rc = get_line(fields, line, err);

	(void)reply;
	if (rc == 0)
		broker->front->say(broker->front->context, line);
	return rc;
}

int
broker_note(struct broker *broker, struct ipc_reader *fields, struct buf *reply,
    struct err *err)
{
	const struct issue_front *front = broker->front;
	int64_t count = broker->served[IPC_NOTE];
	char line[LIMIT_LOG_LINE_BYTES];
	int rc = get_line(fields, line, err);

	(void)reply;
	/* A job that goes on for long is no fault; a log that fills is. */
	if (rc == 0 && count <= LIMIT_IPC_NOTES)
		front->note(front->context, line);
	else if (rc == 0 && count == LIMIT_IPC_NOTES + 1)
		front->note(front->context,
		    "what else is asked of the CA is not noted: it is much");
	return rc;
}

int
broker_show(struct broker *broker, struct ipc_reader *fields, struct buf *reply,
    struct err *err)
{
	char status[32], texts[LIMIT_CONTACTS][LIMIT_URL_BYTES];
	const char *contacts[LIMIT_CONTACTS];
	uint32_t count = 0;
	int rc;

	(void)reply;
	rc = ipc_get_text(fields, status, sizeof(status), err);
	if (rc == 0)
		rc = ipc_get_number(fields, &count, err);
	if (rc == 0 && count > LIMIT_CONTACTS)
		rc = broker_refuse(err, "%u contacts", (unsigned)count);
	for (uint32_t i = 0; rc == 0 && i < count; i++) {
		rc = ipc_get_text(fields, texts[i], sizeof(texts[i]), err);
		if (rc < 0)
			break;
		text_clean(texts[i]);
		contacts[i] = texts[i];
	}
	rc = broker_fields_end(fields, rc, err);
	if (rc < 0)
		return rc;
	text_clean(status);
	broker->front->show(broker->front->context, status, contacts, count);
	return 0;
}
