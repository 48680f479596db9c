/*
 * issue_private.h: what issue.c starts, and issue_work.c is.
 */
#ifndef ACME_ISSUE_PRIVATE_H
#define ACME_ISSUE_PRIVATE_H

#include "acme/issue.h"
#include "base/attr.h"

/* The client's life, at the pair's end `fd`; returns its exit status. */
int issue_work(
    int fd, pid_t parent, const struct issue_policy *policy) MUST_CHECK;

/* Wipes each, where it stands; NULL is a no-op. */
void issue_forget_words(char *const *words);

/* Leaves in the environment what the client needs, and wipes the rest. */
void issue_forget_environment(void);

#endif
