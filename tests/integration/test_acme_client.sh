#!/usr/bin/env bash
# certhaul-acme's network half against Pebble: refused nonces, reused
# authorizations, long chains and other ones, and no more requests than needed.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"

# acme VERB ARGUMENT...: certhaul-acme on the lab's directories.
acme() {
	local verb=$1
	shift
	CERTHAUL_LAB=$LAB XDG_CONFIG_HOME=$LAB/xdg \
	    REQUESTS_CA_BUNDLE=$LAB/pebble/ca.pem \
	    "$LAB_BIN/certhaul-acme" "$verb" -n --config-dir "$LAB_LE" \
	    --work-dir "$LAB/le-work" --logs-dir "$LAB/le-logs" \
	    --server "$LAB_SERVER" "$@"
}

# certonly ARGUMENT...: answered on the port behind HAProxy; what it said is
# in $LAB/said.
certonly() {
	acme certonly -vv --agree-tos -m a@a.example --no-eff-email \
	    --standalone --http-01-address 127.0.0.1 \
	    --http-01-port "$LAB_ACME" "$@" >"$LAB/said" 2>&1 || {
		diag_file "$LAB/said"
		return 1
	}
}

# The number of requests that the last run needed.
requests() {
	sed -n 's/.*(request \([0-9]*\)).*/\1/p' "$LAB/said" | tail -n 1
}

# at_most COUNT ARGUMENT...: a certificate takes no more requests. In one of
# three tries: on a busy machine the CA may not be done when it is first asked.
at_most() {
	local count=$1
	shift
	for _ in 1 2 3; do
		certonly "$@" --force-renewal || return 1
		[ "$(requests)" -gt "$count" ] || return 0
	done
	echo "it took $(requests)"
	return 1
}

# again NAME=VALUE...: another Pebble, with this in its environment.
again() {
	lab_pebble_stop
	lab_pebble_start "$@" || bail_out "Pebble does not start"
}

# How many certificates are in a file.
certificates() {
	grep -c -- '-BEGIN CERTIFICATE-' "$1"
}

# The issuer of the last certificate in a chain.
topmost() {
	awk '/-BEGIN/ { text = "" } { text = text $0 "\n" }
	    END { printf "%s", text }' "$1" | lab_issuer
}

lab_start --pebble
lab_mood mindful # its refusals would be counted

succeeds "a first certificate comes with an account" certonly -d a.example
succeeds "a second one uses it, in at most 9 requests" at_most 9 -d b.example
succeeds "three names take 4 more, 13 at most" at_most 13 -d a.example \
    -d b.example -d www.a.example --cert-name three
succeeds "without a wait that is long" grep -q 'Successfully' "$LAB/said"

for percent in 50 90; do
	again "PEBBLE_WFE_NONCEREJECT=$percent"
	rm -rf "$LAB_LE"
	succeeds "it bears $percent % of refused nonces" certonly \
	    -d a.example -d b.example
done

again PEBBLE_AUTHZREUSE=100
rm -rf "$LAB_LE"
succeeds "authorizations that are new" certonly -d a.example
succeeds "... are used again" certonly -d a.example --force-renewal
succeeds "... and cost nothing then" [ "$(requests)" -le 7 ]

again PEBBLE_CHAIN_LENGTH=4 PEBBLE_ALTERNATE_ROOTS=2
rm -rf "$LAB_LE"
succeeds "a chain of four is taken" certonly -d a.example
is "$(certificates "$LAB_LE/live/a.example/fullchain.pem")" 5 \
    "... with its leaf in front"
lab_fetch "$LAB_PEBBLE_MGMT/roots/2" >"$LAB/other.pem"
other=$(lab_subject <"$LAB/other.pem")
succeeds "another chain is taken where it is preferred" certonly \
    -d a.example --force-renewal --preferred-chain "${other##*CN=}"
is "$(topmost "$LAB_LE/live/a.example/fullchain.pem")" \
    "$other" "... up to its own root"

# Nothing answers for the name but HAProxy: the CA's words are shown.
run acme certonly --agree-tos -m a@a.example --no-eff-email --standalone \
    --http-01-address 127.0.0.1 --http-01-port "$(lab_free_port)" \
    -d c.example
is "$status" 1 "a failed validation fails"
like "$output" 'c\.example.*unauthorized' "... in the CA's own words"

# A proxy, by the usual environment; and none for whom no_proxy names.
proxy=$(lab_free_port)
authority=${LAB_SERVER#https://}
authority=${authority%%/*}
lab_spawn "$LAB/proxy.log" /usr/bin/python3 \
    "$CERTHAUL_SRCDIR/tests/tools/connectproxy.py" "$proxy"
lab_wait_for 'grep -q ready "$LAB/proxy.log"' || bail_out "no proxy"
for variable in https_proxy HTTPS_PROXY ALL_PROXY; do
	: >"$LAB/proxy.log"
	export "$variable=http://127.0.0.1:$proxy"
	succeeds "$variable" certonly -d a.example --force-renewal
	like "$(cat "$LAB/proxy.log")" "CONNECT $authority" "... is used"
	: >"$LAB/proxy.log"
	no_proxy=${authority%:*} succeeds "... and not with no_proxy" \
	    certonly -d a.example --force-renewal
	is "$(cat "$LAB/proxy.log")" "" "... where it names the CA"
	unset "$variable"
done
https_proxy=http://127.0.0.1:$(lab_free_port)
export https_proxy
run acme certonly --agree-tos -m a@a.example --no-eff-email --standalone \
    --http-01-address 127.0.0.1 --http-01-port "$LAB_ACME" -d a.example \
    --force-renewal
unset https_proxy
is "$status" 1 "a proxy that is not there"
like "$output" '127\.0\.0\.1 port' "... is told"
done_testing
