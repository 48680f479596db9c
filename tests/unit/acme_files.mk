# Unit tests of what certhaul-acme keeps on the disk, as certbot does.
check_LIBRARIES += libacmefiles.a
libacmefiles_a_SOURCES = $(ACME_FILES_SOURCES)

ACME_FILES_LIBS = libacmefiles.a libacmebroker.a libacmeclient.a \
	$(LIBCERT) $(LIBBASE) $(JANSSON_LIBS) $(OPENSSL_LIBS) \
	$(LIBCONFIG_LIBS) $(CMOCKA_LIBS)

# By hand, as the scripts use it.
check_PROGRAMS += tests/tools/storetool
tests_tools_storetool_SOURCES = tests/tools/storetool.c
tests_tools_storetool_LDADD = $(ACME_FILES_LIBS)
