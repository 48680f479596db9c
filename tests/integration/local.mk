# tests/integration
EXTRA_DIST += tests/integration/.shellcheckrc tests/integration/lab.sh \
	tests/integration/lab_acme.sh tests/integration/lab_haproxy.sh \
	tests/integration/lab_lineage.sh tests/integration/lab_lists.sh \
	tests/integration/job.sh \
	tests/integration/job_builtin.sh tests/integration/story.sh \
	tests/integration/tap.sh
dist_check_SCRIPTS += tests/integration/test_lab.sh
TESTS += tests/integration/test_lab.sh
check_PROGRAMS += tests/tools/keepreq
tests_tools_keepreq_SOURCES = tests/tools/keepreq.c
tests_tools_keepreq_LDADD = $(OPENSSL_LIBS)

INTEGRATION_TESTS =
INTEGRATION_TESTS += tests/integration/test_acme_client.sh
INTEGRATION_TESTS += tests/integration/test_acme_store.sh
INTEGRATION_TESTS += tests/integration/test_bundles.sh
INTEGRATION_TESTS += tests/integration/test_certbot.sh
INTEGRATION_TESTS += tests/integration/test_conditions.sh
INTEGRATION_TESTS += tests/integration/test_elsewhere.sh
INTEGRATION_TESTS += tests/integration/test_environment.sh
INTEGRATION_TESTS += tests/integration/test_deploy.sh
INTEGRATION_TESTS += tests/integration/test_detach.sh
INTEGRATION_TESTS += tests/integration/test_detach_lists.sh
INTEGRATION_TESTS += tests/integration/test_failures.sh
INTEGRATION_TESTS += tests/integration/test_gone.sh
INTEGRATION_TESTS += tests/integration/test_hazards.sh
INTEGRATION_TESTS += tests/integration/test_lines.sh
INTEGRATION_TESTS += tests/integration/test_lists.sh
INTEGRATION_TESTS += tests/integration/test_refuse.sh
INTEGRATION_TESTS += tests/integration/test_reload.sh
INTEGRATION_TESTS += tests/integration/test_rollback.sh
INTEGRATION_TESTS += tests/integration/test_say.sh
INTEGRATION_TESTS += tests/integration/test_sides.sh
INTEGRATION_TESTS += tests/integration/test_stores.sh
INTEGRATION_TESTS += tests/integration/test_wire.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_adopt.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_ahead.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_snap.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_beside.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_behind.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_builtin.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_dirs.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_init.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_killed.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_mute.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_ports.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_refit.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_twice.sh
EXTRA_DIST += tests/integration/refits.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_life.sh
EXTRA_DIST += tests/integration/lives.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_removal.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_renew.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_revoke.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_request.sh
INTEGRATION_TESTS += tests/integration/test_wrapper_webroot.sh
dist_check_SCRIPTS += $(INTEGRATION_TESTS)
TESTS += $(INTEGRATION_TESTS)
