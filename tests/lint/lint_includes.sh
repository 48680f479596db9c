#!/bin/bash
# Includes go downwards only, and a third-party library has one owner.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

# Every include of the product as "FILE LINE NAME", quoted ones with a quote
# in front of the name, the others with a `<`.
list=$(product_c | strip | awk '
	match($0, /^[^:]*:[0-9]*:[ \t]*#[ \t]*include[ \t]*["<][^">]*/) {
		split($0, part, ":")
		text = substr($0, RSTART, RLENGTH)
		sub(/^[^"<]*/, "", text)
		print part[1], part[2], text
	}')

# FILES NAMES: files that match the one may not include what matches the other.
forbid() {
	printf '%s\n' "$list" | awk -v files="$1" -v names="$2" '
		$1 ~ files && substr($3, 2) ~ names {
			print $1 ":" $2 ": includes " substr($3, 2)
		}'
}

# OWNERS NAMES: only files that match the one may include the other.
owner() {
	printf '%s\n' "$list" | awk -v files="$1" -v names="$2" '
		$1 !~ files && substr($3, 2) ~ names {
			print $1 ":" $2 ": includes " substr($3, 2)
		}'
}

# Programs: each may include itself and the libraries.
programs() {
	forbid '^hooks/' '^(acme|wrapper)/'
	forbid '^acme/' '^(hooks|wrapper)/'
	forbid '^wrapper/' '^(hooks|acme)/'
}

# Ours are quoted and spelled from the top, so that the rules above see them.
spelled() {
	local ours='(base|cert|haproxy|hooks|acme|wrapper)/'
	printf '%s\n' "$list" | awk -v quoted="^\"${ours}[a-z0-9_]+\\.h\$" \
	    -v angled="^<$ours" '
		$3 ~ angled || ($3 ~ /^"/ && $3 !~ quoted &&
		    $3 != "\"config.h") {
			print $1 ":" $2 ": includes " substr($3, 2)
		}'
}

# NAME.c includes NAME.h first; a part without a header of its own, one of the
# family that it is a part of (pki_key.c: pki.h or pki_private.h).
own_first() {
	local file own stem first
	product_c | grep '\.c$' | while IFS= read -r file; do
		stem=${file%.c}
		own=${stem#lib/}.h
		until compgen -G "$stem.h" >/dev/null ||
		    compgen -G "${stem}_*.h" >/dev/null; do
			case ${stem##*/} in
			*_*) stem=${stem%_*} ;;
			*) continue 2 ;;
			esac
			own="${stem#lib/}*.h"
		done
		first=$(printf '%s\n' "$list" |
		    awk -v f="$file" '$1 == f { print $2, $3; exit }')
		# shellcheck disable=SC2053 # it is a pattern
		[[ ${first#* \"} == $own ]] ||
		    echo "$file:${first%% *}: the first include is not $own"
	done
}

# What comes with the system; all else is a third party's.
foreign() {
	printf '%s\n' "$list" | awk '
		BEGIN {
			split("arpa linux net netinet sys", dirs)
			split("assert ctype dirent endian errno fcntl " \
			    "fnmatch getopt glob grp ifaddrs inttypes " \
			    "langinfo libgen limits locale malloc math " \
			    "netdb poll pthread pwd regex sched signal spawn " \
			    "stdalign stdarg stdatomic " \
			    "stdbool stddef stdint stdio stdlib " \
			    "string strings sysexits syslog termios " \
			    "time unistd", names)
			split("openssl/ curl/ event2/ libconfig.h " \
			    "jansson.h idn2.h seccomp.h", owned)
			for (i in dirs)
				known["^<" dirs[i] "/"] = 1
			for (i in names)
				known["^<" names[i] "\\.h$"] = 1
			for (i in owned)
				known["^<" owned[i]] = 1
		}
		$3 ~ /^</ {
			for (pattern in known)
				if ($3 ~ pattern)
					next
			print $1 ":" $2 ": includes " substr($3, 2)
		}'
}

down="include downwards only: programs -> lib/haproxy -> lib/cert -> lib/base"
one="one library has one owner: go through it, or extend it"

verdict "there are files to look at" "is LINT_TREE the top of the tree?" \
    "$([ -n "$list" ] || echo "no include found below $PWD")"
rule "lib/base includes nothing above it" "$down" \
    forbid '^lib/base/' '^(cert|haproxy|hooks|acme|wrapper)/'
rule "lib/cert includes nothing above it" "$down" \
    forbid '^lib/cert/' '^(haproxy|hooks|acme|wrapper)/'
rule "no library includes a program" "$down" \
    forbid '^lib/' '^(hooks|acme|wrapper)/'
rule "programs never include each other" "exec it, or move it to lib" programs
rule "acme never includes lib/haproxy" "the hook talks to HAProxy" \
    forbid '^acme/' '^haproxy/'
rule "our headers are spelled from the top" \
    "write \"base/x.h\", \"hooks/x.h\"" spelled
rule "a .c includes its own header first" "put it on top" own_first
rule "no third-party header in a header" "make the type opaque" \
    forbid '\.h$' \
    '^(openssl|curl|event2)/|^(libconfig|jansson|cmocka|event|idn2|seccomp)\.h'
rule "libconfig belongs to lib/base/conf" "$one" \
    owner '^lib/base/conf[a-z0-9_]*\.c$' '^libconfig'
openssl='lib/cert/pki|lib/haproxy/verify|acme/(jws|csr|crypto)'
rule "OpenSSL belongs to pki, verify, jws, csr and crypto" "$one" \
    owner "^($openssl)[a-z0-9_]*\.c\$" '^openssl/'
rule "libcurl belongs to acme/http and the preflight" "$one" \
    owner '^(acme/http[a-z0-9_]*|wrapper/preflight_fetch)\.c$' '^curl/'
rule "libseccomp belongs to lib/base/sandbox" "$one" \
    owner '^lib/base/sandbox[a-z0-9_]*\.c$' '^seccomp\.h'
rule "libidn2 belongs to wrapper/domain" "$one" \
    owner '^wrapper/domain\.c$' '^idn2\.h'
rule "jansson belongs to acme/wire and the wrapper's JSON" "$one" \
    owner '^(acme/wire[a-z0-9_]*|wrapper/[a-z0-9_]*json[a-z0-9_]*)\.c$' \
    '^jansson'
rule "libevent belongs to acme/responder and its loop" "$one" \
    owner '^acme/(responder|loop)[a-z0-9_]*\.c$' '^(event2/|event\.h)'
rule "cmocka stays in the tests" "$one" owner '^$' '^cmocka'
rule "no library that nobody owns" \
    "give it an owner in lint_includes.sh and in the design" foreign
finish
