# tests/lint: what the style asks for, as programs. They read LINT_TREE or
# the source tree and write nothing there; test_lints.sh proves that each of
# them can fail.
lint_scripts = \
	tests/lint/lint_includes.sh tests/lint/lint_size.sh \
	tests/lint/lint_banned.sh tests/lint/lint_format.sh \
	tests/lint/lint_text.sh tests/lint/lint_secrets.sh \
	tests/lint/lint_man.sh tests/lint/lint_options.sh \
	tests/lint/lint_shell.sh tests/lint/lint_cppcheck.sh \
	tests/lint/lint_tidy.sh tests/lint/test_lints.sh
TESTS += $(lint_scripts)
dist_check_SCRIPTS += $(lint_scripts) tests/lint/valgrind.sh
EXTRA_DIST += tests/lint/tap.sh tests/lint/strip.awk \
	tests/lint/analyzer.h .clang-tidy

# What lint_tidy.sh remembers.
CLEANFILES += tests/lint/*.tidy

# The flags that configure found, for clang-tidy.
AM_TESTS_ENVIRONMENT += \
	LINT_CPPFLAGS='$(OPENSSL_CFLAGS) $(LIBCONFIG_CFLAGS) \
	$(LIBCURL_CFLAGS) $(LIBEVENT_CFLAGS) $(JANSSON_CFLAGS)'; \
	export LINT_CPPFLAGS;

# The sanitizers and valgrind see the same errors and exclude each other.
if !SANITIZERS
if HAVE_CMOCKA
TESTS += tests/lint/valgrind.sh
endif
endif
