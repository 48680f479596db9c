# Unit tests of cert: UNIT_TESTS += tests/unit/test_X, its _SOURCES and _LDADD =
# $(LIBS_ALL) $(CMOCKA_LIBS), _CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS).

UNIT_TESTS += tests/unit/test_install
tests_unit_test_install_SOURCES = tests/unit/test_install.c \
	tests/unit/install_dirs.c tests/unit/install_dirs.h
tests_unit_test_install_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_install_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_install_crash
tests_unit_test_install_crash_SOURCES = tests/unit/test_install_crash.c \
	tests/unit/install_dirs.c tests/unit/install_dirs.h
tests_unit_test_install_crash_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_install_crash_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_install_generations
tests_unit_test_install_generations_SOURCES = \
	tests/unit/test_install_generations.c \
	tests/unit/install_dirs.c tests/unit/install_dirs.h
tests_unit_test_install_generations_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_install_generations_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_install_torture
tests_unit_test_install_torture_SOURCES = tests/unit/test_install_torture.c \
	tests/unit/install_dirs.c tests/unit/install_dirs.h
tests_unit_test_install_torture_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_install_torture_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=linkat,--wrap=renameat,--wrap=unlinkat,--wrap=mkdirat \
	-Wl,--wrap=fsync,--wrap=syncfs,--wrap=fchown,--wrap=fchmod \
	-Wl,--wrap=fstatat,--wrap=openat,--wrap=write
tests_unit_test_install_torture_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_record
tests_unit_test_record_SOURCES = tests/unit/test_record.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_record_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_record_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_record_batch
tests_unit_test_record_batch_SOURCES = tests/unit/test_record_batch.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_record_batch_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_record_batch_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_record_intent
tests_unit_test_record_intent_SOURCES = tests/unit/test_record_intent.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_record_intent_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_record_intent_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_record_text
tests_unit_test_record_text_SOURCES = tests/unit/test_record_text.c
tests_unit_test_record_text_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_record_text_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_pki_empty
tests_unit_test_pki_empty_SOURCES = tests/unit/test_pki_empty.c
tests_unit_test_pki_empty_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_pki_empty_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

# These have a script make lineages of all kinds, see tests/data.
EXTRA_DIST += tests/data/make-lineages.sh tests/data/copy-lineages.sh
CERT_LINEAGES = tests/unit/lineages.c tests/unit/lineages.h \
	tests/unit/scratch.c tests/unit/scratch.h

UNIT_TESTS += tests/unit/test_pki
tests_unit_test_pki_SOURCES = tests/unit/test_pki.c $(CERT_LINEAGES)
tests_unit_test_pki_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_pki_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_pki_pem
tests_unit_test_pki_pem_SOURCES = tests/unit/test_pki_pem.c $(CERT_LINEAGES)
tests_unit_test_pki_pem_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_pki_pem_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_pki_key
tests_unit_test_pki_key_SOURCES = tests/unit/test_pki_key.c $(CERT_LINEAGES)
tests_unit_test_pki_key_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_pki_key_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_pki_evp
tests_unit_test_pki_evp_SOURCES = tests/unit/test_pki_evp.c $(CERT_LINEAGES)
tests_unit_test_pki_evp_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_pki_evp_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_lineage
tests_unit_test_lineage_SOURCES = tests/unit/test_lineage.c $(CERT_LINEAGES)
tests_unit_test_lineage_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_lineage_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_cliini
tests_unit_test_cliini_SOURCES = tests/unit/test_cliini.c
tests_unit_test_cliini_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_cliini_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_lineage_ref
tests_unit_test_lineage_ref_SOURCES = tests/unit/test_lineage_ref.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_lineage_ref_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_lineage_ref_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_bundle
tests_unit_test_bundle_SOURCES = tests/unit/test_bundle.c $(CERT_LINEAGES)
tests_unit_test_bundle_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_bundle_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_validate
tests_unit_test_validate_SOURCES = tests/unit/test_validate.c $(CERT_LINEAGES)
tests_unit_test_validate_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_validate_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_validate_compare
tests_unit_test_validate_compare_SOURCES = \
	tests/unit/test_validate_compare.c $(CERT_LINEAGES)
tests_unit_test_validate_compare_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_validate_compare_LDADD = $(LIBS_ALL) $(CMOCKA_LIBS)

# What copy-lineages.sh has made.
clean-local:
	-rm -rf tests/lineages.made tests/lineages.made.*
