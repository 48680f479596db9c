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

enum { ISSUE_PATHS = 32 }; /* at most, and NULL */

/* What the client may read: `ca_file` (or "", or NULL) and what is everybody's,
 * to a NULL. */
void issue_paths(const char *ca_file, const char **ret);

/* What each of them is, links followed. */
struct issue_seen {
	bool there;
	dev_t dev;
	ino_t ino;
};
void issue_paths_look(const char *ca_file, struct issue_seen *ret);
bool issue_paths_are_others(const char *ca_file, const struct issue_seen *seen);

/* Wipes each, where it stands; NULL is a no-op. */
void issue_forget_words(char *const *words);

/* Leaves in the environment what the client needs, and wipes the rest. */
void issue_forget_environment(void);

#endif
