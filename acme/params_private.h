/*
 * params_private.h: where a renewal conf has its options.
 */
#ifndef ACME_PARAMS_PRIVATE_H
#define ACME_PARAMS_PRIVATE_H

#define PARAMS_SECTION "renewalparams"
#define PARAMS_WEBROOT_MAP PARAMS_SECTION "/webroot_map"

/* Did the command line give any row that has this key? */
bool params_key_given(const struct options *options, const char *key);

#endif
