/*
 * fuzz_hacfg.c: haproxy.cfg, with variables of an environment: as `init` reads
 * it, and as all others do, who decide its conditions.
 */
#include "tests/fuzz/fuzz.h"

#include <unistd.h>

#include "haproxy/hacfg.h"

static void
try_file(const char *path, bool decides)
{
	char name[] = "NAME=x y", *variables[] = {name, NULL};
	const struct conf_environment environment = {
	    variables, decides, {2, 6, 12}};
	struct hacfg *hacfg = NULL;
	struct err err = ERR_INIT;

	if (hacfg_read(&path, 1, &environment, &hacfg, &err) < 0)
		FUZZ_HOLDS(err.code != 0 && hacfg == NULL);
	hacfg_free(hacfg);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[FUZZ_PATH_BYTES];
	int fd = fuzz_file(data, size, path);

	try_file(path, false);
	try_file(path, true);
	(void)close(fd);
	return 0;
}
