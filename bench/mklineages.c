/*
 * mklineages.c: lineages as certbot leaves them, as many as a bench wants.
 *
 *   mklineages make ROOT COUNT     ROOT/etc with COUNT lineages, a CA of ours
 *   mklineages renew ROOT [NAME]   a new key and certificate for each, or NAME
 *
 * Each has a P-256 key and a leaf from an intermediate of the CA; archive/,
 * the links of live/ and their modes are certbot's. Written for speed: a
 * thousand in about a second. Part of the bench, not installed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/attr.h"

enum { GENERATIONS_KEPT = 6, DAY_S = 24 * 60 * 60, LEAF_DAYS = 90 };

/* Who signs. */
struct signer {
	X509 *cert;
	EVP_PKEY *key;
};

static void die(const char *fmt, ...) PRINTF_LIKE(1, 2)
    __attribute__((noreturn));

static void
die(const char *fmt, ...)
{
	va_list args;

	fputs("mklineages: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* Formats a path or a name; one that does not fit is the end. */
static void path_to(char *ret, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
path_to(char *ret, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(ret, PATH_MAX, fmt, args);
	va_end(args);
	if (len < 0 || len >= PATH_MAX)
		die("a path is too long: %s", ret);
}

static void
make_dir(const char *path, mode_t mode)
{
	if (mkdir(path, mode) != 0 && errno != EEXIST)
		die("mkdir %s: %s", path, strerror(errno));
}

static void
write_file(const char *path, mode_t mode, BIO *from)
{
	char *data;
	long len = BIO_get_mem_data(from, &data);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd == -1 || len < 0 || write(fd, data, (size_t)len) != len ||
	    close(fd) != 0)
		die("write %s: %s", path, strerror(errno));
}

static BIO *
pem_of(X509 *first, X509 *second, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio == NULL || (first && !PEM_write_bio_X509(bio, first)) ||
	    (second && !PEM_write_bio_X509(bio, second)) ||
	    (key &&
		!PEM_write_bio_PKCS8PrivateKey(
		    bio, key, NULL, NULL, 0, NULL, NULL)))
		die("PEM: out of memory");
	return bio;
}

static void
extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (extension == NULL || !X509_add_ext(cert, extension, -1))
		die("extension %s", value);
	X509_EXTENSION_free(extension);
}

/*
 * A certificate for `key`; signed by `signer`, by itself where that is NULL.
 * `name` is a DNS name, or for a CA its common name. `start_s` lets each
 * renewal begin later than the one before.
 */
static X509 *
certify(const char *name, bool is_ca, EVP_PKEY *key, const struct signer *by,
    long start_s, long days)
{
	X509 *cert = X509_new();
	X509 *issuer = by ? by->cert : cert;
	X509_NAME *subject;
	char san[PATH_MAX];
	unsigned char serial[16];
	BIGNUM *number;

	if (cert == NULL || getentropy(serial, sizeof(serial)) != 0)
		die("out of memory or of entropy");
	serial[0] &= 0x7f;
	number = BN_bin2bn(serial, sizeof(serial), NULL);
	BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
	BN_free(number);
	X509_set_version(cert, X509_VERSION_3);
	X509_gmtime_adj(X509_getm_notBefore(cert), start_s);
	X509_time_adj_ex(X509_getm_notAfter(cert), (int)days, start_s, NULL);
	X509_set_pubkey(cert, key);
	subject = X509_get_subject_name(cert);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(issuer));
	extend(cert, issuer, NID_basic_constraints,
	    is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	extend(cert, issuer, NID_key_usage,
	    is_ca ? "critical,keyCertSign,cRLSign"
		  : "critical,digitalSignature");
	extend(cert, issuer, NID_subject_key_identifier, "hash");
	if (!is_ca) {
		path_to(san, "DNS:%s", name);
		extend(cert, issuer, NID_subject_alt_name, san);
		extend(cert, issuer, NID_ext_key_usage, "serverAuth");
		extend(cert, issuer, NID_authority_key_identifier, "keyid");
	}
	if (!X509_sign(cert, by ? by->key : key, EVP_sha256()))
		die("cannot sign for %s", name);
	return cert;
}

static EVP_PKEY *
make_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	if (key == NULL)
		die("cannot make a key");
	return key;
}

/* Writes ROOT/ca.pem (intermediate and its key) and ROOT/root.pem. */
static void
make_ca(const char *root_dir)
{
	char path[PATH_MAX];
	struct signer root = {NULL, make_key()};
	EVP_PKEY *key = make_key();
	X509 *cert;
	BIO *bio;

	root.cert =
	    certify("Bench Root", true, root.key, NULL, -DAY_S, 10L * 365);
	cert =
	    certify("Bench Intermediate", true, key, &root, -DAY_S, 5L * 365);
	path_to(path, "%s/ca.pem", root_dir);
	bio = pem_of(cert, NULL, key);
	write_file(path, 0600, bio);
	BIO_free(bio);
	path_to(path, "%s/root.pem", root_dir);
	bio = pem_of(root.cert, NULL, NULL);
	write_file(path, 0644, bio);
	BIO_free(bio);
	X509_free(root.cert);
	EVP_PKEY_free(root.key);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void
read_ca(const char *root_dir, struct signer *ret)
{
	char path[PATH_MAX];
	BIO *bio;

	path_to(path, "%s/ca.pem", root_dir);
	bio = BIO_new_file(path, "r");
	if (bio == NULL)
		die("cannot read %s", path);
	ret->cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	ret->key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (ret->cert == NULL || ret->key == NULL)
		die("%s is no CA of ours", path);
}

/* The N that live/NAME points at; 0 for one that is not there yet. */
static long
generation_of(const char *live)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *at;
	ssize_t len;

	path_to(path, "%s/cert.pem", live);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return 0;
	target[len] = '\0';
	at = strrchr(target, '/');
	if (at == NULL || strncmp(at, "/cert", 5) != 0)
		die("%s is no link of certbot's", path);
	return strtol(at + 5, NULL, 10);
}

/* Writes one file of generation `number`, points its link there. */
static void
put(const char *etc, const char *name, const char *kind, long number,
    mode_t mode, BIO *bio)
{
	char path[PATH_MAX], target[PATH_MAX], link[PATH_MAX];

	path_to(path, "%s/archive/%s/%s%ld.pem", etc, name, kind, number);
	write_file(path, mode, bio);
	BIO_free(bio);
	path_to(target, "../../archive/%s/%s%ld.pem", name, kind, number);
	path_to(link, "%s/live/%s/%s.pem", etc, name, kind);
	if (unlink(link) != 0 && errno != ENOENT)
		die("unlink %s: %s", link, strerror(errno));
	if (symlink(target, link) != 0)
		die("symlink %s: %s", link, strerror(errno));
	path_to(path, "%s/archive/%s/%s%ld.pem", etc, name, kind,
	    number - GENERATIONS_KEPT);
	unlink(path);
}

/* Issues the next generation of `name`. */
static void
issue(const char *etc, const char *name, const struct signer *by)
{
	char live[PATH_MAX];
	EVP_PKEY *key = make_key();
	X509 *cert;
	long number;

	path_to(live, "%s/live/%s", etc, name);
	number = generation_of(live) + 1;
	cert = certify(name, false, key, by, -DAY_S + number, LEAF_DAYS);
	put(etc, name, "cert", number, 0644, pem_of(cert, NULL, NULL));
	put(etc, name, "privkey", number, 0600, pem_of(NULL, NULL, key));
	put(etc, name, "chain", number, 0644, pem_of(by->cert, NULL, NULL));
	put(etc, name, "fullchain", number, 0644, pem_of(cert, by->cert, NULL));
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* What certbot, and who looks at its lineages, wants to find there. */
static BIO *
renewal_conf(const char *etc, const char *name)
{
	static const char *const kinds[] = {
	    "cert", "privkey", "chain", "fullchain"};
	BIO *bio = BIO_new(BIO_s_mem());

	BIO_printf(
	    bio, "version = 2.1.0\narchive_dir = %s/archive/%s\n", etc, name);
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		BIO_printf(bio, "%s = %s/live/%s/%s.pem\n", kinds[i], etc, name,
		    kinds[i]);
	BIO_printf(bio,
	    "[renewalparams]\naccount = %032d\n"
	    "server = https://127.0.0.1:1/dir\nauthenticator = standalone\n"
	    "key_type = ecdsa\n",
	    0);
	return bio;
}

static void
make_all(const char *root_dir, long count)
{
	static const char *const dirs[] = {"live", "archive", "renewal",
	    "accounts", "accounts/127.0.0.1:1", "accounts/127.0.0.1:1/dir",
	    "accounts/127.0.0.1:1/dir/00000000000000000000000000000000"};
	char etc[PATH_MAX], path[PATH_MAX], name[PATH_MAX];
	struct signer by;
	BIO *bio;

	make_ca(root_dir);
	read_ca(root_dir, &by);
	path_to(etc, "%s/etc", root_dir);
	make_dir(etc, 0755);
	for (size_t i = 0; i < COUNT_OF(dirs); i++) {
		path_to(path, "%s/%s", etc, dirs[i]);
		make_dir(path, i < 2 ? 0700 : 0755);
	}
	for (long i = 0; i < count; i++) {
		path_to(name, "site%05ld.bench.example", i);
		path_to(path, "%s/live/%s", etc, name);
		make_dir(path, 0755);
		path_to(path, "%s/archive/%s", etc, name);
		make_dir(path, 0755);
		path_to(path, "%s/renewal/%s.conf", etc, name);
		bio = renewal_conf(etc, name);
		write_file(path, 0644, bio);
		BIO_free(bio);
		issue(etc, name, &by);
	}
	X509_free(by.cert);
	EVP_PKEY_free(by.key);
}

static void
renew_all(const char *root_dir)
{
	char etc[PATH_MAX], live[PATH_MAX];
	struct signer by;
	const struct dirent *entry;
	DIR *dir;

	read_ca(root_dir, &by);
	path_to(etc, "%s/etc", root_dir);
	path_to(live, "%s/live", etc);
	dir = opendir(live);
	if (dir == NULL)
		die("%s: %s", live, strerror(errno));
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			issue(etc, entry->d_name, &by);
	closedir(dir);
	X509_free(by.cert);
	EVP_PKEY_free(by.key);
}

int
main(int argc, char **argv)
{
	char etc[PATH_MAX];
	struct signer by;

	umask(022);
	if (argc == 4 && strcmp(argv[1], "make") == 0) {
		make_all(argv[2], strtol(argv[3], NULL, 10));
	} else if (argc == 3 && strcmp(argv[1], "renew") == 0) {
		renew_all(argv[2]);
	} else if (argc == 4 && strcmp(argv[1], "renew") == 0) {
		read_ca(argv[2], &by);
		path_to(etc, "%s/etc", argv[2]);
		issue(etc, argv[3], &by);
		X509_free(by.cert);
		EVP_PKEY_free(by.key);
	} else {
		die("usage: make ROOT COUNT | renew ROOT [NAME]");
	}
	return 0;
}
