/*
 * command.h: one row a command of certhaul: what it is called, what it takes,
 * and the function that carries it out.
 */
#ifndef WRAPPER_COMMAND_H
#define WRAPPER_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"

/*
 * The exit statuses of certhaul: documented, distinct, never renumbered. 0 to
 * 6 are those of certhaul-hook, whose status is passed on as it is.
 */
enum command_exit {
	COMMAND_EXIT_DONE = 0,
	COMMAND_EXIT_FAILED = 1, /* also: the engine failed */
	COMMAND_EXIT_USAGE = 2, /* the command line or certhaul.conf */
	COMMAND_EXIT_REFUSED = 3, /* by validation */
	COMMAND_EXIT_ROLLED_BACK = 4, /* refused by HAProxy */
	COMMAND_EXIT_NOT_SERVED = 5, /* installed, or renewed, not served */
	COMMAND_EXIT_LOCKED = 6,
	COMMAND_EXIT_PREFLIGHT = 7, /* the CA was not asked */
	COMMAND_EXIT_UNCONFIRMED = 8, /* the answer was no, or nobody to ask */
};

enum command_option_kind {
	COMMAND_FLAG, /* --force */
	COMMAND_TEXT, /* --cert-name NAME */
	COMMAND_NUMBER, /* --to N, within least and most */
	COMMAND_CHOICE, /* --sort expiry, one of `values` */
};

/* One option of a command. */
struct command_option {
	const char *name; /* "cert-name", without its dashes */
	char letter; /* 'n' for -n; 0: none */
	enum command_option_kind kind;
	const char *value; /* what its value is called: "NAME"; or NULL */
	const char *values; /* of a choice: "name|expiry" */
	long least, most; /* of a number */
	const char *help; /* one line */
};

/* What a command was called with. */
struct command_call {
	const struct command *command;
	const struct conf *conf;
	const char *conf_path; /* -c, to be handed on to the hook; or NULL */
	bool verbose;
	const char *const *names; /* the operands, `name_count` of them */
	size_t name_count;
	const char *const *rest; /* what stands behind `--`, NULL-terminated */
	size_t rest_count;
	/* By position in the command's rows; NULL: not given. A flag has "". */
	const char *values[16];
};

struct command {
	const char *name; /* "request" */
	const char *operands; /* "NAME...", as the usage shows them; or "" */
	size_t least, most; /* how many operands */
	bool rest; /* takes `-- ARGUMENT...` */
	const char *help; /* one line for the list of commands */
	const char *more; /* paragraphs for its own --help; or "" */
	const struct command_option *options; /* ends with a NULL name */
	/* Carries it out and stores the exit status (enum command_exit). An
	 * error is one that ended it; main makes line and status of it. */
	int (*run)(
	    const struct command_call *call, int *ret_status, struct err *err);
	/* The same in place of run(), where there is no configuration: `err`
	 * says why, and is the end of it unless 0 is returned. NULL: it is. */
	int (*run_without_conf)(
	    const struct command_call *call, int *ret_status, struct err *err);
};

/* Was the option given? */
bool command_has(const struct command_call *call, const char *option);

/* Its value, NULL where it was not given. */
const char *command_text(const struct command_call *call, const char *option);

/* Its value as a number (checked when read), `fallback` where not given. */
long command_number(
    const struct command_call *call, const char *option, long fallback);

/* The exit status for a failure that ended the whole run. */
int command_exit_for(const struct err *err);

/* One row each; its file is wrapper/NAME.c unless said otherwise. */
extern const struct command command_init;
extern const struct command command_request;
extern const struct command command_renew;
extern const struct command command_revoke;
extern const struct command command_delete; /* revoke.c */
extern const struct command command_deploy;
extern const struct command command_rollback; /* deploy.c */
extern const struct command command_status;
extern const struct command command_check;

#endif
