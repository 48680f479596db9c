# Unit tests of certhaul-acme's half that has the keys.
ACME_TEST_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
ACME_TEST_LIBS = $(ACME_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_jws
tests_unit_test_jws_SOURCES = tests/unit/test_jws.c
tests_unit_test_jws_CFLAGS = $(ACME_TEST_CFLAGS)
tests_unit_test_jws_LDADD = $(ACME_TEST_LIBS)

UNIT_TESTS += tests/unit/test_jws_b64
tests_unit_test_jws_b64_SOURCES = tests/unit/test_jws_b64.c
tests_unit_test_jws_b64_CFLAGS = $(ACME_TEST_CFLAGS)
tests_unit_test_jws_b64_LDADD = $(ACME_TEST_LIBS)

UNIT_TESTS += tests/unit/test_broker
tests_unit_test_broker_SOURCES = tests/unit/test_broker.c \
	tests/unit/brokerpair.c tests/unit/brokerpair.h
tests_unit_test_broker_CFLAGS = $(ACME_TEST_CFLAGS)
tests_unit_test_broker_LDADD = $(ACME_TEST_LIBS)

UNIT_TESTS += tests/unit/test_broker_sign
tests_unit_test_broker_sign_SOURCES = tests/unit/test_broker_sign.c \
	tests/unit/brokerpair.c tests/unit/brokerpair.h
tests_unit_test_broker_sign_CFLAGS = $(ACME_TEST_CFLAGS)
tests_unit_test_broker_sign_LDADD = $(ACME_TEST_LIBS)

UNIT_TESTS += tests/unit/test_broker_known
tests_unit_test_broker_known_SOURCES = tests/unit/test_broker_known.c \
	tests/unit/brokerpair.c tests/unit/brokerpair.h
tests_unit_test_broker_known_CFLAGS = $(ACME_TEST_CFLAGS)
tests_unit_test_broker_known_LDADD = $(ACME_TEST_LIBS)

UNIT_TESTS += tests/unit/test_sandbox
tests_unit_test_sandbox_SOURCES = tests/unit/test_sandbox.c
tests_unit_test_sandbox_CFLAGS = $(ACME_TEST_CFLAGS)
tests_unit_test_sandbox_LDADD = $(LIBBASE) $(LIBSECCOMP_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_option
tests_unit_test_option_SOURCES = tests/unit/test_option.c $(BASE_SCRATCH)
tests_unit_test_option_CFLAGS = $(ACME_TEST_CFLAGS)
tests_unit_test_option_LDADD = $(ACME_TEST_LIBS)

UNIT_TESTS += tests/unit/test_listen
tests_unit_test_listen_SOURCES = tests/unit/test_listen.c
tests_unit_test_listen_CFLAGS = $(ACME_TEST_CFLAGS)
tests_unit_test_listen_LDADD = $(ACME_TEST_LIBS)

UNIT_TESTS += tests/unit/test_publish_dir
tests_unit_test_publish_dir_SOURCES = tests/unit/test_publish_dir.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_publish_dir_CFLAGS = $(ACME_TEST_CFLAGS)
tests_unit_test_publish_dir_LDADD = $(ACME_TEST_LIBS)

UNIT_TESTS += tests/unit/test_subset
tests_unit_test_subset_SOURCES = tests/unit/test_subset.c
tests_unit_test_subset_CFLAGS = $(ACME_TEST_CFLAGS)
tests_unit_test_subset_LDADD = $(ACME_TEST_LIBS)
