# lib/cert: PEM on disk <-> facts.
noinst_LIBRARIES += libcert.a
libcert_a_SOURCES = \
	lib/cert/bundle.c lib/cert/bundle.h \
	lib/cert/cliini.c lib/cert/cliini.h lib/cert/cliini_find.c \
	lib/cert/cliini_line.c \
	lib/cert/due.c lib/cert/due.h \
	lib/cert/install.c lib/cert/install.h \
	lib/cert/install_folder.c lib/cert/install_generations.c \
	lib/cert/install_private.h lib/cert/install_state.c \
	lib/cert/lineage.c lib/cert/lineage.h lib/cert/lineage_ref.c \
	lib/cert/pki.c lib/cert/pki.h lib/cert/pki_evp.c lib/cert/pki_facts.c \
	lib/cert/pki_key.c lib/cert/pki_make.c lib/cert/pki_match.c \
	lib/cert/pki_pem.c \
	lib/cert/pki_private.h lib/cert/pki_public.c \
	lib/cert/record.c lib/cert/record.h lib/cert/record_intent.c \
	lib/cert/record_names.c \
	lib/cert/record_private.h lib/cert/record_text.c \
	lib/cert/renewal.c lib/cert/renewal.h lib/cert/renewal_edit.c \
	lib/cert/renewal_facts.c lib/cert/renewal_facts.h \
	lib/cert/renewal_line.c lib/cert/renewal_part.h \
	lib/cert/renewal_quote.c lib/cert/renewal_refer.c \
	lib/cert/renewal_token.c \
	lib/cert/renewal_value.c lib/cert/renewal_write.c \
	lib/cert/reuse.c lib/cert/reuse.h \
	lib/cert/validate.c lib/cert/validate.h \
	lib/cert/validate_compare.c lib/cert/validate_private.h
