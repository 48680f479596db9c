# Unit tests of what `certhaul status` and `certhaul check` stand on.
UNIT_TESTS += tests/unit/test_record_look
tests_unit_test_record_look_SOURCES = tests/unit/test_record_look.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_record_look_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_record_look_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_crtlist_names
tests_unit_test_crtlist_names_SOURCES = tests/unit/test_crtlist_names.c \
	$(FAKEPROXY)
tests_unit_test_crtlist_names_LDADD = $(FAKEPROXY_LDADD)
tests_unit_test_crtlist_names_CFLAGS = $(FAKEPROXY_CFLAGS)

UNIT_TESTS += tests/unit/test_renewal
tests_unit_test_renewal_SOURCES = tests/unit/test_renewal.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_renewal_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_renewal_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
