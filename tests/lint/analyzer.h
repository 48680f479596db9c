/*
 * analyzer.h: what clang's analyzer cannot see from one file: a failure that
 * was filled in is a negative code. Included by lint_tidy.sh, never compiled.
 */
#include "base/err.h"

#define err_set(err, code, ...) (err_set((err), (code), __VA_ARGS__), (code))
#define err_sys(...) (err_sys(__VA_ARGS__), ERR_IO)
#define err_nomem(...) (err_nomem(__VA_ARGS__), ERR_NOMEM)
