/*
 * command.h: one function a command of certhaul-hook.
 */
#ifndef HOOKS_COMMAND_H
#define HOOKS_COMMAND_H

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "hooks/event.h"

/*
 * Each carries the command out, reports on it and stores the exit status
 * (enum report_exit) in `ret_status`. An error is one that ended the run
 * before it could be reported on anything.
 */

/* Converges the lineages of the event; --all reloads at its end, if due. */
int command_deploy(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err) MUST_CHECK;

/*
 * Checks what would make a renewal pointless, one warning for each thing that
 * is off. Waits for nothing and changes nothing. REPORT_EXIT_REFUSED: as things
 * are, no deploy could begin.
 */
int command_pre(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err) MUST_CHECK;

/* What waits for the reload, what failed before; then the one reload. */
int command_post(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err) MUST_CHECK;

/*
 * Takes the bundles of the lineages named out of HAProxy and off the disk,
 * whether the lineages are there or not; see detach.h.
 */
int command_detach(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err) MUST_CHECK;

/*
 * Puts an earlier generation through the pipeline in place of the lineage, and
 * holds the lineage's present version back; see earlier.h.
 */
int command_rollback(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err) MUST_CHECK;

/*
 * http-01 inside HAProxy: CERTBOT_TOKEN and CERTBOT_VALIDATION into, or out
 * of, the map on every configured socket (RFC 8555, 8.3).
 */
int command_auth(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err) MUST_CHECK;
int command_cleanup(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err) MUST_CHECK;

/*
 * A deploy of certbot's that cannot even begin, for the configuration cannot be
 * read: a note, as far as it is known where (missed.h). Says what goes wrong.
 */
void command_missed(const struct event *event);

#endif
