/*
 * holder.h: which process listens on a port.
 */
#ifndef WRAPPER_HOLDER_H
#define WRAPPER_HOLDER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * "nginx (pid 123)" into `ret`; where that cannot be seen (another's process,
 * another namespace), "another process". From /proc/net/tcp, tcp6 and
 * /proc/PID/fd.
 */
void holder_of_port(long port, char *ret, size_t size);

/* Does anything of this machine listen on it, at whatever address? */
bool holder_is_there(long port);

#endif
