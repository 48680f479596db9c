/*
 * hint.h: what to look at where the CA did not believe, in certbot's words.
 */
#ifndef ACME_HINT_H
#define ACME_HINT_H

#include <stddef.h>

#include "acme/job.h"
#include "acme/option.h"

enum { HINT_BYTES = 512 };

/* For who answers by `params`; into `ret` of HINT_BYTES. */
void hint_write(
    const struct options *params, enum job_challenge challenge, char *ret);

#endif
