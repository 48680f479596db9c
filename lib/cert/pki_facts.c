/*
 * pki_facts.c: what a certificate says: its names, times and purposes. The
 * third step of reading one, after PEM (pki_pem.c) and its frame (pki.c).
 */
#include "cert/pki_private.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/text.h"

static const char doing[] = "reading the certificate";

/* UTF-8 as it is, and not a backslash and two digits for each byte of it. */
static const unsigned long name_flags =
    XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;

/* Copies `len` bytes as one clean line; what does not fit is cut. */
static void
copy_line(char *ret, size_t size, const char *text, size_t len)
{
	if (len > size - 1)
		len = size - 1;
	/* An empty name has no text. */
	if (len > 0)
		memcpy(ret, text, len);
	ret[len] = '\0';
	text_clean(ret);
}

static bool
name_line(const X509_NAME *name, BIO *bio, char *ret, size_t size)
{
	char *text = NULL;
	long len;

	(void)BIO_reset(bio);
	if (X509_NAME_print_ex(bio, name, 0, name_flags) < 0)
		return false;
	len = BIO_get_mem_data(bio, &text);
	copy_line(ret, size, text, len > 0 ? (size_t)len : 0);
	return true;
}

/* The first value of one attribute of a name, "" where there is none. */
static void
name_attribute(const X509_NAME *name, int nid, char *ret, size_t size)
{
	int at = X509_NAME_get_index_by_NID(name, nid, -1);
	unsigned char *text = NULL;
	int len = -1;

	ret[0] = '\0';
	if (at >= 0)
		len = ASN1_STRING_to_UTF8(&text,
		    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (len >= 0)
		copy_line(ret, size, (const char *)text, (size_t)len);
	OPENSSL_free(text);
}

static bool
fill_names(struct pki_cert *cert)
{
	const unsigned char *subject_at = cert->subject.at;
	const unsigned char *issuer_at = cert->issuer.at;
	struct pki_facts *facts = &cert->facts;
	X509_NAME *subject =
	    d2i_X509_NAME(NULL, &subject_at, (long)cert->subject.len);
	X509_NAME *issuer =
	    d2i_X509_NAME(NULL, &issuer_at, (long)cert->issuer.len);
	BIO *bio = BIO_new(BIO_s_mem());
	bool ok;

	ok = subject != NULL && issuer != NULL && bio != NULL &&
	    name_line(subject, bio, facts->subject, sizeof(facts->subject)) &&
	    name_line(issuer, bio, facts->issuer, sizeof(facts->issuer));
	if (ok) {
		cert->self_issued = X509_NAME_cmp(subject, issuer) == 0;
		name_attribute(subject, NID_commonName, facts->subject_cn,
		    sizeof(facts->subject_cn));
		name_attribute(issuer, NID_commonName, facts->issuer_cn,
		    sizeof(facts->issuer_cn));
		name_attribute(issuer, NID_organizationName, facts->issuer_org,
		    sizeof(facts->issuer_org));
	}
	BIO_free(bio);
	X509_NAME_free(subject);
	X509_NAME_free(issuer);
	return ok;
}

static bool
time_of(const struct pki_span *span, time_t *ret_s)
{
	const unsigned char *at = span->at;
	ASN1_TIME *time = d2i_ASN1_TIME(NULL, &at, (long)span->len);
	struct tm utc;
	bool ok;

	ok = time != NULL && ASN1_TIME_to_tm(time, &utc) == 1;
	if (ok)
		*ret_s = timegm(&utc);
	ASN1_TIME_free(time);
	return ok;
}

static bool
fill_serial(struct pki_cert *cert)
{
	static const char digits[] = "0123456789ABCDEF";
	const struct pki_span *serial = &cert->serial;
	char *ret = cert->facts.serial;

	/* Without the zero that only keeps it from being negative. */
	size_t skip = serial->len > 1 && serial->at[0] == 0 ? 1 : 0;

	if (serial->len == 0 || 2 * (serial->len - skip) >= PKI_SERIAL_BYTES)
		return false;
	for (size_t i = skip; i < serial->len; i++) {
		*ret++ = digits[serial->at[i] >> 4];
		*ret++ = digits[serial->at[i] & 0xf];
	}
	*ret = '\0';
	return true;
}

/*
 * A dNSName or iPAddress as text of at least LIMIT_DNS_NAME_BYTES + 1 bytes.
 * What is neither, or no such name (a NUL byte in it), can match nothing that
 * a client asks for: passed over.
 */
static bool
name_text(const GENERAL_NAME *name, char *ret, size_t size)
{
	const ASN1_STRING *value = NULL;
	const unsigned char *data = NULL;
	size_t len;
	int type;

	value = GENERAL_NAME_get0_value(name, &type);
	if (value == NULL || (type != GEN_DNS && type != GEN_IPADD))
		return false;
	data = ASN1_STRING_get0_data(value);
	len = (size_t)ASN1_STRING_length(value);
	if (type == GEN_IPADD)
		return (len == 4 || len == 16) &&
		    inet_ntop(len == 4 ? AF_INET : AF_INET6, data, ret,
			(socklen_t)size) != NULL;
	if (len == 0 || len >= size || memchr(data, '\0', len) != NULL)
		return false;
	memcpy(ret, data, len);
	ret[len] = '\0';
	for (size_t i = 0; i < len; i++) {
		if (ret[i] >= 'A' && ret[i] <= 'Z')
			ret[i] = (char)(ret[i] - 'A' + 'a');
	}
	return text_is_dns_name(ret, true);
}

static int
fill_san(const GENERAL_NAMES *san, const char *origin, struct pki_facts *ret,
    struct err *err)
{
	char text[LIMIT_DNS_NAME_BYTES + 1];
	int count = sk_GENERAL_NAME_num(san);

	if (count > LIMIT_CERT_NAMES)
		return err_set(err, ERR_LIMIT, doing, origin,
		    "it has %d names, at most %d are read", count,
		    LIMIT_CERT_NAMES);
	if (count <= 0)
		return 0;
	ret->names = calloc((size_t)count, sizeof(*ret->names));
	if (ret->names == NULL)
		return err_nomem(err, doing);
	for (int i = 0; i < count; i++) {
		if (!name_text(
			sk_GENERAL_NAME_value(san, i), text, sizeof(text)))
			continue;
		ret->names[ret->name_count] = strdup(text);
		if (ret->names[ret->name_count] == NULL)
			return err_nomem(err, doing);
		ret->name_count++;
	}
	return 0;
}

/*
 * An extension, decoded, into `ret`, NULL where there is none; false where
 * it does not decode or is there twice (RFC 5280, 4.2).
 */
static bool
extension(const X509_EXTENSIONS *all, int nid, void **ret)
{
	int critical = -1;

	*ret = X509V3_get_d2i(all, nid, &critical, NULL);
	return *ret != NULL || critical == -1;
}

static int
fill_extensions(struct pki_cert *cert, const X509_EXTENSIONS *all,
    const char *origin, struct err *err)
{
	void *basic = NULL, *usage = NULL, *san = NULL;
	struct pki_facts *facts = &cert->facts;
	int rc = 0;

	if (!extension(all, NID_basic_constraints, &basic) ||
	    !extension(all, NID_ext_key_usage, &usage) ||
	    !extension(all, NID_subject_alt_name, &san)) {
		rc = pki_cert_bad(
		    origin, "an extension of it does not decode", err);
		goto out;
	}
	facts->is_ca = basic != NULL && ((BASIC_CONSTRAINTS *)basic)->ca != 0;
	facts->server_auth = usage == NULL;
	for (int i = 0; i < sk_ASN1_OBJECT_num(usage); i++) {
		if (OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, i)) ==
		    NID_server_auth)
			facts->server_auth = true;
	}
	if (san != NULL)
		rc = fill_san(san, origin, facts, err);
out:
	BASIC_CONSTRAINTS_free(basic);
	EXTENDED_KEY_USAGE_free(usage);
	GENERAL_NAMES_free(san);
	return rc;
}

/* OpenSSL, and with it HAProxy, does not load one that was signed so. */
void
pki_signature_facts(
    const struct pki_algorithm *algorithm, struct pki_facts *ret)
{
	int digest = NID_undef, signer = NID_undef;
	const char *name = NULL;

	if (algorithm->nid != NID_undef)
		name = OBJ_nid2sn(algorithm->nid);
	(void)snprintf(ret->signature, sizeof(ret->signature), "%s",
	    name != NULL ? name : "an algorithm not known");
	ret->signature_weak = name == NULL ||
	    OBJ_find_sigid_algs(algorithm->nid, &digest, &signer) != 1 ||
	    digest == NID_md5 || digest == NID_sha1 || digest == NID_md2 ||
	    digest == NID_md4;
}

int
pki_facts_fill(struct pki_cert *cert, const char *origin, struct err *err)
{
	const unsigned char *at = cert->extensions.at;
	struct pki_facts *facts = &cert->facts;
	X509_EXTENSIONS *all = NULL;
	int rc;

	if (!fill_names(cert) || !fill_serial(cert))
		return pki_cert_bad(
		    origin, "its names or its serial number are wrong", err);
	if (!time_of(&cert->not_before, &facts->not_before_s) ||
	    !time_of(&cert->not_after, &facts->not_after_s))
		return pki_cert_bad(origin, "its validity is no time", err);
	facts->key = cert->key.facts;
	facts->server_auth = true;
	pki_signature_facts(&cert->algorithm, facts);
	if (cert->extensions.len == 0)
		return 0;
	all = d2i_X509_EXTENSIONS(NULL, &at, (long)cert->extensions.len);
	if (all == NULL)
		return pki_cert_bad(
		    origin, "its extensions do not decode", err);
	rc = fill_extensions(cert, all, origin, err);
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	return rc;
}

bool
pki_facts_have(const struct pki_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->name_count; i++) {
		if (strcasecmp(facts->names[i], name) == 0)
			return true;
	}
	return strcasecmp(facts->subject_cn, name) == 0;
}
