# wrapper: what brings a certificate to life: request and init, and what they
# stand on. A library of its own, so that the unit tests link it alone.
noinst_LIBRARIES += liblife.a
liblife_a_SOURCES = \
	wrapper/certbot_hooks.c wrapper/certbot_hooks.h \
	wrapper/challenge.c wrapper/challenge.h \
	wrapper/domain.c wrapper/domain.h \
	wrapper/elsewhere.c wrapper/elsewhere.h \
	wrapper/holder.c wrapper/holder.h \
	wrapper/means.c wrapper/means.h \
	wrapper/plugins.c wrapper/plugins.h \
	wrapper/preflight.c wrapper/preflight.h \
	wrapper/preflight_advise.c wrapper/preflight_part.h \
	wrapper/preflight_fetch.c wrapper/preflight_fetch.h \
	wrapper/refit.c wrapper/refit.h wrapper/refit_ahead.c \
	wrapper/refit_backend.c wrapper/refit_base.c wrapper/refit_beside.c \
	wrapper/refit_branch.c wrapper/refit_certs.c \
	wrapper/refit_default.c wrapper/refit_elsewhere.c \
	wrapper/refit_condition.c wrapper/refit_diff.c \
	wrapper/refit_fronts.c \
	wrapper/refit_global.c wrapper/refit_holds.c wrapper/refit_http.c \
	wrapper/refit_lead.c wrapper/refit_led.c wrapper/refit_names.c \
	wrapper/refit_past.c \
	wrapper/refit_ours.c wrapper/refit_ours.h \
	wrapper/refit_part.h wrapper/refit_place.c \
	wrapper/refit_reject.c wrapper/refit_request.c \
	wrapper/refit_rule.c wrapper/refit_rule.h \
	wrapper/refit_server.c wrapper/refit_socket.c \
	wrapper/refit_stops.c wrapper/refit_text.c \
	wrapper/responder.c wrapper/responder.h \
	wrapper/service.c wrapper/service.h \
	wrapper/timers.c wrapper/timers.h \
	wrapper/trail.c wrapper/trail.h \
	wrapper/unread.c wrapper/unread.h \
	wrapper/walls.c wrapper/walls.h \
	wrapper/who.c wrapper/who.h
liblife_a_CFLAGS = $(AM_CFLAGS) $(LIBIDN2_CFLAGS) $(LIBCURL_CFLAGS)
LIFE_LIBS = $(LIBIDN2_LIBS) $(LIBCURL_LIBS)

libwrapper_a_SOURCES += \
	wrapper/init.c wrapper/init_conf.c wrapper/init_cron.c \
	wrapper/init_dirs.c \
	wrapper/init_file.c wrapper/init_file.h \
	wrapper/init_haproxy.c wrapper/init_hooks.c \
	wrapper/init.h wrapper/init_timer.c \
	wrapper/init_write.c \
	wrapper/request.c wrapper/request_account.c \
	wrapper/request_issue.c wrapper/request_names.c \
	wrapper/request.h wrapper/request_place.c wrapper/request_plugin.c \
	wrapper/request_preflight.c wrapper/request_rest.c \
	wrapper/request_show.c wrapper/request_steps.c \
	wrapper/request_way.c
