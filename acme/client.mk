# acme/client.mk: the half of certhaul-acme that has the network.
libacmeclient_a_SOURCES = \
	acme/account.c \
	acme/account.h \
	acme/ask.c \
	acme/ask.h \
	acme/authorization.c \
	acme/authorization_forget.c \
	acme/authorization_tell.c \
	acme/authorization.h \
	acme/challenge.c \
	acme/challenge.h \
	acme/client.c \
	acme/client.h \
	acme/directory.c \
	acme/directory.h \
	acme/exchange.c \
	acme/exchange.h \
	acme/http.c \
	acme/http.h \
	acme/http_header.c \
	acme/http_private.h \
	acme/http_setup.c \
	acme/ipc.c \
	acme/ipc.h \
	acme/ipc_sockets.c \
	acme/job.c \
	acme/job.h \
	acme/loop.c \
	acme/loop.h \
	acme/nonce.c \
	acme/nonce.h \
	acme/order.c \
	acme/order.h \
	acme/poll.c \
	acme/poll.h \
	acme/problem.c \
	acme/problem.h \
	acme/responder.c \
	acme/responder.h \
	acme/wire.c \
	acme/wire.h \
	acme/wire_directory.c \
	acme/wire_files.c \
	acme/wire_make.c \
	acme/wire_order.c \
	acme/wire_private.h \
	acme/wire_problem.c
noinst_LIBRARIES += libacmeclient.a

# What a program or a test that uses it links.
ACME_CLIENT_LIBS = libacmeclient.a $(LIBBASE) \
	$(LIBCURL_LIBS) $(LIBEVENT_LIBS) $(JANSSON_LIBS)
