# Unit tests of haproxy: UNIT_TESTS += tests/unit/test_X, its _SOURCES and _LDADD =
# $(LIBS_ALL) $(CMOCKA_LIBS), _CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS).

UNIT_TESTS += tests/unit/test_hacfg
tests_unit_test_hacfg_SOURCES = tests/unit/test_hacfg.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_hacfg_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_hacfg_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
