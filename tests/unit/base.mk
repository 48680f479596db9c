# Unit tests of base: UNIT_TESTS += tests/unit/test_X, its _SOURCES and _LDADD =
# $(LIBS_ALL) $(CMOCKA_LIBS), _CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS).
BASE_TEST_LIBS = $(LIBBASE) $(LIBCONFIG_LIBS) $(CMOCKA_LIBS)
BASE_TEST_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
BASE_SCRATCH = tests/unit/scratch.c tests/unit/scratch.h

UNIT_TESTS += tests/unit/test_err
tests_unit_test_err_SOURCES = tests/unit/test_err.c
tests_unit_test_err_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_err_LDADD = $(BASE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_buf
tests_unit_test_buf_SOURCES = tests/unit/test_buf.c
tests_unit_test_buf_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_buf_LDADD = $(BASE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_clock
tests_unit_test_clock_SOURCES = tests/unit/test_clock.c
tests_unit_test_clock_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_clock_LDADD = $(BASE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_text
tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_text_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_text_LDADD = $(BASE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_term
tests_unit_test_term_SOURCES = tests/unit/test_term.c
tests_unit_test_term_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_term_LDADD = $(BASE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_fs
tests_unit_test_fs_SOURCES = tests/unit/test_fs.c $(BASE_SCRATCH)
tests_unit_test_fs_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_fs_LDADD = $(BASE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_fs_write
tests_unit_test_fs_write_SOURCES = tests/unit/test_fs_write.c $(BASE_SCRATCH)
tests_unit_test_fs_write_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_fs_write_LDADD = $(BASE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_hold
tests_unit_test_hold_SOURCES = tests/unit/test_hold.c
tests_unit_test_hold_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_hold_LDADD = $(BASE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_lock
tests_unit_test_lock_SOURCES = tests/unit/test_lock.c $(BASE_SCRATCH)
tests_unit_test_lock_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_lock_LDADD = $(BASE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_lock_public
tests_unit_test_lock_public_SOURCES = tests/unit/test_lock_public.c \
	$(BASE_SCRATCH)
tests_unit_test_lock_public_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_lock_public_LDADD = $(BASE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_log
tests_unit_test_log_SOURCES = tests/unit/test_log.c
tests_unit_test_log_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_log_LDADD = $(BASE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_proc
tests_unit_test_proc_SOURCES = tests/unit/test_proc.c $(BASE_SCRATCH)
tests_unit_test_proc_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_proc_LDADD = $(BASE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_conf
tests_unit_test_conf_SOURCES = tests/unit/test_conf.c $(BASE_SCRATCH)
tests_unit_test_conf_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_conf_LDADD = $(BASE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_conf_file
tests_unit_test_conf_file_SOURCES = tests/unit/test_conf_file.c $(BASE_SCRATCH)
tests_unit_test_conf_file_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_conf_file_LDADD = $(BASE_TEST_LIBS)
