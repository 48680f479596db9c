/*
 * fuzz_bundle.c: a PEM that somebody laid into the crt directory; the rules.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "cert/bundle.h"
#include "cert/validate.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct validate_policy policy = {.now_s = 1764460800};
	static struct validate_report report;
	struct bundle bundle = {0}, again = {0};
	struct err err = ERR_INIT;

	if (bundle_parse((const char *)data, size, "x.pem", &bundle, &err) < 0)
		goto out;
	validate_bundle(&policy, &bundle, NULL, &report);
	if (report.refusals > 0 || bundle.pem.len == 0)
		goto out;
	/* What is serialised anew is serialised the same again. */
	FUZZ_HOLDS(bundle_parse(bundle.pem.data, bundle.pem.len, "x.pem",
		       &again, &err) == 0);
	FUZZ_HOLDS(again.pem.len == bundle.pem.len &&
	    memcmp(again.pem.data, bundle.pem.data, again.pem.len) == 0);
out:
	bundle_free(&again);
	bundle_free(&bundle);
	return 0;
}
