/*
 * challenge.h: who answers the CA's question when a lineage is renewed, by its
 * renewal conf, and whether that goes together with HAProxy on port 80. For
 * check, and for what init says of a certbot that was there before.
 */
#ifndef WRAPPER_CHALLENGE_H
#define WRAPPER_CHALLENGE_H

#include <stddef.h>

#include "base/conf.h"
#include "cert/renewal_facts.h"

enum challenge_way {
	CHALLENGE_NONE, /* not by http-01, or not known */
	CHALLENGE_BEHIND, /* standalone, where HAProxy asks */
	CHALLENGE_IN_PROXY, /* HAProxy itself, by certhaul-hook */
	CHALLENGE_PORT_80, /* standalone, on the port that HAProxy holds */
	CHALLENGE_ALONE, /* standalone, on a port 80 that is its own */
	CHALLENGE_STOPPED, /* the same, with hooks that may take HAProxy off */
	CHALLENGE_LED, /* standalone, where haproxy.cfg leads challenges */
	CHALLENGE_OWN, /* standalone, where a server of haproxy.cfg is */
	CHALLENGE_ELSEWHERE, /* standalone, where HAProxy does not ask */
	CHALLENGE_WEBROOT,
	CHALLENGE_WEB_SERVER, /* certbot's nginx or apache */
	CHALLENGE_HOOKS, /* manual, by hooks that are not ours */
	CHALLENGE_WAYS
};

/* `led`: what refit_led() found, or NULL. */
struct refit_led;
enum challenge_way challenge_way_of(const struct conf *conf,
    const struct refit_led *led, const struct renewal_facts *facts);

/* What becomes of it behind HAProxy. */
enum challenge_outlook {
	CHALLENGE_WELL,
	CHALLENGE_UNSURE, /* whether HAProxy sends it there, who knows */
	CHALLENGE_FAILS,
};
enum challenge_outlook challenge_outlook_of(enum challenge_way way);

/*
 * How it is renewed, where that is not certainly well: "renews on port 80,
 * which HAProxy holds"; static storage, "" for CHALLENGE_WELL.
 */
const char *challenge_words(enum challenge_way way);

/*
 * Does somebody answer whom haproxy.cfg may lead challenges to, and our own
 * lines would not? HAProxy's words do not tell all of that: where a renewal
 * works, by whatever way, it is to go on.
 */
bool challenge_is_of_others(enum challenge_way way);

/* What comes before the renewal that moves it, behind its words, or "". */
const char *challenge_move_first(enum challenge_way way);

#endif
