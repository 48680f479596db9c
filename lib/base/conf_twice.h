/*
 * conf_twice.h: private to conf: which setting is there a second time.
 */
#ifndef BASE_CONF_TWICE_H
#define BASE_CONF_TWICE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The name of the setting in line `line` of `text`, from 1, of which libconfig
 * says that it is there already (it tells the line alone): into `ret` of `size`
 * bytes, cut. False: there is none.
 */
bool conf_twice_find(const char *text, int line, char *ret, size_t size);

#endif
