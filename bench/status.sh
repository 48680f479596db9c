#!/bin/bash
# What `certhaul status` costs with many certificates in HAProxy.
#
#   status.sh         started by `make bench-status`; by hand with
#                     CERTHAUL_BUILDDIR
#   BENCH_ROUNDS      runs of each, 15
#   BENCH_LINEAGES    lineages, 1000
#
# To reach: 0.25 s for 1,000. The rows are: nothing is known yet (no record),
# all is known, each form of output, and with a handshake for each.
set -eu
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "$0")" && pwd)
rounds=${BENCH_ROUNDS:-15}
lineages=${BENCH_LINEAGES:-1000}
# For figures.sh and lab.sh, which bench.sh shares.
# shellcheck disable=SC2034
many=0 few=0 singles=0
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=figures.sh
. "$here/figures.sh"
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$here/lab.sh"

# STATUS ROW OPTION...: one run more in the row's file, which ends so.
status_of() {
	local wanted=$1 row=$2 got=0
	shift 2
	"$timed" "$work/rows/$row" 60 "$certhaul" -c "$work/mid/verify.conf" \
	    status "$@" >"$work/said" 2>&1 || got=$?
	[ "$got" -eq "$wanted" ] || {
		tail -n 20 "$work/said" >&2
		die "status $*: ended with $got, not $wanted"
	}
}

# ROW TITLE [TARGET]
told() {
	local wall cpu rss
	read -ra wall <<<"$(spread "$1" 1)"
	read -ra cpu <<<"$(spread "$1" cpu)"
	read -ra rss <<<"$(spread "$1" 4)"
	awk -v title="$2" -v median="${wall[0]}" -v least="${wall[1]}" \
	    -v most="${wall[2]}" -v cpu="${cpu[0]}" -v rss="${rss[2]}" \
	    -v target="${3:-}" 'BEGIN {
		printf "%-34s %8.1f %8.1f %8.1f %8.1f %8d  %s\n", title,
		    median / 1e3, least / 1e3, most / 1e3, cpu / 1e3, rss,
		    target
	}'
}

for file in "$certhaul" "$hook" "$mklineages" "$timed" "$bare"; do
	[ -x "$file" ] || die "$file is missing: make bench-status builds it"
done
command -v haproxy >/dev/null || die "haproxy is missing: apt-get install it"

mkdir "$work/rows"
machine
progress "a lab of $lineages lineages"
lab mid "$lineages"
"$hook" -c "$work/mid/verify.conf" deploy --all >"$work/said" 2>&1 ||
    die "the deploy failed: $(tail -n 1 "$work/said")"
for ((round = 1; round <= rounds; round++)); do
	status_of 0 lines
	status_of 0 json --json
	status_of 0 prometheus --prometheus
	status_of 0 nagios --nagios
done
grep -q "^CERTHAUL OK - $lineages lineages" "$work/said" ||
    die "not what is expected: $(cat "$work/said")"
for ((round = 1; round <= 3; round++)); do
	status_of 0 live --live
done
mv "$work/mid/state" "$work/mid/state.away"
for ((round = 1; round <= 5; round++)); do
	status_of 0 unknown
done

printf '\nstatus of %s lineages, %s rounds: wall time in ms\n' "$lineages" \
    "$rounds"
printf '%-34s %8s %8s %8s %8s %8s  %s\n' '' median least most cpu 'max kB' \
    target
told lines 'a line each' '<= 250'
told json '--json'
told prometheus '--prometheus'
told nagios '--nagios'
told live '--live, a handshake each'
told unknown 'no record: every bundle is read'
