# acme/client.mk: the half of certhaul-acme that has the network.
libacmeclient_a_SOURCES = \
	acme/client.h \
	acme/http.h \
	acme/ipc.c \
	acme/ipc.h \
	acme/job.h \
	acme/loop.h \
	acme/wire.h
noinst_LIBRARIES += libacmeclient.a
