# conf: what an operator edits, and what starts certhaul by itself.
dist_doc_DATA += conf/certhaul.conf
dist_doc_DATA += conf/haproxy.cfg

# @bindir@ is put in by make: configure knows it as ${exec_prefix}/bin only.
with_paths = $(AM_V_GEN)$(MKDIR_P) conf && $(SED) \
	-e 's|@bindir[@]|$(bindir)|g; s|@certhaul[@]|$(bindir)/certhaul|g' \
	-e 's|@minute[@]|37|; s|@hours[@]|5,17|; s|@options[@]||' \
	-e 's|@unless[@]|! -d /run/systemd/system -a |' \
	$< >$@.tmp && mv -f $@.tmp $@

conf/certhaul.service: conf/certhaul.service.in Makefile
	$(with_paths)
conf/certhaul.cron: conf/certhaul.cron.in Makefile
	$(with_paths)
CLEANFILES += conf/certhaul.service conf/certhaul.cron
EXTRA_DIST += conf/certhaul.service.in conf/certhaul.cron.in

if SYSTEMD
nodist_systemdsystemunit_DATA = conf/certhaul.service
dist_systemdsystemunit_DATA = conf/certhaul.timer
else
noinst_DATA += conf/certhaul.service
EXTRA_DIST += conf/certhaul.timer
endif

# For who sets up cron by hand: `certhaul init` writes the same file by itself,
# out of the same text, which it has as a string.
nodist_pkgdata_DATA = conf/certhaul.cron
dist_pkgdata_DATA = conf/snap.conf

wrapper/cron_text.h: conf/certhaul.cron.in
	$(AM_V_GEN)$(MKDIR_P) wrapper && $(SED) -e 's|["\\]|\\&|g' \
		-e 's|.*|"&\\n"|' $< >$@.tmp && mv -f $@.tmp $@
wrapper/libwrapper_a-init_cron.$(OBJEXT): wrapper/cron_text.h
BUILT_SOURCES = wrapper/cron_text.h
CLEANFILES += wrapper/cron_text.h

# bash finds it by the command's name.
completiondir = $(datadir)/bash-completion/completions
nodist_completion_DATA = conf/completion/certhaul
conf/completion/certhaul: conf/certhaul.bash-completion
	$(AM_V_GEN)$(MKDIR_P) conf/completion && cp -f $< $@.tmp && \
		mv -f $@.tmp $@
CLEANFILES += conf/completion/certhaul
EXTRA_DIST += conf/certhaul.bash-completion
