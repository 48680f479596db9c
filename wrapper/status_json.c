/*
 * status_json.c: what was observed, for a machine: version 1 of the schema in
 * conf/status.schema.json. A key that comes later is no new version; one that
 * goes, or means something else, is.
 */
#include "wrapper/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/text.h"

enum { SCHEMA_VERSION = 1, DAY_S = 24 * 60 * 60 };

/* What is no UTF-8 (a path can be) is made so: JSON has nothing else. */
static json_t *
text_of(const char *text)
{
	char copy[LIMIT_PATH_BYTES];

	if (snprintf(copy, sizeof(copy), "%s", text) < 0)
		copy[0] = '\0';
	text_clean(copy);
	return json_string(copy);
}

static json_t *
text_or_null(const char *text)
{
	return *text != '\0' ? text_of(text) : json_null();
}

/* A time as ISO 8601 in UTC, null where it is not known. */
static json_t *
time_or_null(time_t when_s)
{
	char text[32];

	return when_s != 0 ? json_string(clock_iso(when_s, text, sizeof(text)))
			   : json_null();
}

static json_t *
names(const struct observation *item)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < item->name_count; i++) {
		if (json_array_append_new(list, text_of(item->names[i])) < 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static json_t *
stores(const struct observation *item)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < item->store_count; i++) {
		const struct observe_store *store = &item->stores[i];
		json_t *one = json_pack("{s:o, s:o, s:s, s:o, s:o}", "socket",
		    text_of(store->socket), "store", text_of(store->name),
		    "verdict", observe_verdict_name(store->verdict),
		    "not_after", time_or_null(store->not_after_s), "serial",
		    text_or_null(store->serial));

		if (json_array_append_new(list, one) < 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static json_t *
place(const struct observation *item, enum observe_place place)
{
	const struct observe_at *at = &item->at[place];
	json_t *one = json_pack("{s:s, s:o, s:o, s:o}", "verdict",
	    observe_verdict_name(at->verdict), "not_after",
	    time_or_null(at->not_after_s), "serial", text_or_null(at->serial),
	    "why", text_or_null(at->why));
	int rc = 0;

	if (one == NULL)
		return NULL;
	if (place == OBSERVE_BUNDLE)
		rc = json_object_set_new(
		    one, "installed", time_or_null(item->deployed_s));
	if (place == OBSERVE_MEMORY)
		rc = json_object_set_new(one, "stores", stores(item));
	if (place == OBSERVE_WIRE) {
		rc = json_object_set_new(
		    one, "live", json_boolean(item->wire_live));
		if (rc == 0)
			rc = json_object_set_new(
			    one, "proved", time_or_null(item->proved_s));
	}
	if (rc == 0)
		return one;
	json_decref(one);
	return NULL;
}

static json_t *
places(const struct observation *item)
{
	json_t *all = json_object();

	for (int p = 0; all != NULL && p < OBSERVE_PLACES; p++) {
		if (json_object_set_new(all,
			observe_place_name((enum observe_place)p),
			place(item, (enum observe_place)p)) < 0) {
			json_decref(all);
			all = NULL;
		}
	}
	return all;
}

static json_t *
failure(const struct observation *item)
{
	if (item->failures == 0)
		return json_null();
	return json_pack("{s:I, s:o, s:o}", "attempts",
	    (json_int_t)item->failures, "last", time_or_null(item->failed_s),
	    "text", text_of(item->failure));
}

static json_t *
days_left(const struct observation *item, time_t now_s)
{
	if (item->not_after_s == 0)
		return json_null();
	return json_integer((json_int_t)((item->not_after_s - now_s) / DAY_S));
}

static json_t *
lineage(const struct observation *item, time_t now_s)
{
	char problem[OBSERVE_PROBLEM_BYTES];

	observation_problem(item, now_s, problem, sizeof(problem));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o,"
			 " s:{s:o, s:b, s:o}, s:s, s:o, s:b, s:b, s:b, s:b,"
			 " s:b, s:o, s:o}",
	    "name", item->name, "names", names(item), "issuer",
	    text_or_null(item->issuer), "key", text_or_null(item->key),
	    "not_before", time_or_null(item->not_before_s), "not_after",
	    time_or_null(item->not_after_s), "days_left",
	    days_left(item, now_s), "renewal", "expected",
	    time_or_null(item->renew_s), "automatic", item->autorenew,
	    "obstacle", text_or_null(item->obstacle), "gravity",
	    observe_gravity_name(observation_gravity(item, now_s)), "problem",
	    text_or_null(problem), "served", observation_served(item), "gone",
	    item->gone, "held", item->held, "detached", item->out, "reload_due",
	    item->reload_due, "failure", failure(item), "places", places(item));
}

static json_t *
lineages(const struct status_view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < view->count; i++) {
		if (json_array_append_new(
			list, lineage(view->items[i], view->now_s)) < 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static json_t *
haproxy(const struct observe_haproxy *haproxy)
{
	return json_pack("{s:b, s:I, s:I, s:o, s:o}", "asked", haproxy->needed,
	    "sockets", (json_int_t)haproxy->sockets, "answering",
	    (json_int_t)haproxy->up, "version", text_or_null(haproxy->version),
	    "why", text_or_null(haproxy->why));
}

static json_t *
engine(const struct status_view *view)
{
	if (view->engine == NULL)
		return json_null();
	return json_pack("{s:s, s:o}", "kind", view->engine, "path",
	    text_of(view->engine_path));
}

int
status_json(const struct status_view *view, struct buf *ret, struct err *err)
{
	json_t *all = NULL;
	char *text = NULL;
	int rc;

	all = json_pack("{s:i, s:o, s:b, s:o, s:o, s:{s:I, s:I}, s:o}",
	    "version", SCHEMA_VERSION, "generated", time_or_null(view->now_s),
	    "ok", observed_ok(view->observed, view->now_s), "haproxy",
	    haproxy(&view->observed->haproxy), "engine", engine(view),
	    "summary", "lineages", (json_int_t)view->observed->count,
	    "problems", (json_int_t)status_problems(view), "lineages",
	    lineages(view));
	if (all != NULL)
		text = json_dumps(all, JSON_INDENT(2));
	rc = text == NULL ? err_nomem(err, "writing JSON")
			  : buf_puts(ret, text, err);
	if (rc == 0)
		rc = buf_puts(ret, "\n", err);
	free(text);
	json_decref(all);
	return rc;
}
