/*
 * environment_version.c: HAProxy's version, by which an `.if` may decide. A
 * part of environment_learn().
 */
#include "haproxy/environment_part.h"

#include <string.h>

#include "base/proc.h"

/* Does the program on the disk say the same of itself? */
static bool
is_confirmed(const struct conf *conf, const int version[3])
{
	static const char word[] = "version ";
	const char *const argv[] = {conf->haproxy.program, "-v", NULL};
	struct err ignored = ERR_INIT;
	struct proc_result result;
	int own[3] = {0, 0, 0};
	const char *at;
	bool same = false;

	if (proc_run(argv, LIMIT_VERSION_TIMEOUT_MS, &result, &ignored) == 0) {
		at = strstr(buf_text(&result.output), word);
		same = at != NULL &&
		    process_read_version(at + strlen(word), own) == 0 &&
		    memcmp(own, version, sizeof(own)) == 0;
	}
	proc_result_free(&result);
	return same;
}

void
environment_learn_version(struct conf *conf)
{
	const char *paths[LIMIT_SOCKETS + 1];
	size_t count = environment_sockets(conf, paths);
	int known[3] = {0, 0, 0};

	for (size_t i = 0; i < count; i++) {
		struct process process;
		int rc = environment_probe(paths[i], &process);

		if (rc == ERR_DOWN)
			continue;
		if (rc < 0 ||
		    (known[0] != 0 &&
			memcmp(process.version, known, sizeof(known)) != 0))
			return;
		memcpy(known, process.version, sizeof(known));
	}
	if (known[0] != 0 && is_confirmed(conf, known))
		memcpy(
		    conf->haproxy.environment->version, known, sizeof(known));
}
