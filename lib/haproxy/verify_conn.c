/*
 * verify_conn.c: one TLS handshake, step by step on a socket that does not
 * block: connect, PROXY line, handshake. Driven by verify_tls.c.
 *
 * When is a certificate shown? When the server has proved that it holds the
 * key: the handshake ended, or, where the server wants a certificate from us
 * and so must refuse us, after its proof was checked. In TLS 1.3 the handshake
 * then has ended on our side (CertificateVerify and Finished were read); in
 * TLS 1.2 the signed ServerKeyExchange has been verified by the time that
 * ServerHelloDone is read, and only then comes the alert.
 */
#include "haproxy/verify_tls.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/socket.h>
#include <unistd.h>

#define DOING "preparing a TLS handshake"

/* What is offered so that only one kind of key fits. */
struct offer {
	const char *sigalgs, *ciphers; /* both NULL: OpenSSL's defaults */
};

static const struct offer offers[] = {
    [PKI_KEY_RSA] = {"rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:"
		     "rsa_pss_rsae_sha512:rsa_pss_pss_sha256:"
		     "rsa_pss_pss_sha384:rsa_pss_pss_sha512:RSA+SHA256:"
		     "RSA+SHA384:RSA+SHA512:RSA+SHA1",
	"ECDHE+aRSA:DHE+aRSA:kRSA:!eNULL:!aNULL:@SECLEVEL=0"},
    [PKI_KEY_EC] = {"ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ECDSA+SHA1",
	"ECDHE+aECDSA:!eNULL:@SECLEVEL=0"},
    [PKI_KEY_ED25519] = {NULL, NULL},
    [PKI_KEY_OTHER] = {NULL, NULL},
};

struct verify_context {
	SSL_CTX *tls;
	const char *ciphers; /* NULL: OpenSSL's defaults, of both */
	char sigalgs[256]; /* not const: OpenSSL's macro wants it so */
};

enum stage { STAGE_CONNECT, STAGE_CONNECTING, STAGE_HANDSHAKE, STAGE_OVER };

struct verify_conn {
	const struct discovery_target *target;
	SSL *tls;
	char sni[LIMIT_DNS_NAME_BYTES + 1];
	int fd;
	enum stage stage;
	bool key_exchange; /* TLS 1.2: a ServerKeyExchange was read */
	bool proved; /* the server has proved its key */
	bool refused; /* by an alert, before that */
};

static int
crypto_failed(const char *call, struct err *err)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	(void)err_set(err, ERR_CRYPTO, DOING, NULL, "%s: %s", call,
	    reason == NULL ? "failed" : reason);
	ERR_clear_error();
	return ERR_CRYPTO;
}

/* The chain is validate's affair: any certificate will do here. */
static int
accept_any(X509_STORE_CTX *store, void *arg)
{
	(void)store;
	(void)arg;
	return 1;
}

int
verify_context_new(
    enum pki_key_type key_type, struct verify_context **ret, struct err *err)
{
	struct verify_context *context;
	int rc = 0;

	context = calloc(1, sizeof(*context));
	if (context == NULL)
		return err_nomem(err, DOING);
	context->ciphers = offers[key_type].ciphers;
	if (context->ciphers != NULL)
		(void)snprintf(context->sigalgs, sizeof(context->sigalgs), "%s",
		    offers[key_type].sigalgs);
	context->tls = SSL_CTX_new(TLS_client_method());
	if (context->tls == NULL) {
		rc = crypto_failed("SSL_CTX_new", err);
		goto out;
	}
	SSL_CTX_set_security_level(context->tls, 0);
	SSL_CTX_set_cert_verify_callback(context->tls, accept_any, NULL);
	SSL_CTX_set_session_cache_mode(context->tls, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_options(context->tls, SSL_OP_NO_TICKET);
	if (SSL_CTX_set_min_proto_version(context->tls, TLS1_2_VERSION) != 1)
		rc = crypto_failed("SSL_CTX_set_min_proto_version", err);
	if (rc < 0)
		goto out;
	*ret = context;
	context = NULL;
out:
	verify_context_free(context);
	return rc;
}

void
verify_context_free(struct verify_context *context)
{
	if (context == NULL)
		return;
	SSL_CTX_free(context->tls);
	free(context);
}

/* Called by OpenSSL for each message once it has the whole of it. */
static void
on_message(int sent, int version, int type, const void *data, size_t len,
    SSL *tls, void *arg)
{
	struct verify_conn *conn = arg;
	int message;

	(void)tls;
	if (sent || type != SSL3_RT_HANDSHAKE || len == 0)
		return;
	message = *(const unsigned char *)data;
	if (message == SSL3_MT_SERVER_KEY_EXCHANGE)
		conn->key_exchange = true;
	if (message == SSL3_MT_SERVER_DONE && conn->key_exchange)
		conn->proved = true;
	if (message == SSL3_MT_FINISHED && version == TLS1_3_VERSION)
		conn->proved = true;
}

int
verify_conn_new(struct verify_context *context,
    const struct discovery_target *target, const char *sni, bool wide,
    struct verify_conn **ret, struct err *err)
{
	struct verify_conn *conn;
	int rc = 0;

	conn = calloc(1, sizeof(*conn));
	if (conn == NULL)
		return err_nomem(err, DOING);
	conn->target = target;
	conn->fd = -1;
	conn->tls = SSL_new(context->tls);
	if (conn->tls == NULL) {
		rc = crypto_failed("SSL_new", err);
		goto out;
	}
	SSL_set_msg_callback(conn->tls, on_message);
	SSL_set_msg_callback_arg(conn->tls, conn);
	(void)snprintf(conn->sni, sizeof(conn->sni), "%s", sni);
	if (*sni != '\0' && SSL_set_tlsext_host_name(conn->tls, conn->sni) != 1)
		rc = crypto_failed("SSL_set_tlsext_host_name", err);
	if (rc == 0 && !wide && context->ciphers != NULL &&
	    (SSL_set1_sigalgs_list(conn->tls, context->sigalgs) != 1 ||
		SSL_set_cipher_list(conn->tls, context->ciphers) != 1))
		rc = crypto_failed("SSL_set1_sigalgs_list", err);
	if (rc < 0)
		goto out;
	*ret = conn;
	conn = NULL;
out:
	verify_conn_free(conn);
	return rc;
}

void
verify_conn_free(struct verify_conn *conn)
{
	if (conn == NULL)
		return;
	SSL_free(conn->tls);
	if (conn->fd >= 0)
		(void)close(conn->fd);
	free(conn);
}

int
verify_conn_fd(const struct verify_conn *conn)
{
	return conn->fd;
}

bool
verify_conn_refused(const struct verify_conn *conn)
{
	return conn->refused;
}

static enum verify_wants
give_up(struct verify_conn *conn, struct verify_result *result,
    const char *what, const char *why)
{
	conn->stage = STAGE_OVER;
	result->shown = false;
	(void)snprintf(result->why, sizeof(result->why), "%s: %s", what, why);
	ERR_clear_error();
	return VERIFY_WANTS_NOTHING;
}

/* What was sent behind the leaf: as pki_certs_sha256() has it of a bundle. */
static bool
take_chain(struct verify_conn *conn, unsigned char *ret)
{
	STACK_OF(X509) *sent = SSL_get_peer_cert_chain(conn->tls);
	unsigned char digest[PKI_SHA256_BYTES];

	memset(ret, 0, PKI_SHA256_BYTES);
	for (int i = 1; i < sk_X509_num(sent); i++) {
		if (X509_digest(sk_X509_value(sent, i), EVP_sha256(), digest,
			NULL) != 1)
			return false;
		pki_sha256_add(ret, digest);
	}
	return true;
}

/* Fills `result` from the certificate that was shown. */
static enum verify_wants
take_leaf(struct verify_conn *conn, struct verify_result *result)
{
	X509 *leaf = SSL_get0_peer_certificate(conn->tls);
	struct verify_seen *seen = &result->seen;
	const ASN1_INTEGER *serial;
	unsigned int len = 0;
	struct tm until;
	BIGNUM *number;
	char *hex;
	BIO *text;
	int n;

	memset(seen, 0, sizeof(*seen));
	if (leaf == NULL ||
	    X509_digest(leaf, EVP_sha256(), seen->sha256, &len) != 1 ||
	    !take_chain(conn, seen->chain))
		return give_up(
		    conn, result, "handshake", "no certificate was shown");
	serial = X509_get0_serialNumber(leaf);
	number = ASN1_INTEGER_to_BN(serial, NULL);
	hex = number == NULL ? NULL : BN_bn2hex(number);
	if (hex != NULL)
		(void)snprintf(seen->serial, sizeof(seen->serial), "%s", hex);
	OPENSSL_free(hex);
	BN_free(number);
	if (ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &until) == 1)
		seen->not_after_s = timegm(&until);
	text = BIO_new(BIO_s_mem());
	if (text != NULL &&
	    X509_NAME_print_ex(text, X509_get_subject_name(leaf), 0,
		XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
		n = BIO_read(text, seen->subject, sizeof(seen->subject) - 1);
		seen->subject[n > 0 ? n : 0] = '\0';
	}
	BIO_free(text);
	ERR_clear_error();
	result->shown = true;
	conn->stage = STAGE_OVER;
	return VERIFY_WANTS_NOTHING;
}

/* SSL_connect() has failed with `code` of SSL_get_error(). */
static enum verify_wants
handshake_failed(struct verify_conn *conn, int code, int saved_errno,
    struct verify_result *result)
{
	unsigned long reason = ERR_peek_error();
	const char *words = ERR_reason_error_string(reason);
	bool alert = ERR_GET_LIB(reason) == ERR_LIB_SSL &&
	    ERR_GET_REASON(reason) >= SSL_AD_REASON_OFFSET;

	/* It wanted a certificate of ours, after showing its own. */
	if (conn->proved)
		return take_leaf(conn, result);
	conn->refused = alert;
	if (words == NULL && code == SSL_ERROR_SYSCALL && saved_errno != 0)
		words = strerror(saved_errno);
	return give_up(conn, result, "handshake",
	    words == NULL ? "the connection was closed" : words);
}

static enum verify_wants
step_handshake(struct verify_conn *conn, struct verify_result *result)
{
	int rc, code, saved_errno;

	ERR_clear_error();
	errno = 0;
	rc = SSL_connect(conn->tls);
	saved_errno = errno;
	if (rc == 1) {
		(void)take_leaf(conn, result);
		/* Polite, so that no log counts a broken connection. */
		(void)SSL_shutdown(conn->tls);
		ERR_clear_error();
		return VERIFY_WANTS_NOTHING;
	}
	code = SSL_get_error(conn->tls, rc);
	if (code == SSL_ERROR_WANT_READ)
		return VERIFY_WANTS_READ;
	if (code == SSL_ERROR_WANT_WRITE)
		return VERIFY_WANTS_WRITE;
	return handshake_failed(conn, code, saved_errno, result);
}

/* The connection stands (or has failed): PROXY line, then TLS. */
static enum verify_wants
step_connected(struct verify_conn *conn, struct verify_result *result)
{
	static const char line[] = "PROXY UNKNOWN\r\n";
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error != 0)
		return give_up(conn, result, "connect", strerror(error));
	/* Else the ClientHello waits 40 ms for the PROXY line's ACK. */
	(void)setsockopt(
	    conn->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	if (conn->target->accept_proxy &&
	    send(conn->fd, line, sizeof(line) - 1, MSG_NOSIGNAL) !=
		(ssize_t)sizeof(line) - 1)
		return give_up(conn, result, "PROXY line", strerror(errno));
	if (SSL_set_fd(conn->tls, conn->fd) != 1)
		return give_up(conn, result, "handshake", "SSL_set_fd failed");
	conn->stage = STAGE_HANDSHAKE;
	return step_handshake(conn, result);
}

static enum verify_wants
step_connect(struct verify_conn *conn, struct verify_result *result)
{
	const struct sockaddr *address =
	    (const struct sockaddr *)(const void *)&conn->target->address;

	if (conn->fd < 0)
		conn->fd = socket(address->sa_family,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (conn->fd < 0)
		return give_up(conn, result, "socket", strerror(errno));
	if (connect(conn->fd, address, conn->target->address_len) == 0)
		return step_connected(conn, result);
	if (errno == EAGAIN)
		return VERIFY_WANTS_PAUSE;
	if (errno != EINPROGRESS && errno != EINTR)
		return give_up(conn, result, "connect", strerror(errno));
	conn->stage = STAGE_CONNECTING;
	return VERIFY_WANTS_WRITE;
}

enum verify_wants
verify_conn_step(struct verify_conn *conn, struct verify_result *result)
{
	switch (conn->stage) {
	case STAGE_CONNECT: return step_connect(conn, result);
	case STAGE_CONNECTING: return step_connected(conn, result);
	case STAGE_HANDSHAKE: return step_handshake(conn, result);
	case STAGE_OVER: break;
	}
	return VERIFY_WANTS_NOTHING;
}
