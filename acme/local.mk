# acme: certhaul-acme. The front and the broker are root, the client is not.
include acme/client.mk
include acme/broker.mk
include acme/files.mk
include acme/front.mk

ACME_LIBS = libacmefront.a libacmebroker.a libacmeclient.a \
	$(LIBCERT) $(LIBBASE) \
	$(LIBCURL_LIBS) $(LIBEVENT_LIBS) $(JANSSON_LIBS) $(LIBSECCOMP_LIBS) \
	$(OPENSSL_LIBS) $(LIBCONFIG_LIBS)

bin_PROGRAMS += certhaul-acme
certhaul_acme_SOURCES = acme/main.c
certhaul_acme_LDADD = $(ACME_LIBS)
