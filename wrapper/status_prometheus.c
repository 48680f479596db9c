/*
 * status_prometheus.c: metrics for the textfile collector: HELP and TYPE, then
 * one sample a lineage. Names and labels are held on to by other people's
 * alerts: more may be added, these stay.
 */
#include "wrapper/status.h"

#include <stddef.h>

/* A metric of a lineage; false: it has none. */
struct metric {
	const char *name, *help;
	bool (*value)(
	    const struct observation *item, time_t now_s, long long *ret);
};

/* `\`, `"` and newlines would end the label (exposition format, 0.0.4). */
static int
put_label(const char *name, const char *text, struct buf *ret, struct err *err)
{
	int rc = buf_printf(ret, err, "%s=\"", name);

	for (; rc == 0 && *text != '\0'; text++) {
		if (*text == '\n')
			rc = buf_puts(ret, "\\n", err);
		else if (*text == '\\' || *text == '"')
			rc = buf_printf(ret, err, "\\%c", *text);
		else
			rc = buf_add(ret, text, 1, err);
	}
	return rc < 0 ? rc : buf_puts(ret, "\"", err);
}

static int
put_head(const char *name, const char *help, struct buf *ret, struct err *err)
{
	return buf_printf(
	    ret, err, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static int
put_not_after(const struct status_view *view, struct buf *ret, struct err *err)
{
	static const char name[] = "certhaul_certificate_not_after_seconds";
	int rc;

	rc = put_head(name,
	    "When the certificate in this place expires, in seconds since the "
	    "epoch.",
	    ret, err);
	for (size_t i = 0; rc == 0 && i < view->count; i++) {
		for (int p = 0; rc == 0 && p < OBSERVE_PLACES; p++) {
			const struct observe_at *at = &view->items[i]->at[p];

			if (at->not_after_s == 0)
				continue;
			rc = buf_printf(ret, err, "%s{", name);
			if (rc == 0)
				rc = put_label(
				    "name", view->items[i]->name, ret, err);
			if (rc == 0)
				rc = buf_printf(ret, err,
				    ",place=\"%s\"} %lld\n",
				    observe_place_name((enum observe_place)p),
				    (long long)at->not_after_s);
		}
	}
	return rc;
}

static bool
served_ok(const struct observation *item, time_t now_s, long long *ret)
{
	(void)now_s;
	*ret = observation_served(item);
	return true;
}

static bool
last_success(const struct observation *item, time_t now_s, long long *ret)
{
	(void)now_s;
	*ret = (long long)item->proved_s;
	return item->proved_s != 0;
}

static bool
failures(const struct observation *item, time_t now_s, long long *ret)
{
	(void)now_s;
	*ret = item->failures;
	return true;
}

static bool
gravity(const struct observation *item, time_t now_s, long long *ret)
{
	*ret = observation_gravity(item, now_s);
	return true;
}

static bool
renewal(const struct observation *item, time_t now_s, long long *ret)
{
	(void)now_s;
	*ret = (long long)item->renew_s;
	return item->renew_s != 0 && item->autorenew;
}

static const struct metric metrics[] = {
    {"certhaul_certificate_served_ok",
	"1 where HAProxy is known to serve the lineage's certificate, else 0.",
	served_ok},
    {"certhaul_certificate_last_success_seconds",
	"When a handshake last proved it, in seconds since the epoch.",
	last_success},
    {"certhaul_certificate_failures",
	"Failed deploys in a row that no later one has mended.", failures},
    {"certhaul_certificate_problem",
	"0 where all is well, 1 for a warning, 2 for what is critical.",
	gravity},
    {"certhaul_certificate_renewal_expected_seconds",
	"About when it will be renewed, in seconds since the epoch.", renewal},
};

static int
put_metric(const struct status_view *view, const struct metric *metric,
    struct buf *ret, struct err *err)
{
	int rc = put_head(metric->name, metric->help, ret, err);

	for (size_t i = 0; rc == 0 && i < view->count; i++) {
		long long value = 0;

		if (!metric->value(view->items[i], view->now_s, &value))
			continue;
		rc = buf_printf(ret, err, "%s{", metric->name);
		if (rc == 0)
			rc = put_label("name", view->items[i]->name, ret, err);
		if (rc == 0)
			rc = buf_printf(ret, err, "} %lld\n", value);
	}
	return rc;
}

static int
put_number(const char *name, const char *help, size_t value, struct buf *ret,
    struct err *err)
{
	int rc = put_head(name, help, ret, err);

	return rc < 0 ? rc : buf_printf(ret, err, "%s %zu\n", name, value);
}

int
status_prometheus_up(bool up, struct buf *ret, struct err *err)
{
	return put_number("certhaul_up",
	    "1 where certhaul could look at the lineages, else 0.", up, ret,
	    err);
}

int
status_prometheus(
    const struct status_view *view, struct buf *ret, struct err *err)
{
	const struct observe_haproxy *haproxy = &view->observed->haproxy;
	int rc = put_not_after(view, ret, err);

	for (size_t i = 0; rc == 0 && i < COUNT_OF(metrics); i++)
		rc = put_metric(view, &metrics[i], ret, err);
	if (rc == 0)
		rc = put_number("certhaul_lineages",
		    "Lineages, those that are gone included.",
		    view->observed->count, ret, err);
	if (rc == 0)
		rc = put_number("certhaul_haproxy_sockets",
		    "Runtime sockets of HAProxy that are configured.",
		    haproxy->sockets, ret, err);
	if (rc == 0)
		rc = put_number("certhaul_haproxy_sockets_up",
		    "Runtime sockets of HAProxy that answer.", haproxy->up, ret,
		    err);
	if (rc == 0)
		rc = status_prometheus_up(true, ret, err);
	return rc;
}
