# Unit tests of certhaul-acme's half that has the keys.
ACME_TEST_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
ACME_TEST_LIBS = libacmebroker.a libacmeclient.a $(LIBCERT) $(LIBBASE) \
	$(ACME_LIBS) $(OPENSSL_LIBS) $(LIBCONFIG_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_jws
tests_unit_test_jws_SOURCES = tests/unit/test_jws.c
tests_unit_test_jws_CFLAGS = $(ACME_TEST_CFLAGS)
tests_unit_test_jws_LDADD = $(ACME_TEST_LIBS)

UNIT_TESTS += tests/unit/test_jws_b64
tests_unit_test_jws_b64_SOURCES = tests/unit/test_jws_b64.c
tests_unit_test_jws_b64_CFLAGS = $(ACME_TEST_CFLAGS)
tests_unit_test_jws_b64_LDADD = $(ACME_TEST_LIBS)
