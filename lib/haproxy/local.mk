# lib/haproxy: the running proxy.
noinst_LIBRARIES += libhaproxy.a
libhaproxy_a_SOURCES = \
	lib/haproxy/command.c lib/haproxy/command.h \
	lib/haproxy/crtlist.c lib/haproxy/crtlist.h \
	lib/haproxy/crtlist_file.c \
	lib/haproxy/discovery.c lib/haproxy/discovery.h \
	lib/haproxy/hacfg.c lib/haproxy/hacfg.h \
	lib/haproxy/map.c lib/haproxy/map.h \
	lib/haproxy/process.c lib/haproxy/process.h \
	lib/haproxy/reload.c lib/haproxy/reload.h \
	lib/haproxy/socket.c lib/haproxy/socket.h \
	lib/haproxy/socket_reply.c \
	lib/haproxy/transaction.c lib/haproxy/transaction.h \
	lib/haproxy/transaction_reply.c lib/haproxy/transaction_reply.h \
	lib/haproxy/transaction_store.c \
	lib/haproxy/verify.c lib/haproxy/verify.h
