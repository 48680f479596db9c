/*
 * due.c: when a certificate is to be renewed, from its dates alone. What else
 * may make it due (revocation, ARI, force) others decide.
 */
#include "cert/due.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

static const char doing[] = "reading renew_before_expiry";

enum {
	SECOND_S = 1,
	MINUTE_S = 60,
	HOUR_S = 60 * MINUTE_S,
	DAY_S = 24 * HOUR_S,
	WEEK_S = 7 * DAY_S,
	SHORT_LIFE_S = 10 * DAY_S,
	DAYS_BEFORE_4 = 30,
	MONTHS_OF_YEAR = 12,
	DECIMAL = 10,
	NUMBER_MOST = 100000, /* of any unit */
};

/* The words that certbot's library (parsedatetime) takes for a unit. */
static const struct {
	const char *words;
	long seconds;
	int months;
} units[] = {
    {"second seconds sec secs s", SECOND_S, 0},
    {"minute minutes min mins m", MINUTE_S, 0},
    {"hour hours hr hrs h", HOUR_S, 0},
    {"day days dy d", DAY_S, 0},
    {"week weeks wk w", WEEK_S, 0},
    {"month months mth mths", 0, 1},
    {"year years yr yrs y", 0, MONTHS_OF_YEAR},
};

struct interval {
	long long seconds;
	int months;
};

static int
wrong(const char *text, struct err *err)
{
	return err_set(err, ERR_SYNTAX, doing, text,
	    "write a number and a unit, as in `30 days`, `2 weeks` or "
	    "`720 hours`");
}

/* Is `word` of `len` bytes in the list of words? */
static bool
is_in(const char *words, const char *word, size_t len)
{
	size_t next;

	while (*words != '\0') {
		next = strcspn(words, " ");
		if (next == len && strncasecmp(words, word, len) == 0)
			return true;
		words += next + (words[next] == ' ');
	}
	return false;
}

/* "30 days" at `*at`, which moves behind it; no unit at all is days. */
static bool
take(const char **at, struct interval *ret)
{
	char *end = NULL;
	size_t len;
	long number;

	errno = 0;
	number = strtol(*at, &end, DECIMAL);
	if (!isdigit((unsigned char)**at) || errno != 0 || number > NUMBER_MOST)
		return false;
	end += strspn(end, " \t");
	for (len = 0; isalpha((unsigned char)end[len]);)
		len++;
	*at = end + len;
	*at += strspn(*at, " \t,");
	if (len == 0) {
		ret->seconds += (long long)number * DAY_S;
		return **at == '\0';
	}
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		if (!is_in(units[i].words, end, len))
			continue;
		ret->seconds += (long long)number * units[i].seconds;
		ret->months += (int)number * units[i].months;
		return true;
	}
	return false;
}

static int
parse(const char *text, struct interval *ret, struct err *err)
{
	const char *at = text + strspn(text, " \t");

	if (*at == '\0')
		return wrong(text, err);
	while (*at != '\0') {
		if (!take(&at, ret))
			return wrong(text, err);
		if (ret->months > NUMBER_MOST)
			return wrong(text, err);
	}
	return 0;
}

/* So many months earlier, on the last day of the month where it is shorter. */
static time_t
back(time_t when_s, int months)
{
	struct tm date;
	int day;

	if (months == 0 || gmtime_r(&when_s, &date) == NULL)
		return when_s;
	day = date.tm_mday;
	date.tm_mon -= months;
	when_s = timegm(&date);
	if (gmtime_r(&when_s, &date) != NULL && date.tm_mday != day) {
		date.tm_mday = 0;
		when_s = timegm(&date);
	}
	return when_s;
}

time_t
due_by_life(time_t not_before_s, time_t not_after_s)
{
	time_t life_s = not_after_s - not_before_s;

	/* certbot 4: a half of a short life, a third of a long one. */
	return not_after_s - (life_s < SHORT_LIFE_S ? life_s / 2 : life_s / 3);
}

time_t
due_by_days(time_t not_before_s, time_t not_after_s)
{
	time_t due_s = not_after_s - (time_t)DAYS_BEFORE_4 * DAY_S;

	return due_s < not_before_s ? not_before_s : due_s;
}

bool
due_is_by_rule(time_t due_s, time_t not_before_s, time_t not_after_s)
{
	return due_s == due_by_life(not_before_s, not_after_s) ||
	    due_s == due_by_days(not_before_s, not_after_s);
}

time_t
due_by_any(time_t due_s, time_t not_before_s, time_t not_after_s)
{
	time_t life_s = due_by_life(not_before_s, not_after_s);
	time_t days_s = due_by_days(not_before_s, not_after_s);

	if (!due_is_by_rule(due_s, not_before_s, not_after_s))
		return due_s;
	return life_s > days_s ? life_s : days_s;
}

time_t
due_by_all(time_t due_s, time_t not_before_s, time_t not_after_s)
{
	time_t any_s = due_by_any(due_s, not_before_s, not_after_s);

	return due_is_by_rule(due_s, not_before_s, not_after_s)
	    ? any_s + (not_after_s - any_s) / 2
	    : any_s;
}

int
due_moment(time_t not_before_s, time_t not_after_s, const char *before_expiry,
    time_t *ret_due_s, struct err *err)
{
	struct interval interval = {0, 0};
	int rc;

	if (before_expiry == NULL) {
		*ret_due_s = due_by_life(not_before_s, not_after_s);
		return 0;
	}
	rc = parse(before_expiry, &interval, err);
	if (rc == 0)
		*ret_due_s = back(not_after_s, interval.months) -
		    (time_t)interval.seconds;
	return rc;
}
