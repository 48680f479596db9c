/*
 * ipc.h: what the client half asks of the broker half, frame by frame, over a
 * SOCK_SEQPACKET pair.
 *
 * A frame is one datagram: op, then fields (a 32 bit length and bytes, or a 32
 * bit number), each read by a bounded getter. A request has one reply: op 0
 * and its fields, or op IPC_ERR and a struct err. The client never says WHAT
 * is signed: it names a purpose, and the broker makes the payload itself.
 */
#ifndef ACME_IPC_H
#define ACME_IPC_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

enum ipc_op {
	IPC_OK = 0, /* a reply: done */
	IPC_ERR, /* a reply: refused, and why */
	IPC_SIGN, /* purpose, URL, nonce -> a JWS */
	IPC_ACCOUNT, /* the account's URL -> kept on disk */
	IPC_ORDER, /* the order's URL -> kept on disk */
	IPC_PREPARE, /* make key and CSR now, while the CA validates */
	IPC_TURNS, /* the names that are to be proved, in turn */
	IPC_REFUSED, /* ... that the CA does not believe: the job fails */
	IPC_PUBLISH, /* name, wildcard, token, how many are left */
	/* All that is to be proved is answered, and the CA not told: what is
	 * to be found where, in words. */
	IPC_UP,
	IPC_WITHDRAW, /* name, wildcard, token */
	IPC_CHAIN, /* a PEM chain: the first, or an alternate */
	IPC_SAY, /* a line for the operator */
	IPC_NOTE, /* ... for the log, and who wants to see all of it */
	IPC_SHOW, /* the account as the CA has it: status, contacts */
	IPC_END, /* the job's struct err (code 0: well), its outlook */
	IPC_JOB, /* to the client: a job, then the frame of its sockets */
	IPC_OPS
};

/* What a signature is for; the broker makes the payload of each. */
enum ipc_purpose {
	IPC_NEW_ACCOUNT, /* jwk; contacts, terms, EAB */
	IPC_FIND_ACCOUNT, /* jwk; onlyReturnExisting */
	IPC_UPDATE_ACCOUNT, /* contacts */
	IPC_DEACTIVATE_ACCOUNT,
	IPC_NEW_ORDER, /* the job's identifiers, the profile */
	IPC_NEW_ORDER_PLAIN, /* the same without a profile */
	IPC_POST_AS_GET, /* "" */
	IPC_CHALLENGE, /* {} */
	IPC_DEACTIVATE_AUTHORIZATION, /* of a dry run alone */
	IPC_FINALIZE, /* the CSR */
	IPC_REVOKE, /* certificate and reason; kid or jwk */
	IPC_PURPOSES
};

/* Fields into a frame that is being made. ERR_LIMIT, ERR_NOMEM. */
int ipc_put_number(
    struct buf *frame, uint32_t value, struct err *err) MUST_CHECK;
int ipc_put_text(
    struct buf *frame, const char *text, struct err *err) MUST_CHECK;
int ipc_put_bytes(struct buf *frame, const void *data, size_t len,
    struct err *err) MUST_CHECK;
int ipc_put_err(
    struct buf *frame, const struct err *what, struct err *err) MUST_CHECK;

/* A frame that is being read. */
struct ipc_reader {
	const unsigned char *at;
	size_t left;
};

/* ERR_SYNTAX: no such field, longer than `size` allows, or a NUL in a text. */
int ipc_get_number(
    struct ipc_reader *reader, uint32_t *ret, struct err *err) MUST_CHECK;
int ipc_get_text(struct ipc_reader *reader, char *ret, size_t size,
    struct err *err) MUST_CHECK;
int ipc_get_bytes(struct ipc_reader *reader, size_t most, struct buf *ret,
    struct err *err) MUST_CHECK;
int ipc_get_err(
    struct ipc_reader *reader, struct err *ret, struct err *err) MUST_CHECK;

/* ERR_SYNTAX unless every byte was read. */
int ipc_get_end(const struct ipc_reader *reader, struct err *err) MUST_CHECK;

/* Sends one frame. ERR_NOENT: the other half has closed. ERR_IO, ERR_LIMIT. */
int ipc_send(int fd, enum ipc_op op, const struct buf *fields,
    struct err *err) MUST_CHECK;

/*
 * Receives one frame into `ret` (reset; secret where it is) and starts a
 * reader on its fields. ERR_NOENT: the other half has closed. ERR_SYNTAX,
 * ERR_LIMIT, ERR_IO, ERR_TIMEOUT (`timeout_ms` < 0: none).
 */
int ipc_receive(int fd, long timeout_ms, enum ipc_op *ret_op, struct buf *ret,
    struct ipc_reader *ret_reader, struct err *err) MUST_CHECK;

/*
 * The client's side of a request: sends, waits for the reply, starts a reader
 * on it. What the broker refused comes as its own struct err.
 */
int ipc_call(int fd, enum ipc_op op, const struct buf *fields, struct buf *ret,
    struct ipc_reader *ret_reader, struct err *err) MUST_CHECK;

/* The second half of ipc_call(), for who does other things meanwhile. */
int ipc_reply(int fd, struct buf *ret, struct ipc_reader *ret_reader,
    struct err *err) MUST_CHECK;

/*
 * A frame that is nothing but open descriptors, at most LIMIT_LISTENERS; those
 * received are closed on exec and the caller's. ERR_IO, ERR_SYNTAX.
 */
int ipc_send_sockets(
    int fd, const int *sockets, size_t count, struct err *err) MUST_CHECK;
int ipc_receive_sockets(int fd, int *ret, size_t most, size_t *ret_count,
    struct err *err) MUST_CHECK;

#endif
