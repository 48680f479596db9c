/*
 * command.h: private to lib/haproxy: one command to a process, with its
 * patience; tried again while HAProxy's certificates are locked.
 */
#ifndef HAPROXY_COMMAND_H
#define HAPROXY_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "haproxy/process.h"

/* The process's patience, or its default, in milliseconds. */
long command_answer_ms(const struct process *process);
long command_commit_ms(const struct process *process);
long command_foreign_ms(const struct process *process);

/*
 * "@1 " where the process is reached through a master, else "": for commands
 * with a payload; command_ask() does it by itself.
 */
const char *command_prefix(const struct process *process);

/* Does any line of `reply` say that certificates are locked just now? */
bool command_is_locked(const char *reply);

/*
 * The pause before try number `tries` (from 1): 5 ms, doubled up to the
 * process's pause_ms. False after LIMIT_CLI_BUSY_RETRIES, without a pause.
 */
bool command_pause(const struct process *process, unsigned tries);

/*
 * socket_ask() within `timeout_ms`, again while locked. ERR_HAPROXY: locked
 * to the end; else as socket_ask().
 */
int command_ask(const struct process *process, const char *command,
    long timeout_ms, struct buf *ret, struct err *err) MUST_CHECK;

/* ERR_HAPROXY with the words of `reply`. */
int command_refused(
    const char *doing, const char *on, const char *reply, struct err *err);

/* ERR_INVALID unless `word` can stand in a command. */
int command_check_word(const char *word, struct err *err) MUST_CHECK;

/* Is a line of `reply` that starts with `start`, or holds `part`, there? */
bool command_has_line(const char *reply, const char *start);
bool command_reply_has(const char *reply, const char *part);

#endif
