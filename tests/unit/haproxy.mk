# Unit tests of haproxy: UNIT_TESTS += tests/unit/test_X, its _SOURCES, _LDADD =
# $(LIBS_ALL) $(CMOCKA_LIBS), _CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS).

UNIT_TESTS += tests/unit/test_hacfg
tests_unit_test_hacfg_SOURCES = tests/unit/test_hacfg.c \
	tests/unit/hacfg_rig.c tests/unit/hacfg_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_hacfg_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_hacfg_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_hacfg_env
tests_unit_test_hacfg_env_SOURCES = tests/unit/test_hacfg_env.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_hacfg_env_LDADD = $(LIBHAPROXY) $(LIBBASE) $(CMOCKA_LIBS)
tests_unit_test_hacfg_env_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

# What speaks to the runtime API is tested on one scripted server.
FAKEPROXY = tests/unit/fakeproxy.c tests/unit/fakeproxy.h
FAKEPROXY_LDADD = $(LIBHAPROXY) $(LIBBASE) $(CMOCKA_LIBS)
FAKEPROXY_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_socket
tests_unit_test_socket_SOURCES = tests/unit/test_socket.c $(FAKEPROXY)
tests_unit_test_socket_LDADD = $(FAKEPROXY_LDADD)
tests_unit_test_socket_CFLAGS = $(FAKEPROXY_CFLAGS)

UNIT_TESTS += tests/unit/test_socket_signals
tests_unit_test_socket_signals_SOURCES = tests/unit/test_socket_signals.c \
	$(FAKEPROXY)
tests_unit_test_socket_signals_LDADD = $(FAKEPROXY_LDADD)
tests_unit_test_socket_signals_CFLAGS = $(FAKEPROXY_CFLAGS)

UNIT_TESTS += tests/unit/test_process
tests_unit_test_process_SOURCES = tests/unit/test_process.c $(FAKEPROXY)
tests_unit_test_process_LDADD = $(FAKEPROXY_LDADD)
tests_unit_test_process_CFLAGS = $(FAKEPROXY_CFLAGS)

UNIT_TESTS += tests/unit/test_procenv
tests_unit_test_procenv_SOURCES = tests/unit/test_procenv.c
tests_unit_test_procenv_LDADD = $(LIBHAPROXY) $(LIBBASE) $(CMOCKA_LIBS)
tests_unit_test_procenv_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_transaction
tests_unit_test_transaction_SOURCES = tests/unit/test_transaction.c \
	tests/unit/transaction_words.h $(FAKEPROXY)
tests_unit_test_transaction_LDADD = $(FAKEPROXY_LDADD)
tests_unit_test_transaction_CFLAGS = $(FAKEPROXY_CFLAGS)

UNIT_TESTS += tests/unit/test_transaction_commit
tests_unit_test_transaction_commit_SOURCES = \
	tests/unit/test_transaction_commit.c \
	tests/unit/transaction_words.h $(FAKEPROXY)
tests_unit_test_transaction_commit_LDADD = $(FAKEPROXY_LDADD)
tests_unit_test_transaction_commit_CFLAGS = $(FAKEPROXY_CFLAGS)

UNIT_TESTS += tests/unit/test_holdings
tests_unit_test_holdings_SOURCES = tests/unit/test_holdings.c \
	tests/unit/transaction_words.h $(FAKEPROXY)
tests_unit_test_holdings_LDADD = $(FAKEPROXY_LDADD)
tests_unit_test_holdings_CFLAGS = $(FAKEPROXY_CFLAGS)

UNIT_TESTS += tests/unit/test_transaction_store
tests_unit_test_transaction_store_SOURCES = \
	tests/unit/test_transaction_store.c \
	tests/unit/transaction_words.h $(FAKEPROXY)
tests_unit_test_transaction_store_LDADD = $(FAKEPROXY_LDADD)
tests_unit_test_transaction_store_CFLAGS = $(FAKEPROXY_CFLAGS)

UNIT_TESTS += tests/unit/test_crtlist
tests_unit_test_crtlist_SOURCES = tests/unit/test_crtlist.c $(FAKEPROXY)
tests_unit_test_crtlist_LDADD = $(FAKEPROXY_LDADD)
tests_unit_test_crtlist_CFLAGS = $(FAKEPROXY_CFLAGS)

UNIT_TESTS += tests/unit/test_crtlist_file
tests_unit_test_crtlist_file_SOURCES = tests/unit/test_crtlist_file.c \
	$(FAKEPROXY)
tests_unit_test_crtlist_file_LDADD = $(FAKEPROXY_LDADD)
tests_unit_test_crtlist_file_CFLAGS = $(FAKEPROXY_CFLAGS)

UNIT_TESTS += tests/unit/test_map
tests_unit_test_map_SOURCES = tests/unit/test_map.c $(FAKEPROXY)
tests_unit_test_map_LDADD = $(FAKEPROXY_LDADD)
tests_unit_test_map_CFLAGS = $(FAKEPROXY_CFLAGS)

UNIT_TESTS += tests/unit/test_discovery
tests_unit_test_discovery_SOURCES = tests/unit/test_discovery.c \
	tests/unit/discovery_rig.c tests/unit/discovery_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_discovery_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_discovery_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_needs
tests_unit_test_needs_SOURCES = tests/unit/test_needs.c \
	tests/unit/discovery_rig.c tests/unit/discovery_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_needs_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_needs_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_targets
tests_unit_test_targets_SOURCES = tests/unit/test_targets.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_targets_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_targets_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_filter
tests_unit_test_filter_SOURCES = tests/unit/test_filter.c
tests_unit_test_filter_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_filter_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

VERIFYWORLD = tests/unit/verifyworld.c tests/unit/verifyworld.h \
	tests/unit/tlsserver.c tests/unit/tlsserver.h

UNIT_TESTS += tests/unit/test_verify
tests_unit_test_verify_SOURCES = tests/unit/test_verify.c $(VERIFYWORLD)
tests_unit_test_verify_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_verify_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_verify_policy
tests_unit_test_verify_policy_SOURCES = tests/unit/test_verify_policy.c \
	$(VERIFYWORLD)
tests_unit_test_verify_policy_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_verify_policy_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_reload
tests_unit_test_reload_SOURCES = tests/unit/test_reload.c \
	tests/unit/fakeproxy.c tests/unit/fakeproxy.h
tests_unit_test_reload_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_reload_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
