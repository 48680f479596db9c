/*
 * issue_forget.c: what the front was told, and the client is not to know: the
 * command line and the environment hold what hooks sign in with.
 */
#define _GNU_SOURCE /* environ */
#include "acme/issue_private.h"

#include <string.h>
#include <unistd.h>

/* What curl, a resolver, TLS, libc and a loader look at; `*`: what follows. */
static const char *const kept[] = {"http_proxy", "https_proxy", "HTTPS_PROXY",
    "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "TZ", "TZDIR", "LANG",
    "LANGUAGE", "LC_*", "LOCALDOMAIN", "RES_*", "RESOLV_*", "SSL_*",
    "OPENSSL_*", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "LD_*",
    "GLIBC_TUNABLES", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS",
    /* Whose process it is, for our tests. */
    "CERTHAUL_LAB"};

static bool
is_kept(const char *pair)
{
	size_t name_len = strcspn(pair, "=");

	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		size_t len = strcspn(kept[i], "*");

		if (kept[i][len] == '*' ? name_len > len : name_len == len) {
			if (strncmp(pair, kept[i], len) == 0)
				return true;
		}
	}
	return false;
}

void
issue_forget_words(char *const *words)
{
	for (; words != NULL && *words != NULL; words++)
		explicit_bzero(*words, strlen(*words));
}

void
issue_forget_environment(void)
{
	char **to = environ;

	for (char **pair = environ; pair != NULL && *pair != NULL; pair++) {
		if (is_kept(*pair))
			*to++ = *pair;
		else
			explicit_bzero(*pair, strlen(*pair));
	}
	if (to != NULL)
		*to = NULL;
}
