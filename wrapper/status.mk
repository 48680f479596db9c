# wrapper: the looks at an installation, `status` and `check`. A library of its
# own, so that the unit tests link it alone.
noinst_LIBRARIES += libstatus.a
libstatus_a_SOURCES = \
	wrapper/check.c wrapper/check.h wrapper/check_binds.c \
	wrapper/check_certbot.c wrapper/check_certs.c \
	wrapper/check_challenge.c \
	wrapper/check_fetch.c wrapper/check_means.c \
	wrapper/check_names.c \
	wrapper/check_rights.c \
	wrapper/check_writers.c \
	wrapper/check_files.c wrapper/check_haproxy.c \
	wrapper/observe.c wrapper/observe.h wrapper/observe_private.h \
	wrapper/observe_disk.c wrapper/observe_haproxy.c \
	wrapper/observe_judge.c \
	wrapper/observe_whole.c \
	wrapper/observe_life.c wrapper/observe_rows.h \
	wrapper/observe_memory.c wrapper/observe_names.c \
	wrapper/observe_odd.c \
	wrapper/observe_renewal.c wrapper/observe_wire.c \
	wrapper/status.c wrapper/status.h \
	wrapper/status_block.c wrapper/status_json.c \
	wrapper/status_line.c wrapper/status_nagios.c \
	wrapper/status_part.c wrapper/status_prometheus.c
libstatus_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
STATUS_LIBS = $(JANSSON_LIBS)
dist_doc_DATA += conf/status.schema.json
