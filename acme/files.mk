# acme, certbot's files: what is root's alone, without network.
ACME_FILES_SOURCES = \
	acme/accounts.c acme/accounts.h acme/accounts_write.c \
	acme/certlock.c acme/certlock.h \
	acme/hooks.c acme/hooks.h acme/hooks_list.c acme/hooks_part.h \
	acme/hooks_run.c \
	acme/logfile.c acme/logfile.h \
	acme/store.c acme/store.h acme/store_archive.c \
	acme/store_create.c acme/store_delete.c acme/store_part.h \
	acme/store_paths.c acme/store_pending.c acme/store_renew.c \
	acme/store_settle.c acme/store_switch.c
