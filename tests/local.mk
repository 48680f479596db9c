# tests: everything speaks TAP, so that each test counts.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh
TEST_EXTENSIONS = .sh
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(BASH_PATH)
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; \
	CERTHAUL_SRCDIR='$(abs_top_srcdir)'; \
	CERTHAUL_BUILDDIR='$(abs_top_builddir)'; \
	export CMOCKA_MESSAGE_OUTPUT CERTHAUL_SRCDIR CERTHAUL_BUILDDIR;

include tests/unit/base.mk
include tests/unit/cert.mk
include tests/unit/haproxy.mk
include tests/unit/acme_broker.mk
include tests/unit/hooks.mk
include tests/unit/files.mk
include tests/unit/wrapper.mk
include tests/unit/status.mk
include tests/unit/life.mk
include tests/unit/acme_files.mk
include tests/unit/acmeclient.mk
include tests/integration/local.mk
include tests/integration/acme.mk
include tests/integration/files.mk
include tests/integration/status.mk
include tests/fault/local.mk
include tests/fuzz/local.mk
include tests/lint/local.mk

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
