/*
 * domain.c: names as an operator types them -> names as a CA wants them. The
 * first step of `certhaul request`: what a CA would refuse is refused here,
 * where it costs none of the tries that the CA counts.
 */
#include "wrapper/domain.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <idn2.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

static const char doing[] = "checking the name";

/* Letters of other scripts take more bytes than what they are encoded to. */
enum { TYPED_MOST = 4 * LIMIT_DNS_NAME_BYTES };

static int
refuse(const char *typed, const char *why, struct err *err)
{
	return err_set(err, ERR_USAGE, doing, typed, "%s", why);
}

static bool
is_address(const char *text)
{
	unsigned char address[sizeof(struct in6_addr)];
	char plain[INET6_ADDRSTRLEN];
	size_t len = strlen(text);

	if (text[0] == '[' && len >= 2 && text[len - 1] == ']' &&
	    len - 2 < sizeof(plain)) {
		memcpy(plain, text + 1, len - 2);
		plain[len - 2] = '\0';
		text = plain;
	}
	return inet_pton(AF_INET, text, address) == 1 ||
	    inet_pton(AF_INET6, text, address) == 1;
}

/* "name:443" */
static bool
has_port(const char *text)
{
	const char *colon = strrchr(text, ':');

	return colon != NULL && colon[1] != '\0' &&
	    colon[1 + strspn(colon + 1, "0123456789")] == '\0';
}

/* What is easily typed in place of a name, told apart from a bad one. */
static int
check_typed(const char *typed, struct err *err)
{
	if (*typed == '\0')
		return refuse(typed, "a name is empty", err);
	if (strnlen(typed, TYPED_MOST + 1) > TYPED_MOST)
		return refuse(
		    typed, "it is longer than a DNS name can be", err);
	if (strstr(typed, "://") != NULL)
		return refuse(typed,
		    "a URL; the name alone is wanted (what stands between :// "
		    "and the next /)",
		    err);
	if (is_address(typed))
		return refuse(typed,
		    "an IP address; certificates here are for names", err);
	if (has_port(typed))
		return refuse(typed,
		    "it has a port; a certificate is for a name on every port: "
		    "leave it out",
		    err);
	if (typed[strcspn(typed, "/")] == '/')
		return refuse(typed, "it has a path; leave it out", err);
	if (strchr(typed, '@') != NULL)
		return refuse(typed,
		    "an e-mail address; the name behind the @ is wanted", err);
	return 0;
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text > 0x7f)
			return false;
	}
	return true;
}

/* The base of a wildcard, or the name, in ASCII; into `ret` of `size`. */
static int
encode(const char *typed, const char *base, char *ret, size_t size,
    struct err *err)
{
	unsigned char *ascii = NULL;
	size_t len;
	int rc, n;

	rc = idn2_lookup_u8((const uint8_t *)base, &ascii,
	    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	/* Names in ASCII have their own judge, with plainer words. */
	if (rc != IDN2_OK && !(is_ascii(base) && strstr(base, "xn--") == NULL))
		return err_set(err, ERR_USAGE, doing, typed,
		    "no internationalised name (IDNA 2008): %s",
		    idn2_strerror(rc));
	n = snprintf(ret, size, "%s", rc == IDN2_OK ? (char *)ascii : base);
	idn2_free(ascii);
	if (n < 0 || (size_t)n >= size)
		return refuse(
		    typed, "it is longer than a DNS name can be", err);
	for (char *c = ret; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	/* `a.example.` is the same name, said fully. */
	len = strlen(ret);
	if (len > 0 && ret[len - 1] == '.')
		ret[len - 1] = '\0';
	return 0;
}

static int
check_ascii(const char *typed, const char *name, struct err *err)
{
	const char *last = strrchr(name, '.');

	if (strlen(name) > LIMIT_DNS_NAME_BYTES)
		return refuse(typed,
		    "it is longer than a DNS name can be: 253 bytes", err);
	if (strchr(name, '*') != NULL)
		return refuse(typed,
		    "the * of a wildcard is its whole first label: *.NAME",
		    err);
	if (!text_is_dns_name(name, false) || strchr(name, '_') != NULL)
		return refuse(typed,
		    "no DNS name: labels of 1 to 63 letters, digits and "
		    "dashes (none at either end), with dots between",
		    err);
	if (last == NULL)
		return refuse(typed,
		    "a single label; no public CA has certificates for such: "
		    "give the whole name, as in www.example.com",
		    err);
	if (last[1 + strspn(last + 1, "0123456789")] == '\0')
		return refuse(
		    typed, "its last label is a number: no DNS name", err);
	return 0;
}

int
domain_ascii(
    const char *typed, bool wildcard, char *ret, size_t size, struct err *err)
{
	/* Room for the dot at the end that is left out. */
	char name[LIMIT_DNS_NAME_BYTES + 2];
	bool is_wildcard;
	int rc, n;

	rc = check_typed(typed, err);
	if (rc < 0)
		return rc;
	is_wildcard = typed[0] == '*' && typed[1] == '.';
	if (is_wildcard && !wildcard)
		return refuse(typed,
		    "a wildcard: CAs issue those by dns-01 alone; name "
		    "certbot's plugin for your DNS behind --, as in -- "
		    "--dns-rfc2136 --dns-rfc2136-credentials FILE",
		    err);
	rc = encode(
	    typed, typed + (is_wildcard ? 2 : 0), name, sizeof(name), err);
	if (rc == 0)
		rc = check_ascii(typed, name, err);
	if (rc < 0)
		return rc;
	n = snprintf(ret, size, "%s%s", is_wildcard ? "*." : "", name);
	if (n < 0 || n > LIMIT_DNS_NAME_BYTES || (size_t)n >= size)
		return refuse(typed,
		    "it is longer than a DNS name can be: 253 bytes", err);
	return 0;
}

void
domain_lineage_name(const char *first, char *ret, size_t size)
{
	if (first[0] == '*' && first[1] == '.')
		first += 2;
	(void)snprintf(ret, size, "%s", first);
}
