# tests/integration
EXTRA_DIST += tests/integration/.shellcheckrc tests/integration/lab.sh \
	tests/integration/lab_acme.sh tests/integration/lab_haproxy.sh \
	tests/integration/lab_lineage.sh tests/integration/job.sh \
	tests/integration/tap.sh
dist_check_SCRIPTS += tests/integration/test_lab.sh
TESTS += tests/integration/test_lab.sh
check_PROGRAMS += tests/tools/keepreq
tests_tools_keepreq_SOURCES = tests/tools/keepreq.c
tests_tools_keepreq_LDADD = $(OPENSSL_LIBS)

INTEGRATION_TESTS = tests/integration/test_certbot.sh \
	tests/integration/test_deploy.sh \
	tests/integration/test_failures.sh \
	tests/integration/test_gone.sh \
	tests/integration/test_hazards.sh \
	tests/integration/test_refuse.sh \
	tests/integration/test_reload.sh \
	tests/integration/test_stores.sh \
	tests/integration/test_wire.sh
dist_check_SCRIPTS += $(INTEGRATION_TESTS)
TESTS += $(INTEGRATION_TESTS)
include $(srcdir)/tests/integration/acme.mk
