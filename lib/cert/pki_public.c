/*
 * pki_public.c: DER, element by element, and the public key in a certificate:
 * what kind it is. The form in which OpenSSL computes is in pki_evp.c.
 */
#include "cert/pki_private.h"

#include <stdio.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

/* The curves that we accept, by the names that people know. */
static const struct {
	int nid;
	const char *name;
	int bits;
} curves[] = {
    {NID_X9_62_prime256v1, "P-256", 256},
    {NID_secp384r1, "P-384", 384},
    {NID_secp521r1, "P-521", 521},
};

/*
 * The length of DER (X.690, 10.1: definite, in the fewest octets); `at` is
 * moved behind it.
 */
static bool
take_length(const unsigned char **at, const unsigned char *end, size_t *ret)
{
	size_t octets, len = 0;

	if (*at == end)
		return false;
	if (**at < 0x80) {
		*ret = *(*at)++;
		return true;
	}
	octets = *(*at)++ & 0x7f;
	if (octets == 0 || octets > 4 || (size_t)(end - *at) < octets ||
	    **at == 0)
		return false;
	while (octets-- > 0)
		len = len << 8 | *(*at)++;
	*ret = len;
	return len >= 0x80;
}

bool
pki_der_take(struct pki_span *from, enum pki_tag tag, struct pki_span *ret,
    struct pki_span *ret_whole)
{
	const unsigned char *at = from->at, *end = NULL;
	size_t len;

	if (from->len < 2 || *at++ != tag)
		return false;
	end = from->at + from->len;
	if (!take_length(&at, end, &len) || len > (size_t)(end - at))
		return false;
	if (ret_whole != NULL) {
		ret_whole->at = from->at;
		ret_whole->len = (size_t)(at - from->at) + len;
	}
	if (ret != NULL) {
		ret->at = at;
		ret->len = len;
	}
	from->at = at + len;
	from->len = (size_t)(end - from->at);
	return true;
}

bool
pki_der_take_bits(struct pki_span *from, struct pki_span *ret)
{
	struct pki_span bits;

	/* The first octet counts the bits at the end that are not used. */
	if (!pki_der_take(from, PKI_TAG_BIT_STRING, &bits, NULL) ||
	    bits.len == 0 || bits.at[0] != 0)
		return false;
	ret->at = bits.at + 1;
	ret->len = bits.len - 1;
	return true;
}

bool
pki_der_take_number(struct pki_span *from, struct pki_span *ret)
{
	struct pki_span number;

	if (!pki_der_take(from, PKI_TAG_INTEGER, &number, NULL) ||
	    number.len == 0 || (number.at[0] & 0x80) != 0)
		return false;
	if (number.len > 1 && number.at[0] == 0) {
		/* Only there to keep the sign, or not DER. */
		if ((number.at[1] & 0x80) == 0)
			return false;
		number.at++;
		number.len--;
	}
	*ret = number;
	return true;
}

bool
pki_span_equal(const struct pki_span *a, const struct pki_span *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->at, b->at, a->len) == 0);
}

/* Takes an OID; false where there is none, NID_undef for one not known. */
static bool
take_oid(struct pki_span *from, int *ret_nid)
{
	const unsigned char *at = NULL;
	ASN1_OBJECT *object = NULL;
	struct pki_span whole;

	if (!pki_der_take(from, PKI_TAG_OID, NULL, &whole))
		return false;
	at = whole.at;
	object = d2i_ASN1_OBJECT(NULL, &at, (long)whole.len);
	if (object == NULL)
		return false;
	*ret_nid = OBJ_obj2nid(object);
	ASN1_OBJECT_free(object);
	return true;
}

bool
pki_algorithm_take(struct pki_span *from, struct pki_algorithm *ret)
{
	struct pki_span rest;

	if (!pki_der_take(from, PKI_TAG_SEQUENCE, &rest, &ret->whole) ||
	    !take_oid(&rest, &ret->nid))
		return false;
	ret->parameters = rest;
	return true;
}

void
pki_rsa_facts(const struct pki_span *modulus, struct pki_key_facts *ret)
{
	size_t bits = modulus->len * 8;

	for (unsigned mask = 0x80;
	     modulus->len > 0 && mask != 0 && (modulus->at[0] & mask) == 0;
	     mask >>= 1)
		bits--;
	ret->type = PKI_KEY_RSA;
	ret->bits = (int)bits;
	(void)snprintf(ret->name, sizeof(ret->name), "RSA-%d", ret->bits);
}

int
pki_ec_facts(const struct pki_span *parameters, struct pki_key_facts *ret)
{
	struct pki_span from = *parameters;
	EC_GROUP *group = NULL;
	const char *name = NULL;
	int nid = NID_undef;

	ret->type = PKI_KEY_EC;
	ret->bits = 0;
	if (!take_oid(&from, &nid))
		nid = NID_undef;
	for (size_t i = 0; i < COUNT_OF(curves); i++) {
		if (curves[i].nid != nid)
			continue;
		ret->bits = curves[i].bits;
		(void)snprintf(
		    ret->name, sizeof(ret->name), "%s", curves[i].name);
		return nid;
	}
	group = nid == NID_undef ? NULL : EC_GROUP_new_by_curve_name(nid);
	if (group != NULL)
		ret->bits = EC_GROUP_get_degree(group);
	EC_GROUP_free(group);
	name = nid == NID_undef ? NULL : OBJ_nid2sn(nid);
	(void)snprintf(ret->name, sizeof(ret->name), "%s",
	    name != NULL ? name : "unnamed curve");
	return nid;
}

void
pki_plain_facts(int nid, struct pki_key_facts *ret)
{
	const char *name = nid == NID_undef ? NULL : OBJ_nid2sn(nid);

	ret->type = PKI_KEY_OTHER;
	ret->bits = 0;
	if (nid == NID_ED25519) {
		ret->type = PKI_KEY_ED25519;
		ret->bits = 256;
		name = "Ed25519";
	}
	(void)snprintf(ret->name, sizeof(ret->name), "%s",
	    name != NULL ? name : "unknown kind");
}

bool
pki_public_take(struct pki_span *from, struct pki_public *ret)
{
	struct pki_algorithm algorithm;
	struct pki_span rest, numbers;

	memset(ret, 0, sizeof(*ret));
	if (!pki_der_take(from, PKI_TAG_SEQUENCE, &rest, &ret->whole) ||
	    !pki_algorithm_take(&rest, &algorithm) ||
	    !pki_der_take_bits(&rest, &ret->key) || rest.len != 0)
		return false;
	ret->curve = NID_undef;
	if (algorithm.nid == NID_X9_62_id_ecPublicKey) {
		ret->curve = pki_ec_facts(&algorithm.parameters, &ret->facts);
		return true;
	}
	if (algorithm.nid != NID_rsaEncryption) {
		pki_plain_facts(algorithm.nid, &ret->facts);
		return true;
	}
	/* RSAPublicKey (RFC 8017, A.1.1). */
	rest = ret->key;
	if (!pki_der_take(&rest, PKI_TAG_SEQUENCE, &numbers, NULL) ||
	    rest.len != 0 || !pki_der_take_number(&numbers, &ret->modulus) ||
	    !pki_der_take_number(&numbers, &ret->exponent) || numbers.len != 0)
		return false;
	pki_rsa_facts(&ret->modulus, &ret->facts);
	return true;
}
