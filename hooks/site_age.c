/*
 * site_age.c: HAProxy's configuration on disk: its version, and whether each
 * process has read it as it is.
 */
#include "hooks/site.h"

#include <string.h>
#include <sys/stat.h>

#include "cert/pki.h"
#include "haproxy/transaction.h"

/* The version of one more file. */
static void
add_file(const char *file, unsigned char *sum)
{
	unsigned char digest[PKI_SHA256_BYTES];
	struct fs_ident ident = {0};
	struct stat st;

	if (stat(file, &st) == 0)
		fs_ident_from(&st, &ident);
	pki_sha256(file, strlen(file), digest);
	pki_sha256_add(sum, digest);
	pki_sha256(&ident, sizeof(ident), digest);
	pki_sha256_add(sum, digest);
}

void
site_version(const struct site *site, unsigned char *ret)
{
	const struct hacfg *hacfg =
	    site->discovery == NULL ? NULL : discovery_hacfg(site->discovery);

	memset(ret, 0, PKI_SHA256_BYTES);
	for (size_t i = 0; hacfg != NULL && i < hacfg->file_count; i++)
		add_file(hacfg->files[i], ret);
	for (size_t i = 0; hacfg != NULL && i < hacfg->bind_count; i++) {
		const struct hacfg_bind *bind = &hacfg->binds[i];

		for (size_t k = 0; k < bind->source_count; k++) {
			if (bind->sources[k].kind == HACFG_CRT_LIST)
				add_file(bind->sources[k].path, ret);
		}
	}
}

const char *
site_is_behind(const struct site *site)
{
	const struct conf_list *config = &site->conf->haproxy.config;
	const struct hacfg *hacfg =
	    site->discovery == NULL ? NULL : discovery_hacfg(site->discovery);
	time_t oldest_s = 0;

	for (size_t p = 0; p < site->process_count; p++) {
		time_t start_s = site->processes[p].process.start_s;

		if (site->processes[p].up &&
		    (oldest_s == 0 || start_s < oldest_s))
			oldest_s = start_s;
	}
	if (oldest_s == 0)
		return NULL;
	oldest_s += HACFG_OFF_S;
	return hacfg == NULL
	    ? hacfg_changed_since(config->items, config->count, oldest_s)
	    : hacfg_changed_since((const char *const *)hacfg->files,
		  hacfg->file_count, oldest_s);
}

bool
site_fits(const struct site *site, size_t p, const char *name, size_t bytes)
{
	const struct process *process = &site->processes[p].process;
	struct hacfg_sizes sizes =
	    hacfg_sizes(discovery_hacfg(site->discovery), process->start_s);

	return transaction_fits(
	    process, name, bytes, sizes.bufsize, sizes.payload_max);
}
