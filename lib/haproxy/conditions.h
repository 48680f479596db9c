/*
 * conditions.h: which `.if` of haproxy.cfg hold, by HAProxy's own word.
 */
#ifndef HAPROXY_CONDITIONS_H
#define HAPROXY_CONDITIONS_H

#include "base/conf.h"

/*
 * A part of environment_learn(), behind the variables: puts the conditions that
 * hacfg_read() leaves open to HAProxy's program (`haproxy -cc`, 2.5 and later;
 * configuration manual, 2.4), each once, and keeps what it says in
 * conf->haproxy.environment. None is put where the program is one that others
 * may write, or where a HAProxy runs that is of another version (or tells
 * none): then what is behind them stays uncertain.
 */
void conditions_learn(struct conf *conf);

#endif
