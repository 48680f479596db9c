# conf: what an operator edits, and what starts certhaul by itself.
dist_doc_DATA += conf/certhaul.conf
dist_doc_DATA += conf/haproxy.cfg

# @bindir@ is put in by make: configure knows it as ${exec_prefix}/bin only.
with_paths = $(AM_V_GEN)$(MKDIR_P) conf && \
	$(SED) 's|@bindir[@]|$(bindir)|g' $< >$@.tmp && mv -f $@.tmp $@

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

# For who sets up cron by hand: `certhaul init` writes such a file by itself.
nodist_pkgdata_DATA = conf/certhaul.cron
dist_pkgdata_DATA = conf/snap.conf

# bash finds it by the command's name.
completiondir = $(datadir)/bash-completion/completions
nodist_completion_DATA = conf/completion/certhaul
conf/completion/certhaul: conf/certhaul.bash-completion
	$(AM_V_GEN)$(MKDIR_P) conf/completion && cp -f $< $@.tmp && \
		mv -f $@.tmp $@
CLEANFILES += conf/completion/certhaul
EXTRA_DIST += conf/certhaul.bash-completion
