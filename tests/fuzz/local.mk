# tests/fuzz: harnesses for what comes from outside. In every build they run
# over the seeds and mutants of them; with --enable-fuzzing (clang) libFuzzer
# does it, guided by what is covered:
#
#	./tests/fuzz/fuzz_hacfg -max_total_time=600 CORPUS SEEDS
FUZZERS =
WITH_FUZZ = tests/fuzz/fuzz.c tests/fuzz/fuzz.h
if !FUZZING
WITH_FUZZ += tests/fuzz/replay.c
endif
LINK_FUZZER = $(AM_LDFLAGS) $(FUZZING_LDFLAGS)

FUZZERS += tests/fuzz/fuzz_hacfg
tests_fuzz_fuzz_hacfg_SOURCES = tests/fuzz/fuzz_hacfg.c $(WITH_FUZZ)
tests_fuzz_fuzz_hacfg_LDFLAGS = $(LINK_FUZZER)
tests_fuzz_fuzz_hacfg_LDADD = $(LIBS_ALL)

FUZZERS += tests/fuzz/fuzz_crtlist
tests_fuzz_fuzz_crtlist_SOURCES = tests/fuzz/fuzz_crtlist.c $(WITH_FUZZ)
tests_fuzz_fuzz_crtlist_LDFLAGS = $(LINK_FUZZER)
tests_fuzz_fuzz_crtlist_LDADD = $(LIBS_ALL)

FUZZERS += tests/fuzz/fuzz_reply
tests_fuzz_fuzz_reply_SOURCES = tests/fuzz/fuzz_reply.c $(WITH_FUZZ)
tests_fuzz_fuzz_reply_LDFLAGS = $(LINK_FUZZER)
tests_fuzz_fuzz_reply_LDADD = $(LIBS_ALL)

FUZZERS += tests/fuzz/fuzz_bundle
tests_fuzz_fuzz_bundle_SOURCES = tests/fuzz/fuzz_bundle.c $(WITH_FUZZ)
tests_fuzz_fuzz_bundle_LDFLAGS = $(LINK_FUZZER)
tests_fuzz_fuzz_bundle_LDADD = $(LIBS_ALL)

FUZZERS += tests/fuzz/fuzz_pki
tests_fuzz_fuzz_pki_SOURCES = tests/fuzz/fuzz_pki.c $(WITH_FUZZ)
tests_fuzz_fuzz_pki_LDFLAGS = $(LINK_FUZZER)
tests_fuzz_fuzz_pki_LDADD = $(ACME_LIBS)

FUZZERS += tests/fuzz/fuzz_renewal
tests_fuzz_fuzz_renewal_SOURCES = tests/fuzz/fuzz_renewal.c $(WITH_FUZZ)
tests_fuzz_fuzz_renewal_LDFLAGS = $(LINK_FUZZER)
tests_fuzz_fuzz_renewal_LDADD = $(LIBS_ALL)

FUZZERS += tests/fuzz/fuzz_conf
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c $(WITH_FUZZ)
tests_fuzz_fuzz_conf_LDFLAGS = $(LINK_FUZZER)
tests_fuzz_fuzz_conf_LDADD = $(LIBS_ALL)

FUZZERS += tests/fuzz/fuzz_wire
tests_fuzz_fuzz_wire_SOURCES = tests/fuzz/fuzz_wire.c $(WITH_FUZZ)
tests_fuzz_fuzz_wire_LDFLAGS = $(LINK_FUZZER)
tests_fuzz_fuzz_wire_LDADD = $(ACME_LIBS)

FUZZERS += tests/fuzz/fuzz_header
tests_fuzz_fuzz_header_SOURCES = tests/fuzz/fuzz_header.c $(WITH_FUZZ)
tests_fuzz_fuzz_header_LDFLAGS = $(LINK_FUZZER)
tests_fuzz_fuzz_header_LDADD = $(ACME_LIBS)

FUZZERS += tests/fuzz/fuzz_csr
tests_fuzz_fuzz_csr_SOURCES = tests/fuzz/fuzz_csr.c $(WITH_FUZZ)
tests_fuzz_fuzz_csr_LDFLAGS = $(LINK_FUZZER)
tests_fuzz_fuzz_csr_LDADD = $(ACME_LIBS)

FUZZERS += tests/fuzz/fuzz_broker
tests_fuzz_fuzz_broker_SOURCES = tests/fuzz/fuzz_broker.c $(WITH_FUZZ)
tests_fuzz_fuzz_broker_LDFLAGS = $(LINK_FUZZER)
tests_fuzz_fuzz_broker_LDADD = $(ACME_LIBS)

check_PROGRAMS += $(FUZZERS)
TESTS += tests/fuzz/test_fuzz.sh
dist_check_SCRIPTS += tests/fuzz/test_fuzz.sh
EXTRA_DIST += tests/fuzz/replay.c tests/fuzz/seeds.sh tests/fuzz/seeds
