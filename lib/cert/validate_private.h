/*
 * validate_private.h: what the parts of validate share. Nobody else includes
 * it.
 */
#ifndef CERT_VALIDATE_PRIVATE_H
#define CERT_VALIDATE_PRIVATE_H

#include "cert/validate.h"

enum { VALIDATE_ISO_BYTES = 32 }; /* a time in a message */

/* What the rules are run over, and where they report. */
struct validate_gate {
	const struct validate_policy *policy;
	const struct bundle *bundle; /* with a leaf, but for `readable` */
	const struct bundle *installed; /* with a leaf, or NULL */
	struct validate_report *report;
};

/* Adds a finding; `fmt` is made one clean line, and cut where it is long. */
void validate_find(const struct validate_gate *gate, enum validate_rule rule,
    enum validate_weight weight, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* What only an operator who goes back may force. */
enum validate_weight validate_unless_forced_back(
    const struct validate_gate *gate);

/* The facts of a bundle's leaf. */
const struct pki_facts *validate_leaf(const struct bundle *bundle);

/* The rules of validate_compare.c; see the enum for each. */
void validate_names_cover(const struct validate_gate *gate);
void validate_names_lost(const struct validate_gate *gate);
void validate_not_older(const struct validate_gate *gate);
void validate_not_staging(const struct validate_gate *gate);

#endif
