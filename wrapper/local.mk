# wrapper: certhaul, what the operator types. The body is a library, so that
# the unit tests link it.
noinst_LIBRARIES += libwrapper.a
libwrapper_a_CPPFLAGS = $(AM_CPPFLAGS) -DCERTHAUL_BINDIR='"$(bindir)"'
libwrapper_a_SOURCES = \
	wrapper/answer.c wrapper/answer.h \
	wrapper/certbot.c wrapper/certbot.h \
	wrapper/certbot_lock.c \
	wrapper/child.c wrapper/child.h \
	wrapper/child_hook.c \
	wrapper/child_part.h \
	wrapper/child_stream.c \
	wrapper/cmdline.c wrapper/cmdline.h \
	wrapper/cmdline_help.c \
	wrapper/cmdline_option.c \
	wrapper/cmdline_part.h \
	wrapper/command.c wrapper/command.h \
	wrapper/deploy.c \
	wrapper/engine.c wrapper/engine.h \
	wrapper/known.c wrapper/known.h \
	wrapper/program.c wrapper/program.h \
	wrapper/leftover.c wrapper/leftover.h \
	wrapper/removal.c wrapper/removal.h \
	wrapper/renew.c wrapper/renew.h \
	wrapper/renew_engine.c \
	wrapper/renew_note.c \
	wrapper/renew_rehearsal.c \
	wrapper/renew_why.c \
	wrapper/revoke.c \
	wrapper/revoke_engine.c \
	wrapper/revoke.h \
	wrapper/revoke_proxy.c \
	wrapper/unrenewed.c wrapper/unrenewed.h

bin_PROGRAMS += certhaul
certhaul_SOURCES = wrapper/main.c
certhaul_LDADD = libwrapper.a libstatus.a liblife.a $(LIBS_ALL) \
	$(STATUS_LIBS) $(LIFE_LIBS)
