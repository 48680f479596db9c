# Unit tests of hooks.
HOOKS_TEST_LIBS = libhooks.a $(LIBS_ALL) $(CMOCKA_LIBS)
HOOKS_TEST_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_event
tests_unit_test_event_SOURCES = tests/unit/test_event.c
tests_unit_test_event_CFLAGS = $(HOOKS_TEST_CFLAGS)
tests_unit_test_event_LDADD = $(HOOKS_TEST_LIBS)

UNIT_TESTS += tests/unit/test_clash
tests_unit_test_clash_SOURCES = tests/unit/test_clash.c
tests_unit_test_clash_CFLAGS = $(HOOKS_TEST_CFLAGS)
tests_unit_test_clash_LDADD = $(HOOKS_TEST_LIBS)

UNIT_TESTS += tests/unit/test_source
tests_unit_test_source_SOURCES = tests/unit/test_source.c
tests_unit_test_source_CFLAGS = $(HOOKS_TEST_CFLAGS)
tests_unit_test_source_LDADD = $(HOOKS_TEST_LIBS)

UNIT_TESTS += tests/unit/test_unlisted
tests_unit_test_unlisted_SOURCES = tests/unit/test_unlisted.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_unlisted_CFLAGS = $(HOOKS_TEST_CFLAGS)
tests_unit_test_unlisted_LDADD = $(HOOKS_TEST_LIBS)

UNIT_TESTS += tests/unit/test_agreed
tests_unit_test_agreed_SOURCES = tests/unit/test_agreed.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_agreed_CFLAGS = $(HOOKS_TEST_CFLAGS)
tests_unit_test_agreed_LDADD = $(HOOKS_TEST_LIBS)
