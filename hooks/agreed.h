/*
 * agreed.h: which crt-lists were seen to be in a worker's memory as they are in
 * their files. While worker and file stay the same, a deploy of one bundle need
 * not read the lines of all the others.
 */
#ifndef HOOKS_AGREED_H
#define HOOKS_AGREED_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/fs.h"
#include "haproxy/process.h"

struct agreed;
struct site;

/*
 * Reads what earlier runs have noted; what cannot be read was not noted.
 * ERR_NOMEM. `conf` is borrowed for its life. `ret` is owned: agreed_close().
 */
int agreed_open(
    const struct conf *conf, struct agreed **ret, struct err *err) MUST_CHECK;

/* Was the file `ident` of `list` as the memory of `process`? */
bool agreed_holds(const struct agreed *agreed, const struct process *process,
    const char *list, const struct fs_ident *ident);

/*
 * So it is, or (`ident` is NULL) is not, by a look at all of it. What cannot be
 * noted is asked again.
 */
void agreed_note(struct agreed *agreed, const struct process *process,
    const char *list, const struct fs_ident *ident);

/*
 * Keeps what was noted, where that is news, of the workers that `site` has.
 * That it could not be kept costs the next run its time, no more.
 */
void agreed_keep(const struct agreed *agreed, const struct site *site);
void agreed_close(struct agreed *agreed);

#endif
