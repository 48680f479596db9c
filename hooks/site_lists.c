/*
 * site_lists.c: the crt-lists in the memory of the processes, each asked for
 * once a look, and only where it is not known to be as its file.
 */
#include "hooks/site.h"

#include <stdlib.h>
#include <string.h>

bool
site_has_list(const struct site_process *process, const char *list)
{
	return crtlist_has_name(process->lists, list);
}

/* All of a list was asked for: does it agree with its file? */
static void
note_agreed(struct site *site, const struct site_process *process,
    const char *list, const struct crtlist_dump *dump)
{
	const struct fs_ident *ident =
	    discovery_list_ident(site->discovery, list);

	if (ident != NULL)
		agreed_note(site->agreed, &process->process, list,
		    discovery_agrees(site->discovery, list, dump) ? ident
								  : NULL);
}

int
site_dump(struct site *site, size_t p, const char *list,
    const struct crtlist_dump **ret, struct err *err)
{
	struct site_process *process = &site->processes[p];
	size_t i = 0, count = 0;
	int rc;

	*ret = NULL;
	while (process->lists != NULL && process->lists[count] != NULL)
		count++;
	while (i < count && strcmp(process->lists[i], list) != 0)
		i++;
	if (i == count)
		return 0;
	if (process->dumps == NULL)
		process->dumps = calloc(count, sizeof(*process->dumps));
	if (process->dumps == NULL)
		return err_nomem(err, "looking at HAProxy's crt-lists");
	*ret = &process->dumps[i];
	if (process->dumps[i].lines != NULL)
		return 0;
	rc = crtlist_dump(&process->process, list, &process->dumps[i], err);
	if (rc == 0)
		note_agreed(site, process, list, *ret);
	return rc;
}

bool
site_agrees(const struct site *site, size_t p, const char *list)
{
	const struct fs_ident *ident =
	    discovery_list_ident(site->discovery, list);

	/* It is the handshake that finds out where this is not so any more. */
	return ident != NULL && !site->doubt && site->conf->verify.enabled &&
	    agreed_holds(
		site->agreed, &site->processes[p].process, list, ident);
}

void
site_doubt(struct site *site)
{
	site->doubt = true;
}
