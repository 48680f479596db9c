# Unit tests of wrapper.
WRAPPER_TEST_LIBS = libwrapper.a $(LIBS_ALL) $(CMOCKA_LIBS)
WRAPPER_TEST_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_cmdline
tests_unit_test_cmdline_SOURCES = tests/unit/test_cmdline.c
tests_unit_test_cmdline_CFLAGS = $(WRAPPER_TEST_CFLAGS)
tests_unit_test_cmdline_LDADD = $(WRAPPER_TEST_LIBS)

UNIT_TESTS += tests/unit/test_engine
tests_unit_test_engine_SOURCES = tests/unit/test_engine.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_engine_CFLAGS = $(WRAPPER_TEST_CFLAGS)
tests_unit_test_engine_LDADD = $(WRAPPER_TEST_LIBS)

UNIT_TESTS += tests/unit/test_certbot_argv
tests_unit_test_certbot_argv_SOURCES = tests/unit/test_certbot_argv.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_certbot_argv_CFLAGS = $(WRAPPER_TEST_CFLAGS)
tests_unit_test_certbot_argv_LDADD = $(WRAPPER_TEST_LIBS)

UNIT_TESTS += tests/unit/test_child
tests_unit_test_child_SOURCES = tests/unit/test_child.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_child_CFLAGS = $(WRAPPER_TEST_CFLAGS)
tests_unit_test_child_LDADD = $(WRAPPER_TEST_LIBS)

UNIT_TESTS += tests/unit/test_answer
tests_unit_test_answer_SOURCES = tests/unit/test_answer.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_answer_CFLAGS = $(WRAPPER_TEST_CFLAGS)
tests_unit_test_answer_LDADD = $(WRAPPER_TEST_LIBS)

UNIT_TESTS += tests/unit/test_known
tests_unit_test_known_SOURCES = tests/unit/test_known.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_known_CFLAGS = $(WRAPPER_TEST_CFLAGS)
tests_unit_test_known_LDADD = $(WRAPPER_TEST_LIBS)
