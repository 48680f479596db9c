#!/bin/bash
# clang-tidy with the checks of .clang-tidy: the analyzer above all.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

need clang-tidy clang-tidy
need pkg-config pkg-config
judge clang-tidy 14 "$(clang-tidy --version)"

# What configure made and found, where make started us, else what pkg-config
# says; _GNU_SOURCE, as analyzer.h comes before a file that defines it.
build=${CERTHAUL_BUILDDIR:-$PWD}
flags=${LINT_CPPFLAGS-$(pkg-config --cflags libcrypto libconfig \
    libcurl libevent_core jansson)}
read -ra flags <<<"-std=gnu11 -D_GNU_SOURCE= -I$build -Ilib -I. $flags"
# A third of the states that the analyzer would look at in one function: twice
# as fast, and as many as it takes itself where it is asked to be brief.
brief=(-Xclang -analyzer-config -Xclang max-nodes=75000)

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# The analyzer sees one file at a time, so it has to be told that what fills
# an error returns a negative code; but not where that is defined.
told=()
[ ! -f lib/base/err.h ] || told=(-include "$lint_dir/analyzer.h")

# What passed is remembered in the build tree, by everything that it depends
# on, so that a second `make check` looks only at what has changed.
passed=
[ -z "${CERTHAUL_BUILDDIR-}" ] || passed=$CERTHAUL_BUILDDIR/tests/lint
about=$(clang-tidy --version && cat .clang-tidy && echo "${brief[@]}")

# FILE FLAG...: the name of what is remembered, or nothing.
remembered() {
	[ -d "$passed" ] || return 0
	{
		echo "$about"
		echo "$*"
		"${CC:-cc}" -E -C "$@" || echo "$RANDOM"
	} 2>/dev/null | sha256sum | sed "s,^,$passed/,; s, .*,.tidy,"
}

# FILE: its findings and clang-tidy's status, into a file of $work each.
look() {
	local out=$work/${1//\//+} status=0 mark more=("${told[@]}")
	case $1 in
	lib/base/err* | bench/*) more=() ;;
	# As wrapper/local.mk has it.
	wrapper/child_hook.c) more+=('-DCERTHAUL_BINDIR=""') ;;
	esac
	mark=$(remembered "$1" "${flags[@]}" "${more[@]}")
	if [ -z "$mark" ] || [ ! -e "$mark" ]; then
		clang-tidy --quiet "$1" -- "${flags[@]}" "${more[@]}" \
		    "${brief[@]}" >"$out" 2>"$out.err" || status=$?
		[ "$status" -ne 0 ] || [ -s "$out" ] || [ -z "$mark" ] ||
		    : >"$mark"
	else
		: >"$out"
	fi
	echo "$status" >"$out.status"
}

# FILE: what look() saw. A file that does not compile is a finding too.
findings() {
	local out=$work/${1//\//+}
	sed "s,^$PWD/,," "$out"
	if [ "$(cat "$out.status")" -ne 0 ] && [ ! -s "$out" ]; then
		echo "$1:1: clang-tidy failed: $(tail -n 3 "$out.err")"
	fi
}

mapfile -t files < <(tree_c lib hooks acme wrapper bench | grep '\.c$')
verdict "there are files to look at" "is LINT_TREE the top of the tree?" \
    "$([ ${#files[@]} -gt 0 ] || echo "no C file found below $PWD")"

in_pairs look "${files[@]}"
for file in "${files[@]}"; do
	rule "$file" "mend it, or NOLINT(name) with the reason" \
	    findings "$file"
done
finish
