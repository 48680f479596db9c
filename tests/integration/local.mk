# tests/integration
EXTRA_DIST += tests/integration/.shellcheckrc tests/integration/lab.sh \
	tests/integration/lab_acme.sh tests/integration/lab_haproxy.sh \
	tests/integration/lab_lineage.sh tests/integration/tap.sh
dist_check_SCRIPTS += tests/integration/test_lab.sh
TESTS += tests/integration/test_lab.sh
