# tests/integration/acme.mk: certhaul-acme, whole.
EXTRA_DIST += tests/integration/lab_certs.sh tests/tools/webroots.py

ACME_TESTS = tests/integration/test_acme_issue.sh \
	tests/integration/test_acme_stop.sh
dist_check_SCRIPTS += $(ACME_TESTS)
TESTS += $(ACME_TESTS)
