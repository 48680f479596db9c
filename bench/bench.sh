#!/bin/bash
# The same work by certhaul-hook and by the shell loop that everybody starts
# from, side by side in one run, against a real HAProxy on loopback.
#
#   bench.sh          started by `make bench`; by hand with CERTHAUL_BUILDDIR
#   BENCH_ROUNDS      rounds of the comparison, 7
#   BENCH_LINEAGES    lineages in it, 1000
#   BENCH_MANY        certificates in the large HAProxy, 5000
#   BENCH_HAPROXY     another HAProxy than the one in PATH
#
# Before each measured step `sync` empties what the step before left to be
# written, so that nobody pays for another. Rounds alternate who goes first.
set -eu
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
rounds=${BENCH_ROUNDS:-7}
lineages=${BENCH_LINEAGES:-1000}
many=${BENCH_MANY:-5000}
few=10
hundred=100
singles=25
limit_s=120

# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=figures.sh
. "$here/figures.sh"
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$here/lab.sh"

renew() {
	"$mklineages" renew "$work/$1" ${2:+"$2"}
}

# LAB ROW CONF [NAME]: one deploy of everything, or of NAME.
deploy() {
	measure "$2" "$hook" -c "$work/$1/$3.conf" deploy "${4:---all}"
}

loops() {
	measure sh sh -c "$loop" sh "$work/mid/etc" "$work/out"
	measure bash bash -c "$loop" bash "$work/mid/etc" "$work/out"
}

hooks() {
	deploy mid changed plain
	: >"$work/stamp"
	deploy mid unchanged plain
	untouched mid
}

# The work was done, and only where there was some: what the loop wrote is
# on disk and in HAProxy's memory; without a change no file was touched.
untouched() {
	local newer
	newer=$(find "$work/$1/ssl" "$work/$1/state" -newer "$work/stamp")
	[ -z "$newer" ] || die "deploy without a change touched $newer"
}

proved() {
	local name
	diff -rq "$work/out" "$work/mid/ssl" >&2 ||
	    die "the bundles are not what the loop wrote"
	for name in $(names mid | sed -n '1p;$p'); do
		in_memory mid "$name" || die "$name: not in HAProxy's memory"
	done
}

compare() {
	local round
	for ((round = 1; round <= rounds; round++)); do
		progress "round $round of $rounds"
		renew mid
		if ((round % 2)); then
			loops
			hooks
		else
			hooks
			loops
		fi
		proved
		renew mid
		deploy mid proved verify
		deploy mid proved_again verify
		"$bare" "$work/mid/admin.sock" commit "$work/mid/ssl" \
		    >>"$work/rows/bare" || die "the bare client failed"
	done
}

# Single deploys, turn by turn into the small HAProxy and the large ones.
single() {
	local i lab name conf
	local -a list
	mapfile -t list < <(names few)
	for ((i = 0; i < singles; i++)); do
		name=${list[i % few]}
		for conf in plain verify; do
			for lab in few many list; do
				renew "$lab" "$name"
				deploy "$lab" "single.$lab.$conf" "$conf" \
				    "$name"
			done
		done
		measure single.version "$hook" --version
		measure single.true /bin/true
	done
	in_memory many "$name" || die "$name: not in HAProxy's memory"
}

memory() {
	local lab
	for lab in hundred many; do
		renew "$lab"
		deploy "$lab" "changed.$lab" plain
		deploy "$lab" "unchanged.$lab" plain
		renew "$lab"
		deploy "$lab" "proved.$lab" verify
	done
}

for file in "$hook" "$mklineages" "$timed" "$bare"; do
	[ -x "$file" ] || die "$file is missing: make bench builds it"
done
command -v "$haproxy" >/dev/null || die "$haproxy is missing: install it"

mkdir "$work/rows" "$work/out"
machine
progress "labs of $few, $hundred, $lineages and twice $many lineages"
lab few "$few"
lab hundred "$hundred"
lab mid "$lineages"
lab many "$many"
lab list "$many" list
compare
report_compare
progress "single deploys"
single
report_single
progress "peak memory"
memory
report_memory
