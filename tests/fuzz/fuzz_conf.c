/*
 * fuzz_conf.c: certhaul.conf.
 */
#include "tests/fuzz/fuzz.h"

#include <unistd.h>

#include "base/conf.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[FUZZ_PATH_BYTES];
	struct conf *conf = NULL;
	struct err err = ERR_INIT;
	int fd = fuzz_file(data, size, path);

	if (conf_load(path, &conf, &err) < 0)
		FUZZ_HOLDS(err.code != 0 && conf == NULL);
	conf_free(conf);
	(void)close(fd);
	return 0;
}
