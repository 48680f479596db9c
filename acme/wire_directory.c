/*
 * wire_directory.c: what the CA says of itself (RFC 8555, 7.1.1) and of an
 * account (7.1.2).
 */
#include "acme/wire_private.h"

#include <jansson.h>
#include <string.h>

static const char reading_directory[] = "reading the CA's directory";
static const char reading_account[] = "reading the CA's account";

/* The profiles' names; what they mean is the operator's concern. */
static int
read_profiles(
    const struct wire_object *meta, struct wire_directory *ret, struct err *err)
{
	struct wire_object profiles = {.json = NULL};
	const char *name = NULL;
	json_t *value = NULL;
	int rc;

	rc = wire_get_object(meta, "profiles", &profiles, err);
	if (rc < 0 || profiles.json == NULL)
		return rc;
	json_object_foreach(profiles.json, name, value)
	{
		if (ret->profile_count == LIMIT_PROFILES)
			break;
		/* One that could not be asked for is as good as none. */
		if (name[0] == '\0' || strlen(name) >= LIMIT_PROFILE_BYTES)
			continue;
		memcpy(ret->profiles[ret->profile_count++], name,
		    strlen(name) + 1);
	}
	return 0;
}

static int
read_meta(const struct wire_object *directory, struct wire_directory *ret,
    struct err *err)
{
	struct wire_object meta = {.json = NULL};
	int rc;

	rc = wire_get_object(directory, "meta", &meta, err);
	if (rc < 0 || meta.json == NULL)
		return rc;
	/* Only shown, so that a plain http page of terms is no obstacle. */
	rc = wire_get_text(&meta, "termsOfService", WIRE_OPTIONAL, ret->terms,
	    sizeof(ret->terms), err);
	if (rc == 0)
		rc = wire_get_flag(
		    &meta, "externalAccountRequired", &ret->eab_required, err);
	if (rc == 0)
		rc = read_profiles(&meta, ret, err);
	return rc;
}

int
wire_read_directory(
    const struct buf *text, struct wire_directory *ret, struct err *err)
{
	const struct {
		const char *name;
		enum wire_need need;
		char *to;
	} urls[] = {
	    {"newNonce", WIRE_REQUIRED, ret->new_nonce},
	    {"newAccount", WIRE_REQUIRED, ret->new_account},
	    {"newOrder", WIRE_REQUIRED, ret->new_order},
	    {"revokeCert", WIRE_OPTIONAL, ret->revoke_cert},
	    {"keyChange", WIRE_OPTIONAL, ret->key_change},
	    {"renewalInfo", WIRE_OPTIONAL, ret->renewal_info},
	};
	struct wire_object directory = {.json = NULL};
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = wire_open(text, reading_directory, &directory, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < COUNT_OF(urls); i++)
		rc = wire_get_url(
		    &directory, urls[i].name, urls[i].need, urls[i].to, err);
	if (rc == 0)
		rc = read_meta(&directory, ret, err);
	wire_close(&directory);
	return rc;
}

int
wire_read_account(
    const struct buf *text, struct wire_account *ret, struct err *err)
{
	struct wire_object account = {.json = NULL};
	json_t *list = NULL;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = wire_open(text, reading_account, &account, err);
	if (rc < 0)
		return rc;
	rc = wire_get_status(&account, &ret->status, err);
	if (rc == 0)
		rc = wire_get_array(
		    &account, "contact", LIMIT_CONTACTS, &list, err);
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		const char *contact =
		    json_string_value(json_array_get(list, i));

		if (contact == NULL || strlen(contact) >= LIMIT_URL_BYTES)
			rc = wire_wrong(
			    &account, "contact", "holds what is no URL", err);
		else
			memcpy(ret->contacts[ret->contact_count++], contact,
			    strlen(contact) + 1);
	}
	wire_close(&account);
	return rc;
}
