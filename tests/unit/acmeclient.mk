# Unit tests of the half of certhaul-acme that has the network.
ACMECLIENT_LDADD = $(ACME_CLIENT_LIBS) $(CMOCKA_LIBS)
ACMECLIENT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

# These speak to a scripted CA, and most through a fake broker.
EXTRA_DIST += tests/tools/scriptedca.py tests/tools/scriptedca_parts.py \
	tests/tools/scriptedca_scenes.py
SCRIPTEDCA = tests/unit/scriptedca.c tests/unit/scriptedca.h \
	tests/unit/scratch.c tests/unit/scratch.h
ACME_RUN = tests/unit/acme_run.c tests/unit/acme_run.h \
	tests/unit/fakebroker.c tests/unit/fakebroker.h $(SCRIPTEDCA)

UNIT_TESTS += tests/unit/test_client
tests_unit_test_client_SOURCES = tests/unit/test_client.c $(ACME_RUN)
tests_unit_test_client_CFLAGS = $(ACMECLIENT_CFLAGS)
tests_unit_test_client_LDADD = $(ACMECLIENT_LDADD)

UNIT_TESTS += tests/unit/test_client_refused
tests_unit_test_client_refused_SOURCES = tests/unit/test_client_refused.c \
	$(ACME_RUN)
tests_unit_test_client_refused_CFLAGS = $(ACMECLIENT_CFLAGS)
tests_unit_test_client_refused_LDADD = $(ACMECLIENT_LDADD)

UNIT_TESTS += tests/unit/test_client_account
tests_unit_test_client_account_SOURCES = tests/unit/test_client_account.c \
	$(ACME_RUN)
tests_unit_test_client_account_CFLAGS = $(ACMECLIENT_CFLAGS)
tests_unit_test_client_account_LDADD = $(ACMECLIENT_LDADD)

UNIT_TESTS += tests/unit/test_ipc
tests_unit_test_ipc_SOURCES = tests/unit/test_ipc.c
tests_unit_test_ipc_CFLAGS = $(ACMECLIENT_CFLAGS)
tests_unit_test_ipc_LDADD = $(ACMECLIENT_LDADD)

UNIT_TESTS += tests/unit/test_wire
tests_unit_test_wire_SOURCES = tests/unit/test_wire.c
tests_unit_test_wire_CFLAGS = $(ACMECLIENT_CFLAGS)
tests_unit_test_wire_LDADD = $(ACMECLIENT_LDADD)

UNIT_TESTS += tests/unit/test_wire_order
tests_unit_test_wire_order_SOURCES = tests/unit/test_wire_order.c
tests_unit_test_wire_order_CFLAGS = $(ACMECLIENT_CFLAGS)
tests_unit_test_wire_order_LDADD = $(ACMECLIENT_LDADD)

UNIT_TESTS += tests/unit/test_wire_make
tests_unit_test_wire_make_SOURCES = tests/unit/test_wire_make.c
tests_unit_test_wire_make_CFLAGS = $(ACMECLIENT_CFLAGS)
tests_unit_test_wire_make_LDADD = $(ACMECLIENT_LDADD)

UNIT_TESTS += tests/unit/test_http
tests_unit_test_http_SOURCES = tests/unit/test_http.c
tests_unit_test_http_CFLAGS = $(ACMECLIENT_CFLAGS)
tests_unit_test_http_LDADD = $(ACMECLIENT_LDADD)

UNIT_TESTS += tests/unit/test_problem
tests_unit_test_problem_SOURCES = tests/unit/test_problem.c
tests_unit_test_problem_CFLAGS = $(ACMECLIENT_CFLAGS)
tests_unit_test_problem_LDADD = $(ACMECLIENT_LDADD)

UNIT_TESTS += tests/unit/test_responder
tests_unit_test_responder_SOURCES = tests/unit/test_responder.c
tests_unit_test_responder_CFLAGS = $(ACMECLIENT_CFLAGS)
tests_unit_test_responder_LDADD = $(ACMECLIENT_LDADD)
