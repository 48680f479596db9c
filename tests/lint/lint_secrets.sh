#!/bin/bash
# What has no place in the tree: keys, where packages came from, paths of the
# machine it was written on, and work that is left for later.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

mapfile -t files < <(tree_text)
mapfile -t ours < <(printf '%s\n' "${files[@]}" |
    grep -E '^(lib|hooks|acme|wrapper|conf|tests|bench)/')

# SAY PATTERN FILE...: places of the Perl pattern. The patterns below are
# spelled so that they do not find themselves.
places() {
	local say=$1 pattern=$2
	shift 2
	[ $# -gt 0 ] || return 0
	grep -anHPi -e "$pattern" -- "$@" | cut -d: -f1,2 | sed "s/\$/: $say/"
	[ "${PIPESTATUS[0]}" -lt 2 ]
}

registry='(registry|proxy|index|static|files)[.-](npmjs|golang|crates|pypi'
registry+='|pythonhosted|docker|yarnpkg|rubygems|gitlab)[.-]'
registry+='|(^|[^a-z0-9])(pypi|crates|rubygems|npmjs|ghcr|quay|docker)'
registry+='[.](org|io|com)([^a-z]|$)|artifactor[y][./]|[/.]nexus[.]'
registry+='|(deb|archive|security|ports|snapshot)[.](debian|ubuntu)[.]'
private='/tmp/bash[_]|(^|[^\w./}-])/(home|Users)/[a-z]'
private+='|(^|[^\w./}-])/(root|work)/[a-z.]'
later='\b((?-i:TO[D]O|FIX[M]E|XX[X])|stu[b](bed|s)?)\b'

verdict "there are files to look at" "is LINT_TREE the top of the tree?" \
    "$([ ${#files[@]} -gt 0 ] || echo "no file found below $PWD")"
rule "no host name of a package registry" \
    "name the package, not where it came from" \
    places "names a registry" "$registry" "${files[@]}"
rule "no path of a private machine" "take it from an argument or mktemp" \
    places "names a private path" "$private" "${files[@]}"
rule "no private key" "make it when the test runs" \
    places "a private key" '^-----BEGIN [A-Z ]*PRIVATE KE[Y]-----' \
    "${files[@]}"
rule "no password in a URL" "take it from a file that is not in the tree" \
    places "a password" \
    '[a-z]://[^/\s:@"\x27%$<]+:[^/\s:@"\x27%$<]+@' "${files[@]}"
rule "nothing is left for later" "do it, or open an issue" \
    places "left for later" "$later" "${ours[@]}"
finish
