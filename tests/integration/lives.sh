# shellcheck shell=bash
# lives.sh: lineages that are served, revoked, or gone. Sourced, behind lab.sh,
# by the tests of revoke and delete.

# leaf NAME: the lineage's, as lab_leaf has it.
leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}

# issue NAME: a lineage, served.
issue() {
	lab_certbot certonly -d "$1" >"$LAB/out" 2>&1 ||
	    bail_out "certbot: $(cat "$LAB/out")"
	lab_certhaul deploy "$1" >"$LAB/out" 2>&1 ||
	    bail_out "deploy: $(cat "$LAB/out")"
}

# stays NAME: lineage, bundle, memory and wire are as they were.
stays() {
	is "$(lab_served "$1")" "$(leaf "$1")" "... $1 is served as before"
	is "$(lab_leaf "$LAB_SSL/$1.pem")" "$(leaf "$1")" "... from its bundle"
}

# is_gone NAME: from the CA's client, the disk, HAProxy's memory and the wire.
is_gone() {
	is "$(find "$LAB_LE/live" "$LAB_LE/archive" "$LAB_LE/renewal" \
	    "$LAB_SSL" -name "$1*")" "" "... $1 is gone from the disk"
	is "$(lab_memory "$1")" "" "... from HAProxy's memory"
	isnt "$(lab_served "$1")" "$2" "... and from the wire"
}

# ca_status PEM: what the CA says of a certificate.
ca_status() {
	lab_fetch "$LAB_PEBBLE_MGMT/cert-status-by-serial/$(lab_serial "$1")" |
	    sed -n 's/.*"Status": *"\([A-Za-z]*\)".*/\1/p'
}
