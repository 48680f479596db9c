# shellcheck shell=bash
# tap.sh: what the lints share: the tree, its files, and TAP. Sourced.
#
# A lint reads the tree at LINT_TREE (else CERTHAUL_SRCDIR, else the one it
# lies in) and writes nothing there. One line of TAP a rule; below a `not ok`
# stand file:line and what to do.
set -u
export LC_ALL=C.UTF-8

lint_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lint_tree=${LINT_TREE:-${CERTHAUL_SRCDIR:-$lint_dir/../..}}
lint_count=0
lint_failed=0
cd "$lint_tree" || exit 99

# Says how one rule went: NAME ADVICE FINDINGS (none: well).
verdict() {
	lint_count=$((lint_count + 1))
	if [ -z "$3" ]; then
		echo "ok $lint_count - $1"
		return
	fi
	lint_failed=$((lint_failed + 1))
	echo "not ok $lint_count - $1"
	printf '%s\n' "$3" | head -n 200 | sed 's/^/#   /'
	echo "#   what to do: $2"
}

# Runs COMMAND..., which prints its findings: NAME ADVICE COMMAND... A command
# that fails is a finding too, so that a broken lint is not a silent one.
rule() {
	local name=$1 advice=$2 found status=0
	shift 2
	found=$("$@" 2>&1) || status=$?
	if [ "$status" -ne 0 ] && [ -z "$found" ]; then
		found="$1 ended with status $status"
	fi
	verdict "$name" "$advice" "$found"
}

# Ends the lint: the plan, and a status for those who run it by hand.
finish() {
	echo "1..$lint_count"
	[ "$lint_failed" -eq 0 ]
	exit
}

# TOOL PACKAGE: without its tool a lint has failed, not passed.
need() {
	command -v "$1" >/dev/null && return
	verdict "$1 is there" "apt-get install $2" "$1: not found"
	finish
}

# TOOL VERSION WORDS: one version of a tool is no other's judge. This tree is
# judged by Debian 12's; where WORDS tell of another, the lint says so and ends.
judge() {
	grep -Eq " ${2//./\\.}([.]|\$)" <<<"$3" && return
	verdict "$1 is not $2, by which this tree is judged" "" ""
	finish
}

# The C files below those of the folders that exist.
tree_c() {
	local dir
	for dir in "$@"; do
		[ ! -d "$dir" ] || find "$dir" -type f -name '*.[ch]'
	done | sort
}

product_c() {
	tree_c lib hooks acme wrapper
}

all_c() {
	tree_c lib hooks acme wrapper tests bench
}

# Every text file that a person wrote: neither what autotools and the build
# make in the tree, nor the broken files of tests/data.
tree_text() {
	find . \( -name .git -o -path './build*' -o -path ./m4 \
	    -o -path './certhaul-[0-9]*' -o -path ./tests/data \
	    -o -path ./tests/fuzz/seeds \
	    -o -name '.deps' -o -name autom4te.cache \) -prune \
	    -o -type f ! -name '*.o' ! -name '*.a' ! -name '*.log' \
	    ! -name '*.trs' ! -name Makefile ! -name Makefile.in \
	    ! -name 'configure' ! -name '*~' ! -name aclocal.m4 \
	    ! -name 'config.*' ! -name stamp-h1 ! -name .dirstamp -print0 |
	    LC_ALL=C xargs -0 -r grep -Il -e '' | sed 's,^\./,,' | sort
}

# The files on stdin as FILE:LINE:CODE, without comments and literals.
strip() {
	xargs -r awk -f "$lint_dir/strip.awk"
}

# FUNCTION ITEM...: the function for each item, two at a time, each next one
# as soon as one has ended.
in_pairs() {
	local function=$1 item running=0
	shift
	for item; do
		if [ "$running" -ge 2 ]; then
			wait -n
			running=$((running - 1))
		fi
		"$function" "$item" &
		running=$((running + 1))
	done
	wait
}
