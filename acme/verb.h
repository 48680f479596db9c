/*
 * verb.h: one function a command of certbot's.
 */
#ifndef ACME_VERB_H
#define ACME_VERB_H

#include "acme/front.h"
#include "base/attr.h"
#include "base/err.h"

/* certbot's exit statuses. */
enum verb_exit {
	VERB_EXIT_DONE = 0,
	VERB_EXIT_FAILED = 1,
	VERB_EXIT_USAGE = 2
};

/*
 * Each carries its command out. An error is told by main, with exit status 1;
 * `*ret_status` is for what failed in part (renew).
 */
int verb_certonly(
    struct front *front, int *ret_status, struct err *err) MUST_CHECK;
int verb_renew(
    struct front *front, int *ret_status, struct err *err) MUST_CHECK;
int verb_certificates(
    struct front *front, int *ret_status, struct err *err) MUST_CHECK;
int verb_revoke(
    struct front *front, int *ret_status, struct err *err) MUST_CHECK;
int verb_update_symlinks(
    struct front *front, int *ret_status, struct err *err) MUST_CHECK;
int verb_delete(
    struct front *front, int *ret_status, struct err *err) MUST_CHECK;
int verb_register(
    struct front *front, int *ret_status, struct err *err) MUST_CHECK;
int verb_unregister(
    struct front *front, int *ret_status, struct err *err) MUST_CHECK;
int verb_update_account(
    struct front *front, int *ret_status, struct err *err) MUST_CHECK;
int verb_show_account(
    struct front *front, int *ret_status, struct err *err) MUST_CHECK;
int verb_reconfigure(
    struct front *front, int *ret_status, struct err *err) MUST_CHECK;
int verb_plugins(
    struct front *front, int *ret_status, struct err *err) MUST_CHECK;

#endif
