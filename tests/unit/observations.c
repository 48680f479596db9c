/*
 * observations.c: see the header.
 */
#include "tests/unit/observations.h"

#include <stdio.h>
#include <string.h>

enum { LIFE_DAYS = 90, LEFT_DAYS = 60, BEFORE_DAYS = 30 };

static char first[] = "a.example", second[] = "www.a.example";
static char third[] = "shop.a.example";
static char *names[] = {first, second, third};
static char socket_path[] = "/run/haproxy/admin.sock";
static char store_name[] = "/etc/haproxy/ssl/a.example.pem";

static struct observe_store stores[] = {{
    .socket = socket_path,
    .name = store_name,
    .verdict = OBSERVE_SAME,
    .not_after_s = 1805184000,
    .serial = "0A1B",
}};

void
observations_left(struct observation *item, long left_s)
{
	time_t life_s = item->not_after_s - item->not_before_s;

	item->not_after_s = OBSERVATIONS_NOW_S + left_s;
	item->not_before_s = item->not_after_s - life_s;
	item->renew_s = item->not_after_s - BEFORE_DAYS * OBSERVATIONS_DAY_S;
	for (size_t p = 0; p < OBSERVE_PLACES; p++)
		item->at[p].not_after_s = item->not_after_s;
}

struct observation
observations_well(const char *name)
{
	struct observation item = {
	    .names = names,
	    .name_count = COUNT_OF(names),
	    .issuer = "Lab E1",
	    .key = "P-256",
	    .not_after_s = LIFE_DAYS * OBSERVATIONS_DAY_S,
	    .autorenew = true,
	    .stores = stores,
	    .store_count = COUNT_OF(stores),
	    .proved_s = OBSERVATIONS_NOW_S - OBSERVATIONS_DAY_S,
	    .deployed_s = OBSERVATIONS_NOW_S - 2 * OBSERVATIONS_DAY_S,
	};

	(void)snprintf(item.name, sizeof(item.name), "%s", name);
	observations_left(&item, (long)LEFT_DAYS * OBSERVATIONS_DAY_S);
	for (size_t p = 0; p < OBSERVE_PLACES; p++) {
		item.at[p].verdict = OBSERVE_SAME;
		(void)snprintf(
		    item.at[p].serial, sizeof(item.at[p].serial), "0A1B");
	}
	return item;
}

void
observations_view(struct observations_view *ret,
    const struct observation *items, size_t count, unsigned width)
{
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < count; i++) {
		ret->items[i] = items[i];
		ret->shown[i] = &ret->items[i];
	}
	ret->observed = (struct observed){
	    .items = ret->items,
	    .count = count,
	    .haproxy = {.sockets = 1,
		.up = 1,
		.version = "2.6.12",
		.needed = true},
	};
	ret->view = (struct status_view){
	    .observed = &ret->observed,
	    .items = ret->shown,
	    .count = count,
	    .now_s = OBSERVATIONS_NOW_S,
	    .engine = "certbot",
	    .engine_path = "/usr/bin/certbot",
	    .width = width,
	};
}
