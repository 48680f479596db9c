/*
 * tlsserver.c: see tlsserver.h. One connection after the other; the backlog
 * holds those that wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/tlsserver.h"

struct tls_identity {
	char name[128];
	char *names[1]; /* it, as facts have it */
	enum pki_key_type key_type;
	EVP_PKEY *key;
	X509 *cert;
};

/* The contexts of one server; the child's. */
struct contexts {
	SSL_CTX *defaults[2];
	SSL_CTX *named[4];
	const struct tls_plan *plan;
};

static EVP_PKEY *
make_key(enum pki_key_type key_type)
{
	switch (key_type) {
	case PKI_KEY_RSA: return EVP_RSA_gen(2048);
	case PKI_KEY_EC: return EVP_EC_gen("P-256");
	case PKI_KEY_ED25519: return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	case PKI_KEY_OTHER: break;
	}
	return NULL;
}

struct tls_identity *
tls_identity_new(const char *name, enum pki_key_type key_type)
{
	struct tls_identity *identity = calloc(1, sizeof(*identity));
	unsigned char random[8];
	char san[300];
	X509_EXTENSION *extension;
	X509_NAME *subject;
	BIGNUM *serial;

	assert_non_null(identity);
	snprintf(identity->name, sizeof(identity->name), "%s", name);
	identity->names[0] = identity->name;
	identity->key_type = key_type;
	identity->key = make_key(key_type);
	identity->cert = X509_new();
	assert_non_null(identity->key);
	assert_non_null(identity->cert);
	X509_set_version(identity->cert, X509_VERSION_3);
	assert_int_equal(getentropy(random, sizeof(random)), 0);
	random[0] &= 0x7f;
	random[0] |= 0x40;
	serial = BN_bin2bn(random, sizeof(random), NULL);
	BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(identity->cert));
	BN_free(serial);
	X509_gmtime_adj(X509_getm_notBefore(identity->cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(identity->cert), 3600);
	subject = X509_get_subject_name(identity->cert);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(identity->cert, subject);
	X509_set_pubkey(identity->cert, identity->key);
	snprintf(san, sizeof(san), "DNS:%s", name);
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);
	assert_non_null(extension);
	X509_add_ext(identity->cert, extension, -1);
	X509_EXTENSION_free(extension);
	assert_true(X509_sign(identity->cert, identity->key,
			key_type == PKI_KEY_ED25519 ? NULL : EVP_sha256()) > 0);
	return identity;
}

void
tls_identity_free(struct tls_identity *identity)
{
	if (identity == NULL)
		return;
	EVP_PKEY_free(identity->key);
	X509_free(identity->cert);
	free(identity);
}

void
tls_identity_facts(const struct tls_identity *identity, struct pki_facts *ret)
{
	BIGNUM *number =
	    ASN1_INTEGER_to_BN(X509_get0_serialNumber(identity->cert), NULL);
	char *hex = BN_bn2hex(number);

	memset(ret, 0, sizeof(*ret));
	assert_int_equal(
	    X509_digest(identity->cert, EVP_sha256(), ret->sha256, NULL), 1);
	snprintf(ret->serial, sizeof(ret->serial), "%s", hex);
	snprintf(ret->subject, sizeof(ret->subject), "CN=%s", identity->name);
	ret->key.type = identity->key_type;
	ret->names = (char **)(uintptr_t)identity->names;
	ret->name_count = 1;
	OPENSSL_free(hex);
	BN_free(number);
}

static void
load_identity(SSL_CTX *context, const struct tls_identity *identity)
{
	if (identity != NULL &&
	    (SSL_CTX_use_certificate(context, identity->cert) != 1 ||
		SSL_CTX_use_PrivateKey(context, identity->key) != 1))
		_exit(3);
}

static SSL_CTX *
make_context(const struct tls_plan *plan, const struct tls_identity *one,
    const struct tls_identity *two)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (context == NULL)
		_exit(3);
	load_identity(context, one);
	load_identity(context, two);
	if (plan->only_tls12)
		SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
	if (plan->wants_client)
		SSL_CTX_set_verify(context,
		    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return context;
}

static int
choose_by_name(SSL *tls, int *alert, void *arg)
{
	const struct contexts *contexts = arg;
	const char *name = SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name);
	size_t i;

	(void)alert;
	for (i = 0; name != NULL && i < 4; i++) {
		const struct tls_identity *it = contexts->plan->named[i];

		if (it != NULL &&
		    (strcmp(it->name, name) == 0 ||
			(it->name[0] == '*' && strchr(name, '.') != NULL &&
			    strcmp(it->name + 1, strchr(name, '.')) == 0)))
			SSL_set_SSL_CTX(tls, contexts->named[i]);
	}
	return SSL_TLSEXT_ERR_OK;
}

static bool
take_proxy_line(int fd)
{
	static const char wanted[] = "PROXY UNKNOWN\r\n";
	char got[sizeof(wanted) - 1];

	return recv(fd, got, sizeof(got), MSG_WAITALL) ==
	    (ssize_t)sizeof(got) &&
	    memcmp(got, wanted, sizeof(got)) == 0;
}

static void
serve_one(const struct contexts *contexts, int fd, size_t turn)
{
	const struct tls_plan *plan = contexts->plan;
	SSL *tls;

	if (plan->wants_proxy && !take_proxy_line(fd))
		return;
	tls = SSL_new(
	    contexts->defaults[plan->way == TLS_ALTERNATE ? turn % 2 : 0]);
	if (tls == NULL)
		_exit(3);
	SSL_set_fd(tls, fd);
	if (SSL_accept(tls) == 1)
		SSL_shutdown(tls);
	SSL_free(tls);
}

/* The child: until it is killed. */
static void
serve(const struct tls_plan *plan, int listener)
{
	struct contexts contexts = {.plan = plan};
	size_t i;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	contexts.defaults[0] = make_context(plan, plan->defaults[0],
	    plan->way == TLS_ALTERNATE ? NULL : plan->defaults[1]);
	contexts.defaults[1] = make_context(plan, plan->defaults[1], NULL);
	for (i = 0; i < 4; i++)
		contexts.named[i] = make_context(plan, plan->named[i], NULL);
	for (i = 0; i < 2; i++) {
		SSL_CTX_set_tlsext_servername_callback(
		    contexts.defaults[i], choose_by_name);
		SSL_CTX_set_tlsext_servername_arg(
		    contexts.defaults[i], &contexts);
	}
	for (i = 0; (fd = accept(listener, NULL, NULL)) >= 0; i++) {
		if (plan->way == TLS_STALL)
			continue;
		if (plan->way != TLS_HANG_UP)
			serve_one(&contexts, fd, i);
		close(fd);
	}
	_exit(0);
}

void
tls_server_start(struct tls_server *server, const struct tls_plan *plan)
{
	struct discovery_target *target = &server->target;
	struct sockaddr_in *in = (void *)&target->address;
	struct sockaddr_un *un = (void *)&target->address;
	int listener;

	memset(server, 0, sizeof(*server));
	target->accept_proxy = plan->wants_proxy;
	if (plan->path != NULL) {
		un->sun_family = AF_UNIX;
		snprintf(un->sun_path, sizeof(un->sun_path), "%s", plan->path);
		target->address_len = sizeof(*un);
	} else {
		in->sin_family = AF_INET;
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		target->address_len = sizeof(*in);
	}
	listener = socket(target->address.ss_family, SOCK_STREAM, 0);
	assert_true(listener >= 0);
	assert_int_equal(
	    bind(listener, (const void *)&target->address, target->address_len),
	    0);
	assert_int_equal(listen(listener, plan->path != NULL ? 2 : 128), 0);
	if (plan->path == NULL) {
		assert_int_equal(
		    getsockname(listener, (void *)in, &target->address_len), 0);
		snprintf(target->text, sizeof(target->text), "127.0.0.1:%u",
		    ntohs(in->sin_port));
	} else {
		snprintf(
		    target->text, sizeof(target->text), "unix:%s", plan->path);
	}
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(plan, listener);
	}
	close(listener);
}

void
tls_server_stop(struct tls_server *server)
{
	int status;

	if (server->pid <= 0)
		return;
	kill(server->pid, SIGKILL);
	waitpid(server->pid, &status, 0);
	server->pid = 0;
}
