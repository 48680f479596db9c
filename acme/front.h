/*
 * front.h: what one run of certhaul-acme works with: directories, locks, log,
 * hooks, the client half, the account.
 */
#ifndef ACME_FRONT_H
#define ACME_FRONT_H

#include <stdbool.h>

#include "acme/accounts.h"
#include "acme/certlock.h"
#include "acme/hooks.h"
#include "acme/issue.h"
#include "acme/logfile.h"
#include "acme/option.h"
#include "acme/store.h"
#include "base/attr.h"
#include "base/err.h"

/* certbot's line above and below what it has to say. */
#define FRONT_RULE                                                             \
	"- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - "       \
	"- - - - - - - - -"

struct rlimit; /* <sys/resource.h> */

struct front {
	const struct options *cli; /* borrowed */
	struct store_dirs dirs;
	struct certlock *lock;
	struct logfile *log;
	struct hooks *hooks;
	struct issue *issue; /* NULL where the run needs no network */
	bool stuck; /* a challenge could not be taken down */
	int stop_fd; /* readable once a signal told us to end; see stop.h */
	char *ca_file; /* as certbot takes it from the environment; owned */
	char *user_agent; /* where no option says one; owned */
};

struct front_policy {
	bool network; /* the run needs the client */
	const char *user_agent; /* where --user-agent does not say one */
	const char *user; /* whom the client becomes, where we are root */
	const struct rlimit *core; /* what a hook may leave; NULL: as we may */
};

/*
 * Makes the directories, takes certbot's locks, opens the log and says where it
 * is, on stderr, as certbot (not where --quiet); from then on
 * signals wait (stop.h). Where the run needs it, splits the client off (before
 * any key is read). `ret` is owned: also after a failure front_close() is due.
 */
int front_open(const struct options *cli, const struct front_policy *policy,
    struct front *ret, struct err *err) MUST_CHECK;
void front_close(struct front *front);

/*
 * For issue_front: waits until `fd` can be read, for `timeout_ms` at most (-1:
 * for ever). ERR_STOPPED: a signal told us to end.
 */
int front_wait(
    struct front *front, int fd, long timeout_ms, struct err *err) MUST_CHECK;

/*
 * Waits until a line was typed (or stdin has ended), which is read, or until
 * the client half has died; the next thing that is told it fails then.
 * ERR_STOPPED.
 */
int front_wait_input(struct front *front, struct err *err) MUST_CHECK;

/* How much more than usual the operator wants to hear: -v, -vv. */
enum front_detail { FRONT_INFO = 1, FRONT_DEBUG };

/* A line for the log; on stderr for who wants that much, as certbot. */
void front_note(struct front *front, enum front_detail detail, const char *fmt,
    ...) PRINTF_LIKE(3, 4);

/* A line for the operator (unless --quiet) and for the log. */
void front_say(struct front *front, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A warning: on stderr whatever --quiet says, and in the log. */
void front_warn(struct front *front, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* What a job has of the front: server, user agent, trust, patience. */
void front_job(struct front *front, const struct options *params,
    enum job_kind kind, const struct accounts_entry *account, struct job *ret);

/* The contacts of --email: "mailto:..." each; owned, NULL-terminated. */
int front_contacts(const char *email, char ***ret, size_t *ret_count,
    struct err *err) MUST_CHECK;
void front_contacts_free(char **contacts);

/*
 * The account for the server of `params`: the one there is, or a new one, made
 * and registered. ERR_USAGE: what is missing for that (--agree-tos, --email).
 * `ret` is owned: accounts_entry_free().
 */
int front_account(struct front *front, const struct options *params,
    struct accounts_entry *ret, struct err *err) MUST_CHECK;

/*
 * A job about the account alone (register, update, deactivate, show), with the
 * callbacks that keep its URL.
 */
int front_account_job(struct front *front, const struct options *params,
    enum job_kind kind, struct accounts_entry *account,
    struct err *err) MUST_CHECK;

#endif
