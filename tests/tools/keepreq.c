/*
 * keepreq: asks for one page over https, again and again, until SIGTERM, and
 * tells what it saw. The witness of the integration tests: a certificate was
 * exchanged, and no client felt it.
 *
 *	keepreq [-c] [-i MS] [-p PATH] HOST:PORT NAME
 *
 * NAME is sent as SNI and Host. One connection is kept for all requests, or,
 * with -c, made anew for each. -i: the pause between two requests. A request
 * that does not end in a whole answer with status 200 is a failure and is not
 * tried again; only a connection that the server closed properly (with
 * `Connection: close` in the answer before) is opened anew for free.
 *
 * Output: "ready" after the first request that went well; "certificate SERIAL
 * SHA256 NUMBER" for each leaf when it is first seen, NUMBER being the
 * request; at the end "requests N", "failures N", "connections N",
 * "certificates N", "longest_us N". Each failure is a line on stderr. Exit
 * status: 0 no failure, 1 a failure or no request at all, 2 usage.
 */
#define _GNU_SOURCE /* strings.h, getaddrinfo() */
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	ANSWER_BYTES = 16 * 1024, /* head and body of one answer */
	HEAD_BYTES = 2048, /* of our request */
	LEAVES = 64, /* certificates that are told apart */
	STALL_S = 20, /* an answer that takes longer is a failure */
	INTERVAL_MOST_MS = 60 * 1000,
};

struct options {
	char host[256];
	const char *port, *path;
	char *name; /* OpenSSL wants it so */
	long interval_ms;
	bool close; /* after each request */
};

struct tally {
	unsigned long requests, failures, connections;
	long longest_us;
	unsigned char leaves[LEAVES][32]; /* SHA-256 */
	size_t leaf_count;
};

/* One connection; `ssl` is NULL while there is none. */
struct client {
	const struct options *options;
	struct tally *tally;
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
	char answer[ANSWER_BYTES + 1];
};

static void
usage(void)
{
	fputs("usage: keepreq [-c] [-i MS] [-p PATH] HOST:PORT NAME\n", stderr);
	exit(2);
}

static long
now_us(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		abort();
	return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

/* Says why the request under way failed (NULL: ask errno), returns -1. */
static int
fail(const struct client *client, const char *doing, const char *why)
{
	unsigned long code = ERR_get_error();
	char text[256];

	if (why == NULL && code != 0) {
		ERR_error_string_n(code, text, sizeof(text));
		why = text;
	} else if (why == NULL) {
		why = errno != 0 ? strerror(errno) : "the other side hung up";
	}
	fprintf(stderr, "keepreq: request %lu: %s: %s\n",
	    client->tally->requests, doing, why);
	return -1;
}

static void
client_close(struct client *client)
{
	if (client->ssl != NULL) {
		SSL_shutdown(client->ssl);
		SSL_free(client->ssl);
		client->ssl = NULL;
	}
	if (client->fd >= 0) {
		close(client->fd);
		client->fd = -1;
	}
	ERR_clear_error();
}

static int
connect_tcp(struct client *client)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	struct timeval stall = {.tv_sec = STALL_S};
	int one = 1, res = -1;

	if (getaddrinfo(client->options->host, client->options->port, &hints,
		&found) != 0)
		return fail(client, "looking up the address", NULL);
	client->fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		goto out;
	if (setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &stall,
		sizeof(stall)) != 0 ||
	    setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &stall,
		sizeof(stall)) != 0 ||
	    setsockopt(
		client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0)
		goto out;
	res = connect(client->fd, found->ai_addr, found->ai_addrlen);
out:
	if (res != 0)
		fail(client, "connecting", NULL);
	freeaddrinfo(found);
	return res;
}

/* Notes the leaf that this handshake showed; says so where it is new. */
static int
note_leaf(struct client *client)
{
	struct tally *tally = client->tally;
	unsigned char sha256[32];
	X509 *leaf = NULL;
	BIGNUM *serial = NULL;
	char *hex = NULL;
	size_t i;
	int res = -1;

	leaf = SSL_get1_peer_certificate(client->ssl);
	if (leaf == NULL || X509_digest(leaf, EVP_sha256(), sha256, NULL) != 1)
		goto out;
	for (i = 0; i < tally->leaf_count; i++) {
		if (memcmp(tally->leaves[i], sha256, sizeof(sha256)) == 0) {
			res = 0;
			goto out;
		}
	}
	if (tally->leaf_count == LEAVES)
		goto out;
	serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(leaf), NULL);
	if (serial == NULL || (hex = BN_bn2hex(serial)) == NULL)
		goto out;
	memcpy(tally->leaves[tally->leaf_count++], sha256, sizeof(sha256));
	printf("certificate %s ", hex);
	for (i = 0; i < sizeof(sha256); i++)
		printf("%02x", sha256[i]);
	printf(" %lu\n", tally->requests);
	res = 0;
out:
	if (res != 0)
		fail(client, "looking at the certificate", NULL);
	OPENSSL_free(hex);
	BN_free(serial);
	X509_free(leaf);
	return res;
}

static int
client_open(struct client *client)
{
	client->tally->connections++;
	if (connect_tcp(client) != 0)
		return -1;
	client->ssl = SSL_new(client->ctx);
	if (client->ssl == NULL || SSL_set_fd(client->ssl, client->fd) != 1 ||
	    SSL_set_tlsext_host_name(client->ssl, client->options->name) != 1)
		return fail(client, "preparing TLS", NULL);
	if (SSL_connect(client->ssl) != 1)
		return fail(client, "the handshake", NULL);
	return note_leaf(client);
}

static int
send_request(struct client *client)
{
	char head[HEAD_BYTES];
	int len;

	len = snprintf(head, sizeof(head),
	    "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", client->options->path,
	    client->options->name,
	    client->options->close ? "Connection: close\r\n" : "");
	if (len < 0 || (size_t)len >= sizeof(head))
		return fail(client, "sending", "path or name too long");
	if (SSL_write(client->ssl, head, len) != len)
		return fail(client, "sending", NULL);
	return 0;
}

/* The value of a header in `head`, or NULL. */
static const char *
header(const char *head, const char *name)
{
	size_t len = strlen(name);
	const char *line = head;

	while ((line = strstr(line, "\r\n")) != NULL) {
		line += 2;
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " ");
	}
	return NULL;
}

/* Reads one answer to its last byte; *ret_close: the server wants to close. */
static int
read_answer(struct client *client, bool *ret_close)
{
	char *answer = client->answer, *body = NULL;
	const char *value = NULL;
	size_t len = 0, whole = ANSWER_BYTES;
	unsigned long length;
	int got;

	while (len < whole) {
		got = SSL_read(client->ssl, answer + len, (int)(whole - len));
		if (got <= 0)
			return fail(client, "the answer", NULL);
		len += (size_t)got;
		answer[len] = '\0';
		if (body != NULL || (body = strstr(answer, "\r\n\r\n")) == NULL)
			continue;
		*body = '\0';
		body += 4;
		if (strncmp(answer, "HTTP/1.1 200 ", 13) != 0) {
			answer[strcspn(answer, "\r")] = '\0';
			return fail(client, "the answer", answer);
		}
		value = header(answer, "Content-Length");
		length = value != NULL ? strtoul(value, NULL, 10) : ULONG_MAX;
		if (length > (unsigned long)(answer + ANSWER_BYTES - body))
			return fail(client, "the answer", "no usable length");
		whole = (size_t)(body - answer) + length;
	}
	if (body == NULL || len != whole)
		return fail(client, "the answer", "longer than it says");
	value = header(answer, "Connection");
	*ret_close = value != NULL && strncasecmp(value, "close", 5) == 0;
	return 0;
}

/* One request, on the connection that is there or on a new one. */
static void
request(struct client *client)
{
	struct tally *tally = client->tally;
	long begin_us = now_us(), spent_us;
	bool server_closes = false;

	tally->requests++;
	errno = 0;
	if ((client->ssl == NULL && client_open(client) != 0) ||
	    send_request(client) != 0 ||
	    read_answer(client, &server_closes) != 0) {
		tally->failures++;
		client_close(client);
		return;
	}
	spent_us = now_us() - begin_us;
	if (spent_us > tally->longest_us)
		tally->longest_us = spent_us;
	if (tally->requests - tally->failures == 1)
		puts("ready");
	if (server_closes || client->options->close)
		client_close(client);
}

/* Waits; true when it is time to end. */
static bool
told_to_stop(const sigset_t *signals, long interval_ms)
{
	struct timespec pause = {.tv_sec = interval_ms / 1000,
	    .tv_nsec = interval_ms % 1000 * 1000000};

	return sigtimedwait(signals, NULL, &pause) > 0;
}

static void
read_options(int argc, char **argv, struct options *options)
{
	const char *colon;
	char *end;
	int opt;

	while ((opt = getopt(argc, argv, "ci:p:")) != -1) {
		switch (opt) {
		case 'c': options->close = true; break;
		case 'i':
			options->interval_ms = strtol(optarg, &end, 10);
			if (*end != '\0' || options->interval_ms < 0 ||
			    options->interval_ms > INTERVAL_MOST_MS)
				usage();
			break;
		case 'p': options->path = optarg; break;
		default: usage();
		}
	}
	if (argc - optind != 2)
		usage();
	colon = strrchr(argv[optind], ':');
	if (colon == NULL ||
	    (size_t)(colon - argv[optind]) >= sizeof(options->host))
		usage();
	memcpy(options->host, argv[optind], (size_t)(colon - argv[optind]));
	options->port = colon + 1;
	options->name = argv[optind + 1];
}

int
main(int argc, char **argv)
{
	struct options options = {.path = "/", .interval_ms = 5};
	struct tally tally = {0};
	struct client client = {.options = &options, .tally = &tally, .fd = -1};
	sigset_t signals;

	read_options(argc, argv, &options);
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	/* Blocked, so that no request is cut by the signal that ends us. */
	if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return 1;
	client.ctx = SSL_CTX_new(TLS_client_method());
	if (client.ctx == NULL)
		return 1;
	/* The chain is the tests' to judge; here every leaf is of interest. */
	SSL_CTX_set_verify(client.ctx, SSL_VERIFY_NONE, NULL);

	while (!told_to_stop(&signals, options.interval_ms))
		request(&client);

	client_close(&client);
	SSL_CTX_free(client.ctx);
	printf("requests %lu\nfailures %lu\nconnections %lu\n"
	       "certificates %zu\nlongest_us %ld\n",
	    tally.requests, tally.failures, tally.connections, tally.leaf_count,
	    tally.longest_us);
	return tally.failures > 0 || tally.requests == 0 ? 1 : 0;
}
