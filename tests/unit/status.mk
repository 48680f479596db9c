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

UNIT_TESTS += tests/unit/test_renewal_facts
tests_unit_test_renewal_facts_SOURCES = tests/unit/test_renewal_facts.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_renewal_facts_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_renewal_facts_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

STATUS_TEST_LIBS = libstatus.a libwrapper.a liblife.a libwrapper.a \
	$(LIBS_ALL) $(STATUS_LIBS) $(LIFE_LIBS) $(CMOCKA_LIBS)
STATUS_OBSERVATIONS = tests/unit/observations.c tests/unit/observations.h

UNIT_TESTS += tests/unit/test_observe_judge
tests_unit_test_observe_judge_SOURCES = tests/unit/test_observe_judge.c \
	$(STATUS_OBSERVATIONS)
tests_unit_test_observe_judge_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_observe_judge_LDADD = $(STATUS_TEST_LIBS)

UNIT_TESTS += tests/unit/test_status_line
tests_unit_test_status_line_SOURCES = tests/unit/test_status_line.c \
	$(STATUS_OBSERVATIONS)
tests_unit_test_status_line_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_status_line_LDADD = $(STATUS_TEST_LIBS)

UNIT_TESTS += tests/unit/test_status_machine
tests_unit_test_status_machine_SOURCES = tests/unit/test_status_machine.c \
	$(STATUS_OBSERVATIONS)
tests_unit_test_status_machine_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) \
	$(JANSSON_CFLAGS)
tests_unit_test_status_machine_LDADD = $(STATUS_TEST_LIBS)

UNIT_TESTS += tests/unit/test_status_block
tests_unit_test_status_block_SOURCES = tests/unit/test_status_block.c \
	$(STATUS_OBSERVATIONS)
tests_unit_test_status_block_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_status_block_LDADD = $(STATUS_TEST_LIBS)

UNIT_TESTS += tests/unit/test_observe
tests_unit_test_observe_SOURCES = tests/unit/test_observe.c $(CERT_LINEAGES)
tests_unit_test_observe_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_observe_LDADD = $(STATUS_TEST_LIBS)

UNIT_TESTS += tests/unit/test_check_timers
tests_unit_test_check_timers_SOURCES = tests/unit/test_check_timers.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_check_timers_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_check_timers_LDADD = libwrapper.a libstatus.a libwrapper.a \
	liblife.a $(LIBS_ALL) $(STATUS_LIBS) $(LIFE_LIBS) $(CMOCKA_LIBS)
