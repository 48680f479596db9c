# hooks: certhaul-hook. The body is a library, so that the unit tests link it.
noinst_LIBRARIES += libhooks.a
libhooks_a_SOURCES = \
	hooks/agreed.c hooks/agreed.h \
	hooks/answer.c \
	hooks/apply.c hooks/apply.h \
	hooks/clash.c hooks/clash.h \
	hooks/command.c hooks/command.h \
	hooks/converge.c hooks/converge.h \
	hooks/deploy.c hooks/deploy.h \
	hooks/detach.c hooks/detach.h \
	hooks/earlier.c hooks/earlier.h \
	hooks/event.c hooks/event.h \
	hooks/flush.c hooks/flush.h \
	hooks/item.c hooks/item.h \
	hooks/leave.c hooks/leave.h \
	hooks/leave_check.c hooks/leave_check.h \
	hooks/listing.c hooks/listing.h \
	hooks/listing_recall.c \
	hooks/missed.c hooks/missed.h \
	hooks/names.c hooks/names.h \
	hooks/plan.c \
	hooks/pre.c \
	hooks/prove.c hooks/prove.h \
	hooks/reach.c hooks/reach.h \
	hooks/shake.c hooks/shake.h \
	hooks/report.c hooks/report.h \
	hooks/report_part.h hooks/report_save.c \
	hooks/rollback.c hooks/rollback.h \
	hooks/sides.c hooks/sides.h \
	hooks/site.c hooks/site.h \
	hooks/site_age.c \
	hooks/site_lists.c \
	hooks/source.c hooks/source.h \
	hooks/taker.c hooks/taker.h \
	hooks/unlisted.c hooks/unlisted.h

bin_PROGRAMS += certhaul-hook
certhaul_hook_SOURCES = hooks/main.c
certhaul_hook_LDADD = libhooks.a $(LIBS_ALL)
