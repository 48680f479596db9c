/*
 * fuzz_csr.c: the file that --csr names.
 */
#include "tests/fuzz/fuzz.h"

#include "acme/csr.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf file = fuzz_buf(data, size);
	struct buf der = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	struct err err = ERR_INIT;
	char **names = NULL;
	size_t count = 0;

	if (csr_read(&file, "x.csr", &der, &names, &count, &err) == 0)
		FUZZ_HOLDS(der.len > 0 && count > 0 && names[count] == NULL);
	csr_names_free(names);
	buf_free(&der);
	buf_free(&file);
	return 0;
}
