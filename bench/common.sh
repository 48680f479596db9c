# shellcheck shell=bash
# common.sh: what the benches of the hook and of the wrapper share: their
# programs, a directory that goes with them, and the measuring. Sourced, with
# $here, before figures.sh and lab.sh.
# shellcheck disable=SC2034 # read by who sources it

build=${CERTHAUL_BUILDDIR:-$(cd "$here/.." && pwd)}
certhaul=$build/certhaul
hook=$build/certhaul-hook
mklineages=$build/bench/mklineages
timed=$build/bench/timed
bare=$build/bench/bare
haproxy=${BENCH_HAPROXY:-haproxy}
limit_s=${limit_s:-120} # of one command

work=$(mktemp -d "${TMPDIR:-/tmp}/certhaul-bench.XXXXXX")
pids=()

cleanup() {
	local pid
	trap - EXIT INT TERM
	for pid in "${pids[@]}"; do
		kill -TERM "$pid" 2>/dev/null || true
	done
	for pid in "${pids[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

die() {
	echo "bench: $*" >&2
	exit 1
}

# The loop that everybody starts from, and the first bundles: single quotes, it
# is for the shell that is measured.
# shellcheck disable=SC2016
loop='for d in "$1"/live/*/; do
	n=$(basename "$d")
	cat "$d/fullchain.pem" "$d/privkey.pem" > "$2/$n.pem"
done'

# ROW COMMAND...: measures it, one line more in the row's file.
measure() {
	local row=$work/rows/$1
	shift
	sync
	"$timed" "$row" "$limit_s" "$@" >"$work/said" 2>&1 || {
		tail -n 20 "$work/said" >&2
		die "${row##*/}: failed: $*"
	}
}
