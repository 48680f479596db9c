#!/bin/bash
# What `certhaul renew` costs over certbot's own run where nothing is due, both
# in one run, turn by turn, against a real HAProxy on loopback.
#
#   wrapper.sh        started by `make bench-wrapper`; by hand with
#                     CERTHAUL_BUILDDIR
#   BENCH_ROUNDS      rounds, 15
#   BENCH_LINEAGES    lineages, 10
#
# certbot takes so long, and varies so much, that the difference of the two is
# little more than its noise; so the same is measured with an engine that does
# nothing (/bin/true) as well: what is left is certhaul's own share, the start
# of certhaul-hook and its look at everything included.
set -eu
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
rounds=${BENCH_ROUNDS:-15}
lineages=${BENCH_LINEAGES:-10}
# What figures.sh wants of bench.sh.
many=$lineages few=$lineages singles=0
limit_s=600

# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=figures.sh
. "$here/figures.sh"
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$here/lab.sh"

alone() {
	measure certbot "$(command -v certbot)" renew -n \
	    --no-random-sleep-on-renew --config-dir "$work/mid/etc" \
	    --work-dir "$work/mid/work" --logs-dir "$work/mid/logs"
}

wrapped() {
	measure certhaul "$certhaul" -c "$work/mid/verify.conf" renew
}

own_share() {
	measure own "$certhaul" -c "$work/mid/own.conf" renew
}

for file in "$certhaul" "$hook" "$mklineages" "$timed" "$bare"; do
	[ -x "$file" ] || die "$file is missing: make bench-wrapper builds it"
done
for program in haproxy certbot; do
	command -v "$program" >/dev/null ||
	    die "$program is missing: apt-get install it"
done

mkdir "$work/rows"
machine
lab mid "$lineages"
sed '1i engine_program = "/bin/true";' "$work/mid/verify.conf" \
    >"$work/mid/own.conf"
chmod 600 "$work/mid/own.conf"
# Python's byte code, and the proofs by handshake.
alone
wrapped
rm -f "$work/rows/"*
for ((round = 1; round <= rounds; round++)); do
	progress "round $round of $rounds"
	if ((round % 2)); then
		alone
		wrapped
	else
		wrapped
		alone
	fi
	own_share
done
grep -q '0 renewed, 0 failed, 0 deployed' "$work/said" ||
    die "there was something to do: $(tail -n 1 "$work/said")"

printf '\nrenew, %s lineages, nothing due, %s rounds: wall time in ms\n' \
    "$lineages" "$rounds"
printf '%-34s %8s %8s %8s %8s  %s\n' '' median least most cpu target
paste -d' ' "$work/rows/certhaul" "$work/rows/certbot" |
    awk '{ print $1 - $5, $2 - $6, $3 - $7, 0 }' >"$work/rows/difference"
while read -r row target title; do
	read -ra cpu <<<"$(spread "$row" cpu)"
	spread "$row" 1 | awk -v title="$title" -v target="${target//_/ }" \
	    -v cpu="${cpu[0]}" '{
		printf "%-34s %8.1f %8.1f %8.1f %8.1f  %s\n", title,
		    $1 / 1e3, $2 / 1e3, $3 / 1e3, cpu / 1e3,
		    target == "-" ? "" : target
	}'
done <<-'END'
	certbot - certbot renew
	certhaul - certhaul renew
	difference <=_50 certhaul over certbot, by round
	own <=_50 certhaul's own share
END
