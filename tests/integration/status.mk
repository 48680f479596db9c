# tests/integration: status and check.
STATUS_INTEGRATION_TESTS = tests/integration/test_wrapper_check.sh \
	tests/integration/test_wrapper_status.sh
dist_check_SCRIPTS += $(STATUS_INTEGRATION_TESTS)
TESTS += $(STATUS_INTEGRATION_TESTS)
