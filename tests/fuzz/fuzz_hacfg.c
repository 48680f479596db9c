/*
 * fuzz_hacfg.c: haproxy.cfg, with variables of an environment.
 */
#include "tests/fuzz/fuzz.h"

#include <unistd.h>

#include "haproxy/hacfg.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[] = "NAME=x y", *environment[] = {name, NULL};
	char path[FUZZ_PATH_BYTES];
	const char *const paths[] = {path};
	struct hacfg *hacfg = NULL;
	struct err err = ERR_INIT;
	int fd = fuzz_file(data, size, path);

	if (hacfg_read(paths, 1, environment, &hacfg, &err) < 0)
		FUZZ_HOLDS(err.code != 0 && hacfg == NULL);
	hacfg_free(hacfg);
	(void)close(fd);
	return 0;
}
