/*
 * text.h: the named validators of text from outside, and its cleaning.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/*
 * A lineage's name: 1 to LIMIT_LINEAGE_NAME_BYTES of [A-Za-z0-9._-], neither
 * a dot nor a dash first. It becomes a file name and a word of a command to
 * HAProxy, so nothing else can be let through.
 */
bool text_is_lineage_name(const char *name) MUST_CHECK;

/*
 * A DNS name in letters, digits, dashes (underscores are let through), each
 * label 1 to 63, all at most 253 bytes; `*.` in front where `wildcard`.
 */
bool text_is_dns_name(const char *name, bool wildcard) MUST_CHECK;

/* base64url without padding, `least` to `most` bytes (RFC 4648, 5). */
bool text_is_base64url(const char *text, size_t least, size_t most) MUST_CHECK;

/*
 * An absolute https URL (where `plain`, http too, of this machine alone:
 * 127.0.0.0/8, [::1] and localhost) of printable ASCII, without space, quotes,
 * `<`, `>` or backslash, shorter than LIMIT_URL_BYTES.
 */
bool text_is_url(const char *url, bool plain) MUST_CHECK;

/*
 * A word that can stand in a command line of HAProxy's runtime API: printable
 * ASCII without space, quotes, backslash, `;`, `<`, `#` or control bytes.
 */
bool text_is_cli_word(const char *word) MUST_CHECK;

/*
 * Does the presented identifier `pattern` (a.example, *.example) cover the
 * reference `name` (which may itself be a wildcard: then only the equal
 * pattern does)? RFC 6125, 6.4.3: one whole left-most label. Case is folded.
 */
bool text_name_covers(const char *pattern, const char *name) MUST_CHECK;

/* Is it UTF-8 as RFC 3629 has it, any character let through? */
bool text_is_utf8(const char *text) MUST_CHECK;

/*
 * Makes `text` one line of printable UTF-8 in place: control characters become
 * spaces, bytes that are no UTF-8 become '?', the end loses white space.
 * Anything between PEM markers of a PRIVATE KEY is replaced by "[key]".
 */
void text_clean(char *text);

/*
 * The bytes of the character at `text` (RFC 3629, 4), which is `*ret`; 0 where
 * it is none: over-long forms, surrogates and what lies above U+10FFFF.
 */
size_t text_decode(const char *text, uint32_t *ret) MUST_CHECK;

/*
 * The element of `words` (NULL-terminated) nearest to `word` by edit
 * distance, whatever their case; where none is near (more than a third of it,
 * or over 3) the only one that begins with it; else NULL.
 */
const char *text_nearest(const char *word, const char *const *words);

/* Lower-case hexadecimal of `len` bytes into `hex` of 2 * len + 1 bytes. */
void text_hex(const unsigned char *data, size_t len, char *hex);

#endif
