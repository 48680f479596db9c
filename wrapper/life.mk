# wrapper: what brings a certificate to life: request and init, and what they
# stand on. A library of its own, so that the unit tests link it alone.
noinst_LIBRARIES += liblife.a
liblife_a_SOURCES = \
	wrapper/domain.c wrapper/domain.h
liblife_a_CFLAGS = $(AM_CFLAGS) $(LIBIDN2_CFLAGS) $(LIBCURL_CFLAGS)
LIFE_LIBS = $(LIBIDN2_LIBS) $(LIBCURL_LIBS)
