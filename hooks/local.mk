# hooks: certhaul-hook.
bin_PROGRAMS += certhaul-hook
certhaul_hook_SOURCES = hooks/main.c
certhaul_hook_LDADD = $(LIBS_ALL)
