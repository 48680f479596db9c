# lib/haproxy: the running proxy.
noinst_LIBRARIES += libhaproxy.a
libhaproxy_a_SOURCES = \
	lib/haproxy/command.c lib/haproxy/command.h \
	lib/haproxy/crtlist.c lib/haproxy/crtlist.h \
	lib/haproxy/crtlist_file.c lib/haproxy/crtlist_line.c \
	lib/haproxy/crtlist_part.h \
	lib/haproxy/discovery.c lib/haproxy/discovery.h \
	lib/haproxy/discovery_address.c lib/haproxy/discovery_part.h \
	lib/haproxy/discovery_ahead.c \
	lib/haproxy/discovery_binds.c lib/haproxy/discovery_fronts.c \
	lib/haproxy/discovery_index.c lib/haproxy/discovery_list.c \
	lib/haproxy/discovery_needs.c lib/haproxy/discovery_targets.c \
	lib/haproxy/filter.c lib/haproxy/filter.h \
	lib/haproxy/environment.c lib/haproxy/environment.h \
	lib/haproxy/environment_doubt.c lib/haproxy/environment_part.h \
	lib/haproxy/environment_options.c lib/haproxy/environment_version.c \
	lib/haproxy/hacfg.c lib/haproxy/hacfg.h \
	lib/haproxy/hacfg_bind.c lib/haproxy/hacfg_part.h \
	lib/haproxy/hacfg_if.c lib/haproxy/hacfg_age.c \
	lib/haproxy/hacfg_lines.c lib/haproxy/hacfg_mode.c \
	lib/haproxy/hacfg_path.c lib/haproxy/hacfg_trust.c \
	lib/haproxy/hacfg_env.c lib/haproxy/hacfg_cond.c \
	lib/haproxy/hacfg_words.c \
	lib/haproxy/holdings.c lib/haproxy/holdings.h \
	lib/haproxy/loaded.c lib/haproxy/loaded.h \
	lib/haproxy/map.c lib/haproxy/map.h \
	lib/haproxy/process.c lib/haproxy/process.h \
	lib/haproxy/reload.c lib/haproxy/reload.h \
	lib/haproxy/reload_master.c lib/haproxy/reload_part.h \
	lib/haproxy/procenv.c lib/haproxy/procenv.h \
	lib/haproxy/socket.c lib/haproxy/socket.h \
	lib/haproxy/socket_reply.c \
	lib/haproxy/transaction.c lib/haproxy/transaction.h \
	lib/haproxy/transaction_reply.c lib/haproxy/transaction_reply.h \
	lib/haproxy/transaction_store.c \
	lib/haproxy/verify.c lib/haproxy/verify.h \
	lib/haproxy/verify_conn.c lib/haproxy/verify_tls.c \
	lib/haproxy/verify_listen.c \
	lib/haproxy/verify_one.c \
	lib/haproxy/verify_tls.h
