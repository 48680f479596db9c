# acme/broker.mk: the half of certhaul-acme that has the keys.
noinst_LIBRARIES += libacmebroker.a
libacmebroker_a_SOURCES = \
	acme/broker.c \
	acme/broker.h \
	acme/broker_chain.c \
	acme/broker_challenge.c \
	acme/broker_private.h \
	acme/broker_sign.c \
	acme/broker_tell.c \
	acme/crypto.c \
	acme/crypto.h \
	acme/csr.c \
	acme/csr.h \
	acme/csr_private.h \
	acme/csr_read.c \
	acme/ca_file.c \
	acme/ca_file.h \
	acme/issue.c \
	acme/issue.h \
	acme/issue_forget.c \
	acme/issue_paths.c \
	acme/issue_private.h \
	acme/issue_work.c \
	acme/jws.c \
	acme/jws.h \
	acme/jws_b64.c \
	acme/jws_key.c \
	acme/jws_private.h \
	acme/stop.c \
	acme/stop.h
