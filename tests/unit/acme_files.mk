# Unit tests of what certhaul-acme keeps on the disk, as certbot does.
check_LIBRARIES += libacmefiles.a
libacmefiles_a_SOURCES = $(ACME_FILES_SOURCES)

ACME_FILES_LIBS = libacmefiles.a libacmebroker.a libacmeclient.a \
	$(LIBCERT) $(LIBBASE) $(JANSSON_LIBS) $(OPENSSL_LIBS) \
	$(LIBCONFIG_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_renewal
tests_unit_test_renewal_SOURCES = tests/unit/test_renewal.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_renewal_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_renewal_LDADD = $(ACME_FILES_LIBS)

UNIT_TESTS += tests/unit/test_certlock
tests_unit_test_certlock_SOURCES = tests/unit/test_certlock.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_certlock_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_certlock_LDADD = $(ACME_FILES_LIBS)

UNIT_TESTS += tests/unit/test_store_pending
tests_unit_test_store_pending_SOURCES = tests/unit/test_store_pending.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_store_pending_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_store_pending_LDADD = $(ACME_FILES_LIBS)

UNIT_TESTS += tests/unit/test_hooks
tests_unit_test_hooks_SOURCES = tests/unit/test_hooks.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_hooks_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_hooks_LDADD = $(ACME_FILES_LIBS)

UNIT_TESTS += tests/unit/test_due
tests_unit_test_due_SOURCES = tests/unit/test_due.c
tests_unit_test_due_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_due_LDADD = $(ACME_FILES_LIBS)

UNIT_TESTS += tests/unit/test_logfile
tests_unit_test_logfile_SOURCES = tests/unit/test_logfile.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_logfile_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_logfile_LDADD = $(ACME_FILES_LIBS)

UNIT_TESTS += tests/unit/test_accounts
tests_unit_test_accounts_SOURCES = tests/unit/test_accounts.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_accounts_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_accounts_LDADD = $(ACME_FILES_LIBS)

UNIT_TESTS += tests/unit/test_store
tests_unit_test_store_SOURCES = tests/unit/test_store.c $(CERT_LINEAGES)
tests_unit_test_store_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_store_LDADD = $(ACME_FILES_LIBS)

# By hand, as the scripts use it.
check_PROGRAMS += tests/tools/storetool
tests_tools_storetool_SOURCES = tests/tools/storetool.c
tests_tools_storetool_LDADD = $(ACME_FILES_LIBS)
EXTRA_DIST += tests/tools/certbotread.py tests/tools/confcheck.py
