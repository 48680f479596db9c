# lib/base: knows nothing of certificates.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	lib/base/attr.h lib/base/limits.h \
	lib/base/buf.c lib/base/buf.h \
	lib/base/clock.c lib/base/clock.h \
	lib/base/conf.c lib/base/conf.h \
	lib/base/conf_scan.c lib/base/conf_scan.h \
	lib/base/conf_twice.c lib/base/conf_twice.h \
	lib/base/conf_table.c lib/base/conf_value.c lib/base/conf_value.h \
	lib/base/err.c lib/base/err.h \
	lib/base/fs.c lib/base/fs_attributes.c lib/base/fs_write.c \
	lib/base/fs.h \
	lib/base/hold.c lib/base/hold.h \
	lib/base/lock.c lib/base/lock.h \
	lib/base/log.c lib/base/log.h \
	lib/base/proc.c lib/base/proc.h \
	lib/base/term.c lib/base/term.h \
	lib/base/proc_part.h lib/base/proc_start.c \
	lib/base/sandbox.c lib/base/sandbox.h lib/base/sandbox_calls.c \
	lib/base/sandbox_paths.c lib/base/sandbox_private.h \
	lib/base/text.c lib/base/text_clean.c lib/base/text.h
