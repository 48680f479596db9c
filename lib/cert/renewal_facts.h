/*
 * renewal_facts.h: what the engine will do for a lineage: the few keys of
 * renewal/NAME.conf that a look at it needs. renewal.h has the whole document.
 */
#ifndef CERT_RENEWAL_FACTS_H
#define CERT_RENEWAL_FACTS_H

#include <stdbool.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "cert/lineage.h"

struct renewal;

struct renewal_facts {
	bool autorenew; /* false: it says autorenew = False */
	bool before_4; /* a certbot before 4.0 wrote it */
	char before_expiry[64]; /* renew_before_expiry; "" where absent */
	char authenticator[64]; /* "standalone", a plugin's; "" unknown */
	char challenges[64]; /* pref_challs, joined by ", "; or "" */
	char server[256]; /* URL of the directory; "" where absent */
	char account[64]; /* the ID of the CA's account; "" where absent */
	long http_port; /* http01_port: where standalone listens; or 80 */
	char http_address[64]; /* http01_address; "": on all addresses */
	bool hooked; /* it has a pre_hook of its own */
	bool in_proxy; /* its manual_auth_hook is certhaul-hook */
};

/*
 * Reads CONFIG/renewal/NAME.conf of the lineage CONFIG/live/NAME. What it does
 * not say has certbot's default. ERR_NOENT (also where `ref` is not below
 * live/) and the errors of renewal_read(); `ret` then holds the defaults.
 */
int renewal_facts_read(const struct lineage_ref *ref, struct renewal_facts *ret,
    struct err *err) MUST_CHECK;

/* The same of a document that is read already. */
void renewal_facts_take(
    const struct renewal *renewal, struct renewal_facts *ret);

/*
 * Does the lineage use http-01: its authenticator is one of certbot's own that
 * do, and where challenges are preferred, it is among them?
 */
bool renewal_facts_is_http(const struct renewal_facts *facts) MUST_CHECK;

/*
 * Where the account is that the engine renews it with, below certbot's
 * `config_dir` (reuse.h); false: the conf names none, or it does not fit.
 */
bool renewal_facts_account(const struct renewal_facts *facts,
    const char *config_dir, char *ret, size_t size) MUST_CHECK;

/*
 * When a certificate of that life is due (due.h), by the rule of the certbot
 * that wrote the conf; `builtin`: by certhaul-acme's, whoever wrote it. A
 * renew_before_expiry that makes no sense counts as absent.
 */
time_t renewal_facts_due_s(const struct renewal_facts *facts, bool builtin,
    time_t not_before_s, time_t not_after_s);

#endif
