# bench: the same work by certhaul and by its peers, side by side.
bench_programs = bench/mklineages bench/timed bench/bare
EXTRA_PROGRAMS = $(bench_programs)
CLEANFILES += $(bench_programs)
EXTRA_DIST += bench/bench.sh bench/common.sh bench/figures.sh bench/lab.sh
EXTRA_DIST += bench/status.sh
EXTRA_DIST += bench/wrapper.sh

bench_mklineages_SOURCES = bench/mklineages.c
bench_mklineages_LDADD = $(OPENSSL_LIBS)
bench_timed_SOURCES = bench/timed.c
bench_bare_SOURCES = bench/bare.c

.PHONY: bench
bench: certhaul-hook $(bench_programs)
	CERTHAUL_BUILDDIR='$(abs_top_builddir)' \
	$(BASH_PATH) $(srcdir)/bench/bench.sh

.PHONY: bench-wrapper
bench-wrapper: certhaul certhaul-hook $(bench_programs)
	CERTHAUL_BUILDDIR='$(abs_top_builddir)' \
	$(BASH_PATH) $(srcdir)/bench/wrapper.sh

.PHONY: bench-status
bench-status: certhaul certhaul-hook $(bench_programs)
	CERTHAUL_BUILDDIR='$(abs_top_builddir)' \
	$(BASH_PATH) $(srcdir)/bench/status.sh
EXTRA_DIST += bench/acme.sh
.PHONY: bench-acme
bench-acme: certhaul-acme bench/timed
	CERTHAUL_SRCDIR='$(abs_top_srcdir)' \
	CERTHAUL_BUILDDIR='$(abs_top_builddir)' \
	$(BASH_PATH) $(srcdir)/bench/acme.sh
