/*
 * broker_chain.c: the certificate as the client brought it: judged, written
 * anew from its DER, and chosen among alternates.
 */
#include "acme/broker_private.h"

#include <string.h>

#include "base/clock.h"
#include "cert/pki.h"

static const char doing[] = "reading the CA's certificate";

enum { CLOCKS_DIFFER_S = 24 * 3600 }; /* the CA's and ours, at most */

/* The certificates of one chain, leaf first. */
struct chain {
	struct pki_cert *certs[LIMIT_CHAIN_CERTS];
	size_t count;
	size_t sorted; /* of them: each issued by the one behind it */
};

static void
chain_free(struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		pki_cert_free(chain->certs[i]);
}

/*
 * Each behind the one that it issued, as servers want it (RFC 8446, 4.4.2) and
 * certhaul-hook demands; a CA may send them in another order (8555, 9.1). What
 * leads nowhere stays behind.
 */
static void
sort_chain(struct chain *chain, struct pki_block *blocks)
{
	for (size_t i = chain->sorted = 1; i < chain->count; i++) {
		struct pki_cert *cert;
		struct pki_block block;
		size_t k = i;

		while (k < chain->count &&
		    !pki_cert_issued_by(chain->certs[i - 1], chain->certs[k]))
			k++;
		if (k == chain->count)
			return;
		cert = chain->certs[k];
		chain->certs[k] = chain->certs[i];
		chain->certs[i] = cert;
		block = blocks[k];
		blocks[k] = blocks[i];
		blocks[i] = block;
		chain->sorted = i + 1;
	}
}

/*
 * Nothing but certificates (8555, 11.4): a key in there would become part of
 * the bundle that HAProxy loads.
 */
static int
read_chain(const struct buf *pem, struct chain *ret, struct buf *ret_text,
    struct err *err)
{
	struct pki_blocks blocks = {NULL, 0};
	int rc;

	rc = pki_blocks_read(
	    pem->data, pem->len, "the CA's answer", &blocks, err);
	if (rc == 0 && (blocks.count == 0 || blocks.count > LIMIT_CHAIN_CERTS))
		rc = err_set(err, ERR_INVALID, doing, NULL,
		    "%zu certificates in a chain, 1 to %d are expected",
		    blocks.count, LIMIT_CHAIN_CERTS);
	for (size_t i = 0; rc == 0 && i < blocks.count; i++) {
		if (blocks.items[i].label != PKI_LABEL_CERTIFICATE) {
			rc = err_set(err, ERR_INVALID, doing, NULL,
			    "the chain holds a block \"%s\"; refused",
			    blocks.items[i].text);
			break;
		}
		rc = pki_cert_parse(
		    &blocks.items[i], "the CA's answer", &ret->certs[i], err);
		if (rc == 0)
			ret->count = i + 1;
	}
	if (rc == 0)
		sort_chain(ret, blocks.items);
	for (size_t i = 0; rc == 0 && i < blocks.count; i++)
		rc = pki_block_write(&blocks.items[i], ret_text, err);
	pki_blocks_free(&blocks);
	return rc;
}

/* Is every name that was ordered in the certificate? */
static int
check_names(const struct job *job, const struct pki_cert *leaf, struct err *err)
{
	const struct pki_facts *facts = pki_cert_facts(leaf);

	for (size_t i = 0; i < job->name_count; i++) {
		bool found = false;

		for (size_t k = 0; !found && k < facts->name_count; k++)
			found = strcmp(job->names[i], facts->names[k]) == 0;
		if (!found)
			return err_set(err, ERR_INVALID, doing, job->names[i],
			    "is not in the certificate that came");
	}
	return 0;
}

/*
 * Is it of any use: valid now, and issued by one of those that came with it?
 * Their order is the CA's affair (RFC 8555, 9.1), and whom they lead to is not
 * judged, as a CA may have roots that this machine does not know.
 */
static int
check_use(const struct chain *chain, struct err *err)
{
	const struct pki_facts *leaf = pki_cert_facts(chain->certs[0]);
	time_t now_s = clock_now_s();
	char when[32];

	if (leaf->not_after_s <= now_s)
		return err_set(err, ERR_INVALID, doing, NULL,
		    "it expired at %s",
		    clock_iso(leaf->not_after_s, when, sizeof(when)));
	if (leaf->not_before_s > now_s + CLOCKS_DIFFER_S)
		return err_set(err, ERR_INVALID, doing, NULL,
		    "it is valid from %s on: see whether this machine's clock "
		    "is right",
		    clock_iso(leaf->not_before_s, when, sizeof(when)));
	return chain->count == 1 || chain->sorted > 1
	    ? 0
	    : err_set(err, ERR_INVALID, doing, leaf->subject,
		  "none of those that came with it has issued it");
}

/* The clocks may differ by more than we think: it can be of use yet. */
static bool
is_to_come(const struct chain *chain)
{
	return chain->count > 0 &&
	    pki_cert_facts(chain->certs[0])->not_before_s > clock_now_s();
}

static int
check_chain(struct broker *broker, const struct chain *chain, struct err *err)
{
	int rc;

	if (broker->csr.len == 0)
		return broker_refuse(err, "a certificate before its request");
	if (!pki_cert_answers(chain->certs[0], &broker->csr))
		return err_set(err, ERR_INVALID, doing, NULL,
		    "it is not of the key that was asked for");
	rc = check_names(broker->job, chain->certs[0], err);
	if (rc == 0)
		rc = check_use(chain, err);
	return rc;
}

/* The CN of who issued the topmost one, as certbot compares it. */
static bool
is_preferred(const struct broker *broker, const struct chain *chain)
{
	const char *wanted = broker->holdings->preferred_chain;
	const struct pki_facts *top =
	    pki_cert_facts(chain->certs[chain->count - 1]);

	return wanted == NULL || strcmp(top->issuer_cn, wanted) == 0;
}

int
broker_chain(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err)
{
	struct buf pem = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	struct buf text = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	struct chain chain = {{NULL}, 0, 0};
	uint32_t index = 0;
	int rc;

	rc = ipc_get_number(fields, &index, err);
	if (rc == 0)
		rc = ipc_get_bytes(fields, LIMIT_PEM_FILE_BYTES, &pem, err);
	rc = broker_fields_end(fields, rc, err);
	if (rc == 0)
		rc = read_chain(&pem, &chain, &text, err);
	if (rc == 0)
		rc = check_chain(broker, &chain, err);
	broker->result->early = rc == ERR_INVALID && is_to_come(&chain);
	broker->result->useless = rc == ERR_INVALID && !is_to_come(&chain);
	/* Another one that is of no use loses, and is all that is lost. */
	if (rc == ERR_INVALID && index > 0 && broker->result->chain.len > 0) {
		err_clear(err);
		broker->result->early = false;
		broker->result->useless = false;
		rc = 0;
	} else if (rc == 0 && !broker->chosen) {
		broker->chosen = is_preferred(broker, &chain);
		/* The first is the CA's own choice: it stays where no other
		 * is what was asked for. */
		if (broker->chosen || broker->result->chain.len == 0) {
			buf_reset(&broker->result->chain);
			rc = buf_add(
			    &broker->result->chain, text.data, text.len, err);
		}
	}
	if (rc == 0)
		rc = ipc_put_number(reply, broker->chosen, err);
	chain_free(&chain);
	buf_free(&text);
	buf_free(&pem);
	return rc;
}
