# Unit tests of what is installed beside the programs.
UNIT_TESTS += tests/unit/test_conf_page
tests_unit_test_conf_page_SOURCES = tests/unit/test_conf_page.c
tests_unit_test_conf_page_CFLAGS = $(BASE_TEST_CFLAGS)
tests_unit_test_conf_page_LDADD = $(BASE_TEST_LIBS)
