#!/bin/bash
# One certificate from one Pebble by certhaul-acme, uacme, lego and certbot,
# side by side in one run: the account is known, one name, a new ECDSA key each
# time.
#
#   acme.sh           started by `make bench-acme`; needs root (see below)
#   BENCH_ROUNDS      rounds of the comparison, 9
#   PEBBLE            another Pebble than the newest and the one in PATH
#
# First against the newest Pebble, where the machine's apt can reach Debian's
# development suite, then against the machine's own: Debian 12's uacme cannot
# read the newest one's challenges.
#
# The challenge goes through HAProxy, as in life: certhaul-acme, lego and
# certbot listen behind it; for uacme, which has no listener, HAProxy answers
# by itself, and its hook has nothing to do but to end.
#
# uacme trusts the system's bundle alone: so all of it runs in a mount namespace
# in which that is the lab's CA, and each client reads one certificate.
# shellcheck source-path=SCRIPTDIR source=../tests/integration/lab.sh
set -u
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
bundle=/etc/ssl/certs/ca-certificates.crt
if [ "${1:-}" != inside ]; then
	exec unshare --mount -- "$BASH" "$0" inside
fi
. "$here/../tests/integration/lab.sh"

rounds=${BENCH_ROUNDS:-9}
timed=$LAB_BIN/bench/timed
limit_s=60
all="builtin uacme lego certbot"

progress() {
	echo "bench: $*" >&2
}

setup() {
	lab_start
	sed -i "/^frontend http\$/a\\
	http-request return status 200 content-type text/plain \
lf-string \"%[path,field(-1,/)].%[str(thumb),map($LAB/thumb.map)]\" \
if { req.hdr(host),field(1,:) -m str uacme.example }" "$LAB/haproxy.cfg"
	: >"$LAB/thumb.map"
	lab_haproxy_reload || bail_out "HAProxy does not take its new rule"
	cat >"$LAB/uacme-hook" <<-EOT
	#!/bin/sh
	[ "\$1" != begin ] || [ "\$2" = http-01 ] || exit 1
	printf '%s\n' "\$5" >>"$LAB/uacme-said"
	EOT
	chmod 700 "$LAB/uacme-hook"
	export REQUESTS_CA_BUNDLE=$LAB/pebble/ca.pem
	export LEGO_CA_CERTIFICATES=$LAB/pebble/ca.pem
}

# A CA, and nothing left of one before.
start_ca() {
	local client
	for client in $all; do
		rm -rf "${LAB:?}/$client" "$LAB/$client-work"
	done
	rm -rf "$LAB/rows"
	mkdir "$LAB/rows" "$LAB/uacme" "$LAB/lego"
	lab_pebble_start || bail_out "Pebble does not start"
	mount --bind "$LAB/pebble/ca.pem" "$bundle" ||
	    bail_out "cannot exchange $bundle in a mount namespace"
}

stop_ca() {
	umount "$bundle"
	lab_pebble_stop || bail_out "Pebble does not end"
}

# One issuance each, as its users would write it.
certbot_like() {
	local program=$1
	shift
	echo "$program" certonly -n --config-dir "$LAB/$1" \
	    --work-dir "$LAB/$1-work" --logs-dir "$LAB/$1-logs" \
	    --server "$LAB_SERVER" --agree-tos -m lab@a.example \
	    --no-eff-email --standalone --http-01-address 127.0.0.1 \
	    --http-01-port "$LAB_ACME" --force-renewal -d "$1.example"
}
line_builtin() {
	certbot_like "$LAB_BIN/certhaul-acme" builtin
}
line_certbot() {
	certbot_like certbot certbot
}
line_uacme() {
	echo uacme -a "$LAB_SERVER" -c "$LAB/uacme" -h "$LAB/uacme-hook" \
	    -t EC -f -y issue uacme.example
}
line_lego() {
	echo lego --server "$LAB_SERVER" --path "$LAB/lego" \
	    --email lab@a.example --accept-tos --key-type ec256 --http \
	    --http.port "127.0.0.1:$LAB_ACME" -d lego.example run
}

# The first of each, not measured: the account.
warm_up() {
	local client thumb
	uacme -a "$LAB_SERVER" -c "$LAB/uacme" -t EC -y new lab@a.example \
	    >"$LAB/said" 2>&1 || fail uacme
	# It fails, and tells the thumbprint.
	# shellcheck disable=SC2046,SC2091 # words, of a command
	$(line_uacme) >"$LAB/said" 2>&1
	thumb=$(tail -n 1 "$LAB/uacme-said" 2>/dev/null)
	lab_cli "clear map $LAB/thumb.map" >/dev/null
	lab_cli "add map $LAB/thumb.map thumb ${thumb#*.}" >/dev/null
	for client in $clients; do
		# shellcheck disable=SC2046,SC2091 # words, of a command
		$("line_$client") >"$LAB/said" 2>&1 || leave_out "$client"
	done
}

# CLIENT: a peer that cannot speak to this CA is not measured.
leave_out() {
	[ "$1" != builtin ] || fail "$1"
	progress "$1 gets no certificate of this CA: $(tail -n 2 "$LAB/said" |
	    tr '\n' ' ')"
	# shellcheck disable=SC2086 # words
	clients=$(printf '%s\n' $clients | grep -vxF "$1" | tr '\n' ' ')
}

fail() {
	diag_file "$LAB/said"
	bail_out "$1 did not get a certificate"
}

requests() {
	grep -c 'calling handler' "$LAB/pebble.log"
}

measure() {
	local client=$1 before after
	before=$(requests)
	# shellcheck disable=SC2046,SC2091 # words, of a command
	"$timed" "$LAB/rows/$client" "$limit_s" $("line_$client") \
	    >"$LAB/said" 2>&1 || fail "$client"
	after=$(requests)
	echo $((after - before)) >>"$LAB/rows/$client.requests"
}

# ROW FIELD ("cpu": user + sys): the median.
median() {
	awk -v field="$2" '{ print field == "cpu" ? $2 + $3 : $field }' \
	    "$LAB/rows/$1" | sort -n |
	    awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# ROW FIELD: the median of our share of it, round by round.
share() {
	paste -d' ' "$LAB/rows/builtin" "$LAB/rows/$1" |
	    awk -v field="$2" '{
		print field == "cpu" ? ($2 + $3) / ($6 + $7) : $1 / $5
	    }' | sort -n | awk '{ v[NR] = $1 }
		END { printf "%.2f", v[int((NR + 1) / 2)] }'
}

report() {
	local client
	printf '\none certificate, ECDSA, account known, %s rounds: medians\n' \
	    "$rounds"
	printf '%-16s %9s %9s %9s %9s %10s %9s\n' '' 'wall ms' 'cpu ms' \
	    'peak kB' requests 'our wall' 'our cpu'
	for client in $clients; do
		awk -v name="${client/builtin/certhaul-acme}" \
		    -v wall="$(median "$client" 1)" \
		    -v cpu="$(median "$client" cpu)" \
		    -v peak="$(median "$client" 4)" \
		    -v requests="$(median "$client.requests" 1)" \
		    -v wall_share="$(share "$client" 1)" \
		    -v cpu_share="$(share "$client" cpu)" 'BEGIN {
			printf "%-16s %9.1f %9.1f %9d %9d %10s %9s\n", name,
			    wall / 1e3, cpu / 1e3, peak, requests,
			    wall_share, cpu_share
		}'
	done
}

# One table, of one CA.
compare() {
	local round client
	clients=$all
	start_ca
	warm_up
	for ((round = 1; round <= rounds; round++)); do
		progress "round $round of $rounds"
		for client in $clients; do
			measure "$client"
		done
	done
	echo
	echo "pebble    $1, load $(cut -d' ' -f1 /proc/loadavg)"
	report
	stop_ca
}

setup
echo "machine   $(nproc) processors, $(uname -sr)"
if [ -n "${PEBBLE:-}" ]; then
	LAB_PEBBLE=$PEBBLE compare "$PEBBLE"
	exit
fi
if lab_pebble_newest >"$LAB/said" 2>&1; then
	LAB_PEBBLE=$LAB/newer/usr/bin/pebble compare \
	    "$(basename "$LAB"/newer/apt/cache/pebble_*.deb)"
else
	progress "the newest Pebble cannot be had: $(tail -n 1 "$LAB/said")"
fi
compare "$(dpkg-query -W -f '${Version}' pebble)"
echo 'peak: of the largest process. our ...: certhaul-acme / this one,'
echo 'median over the rounds; to reach: uacme 0.50 and 0.50, lego cpu 1.00,'
echo 'requests 9, peak 12288.'
