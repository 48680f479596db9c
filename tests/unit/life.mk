# Unit tests of wrapper/life.mk.
LIFE_TEST_LIBS = liblife.a $(LIBS_ALL) $(LIFE_LIBS) $(CMOCKA_LIBS)
LIFE_TEST_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_domain
tests_unit_test_domain_SOURCES = tests/unit/test_domain.c
tests_unit_test_domain_CFLAGS = $(LIFE_TEST_CFLAGS)
tests_unit_test_domain_LDADD = $(LIFE_TEST_LIBS)

# Of lib/haproxy, for what wrapper asks of it.
UNIT_TESTS += tests/unit/test_hacfg_each
tests_unit_test_hacfg_each_SOURCES = tests/unit/test_hacfg_each.c \
	tests/unit/hacfg_rig.c tests/unit/hacfg_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_hacfg_each_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_hacfg_each_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_hacfg_if
tests_unit_test_hacfg_if_SOURCES = tests/unit/test_hacfg_if.c \
	tests/unit/hacfg_rig.c tests/unit/hacfg_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_hacfg_if_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_hacfg_if_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_hacfg_open
tests_unit_test_hacfg_open_SOURCES = tests/unit/test_hacfg_open.c \
	tests/unit/hacfg_rig.c tests/unit/hacfg_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_hacfg_open_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_hacfg_open_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_fronts
tests_unit_test_fronts_SOURCES = tests/unit/test_fronts.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_fronts_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_fronts_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_refit
tests_unit_test_refit_SOURCES = tests/unit/test_refit.c \
	tests/unit/refit_rig.c tests/unit/refit_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_refit_CFLAGS = $(LIFE_TEST_CFLAGS)
tests_unit_test_refit_LDADD = $(LIFE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_refit_binds
tests_unit_test_refit_binds_SOURCES = tests/unit/test_refit_binds.c \
	tests/unit/refit_rig.c tests/unit/refit_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_refit_binds_CFLAGS = $(LIFE_TEST_CFLAGS)
tests_unit_test_refit_binds_LDADD = $(LIFE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_refit_others
tests_unit_test_refit_others_SOURCES = tests/unit/test_refit_others.c \
	tests/unit/refit_rig.c tests/unit/refit_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_refit_others_CFLAGS = $(LIFE_TEST_CFLAGS)
tests_unit_test_refit_others_LDADD = $(LIFE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_refit_lead
tests_unit_test_refit_lead_SOURCES = tests/unit/test_refit_lead.c \
	tests/unit/refit_rig.c tests/unit/refit_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_refit_lead_CFLAGS = $(LIFE_TEST_CFLAGS)
tests_unit_test_refit_lead_LDADD = $(LIFE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_refit_stops
tests_unit_test_refit_stops_SOURCES = tests/unit/test_refit_stops.c \
	tests/unit/refit_rig.c tests/unit/refit_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_refit_stops_CFLAGS = $(LIFE_TEST_CFLAGS)
tests_unit_test_refit_stops_LDADD = $(LIFE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_refit_socket
tests_unit_test_refit_socket_SOURCES = tests/unit/test_refit_socket.c \
	tests/unit/refit_rig.c tests/unit/refit_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_refit_socket_CFLAGS = $(LIFE_TEST_CFLAGS)
tests_unit_test_refit_socket_LDADD = $(LIFE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_refit_names
tests_unit_test_refit_names_SOURCES = tests/unit/test_refit_names.c \
	tests/unit/refit_rig.c tests/unit/refit_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_refit_names_CFLAGS = $(LIFE_TEST_CFLAGS)
tests_unit_test_refit_names_LDADD = $(LIFE_TEST_LIBS)
UNIT_TESTS += tests/unit/test_refit_ways
tests_unit_test_refit_ways_SOURCES = tests/unit/test_refit_ways.c \
	tests/unit/refit_rig.c tests/unit/refit_rig.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_refit_ways_CFLAGS = $(LIFE_TEST_CFLAGS)
tests_unit_test_refit_ways_LDADD = $(LIFE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_pki_make
tests_unit_test_pki_make_SOURCES = tests/unit/test_pki_make.c
tests_unit_test_pki_make_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_pki_make_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_challenge
tests_unit_test_challenge_SOURCES = tests/unit/test_challenge.c
tests_unit_test_challenge_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_challenge_LDADD = $(LIFE_TEST_LIBS)

UNIT_TESTS += tests/unit/test_discovery_binds
tests_unit_test_discovery_binds_SOURCES = tests/unit/test_discovery_binds.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_discovery_binds_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_discovery_binds_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

UNIT_TESTS += tests/unit/test_loaded
tests_unit_test_loaded_SOURCES = tests/unit/test_loaded.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_loaded_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)
tests_unit_test_loaded_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
