#!/usr/bin/env bash
# A chain that is of no use does not take the place of one that is: what has
# expired, is to come, or was not signed by who stands behind it.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
LAB_PEBBLE_ENV+=(PEBBLE_CHAIN_LENGTH=3)
lab_start --no-haproxy --pebble
cert=$LAB_LE/live/a.example/cert.pem

succeeds "a chain of three" lab_builtin certonly -d a.example \
    --deploy-hook "echo deployed >>$LAB/deployed"
is "$(cat "$LAB/deployed")" deployed "... is taken"
serial=$(lab_serial "$cert")
while IFS=: read -r mood words; do
	lab_mood "$mood"
	ends_with 1 "a chain that is $mood" lab_builtin renew --force-renewal
	like "$output" "$words" "... says so"
	like "$output" '\(failure\)' "... as a failure"
	is "$(lab_serial "$cert") $(lab_generation a.example)" "$serial 1" \
	    "... and what is live stays"
	rm -f "$LAB/le-work/certhaul"/*.order
done <<'EOT'
expired:it expired at 20..-
to_come:it is valid from 20..-.*clock
by_nobody:none of those that came with it has issued it
EOT
is "$(cat "$LAB/deployed")" deployed "no hook was told"
lab_mood none
succeeds "the next one that is well" lab_builtin renew --force-renewal
is "$(lab_generation a.example)" 2 "... is taken"
# The order of those above it is the CA's affair.
lab_mood upside_down
succeeds "a chain in another order" lab_builtin renew --force-renewal
is "$(lab_generation a.example)" 3 "... is taken, as certbot takes it"
lab_mood none
issuers() {
	openssl crl2pkcs7 -nocrl \
	    -certfile "$LAB_LE/live/a.example/fullchain.pem" |
	    openssl pkcs7 -print_certs -noout | sed -n "s/^$1=//p"
}
is "$(issuers issuer | head -n -1)" "$(issuers subject | tail -n +2)" \
    "... and is each behind the one that it issued"
done_testing
