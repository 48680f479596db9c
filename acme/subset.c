/*
 * subset.c: see subset.h. Between a failed order and the next, smaller one.
 */
#include "acme/subset.h"

#include <string.h>

bool
subset_is_listed(const char *list, const char *name)
{
	size_t len = strlen(name), next;

	while (*list != '\0') {
		next = strcspn(list, " ");
		if (next == len && strncmp(list, name, len) == 0)
			return true;
		list += next + (list[next] == ' ');
	}
	return false;
}

bool
subset_leave_out(const struct err *why, const bool *refused, const char **names,
    size_t *count)
{
	const char *out[LIMIT_AUTHORIZATIONS];
	size_t kept = 0, left = 0;

	if (why->code != ERR_REFUSED_CA && why->code != ERR_REFUSED_INPUT)
		return false;
	if (*count > LIMIT_AUTHORIZATIONS)
		return false;
	for (size_t i = 0; i < *count; i++) {
		if (refused[i] || subset_is_listed(why->on, names[i]))
			left++;
		else
			out[kept++] = names[i];
	}
	if (kept == 0 || left == 0)
		return false;
	memcpy(names, out, kept * sizeof(*names));
	*count = kept;
	return true;
}
