# tests/fault: killed at every step.
TESTS += tests/fault/test_kill.sh tests/fault/test_kill_store.sh
dist_check_SCRIPTS += tests/fault/test_kill.sh \
	tests/fault/test_kill_store.sh
