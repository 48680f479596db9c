/*
 * accounts.h: certbot's accounts on disk: accounts/HOST/PATH/ID/
 * {private_key,regr,meta}.json (contract certbot.md, "accounts/").
 */
#ifndef ACME_ACCOUNTS_H
#define ACME_ACCOUNTS_H

#include <stddef.h>

#include "acme/jws.h"
#include "base/attr.h"
#include "base/err.h"

struct accounts_entry {
	char id[33];
	char url[LIMIT_URL_BYTES]; /* "" where regr.json has none */
	char created[32], host[256]; /* of meta.json */
	struct jws_key *key; /* owned */
};

/*
 * "/etc/letsencrypt/accounts/acme.example/directory" for a server's URL.
 * ERR_USAGE: it is none that could be a path.
 */
int accounts_dir(const char *config_dir, const char *server, char *ret,
    size_t size, struct err *err) MUST_CHECK;

/*
 * The directory of account `id`, which need not be there; `ret` has room for
 * LIMIT_PATH_BYTES. It may be an earlier server's: cert/reuse.h.
 */
int accounts_path(const char *config_dir, const char *server, const char *id,
    char *ret, struct err *err) MUST_CHECK;

/*
 * The IDs there are for `server`, sorted: those that have a key. Where some
 * have been told to the CA, those alone; where there is none, those of an
 * earlier server. `*ret` is owned: accounts_list_free().
 */
int accounts_list(const char *config_dir, const char *server, char ***ret,
    size_t *ret_count, struct err *err) MUST_CHECK;
void accounts_list_free(char **ids, size_t count);

/*
 * Reads one; `id` NULL: the only one (ERR_NOENT: none; ERR_USAGE: several,
 * lists them: --account). ERR_SYNTAX names the file. `ret` is owned.
 */
int accounts_read(const char *config_dir, const char *server, const char *id,
    struct accounts_entry *ret, struct err *err) MUST_CHECK;
void accounts_entry_free(struct accounts_entry *entry);

/*
 * Saves a new key (0400, before the CA knows of it), and its meta; the URL
 * comes with accounts_set_url() when the CA has told it.
 */
int accounts_create(const char *config_dir, const char *server,
    struct accounts_entry *entry, struct err *err) MUST_CHECK;
int accounts_set_url(const char *config_dir, const char *server,
    struct accounts_entry *entry, const char *url, struct err *err) MUST_CHECK;

/* Removes it, with its empty parents up to accounts/. ERR_NOENT. */
int accounts_remove(const char *config_dir, const char *server, const char *id,
    struct err *err) MUST_CHECK;

#endif
