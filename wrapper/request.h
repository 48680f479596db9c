/*
 * request.h: what request.c shares with its parts: the way of one order,
 * from what was typed to what a handshake shows.
 */
#ifndef WRAPPER_REQUEST_H
#define WRAPPER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/term.h"
#include "wrapper/certbot.h"
#include "wrapper/child.h"
#include "wrapper/command.h"
#include "wrapper/engine.h"
#include "wrapper/known.h"

#define REQUEST_DOING "requesting a certificate"

/* The names of a lineage, beside those of the request. */
enum request_names {
	REQUEST_SAME,
	REQUEST_SOME, /* fewer, and no other */
	REQUEST_OTHER,
};

/* What an order has to do with a lineage's certificate. */
struct request_relation {
	enum request_names names;
	const char *shared; /* a name that both have; NULL: none */
	size_t name_count; /* of the lineage's */
	bool rsa;
};

struct request {
	const struct command_call *call;
	const struct conf *conf;
	struct engine engine;
	char (*names)[LIMIT_DNS_NAME_BYTES + 1]; /* owned */
	const char **list; /* of them; owned */
	bool *in_rest; /* one a name: it stands behind `--`; owned */
	bool dns; /* dns-01 is asked for, or may be: wildcards will do */
	char hook_path[LIMIT_PATH_BYTES];
	bool staging; /* of Let's Encrypt, wherever that was said */
	struct certbot_request wanted;
	struct known known; /* before anything is done; owned */
	struct request_relation *relations; /* one each; owned */
	char own[LIMIT_DNS_NAME_BYTES + 1]; /* what it is to be called */
	char lineage[LIMIT_LINEAGE_NAME_BYTES + 1]; /* what came of it */
	bool issued; /* it is new; else it was not yet due */
	bool look; /* there is a preflight */
	struct term_progress progress; /* request_steps.c: */
	size_t steps; /* begun */
	const char *step_name;
	struct child_watch watch;
};

/*
 * Who answers the challenge: what stands behind `--` may say so. ERR_USAGE:
 * two ways at once. (request_way.c)
 */
int request_way(struct request *request, struct err *err) MUST_CHECK;

/*
 * What `option`, or what certbot takes for it, is given at word `i` behind
 * `--`, behind a `=` or as the next
 * word ("": nothing follows); NULL: that word is another. (request_rest.c)
 */
const char *request_rest_at(
    const struct request *request, size_t i, const char *option);

/* Hands each name that is given there, with -d or --domains, to `take`. */
typedef int request_take_name(
    struct request *request, const char *typed, struct err *err);
int request_rest_names(struct request *request, request_take_name *take,
    struct err *err) MUST_CHECK;

/*
 * ERR_USAGE: it leads certbot elsewhere than where we look for its files, or
 * to where nothing could be deployed from.
 */
int request_rest_check(
    const struct request *request, struct err *err) MUST_CHECK;

/* Is `option` among what stands behind `--`, as a word or as option=value? */
bool request_rest_has(const struct request *request, const char *option);

/* What it is given there; NULL: it is not. */
const char *request_rest_value(
    const struct request *request, const char *option);

/*
 * Are several web roots given there? Each is for the names that follow it, so
 * none may stand in front.
 */
bool request_rest_has_webroots(const struct request *request);

/* The directory of the CA that is asked, where `--server` does not say. */
const char *request_server(const struct request *request);

/*
 * Could what is issued be deployed? Where not, certhaul-hook says why. A dry
 * run deploys nothing. ERR_NOENT: there is no certhaul-hook; as child_run().
 * (request_place.c)
 */
int request_place(
    struct request *request, bool *ret_good, struct err *err) MUST_CHECK;

/*
 * Refuses an order that would end at the CA for want of an account: ERR_CONF
 * says what to set. (request_account.c)
 */
int request_account(const struct request *request, struct err *err) MUST_CHECK;

/*
 * The preflight, told on stdout; `*ret_good`: every name is.
 * (request_preflight.c)
 */
int request_preflight(
    const struct request *request, bool *ret_good, struct err *err) MUST_CHECK;

/*
 * The engine's certonly; finds the lineage that came of it by what is on disk.
 * ERR_CHILD: the engine failed, its words are above. (request_issue.c)
 */
int request_issue(struct request *request, struct err *err) MUST_CHECK;

/*
 * After the engine has failed: ERR_CHILD, with what to install, where a plugin
 * was asked for that it has not; else 0. (request_plugin.c)
 */
int request_plugin(const struct request *request, struct err *err) MUST_CHECK;

/*
 * Reads the lineages that there are, and settles what is asked for beside
 * them: the kind of key is the one that a lineage has, where none was wanted.
 * ERR_USAGE: certbot would ask (a lineage with some of the names would be
 * replaced, and --expand was not given), or it would be a second certificate
 * for a name, of the same kind of key. (request_names.c)
 */
int request_settle(struct request *request, struct err *err) MUST_CHECK;

/*
 * One of request->known; OTHER, too, where it cannot be read.
 * (request_names.c)
 */
enum request_names request_compare(
    const struct request *request, const struct known_lineage *known);

/*
 * How far it has come, on a terminal: request->look and the options are known
 * by then. The end may be called again, and without a beginning.
 * (request_steps.c)
 */
void request_steps_begin(struct request *request);
void request_step(struct request *request, const char *name);
void request_steps_end(struct request *request);

/* For a child of this step; NULL: there is no terminal. */
const struct child_watch *request_watch(struct request *request);

/* Where it is, until when, and what a handshake shows. (request_show.c) */
int request_show(struct request *request, struct err *err) MUST_CHECK;

#endif
