/*
 * csr_private.h: what the parts of csr share.
 */
#ifndef ACME_CSR_PRIVATE_H
#define ACME_CSR_PRIVATE_H

#include "acme/csr.h"
#include "base/attr.h"
#include "base/err.h"

struct X509_req_st; /* OpenSSL's X509_REQ */

/* The request's DER, appended. */
int csr_write(struct X509_req_st *request, const char *doing, struct buf *ret,
    struct err *err) MUST_CHECK;

#endif
