/*
 * wire_order.c: what the CA says of a certificate on its way: the order, its
 * authorizations, their challenges (RFC 8555, 7.1.3 to 7.1.5).
 */
#define _GNU_SOURCE /* strptime() */
#include "acme/wire_private.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

static const char reading_order[] = "reading the CA's order";
static const char reading_authorization[] = "reading the CA's authorization";
static const char reading_challenge[] = "reading the CA's challenge";

static int
read_authorization_urls(
    const struct wire_object *order, struct wire_order *ret, struct err *err)
{
	json_t *list = NULL;
	size_t count;
	int rc;

	rc = wire_get_array(
	    order, "authorizations", LIMIT_AUTHORIZATIONS, &list, err);
	if (rc < 0)
		return rc;
	count = json_array_size(list);
	if (count == 0)
		return wire_wrong(order, "authorizations", "is empty", err);
	ret->authorizations = calloc(count, sizeof(*ret->authorizations));
	if (ret->authorizations == NULL)
		return err_nomem(err, reading_order);
	for (size_t i = 0; i < count; i++) {
		const char *url = json_string_value(json_array_get(list, i));

		if (url == NULL || !text_is_url(url, true))
			return wire_wrong(order, "authorizations",
			    "holds what is no https URL", err);
		memcpy(ret->authorizations[i], url, strlen(url) + 1);
	}
	ret->authorization_count = count;
	return 0;
}

/* "+02:00" in seconds; false where it is none. */
static bool
read_zone(const char *at, long *ret_s)
{
	static const char form[] = "+00:00";

	if (strlen(at) != strlen(form) || (at[0] != '+' && at[0] != '-'))
		return false;
	for (size_t i = 1; form[i] != '\0'; i++) {
		if (i == 3 ? at[i] != ':' : at[i] < '0' || at[i] > '9')
			return false;
	}
	*ret_s =
	    strtol(at + 1, NULL, 10) * 3600 + strtol(at + 4, NULL, 10) * 60;
	if (at[0] == '-')
		*ret_s = -*ret_s;
	return true;
}

/*
 * RFC 3339. That it cannot be read is no reason to fail: it only saves us from
 * going on with what is no more.
 */
static time_t
read_time(const char *text)
{
	struct tm when = {.tm_isdst = 0};
	const char *at = NULL;
	long zone_s = 0;

	if (text != NULL)
		at = strptime(text, "%Y-%m-%dT%H:%M:%S", &when);
	if (at == NULL)
		return 0;
	if (*at == '.')
		at += 1 + strspn(at + 1, "0123456789");
	if (strcmp(at, "Z") != 0 && !read_zone(at, &zone_s))
		return 0;
	return timegm(&when) - zone_s;
}

int
wire_read_order(const struct buf *text, struct wire_order *ret, struct err *err)
{
	struct wire_object order = {.json = NULL};
	struct wire_order made = {.authorizations = NULL};
	int rc;

	rc = wire_open(text, reading_order, &order, err);
	if (rc < 0)
		return rc;
	rc = wire_get_status(&order, &made.status, err);
	if (rc == 0)
		rc = wire_get_url(
		    &order, "finalize", WIRE_REQUIRED, made.finalize, err);
	if (rc == 0)
		rc = wire_get_url(&order, "certificate", WIRE_OPTIONAL,
		    made.certificate, err);
	if (rc == 0)
		rc = read_authorization_urls(&order, &made, err);
	if (rc == 0) {
		made.expires_s = read_time(
		    json_string_value(json_object_get(order.json, "expires")));
		wire_get_problem(&order, &made.error);
		*ret = made;
		made.authorizations = NULL;
	}
	wire_order_free(&made);
	wire_close(&order);
	return rc;
}

void
wire_order_free(struct wire_order *order)
{
	free(order->authorizations);
	order->authorizations = NULL;
	order->authorization_count = 0;
}

static int
read_identifier(const struct wire_object *authorization,
    struct wire_identifier *ret, struct err *err)
{
	struct wire_object identifier = {.json = NULL};
	unsigned char address[sizeof(struct in6_addr)];
	int rc;

	rc = wire_get_object(authorization, "identifier", &identifier, err);
	if (rc == 0 && identifier.json == NULL)
		rc = wire_wrong(authorization, "identifier", "is missing", err);
	if (rc == 0)
		rc = wire_get_text(&identifier, "type", WIRE_REQUIRED,
		    ret->type, sizeof(ret->type), err);
	if (rc == 0)
		rc = wire_get_text(&identifier, "value", WIRE_REQUIRED,
		    ret->value, sizeof(ret->value), err);
	if (rc < 0)
		return rc;
	if (strcmp(ret->type, "dns") == 0 &&
	    text_is_dns_name(ret->value, false))
		return 0;
	if (strcmp(ret->type, "ip") == 0 &&
	    (inet_pton(AF_INET, ret->value, address) == 1 ||
		inet_pton(AF_INET6, ret->value, address) == 1))
		return 0;
	return wire_wrong(authorization, "identifier",
	    "is neither a DNS name nor an IP address", err);
}

/*
 * One that we do not know may lack all but its type (dns-persist-01 has no
 * token), so what only a challenge of ours needs is asked for in challenge.c.
 */
static int
read_challenge(const struct wire_object *challenge, struct wire_challenge *ret,
    struct err *err)
{
	int rc;

	rc = wire_get_text(challenge, "type", WIRE_REQUIRED, ret->type,
	    sizeof(ret->type), err);
	if (rc == 0)
		rc = wire_get_url(
		    challenge, "url", WIRE_REQUIRED, ret->url, err);
	if (rc == 0)
		rc = wire_get_text(challenge, "token", WIRE_OPTIONAL,
		    ret->token, sizeof(ret->token), err);
	if (rc == 0)
		rc = wire_get_status(challenge, &ret->status, err);
	if (rc < 0)
		return rc;
	/* It becomes a file's name, a URL, a record (RFC 8555, 8.3). */
	if (ret->token[0] != '\0' &&
	    !text_is_base64url(
		ret->token, LIMIT_TOKEN_LEAST_BYTES, LIMIT_TOKEN_BYTES))
		return wire_wrong(challenge, "token",
		    "is no base64url of 22 to 256 bytes", err);
	wire_get_problem(challenge, &ret->error);
	return 0;
}

/* Is it of a type that could be ours? The others are not looked at. */
static bool
is_known(const json_t *challenge)
{
	static const char *const types[] = {"http-01", "dns-01", "tls-alpn-01"};
	const char *type =
	    json_string_value(json_object_get(challenge, "type"));

	for (size_t i = 0; type != NULL && i < COUNT_OF(types); i++) {
		if (strcmp(type, types[i]) == 0)
			return true;
	}
	return false;
}

static int
read_challenges(const struct wire_object *authorization,
    struct wire_authorization *ret, struct err *err)
{
	struct wire_object one = {.doing = reading_challenge};
	json_t *list = NULL;
	int rc;

	rc = wire_get_array(
	    authorization, "challenges", LIMIT_CHALLENGES, &list, err);
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		one.json = json_array_get(list, i);
		if (!json_is_object(one.json))
			return wire_wrong(authorization, "challenges",
			    "holds what is no object", err);
		if (is_known(one.json))
			rc = read_challenge(&one,
			    &ret->challenges[ret->challenge_count++], err);
	}
	return rc;
}

int
wire_read_authorization(
    const struct buf *text, struct wire_authorization *ret, struct err *err)
{
	struct wire_object authorization = {.json = NULL};
	int rc;

	*ret = (struct wire_authorization){.challenge_count = 0};
	rc = wire_open(text, reading_authorization, &authorization, err);
	if (rc < 0)
		return rc;
	rc = wire_get_status(&authorization, &ret->status, err);
	if (rc == 0)
		rc = read_identifier(&authorization, &ret->identifier, err);
	if (rc == 0)
		rc = wire_get_flag(
		    &authorization, "wildcard", &ret->wildcard, err);
	if (rc == 0)
		rc = read_challenges(&authorization, ret, err);
	wire_close(&authorization);
	return rc;
}

int
wire_read_challenge(
    const struct buf *text, struct wire_challenge *ret, struct err *err)
{
	struct wire_object challenge = {.json = NULL};
	int rc;

	rc = wire_open(text, reading_challenge, &challenge, err);
	if (rc < 0)
		return rc;
	rc = read_challenge(&challenge, ret, err);
	wire_close(&challenge);
	return rc;
}
