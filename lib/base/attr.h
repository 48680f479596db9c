/*
 * attr.h: the compiler attributes that the contracts in our headers use.
 */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

/* The result of a fallible function must be looked at. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* Argument `fmt` is a printf format, its arguments start at `first`. */
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

/* The number of elements of an array (never of a pointer). */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Is this built to find our errors? Then what it finds goes to stderr. */
#if defined(__SANITIZE_ADDRESS__)
#define BUILT_TO_REPORT 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BUILT_TO_REPORT 1
#endif
#endif
#ifndef BUILT_TO_REPORT
#define BUILT_TO_REPORT 0
#endif

#endif
