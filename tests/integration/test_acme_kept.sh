#!/usr/bin/env bash
# What a run leaves behind for the next one: a certificate that was issued is
# not lost by it, and one that was got rid of does not come back.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
kept=$LAB/le-work/certhaul

# orders: how many were made since the last mood.
orders() {
	lab_asked '/order-plz 201'
}

# half_made NAME: the CA has issued, and a run was killed as the lineage came to
# be: noted with the order, and the conf is aside.
half_made() {
	lab_mood no_certificate
	! lab_builtin certonly -d "$1" && lab_mood none &&
	    sed -i '/^live/a got 0123 CN=x' "$kept/$1.order" &&
	    : >"$LAB_LE/renewal/.$1.conf.certhaul"
}

# --- killed as it came to be, and then a run that fails -----------------------
succeeds "(a lineage)" lab_builtin certonly -d a.example
succeeds "(a lineage that has not come to be)" half_made twice.example
mkdir "$LAB_LE/live/twice.example"
touch "$LAB_LE/live/twice.example/stray"
ends_with 1 "the next run fails" lab_builtin certonly -d twice.example
like "$output" 'live directory exists for twice.example' "(it does)"
rm -r "$LAB_LE/live/twice.example"
succeeds "... and the next but one" lab_builtin certonly -d twice.example
is "$(orders)" 0 "... has the certificate that was issued"

# --- deleted, as far as that went ---------------------------------------------
lab_mood no_certificate
ends_with 1 "(an order)" lab_builtin certonly -d gone.example
cp "$kept/gone.example.order" "$LAB/order"
lab_mood none
succeeds "(its lineage, of a run that was killed at its end)" \
    lab_builtin certonly -d gone.example
sed '/^live/a got 0123 CN=x' "$LAB/order" >"$kept/gone.example.order"
deep=$LAB_LE/archive/gone.example/$(printf 'd/%.0s' {1..20})
mkdir -p "$deep"
ends_with 1 "delete, which does not come to its end" \
    lab_builtin delete --cert-name gone.example
rm -r "$LAB_LE/archive/gone.example/d"
lab_mood none
succeeds "... and certonly after it" lab_builtin certonly -d gone.example
is "$(orders)" 1 "... gets another certificate"

# --- what cannot be kept ------------------------------------------------------
for name in a.example new.example; do
	lab_mood none
	ends_with 1 "a hook that no conf can have, $name" lab_builtin certonly \
	    -d "$name" --force-renewal --deploy-hook "true \"\"\" '''"
	like "$output" 'cannot be quoted' "... is told of"
	is "$(orders)" 0 "... before anything is ordered"
done
done_testing
