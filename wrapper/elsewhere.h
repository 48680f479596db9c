/*
 * elsewhere.h: the names whose challenges are answered behind HAProxy by
 * somebody else (a web root, a web server, manual hooks, a listener on a port
 * of its own): wherever haproxy.cfg leads them now, there they have
 * to go on.
 */
#ifndef WRAPPER_ELSEWHERE_H
#define WRAPPER_ELSEWHERE_H

#include <stddef.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"

struct elsewhere {
	char **names; /* owned; each once */
	size_t count;
};

/*
 * Of all lineages that are renewed in such a way. Those that cannot be read
 * have none. ERR_NOMEM. Returns owned: elsewhere_free().
 */
int elsewhere_find(
    const struct conf *conf, struct elsewhere *ret, struct err *err) MUST_CHECK;

/* Takes `name` out, if it is there. */
void elsewhere_drop(struct elsewhere *elsewhere, const char *name);

void elsewhere_free(struct elsewhere *elsewhere);

#endif
