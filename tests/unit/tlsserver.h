/*
 * tlsserver.h: a TLS server on loopback, in a process of its own, that shows
 * what a test wants, and a maker of certificates.
 */
#ifndef TESTS_UNIT_TLSSERVER_H
#define TESTS_UNIT_TLSSERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "cert/pki.h"
#include "haproxy/discovery.h"

struct tls_identity; /* a certificate and its key */

/* Self-signed, CN and SAN `name`. Fails the test; tls_identity_free(). */
struct tls_identity *tls_identity_new(
    const char *name, enum pki_key_type key_type);
void tls_identity_free(struct tls_identity *identity);

/* The facts that verify looks at: names (one), sha256, serial, key type. */
void tls_identity_facts(
    const struct tls_identity *identity, struct pki_facts *ret);

enum tls_way {
	TLS_SERVE, /* handshake, close */
	TLS_STALL, /* accept, say nothing */
	TLS_HANG_UP, /* accept, close */
	TLS_ALTERNATE, /* the first and the second default in turn */
};

struct tls_plan {
	enum tls_way way;
	const struct tls_identity *defaults[2]; /* shown where no name fits;
	    TLS_SERVE loads both: a pair of kinds of keys */
	const struct tls_identity *named[4]; /* by SNI: the name is in it */
	bool only_tls12;
	bool wants_client; /* a certificate of the client, or an alert */
	bool wants_proxy; /* the line "PROXY UNKNOWN" first */
	const char *path; /* a UNIX socket; NULL: 127.0.0.1, any port */
};

struct tls_server {
	int pid; /* of the child */
	struct discovery_target target;
};

/* Starts it; fails the test. `plan` may go once this returns. */
void tls_server_start(struct tls_server *server, const struct tls_plan *plan);
void tls_server_stop(struct tls_server *server);

#endif
