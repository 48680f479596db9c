/*
 * lock.h: the one lock over everything that certhaul changes.
 *
 * HAProxy has one global certificate transaction (hazard H1), the bundles and
 * the state belong together: so there is one lock, held from before the first
 * observation until after the last write.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/attr.h"
#include "base/err.h"

struct lock;

/*
 * Takes the lock on the file `path` (made with mode 0600, never followed if a
 * link, refused with ERR_UNSAFE unless it is ours), waiting at most `wait_ms`
 * milliseconds; the file then holds our process id. What others laid there in
 * a sticky directory of ours (/run/lock) is put out of the way. An open file
 * description lock: it ends with the process, and children do not inherit it
 * over exec. Errors: ERR_LOCKED (the detail names the holder's pid and what to
 * do), ERR_UNSAFE, ERR_PERM, ERR_IO. Returns owned.
 */
int lock_take(const char *path, long wait_ms, struct lock **ret,
    struct err *err) MUST_CHECK;

/*
 * Is the lock free? 0, or an error as above; only looks, makes no file. An
 * absent file is a free lock.
 */
int lock_probe(const char *path, struct err *err) MUST_CHECK;

/* Gives the lock back and frees; NULL is a no-op. The file stays. */
void lock_release(struct lock *lock);

#endif
