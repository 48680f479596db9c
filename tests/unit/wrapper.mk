# Unit tests of wrapper.
WRAPPER_TEST_LIBS = libwrapper.a $(LIBS_ALL) $(CMOCKA_LIBS)
WRAPPER_TEST_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_cmdline
tests_unit_test_cmdline_SOURCES = tests/unit/test_cmdline.c
tests_unit_test_cmdline_CFLAGS = $(WRAPPER_TEST_CFLAGS)
tests_unit_test_cmdline_LDADD = $(WRAPPER_TEST_LIBS)
