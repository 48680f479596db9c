/*
 * walls.h: what certhaul.service may not do of what certhaul.conf wants: on a
 * terminal all is well, and in the night a directory is read-only or a socket
 * is not there. For check, and for init, which enables that service.
 */
#ifndef WRAPPER_WALLS_H
#define WRAPPER_WALLS_H

#include <stddef.h>

#include "base/conf.h"
#include "wrapper/engine.h"

typedef void walls_say(void *context, const char *text);

/*
 * Says what is in the way of the configured paths, and what to do, a text for
 * each; how many they are. `root` stands in front of /etc: "", and a directory
 * in tests.
 */
size_t walls_tell(
    const struct conf *conf, const char *root, walls_say *say, void *context);

/*
 * The same where `engine` is the snap's certbot, and the drop-in that opens the
 * service for what snapd does is not there.
 */
size_t walls_tell_snap(const struct engine *engine, const char *root,
    walls_say *say, void *context);

#endif
