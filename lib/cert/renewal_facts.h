/*
 * renewal_facts.h: what certbot will do for a lineage: renewal/NAME.conf, read for
 * the few keys that we need. Nothing here writes it: certbot does.
 */
#ifndef CERT_RENEWAL_FACTS_H
#define CERT_RENEWAL_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "cert/lineage.h"

struct renewal_facts {
	bool autorenew; /* false: it says autorenew = False */
	long before_s; /* renew_before_expiry; 0: not set, or not understood */
	char authenticator[64]; /* "standalone", a plugin's; "" unknown */
	char challenges[64]; /* pref_challs as it stands there; or "" */
	char server[256]; /* URL of the directory; "" where absent */
	char account[64]; /* the ID of the CA's account; "" where absent */
};

/*
 * Reads CONFIG/renewal/NAME.conf of the lineage CONFIG/live/NAME (a ConfigObj
 * file: sections, comments, quotes). What it does not say has certbot's
 * default. ERR_NOENT (also where `ref` is not below live/), ERR_PERM,
 * ERR_LIMIT, ERR_SYNTAX, ERR_IO; `ret` then holds the defaults.
 */
int renewal_facts_read(const struct lineage_ref *ref, struct renewal_facts *ret,
    struct err *err) MUST_CHECK;

/* The same of text in memory, which cannot fail. */
void renewal_facts_parse(const char *text, struct renewal_facts *ret);

/*
 * Does the lineage use http-01: its authenticator is one of certbot's own that
 * do, and no other challenge is preferred?
 */
bool renewal_facts_is_http(const struct renewal_facts *renewal) MUST_CHECK;

/*
 * How long before its end a certificate with a life of `life_s` seconds is due
 * by certbot's rule: what the conf says, else a third of the life, a half
 * where that is under 10 days (certbot 4.0; earlier ones take 30 days).
 */
long renewal_facts_before_s(const struct renewal_facts *renewal, long life_s);

#endif
