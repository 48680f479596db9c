# acme/front.mk: certbot's command line, and what it does.
noinst_LIBRARIES += libacmefront.a
libacmefront_a_SOURCES = \
	$(ACME_FILES_SOURCES) \
	acme/certify.c \
	acme/certify.h \
	acme/choose.c \
	acme/choose.h \
	acme/front.c \
	acme/front.h \
	acme/front_account.c \
	acme/listen.c \
	acme/listen.h \
	acme/obtain.c \
	acme/obtain.h \
	acme/obtain_check.c \
	acme/option.c \
	acme/option.h \
	acme/option_check.c \
	acme/option_help.c \
	acme/option_ini.c \
	acme/option_private.h \
	acme/option_table.c \
	acme/option_value.c \
	acme/own_request.c \
	acme/own_request.h \
	acme/params.c \
	acme/params.h \
	acme/pending.c \
	acme/pending.h \
	acme/publish.c \
	acme/publish.h \
	acme/publish_dir.c \
	acme/publish_file.c \
	acme/publish_private.h \
	acme/repair.c \
	acme/repair.h \
	acme/subset.c \
	acme/subset.h \
	acme/summary.c \
	acme/summary.h \
	acme/verb.h \
	acme/verb_account.c \
	acme/verb_certificates.c \
	acme/verb_certonly.c \
	acme/verb_reconfigure.c \
	acme/verb_renew.c \
	acme/verb_revoke.c
