# Unit tests of base: UNIT_TESTS += tests/unit/test_X, its _SOURCES and _LDADD =
# $(LIBS_ALL) $(CMOCKA_LIBS), _CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS).
