# tests/fault: killed at every step.
TESTS += tests/fault/test_kill.sh
dist_check_SCRIPTS += tests/fault/test_kill.sh
