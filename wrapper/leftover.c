/*
 * leftover.c: a certificate that was revoked or deleted, looked for in HAProxy
 * once more. The hook takes out what was made from the bundle; a copy of it is
 * nobody's that it knows.
 */
#include "wrapper/leftover.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "cert/bundle.h"
#include "haproxy/discovery.h"
#include "haproxy/holdings.h"
#include "haproxy/process.h"
#include "haproxy/transaction.h"
#include "haproxy/verify.h"

static const char doing[] = "looking for what HAProxy still shows";

struct leftover {
	char name[LIMIT_LINEAGE_NAME_BYTES + 1];
	struct bundle bundle; /* the lineage's, without its key */
};

/* The names of all stores of one process. */
struct stores {
	char **items; /* owned */
	size_t count, room;
	bool short_of_memory;
};

void
leftover_free(struct leftover *leftover)
{
	if (leftover == NULL)
		return;
	bundle_free(&leftover->bundle);
	free(leftover);
}

int
leftover_new(
    const struct lineage_ref *ref, struct leftover **ret, struct err *err)
{
	struct leftover *leftover = calloc(1, sizeof(*leftover));
	struct buf pem = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	char path[LIMIT_PATH_BYTES];
	int rc;

	if (leftover == NULL)
		return err_nomem(err, doing);
	(void)snprintf(leftover->name, sizeof(leftover->name), "%s", ref->name);
	rc = fs_join(path, sizeof(path), ref->dir, "fullchain.pem", err);
	if (rc == 0)
		rc = fs_read(AT_FDCWD, path, FS_TRUST_ANY, &pem, NULL, err);
	if (rc == 0)
		rc = bundle_parse_leaf(
		    pem.data, pem.len, path, &leftover->bundle, err);
	if (rc == 0 && leftover->bundle.leaf == NULL)
		rc = err_set(err, ERR_SYNTAX, doing, path,
		    "there is no certificate in it");
	buf_free(&pem);
	if (rc < 0)
		leftover_free(leftover);
	else
		*ret = leftover;
	return rc;
}

const struct pki_facts *
leftover_facts(const struct leftover *leftover)
{
	return pki_cert_facts(leftover->bundle.leaf);
}

/* Its names alone; they are asked for all at once. */
static bool
want(void *context, const char *store)
{
	struct stores *stores = context;
	char **more;

	if (stores->count == stores->room) {
		size_t room = stores->room == 0 ? 64 : 2 * stores->room;

		more = reallocarray(stores->items, room, sizeof(*more));
		if (more == NULL) {
			stores->short_of_memory = true;
			return false;
		}
		stores->items = more;
		stores->room = room;
	}
	stores->items[stores->count] = strdup(store);
	if (stores->items[stores->count] == NULL)
		stores->short_of_memory = true;
	else
		stores->count++;
	return false;
}

static int
take(void *context, const struct holding *holding, struct err *err)
{
	(void)context;
	(void)holding;
	(void)err;
	return 0;
}

static bool
is_in(const struct leftover *leftover, const struct process *process,
    char *ret_where, size_t size)
{
	const struct pki_facts *facts = pki_cert_facts(leftover->bundle.leaf);
	struct transaction_store *seen = NULL;
	struct stores stores = {.count = 0};
	struct err ignored = ERR_INIT;
	bool found = false;

	if (holdings_each(process, want, take, &stores, &ignored) == 0 &&
	    !stores.short_of_memory && stores.count > 0)
		seen = calloc(stores.count, sizeof(*seen));
	if (seen != NULL &&
	    transaction_show(process, (const char *const *)stores.items,
		stores.count, seen, &ignored) == 0) {
		for (size_t i = 0; i < stores.count && !found; i++) {
			found = seen[i].status == TRANSACTION_USED &&
			    transaction_store_has(&seen[i], facts);
			if (found)
				(void)snprintf(ret_where, size,
				    "HAProxy on %s has it as %s",
				    process->peer.path, stores.items[i]);
		}
	}
	for (size_t i = 0; i < stores.count; i++)
		free(stores.items[i]);
	free(stores.items);
	free(seen);
	return found;
}

/* One handshake; a wildcard is asked for by a name of its own. */
static bool
is_shown(const struct discovery_target *target, const struct pki_facts *facts,
    const char *name, long timeout_ms)
{
	const struct verify_policy policy = {
	    .attempts = 1,
	    .timeout_ms = timeout_ms,
	    .key_type = facts->key.type,
	};
	char sni[LIMIT_DNS_NAME_BYTES + sizeof("certhaul")];
	struct verify_seen seen = {.serial = ""};
	struct err ignored = ERR_INIT;

	(void)snprintf(sni, sizeof(sni), "%s%s", *name == '*' ? "certhaul" : "",
	    *name == '*' ? name + 1 : name);
	return verify_handshake(target, sni, &policy, &seen, &ignored) == 0 &&
	    memcmp(seen.sha256, facts->sha256, PKI_SHA256_BYTES) == 0;
}

static bool
is_on_wire(const struct leftover *leftover, const struct conf *conf,
    char *ret_where, size_t size)
{
	const struct pki_facts *facts = pki_cert_facts(leftover->bundle.leaf);
	const struct conf_list *given = &conf->verify.addresses;
	char file[LIMIT_LINEAGE_NAME_BYTES + sizeof(".pem")];
	struct discovery_targets *targets = calloc(1, sizeof(*targets));
	struct discovery *discovery = NULL;
	struct err ignored = ERR_INIT;
	size_t left = LIMIT_LOOK_TARGETS;
	bool found = false;

	(void)snprintf(file, sizeof(file), "%s.pem", leftover->name);
	if (targets == NULL ||
	    discovery_load(conf->haproxy.config.items,
		conf->haproxy.config.count, conf->haproxy.environment,
		conf->haproxy.bundle_dir, conf->haproxy.crt_list, &discovery,
		&ignored) < 0 ||
	    discovery_targets(discovery, file, given->items, given->count,
		targets, &ignored) < 0)
		goto out;
	verify_drop_closed(targets, false);
	for (size_t n = 0; n < facts->name_count; n++) {
		for (size_t i = 0; i < targets->count && left > 0 && !found;
		     i++, left--) {
			found = is_shown(&targets->items[i], facts,
			    facts->names[n], conf->verify.timeout_ms);
			if (found)
				(void)snprintf(ret_where, size,
				    "a handshake with %s for %s shows it",
				    targets->items[i].text, facts->names[n]);
		}
	}
out:
	discovery_free(discovery);
	free(targets);
	return found;
}

bool
leftover_find(const struct leftover *leftover, const struct conf *conf,
    char *ret_where, size_t size)
{
	const struct conf_list *sockets = &conf->haproxy.sockets;

	/* With files alone its sockets are nobody's; the wire is. */
	for (size_t i = 0;
	     conf->haproxy.update != CONF_UPDATE_NONE && i < sockets->count;
	     i++) {
		struct err ignored = ERR_INIT;
		struct process process;

		if (process_probe(sockets->items[i], &process, &ignored) == 0 &&
		    is_in(leftover, &process, ret_where, size))
			return true;
	}
	return conf->verify.enabled &&
	    is_on_wire(leftover, conf, ret_where, size);
}
