# tests/integration/acme.mk: certhaul-acme, whole.
EXTRA_DIST += tests/integration/lab_certs.sh tests/integration/newer.sh \
	tests/tools/connectproxy.py tests/tools/moodyca.py \
	tests/tools/plainca.py tests/tools/webroots.py

ACME_TESTS = tests/integration/test_acme_account.sh \
	tests/integration/test_acme_answers.sh \
	tests/integration/test_acme_chain.sh \
	tests/integration/test_acme_conf.sh \
	tests/integration/test_acme_habits.sh \
	tests/integration/test_acme_halves.sh \
	tests/integration/test_acme_ini.sh \
	tests/integration/test_acme_issue.sh \
	tests/integration/test_acme_kept.sh \
	tests/integration/test_acme_keys.sh \
	tests/integration/test_acme_moved.sh \
	tests/integration/test_acme_operator.sh \
	tests/integration/test_acme_options.sh \
	tests/integration/test_acme_pebble.sh \
	tests/integration/test_acme_proofs.sh \
	tests/integration/test_acme_reconfigure.sh \
	tests/integration/test_acme_renew.sh \
	tests/integration/test_acme_resume.sh \
	tests/integration/test_acme_sandbox.sh \
	tests/integration/test_acme_script.sh \
	tests/integration/test_acme_staging.sh \
	tests/integration/test_acme_stop.sh \
	tests/integration/test_acme_subset.sh \
	tests/integration/test_acme_takeover.sh \
	tests/fault/test_acme_kill.sh
dist_check_SCRIPTS += $(ACME_TESTS)
TESTS += $(ACME_TESTS)
