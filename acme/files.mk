# acme, certbot's files: what is root's alone, without network.
ACME_FILES_SOURCES = \
	acme/accounts.c acme/accounts.h acme/accounts_write.c \
	acme/certlock.c acme/certlock.h \
	acme/due.c acme/due.h \
	acme/hooks.c acme/hooks.h acme/hooks_list.c acme/hooks_part.h \
	acme/hooks_run.c \
	acme/logfile.c acme/logfile.h \
	acme/renewal.c acme/renewal.h acme/renewal_edit.c \
	acme/renewal_line.c acme/renewal_part.h acme/renewal_quote.c \
	acme/renewal_token.c acme/renewal_value.c acme/renewal_write.c \
	acme/store.c acme/store.h acme/store_archive.c \
	acme/store_create.c acme/store_delete.c acme/store_part.h \
	acme/store_paths.c acme/store_pending.c acme/store_renew.c \
	acme/store_switch.c
