/*
 * service.h: how the operator of this machine has HAProxy reloaded, for what
 * tells him to.
 */
#ifndef WRAPPER_SERVICE_H
#define WRAPPER_SERVICE_H

#include <stddef.h>

#include "base/conf.h"

enum { SERVICE_RELOAD_BYTES = 512 };

/*
 * The command into `ret`: haproxy.reload_command, unless that is systemctl and
 * no systemd runs; then by haproxy.master_socket where that is there, or by
 * the signal to the master. Returns `ret`, of
 * SERVICE_RELOAD_BYTES.
 */
const char *service_reload(const struct conf *conf, char *ret, size_t size);

#endif
