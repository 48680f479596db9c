/*
 * ca_file.h: certificates of a CA's server that the operator names, where the
 * client half has no right to read them: opened by the front, handed over.
 */
#ifndef ACME_CA_FILE_H
#define ACME_CA_FILE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * The regular file `path`, opened; -1: it is none (a directory, the system's
 * ""), too large, or not to be read by us either, which the client tells of.
 */
int ca_file_open(const char *path) MUST_CHECK;

/* Sends it, or that there is none (-1), to the client. ERR_IO. */
int ca_file_send(int pair, int fd, struct err *err) MUST_CHECK;

/*
 * The client's side: what was sent, opened, or -1. ERR_IO, ERR_SYNTAX.
 */
int ca_file_receive(int pair, int *ret, struct err *err) MUST_CHECK;

/*
 * Closes `fd` (-1 will do); its text goes into `ret` where we, shut in, may not
 * open the file `path` itself. ERR_IO, ERR_LIMIT, ERR_NOMEM.
 */
int ca_file_read(
    int fd, const char *path, struct buf *ret, struct err *err) MUST_CHECK;

#endif
