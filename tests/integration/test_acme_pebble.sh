#!/usr/bin/env bash
# certhaul-acme against CAs of several tempers: Pebble as Debian 12 has it and
# the newest that Debian's development suite has, unpacked beside; refused
# nonces, authorizations that are valid already, long chains, several roots.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
first=yes

# chain NAME: how many certificates there are above its own.
chain() {
	grep -c 'BEGIN CERTIFICATE' "$LAB_LE/live/$1/chain.pem"
}
# serials: all that the lab holds; a certificate is never the same again.
issues_and_renews() {
	local what=$1 length=$2 old
	run lab_builtin certonly -d a.example -d b.example
	is "$status" 0 "$what: certonly" || diag "$output"
	lab_lineage_is a.example "a.example b.example" "... whole"
	is "$(chain a.example)" "$length" "... a chain of $length"
	old=$(lab_serial "$LAB_LE/live/a.example/cert.pem")
	run lab_builtin renew --force-renewal
	is "$status" 0 "$what: renew" || diag "$output"
	isnt "$(lab_serial "$LAB_LE/live/a.example/cert.pem")" "$old" \
	    "... another certificate"
	run lab_builtin revoke --cert-name a.example
	is "$status" 0 "$what: revoke" || diag "$output"
}

# matrix VERSION: all of it.
matrix() {
	local reject reuse length roots
	while read -r reject reuse length roots; do
		[ "$first" = yes ] || lab_pebble_stop
		first=no
		rm -rf "$LAB_LE" "$LAB/le-work"
		lab_pebble_start "PEBBLE_WFE_NONCEREJECT=$reject" \
		    "PEBBLE_AUTHZREUSE=$reuse" "PEBBLE_CHAIN_LENGTH=$length" \
		    "PEBBLE_ALTERNATE_ROOTS=$roots" ||
		    bail_out "Pebble $1 does not start"
		issues_and_renews "Pebble $1, nonces refused $reject %, \
authorizations reused $reuse %, $roots more roots" "$length"
	done <<-EOT
	0 0 1 0
	50 100 2 1
	90 0 3 2
	50 0 4 0
	90 100 1 0
	EOT
}

lab_pebble_stop
first=yes
matrix "of this machine"

# --- the newest ------------------------------------------------------------
run lab_pebble_newest
is "$status" 0 "the newest Pebble is unpacked" || {
	diag "$output"
	bail_out "the development suite cannot be reached"
}
LAB_PEBBLE=$LAB/newer/usr/bin/pebble
LAB_PEBBLE_CONFIG='"externalAccountBindingRequired": false,
    "retryAfter": { "authz": 1, "order": 1 },
    "profiles": {
	"default": { "description": "any", "validityPeriod": 7776000 },
	"short": { "description": "short", "validityPeriod": 518400 } }'
matrix newest

# Profiles, which only the newer one has.
lifetime_days() {
	local from to
	from=$(openssl x509 -noout -startdate -in "$LAB_LE/live/$1/cert.pem")
	to=$(openssl x509 -noout -enddate -in "$LAB_LE/live/$1/cert.pem")
	echo $((($(date -d "${to#*=}" +%s) - $(date -d "${from#*=}" +%s) + 1) \
	    / 86400))
}
succeeds "--preferred-profile" lab_builtin certonly -d c.example \
    --preferred-profile short
is "$(lifetime_days c.example)" 6 "... is what the CA issues by"
like "$(cat "$LAB_LE/renewal/c.example.conf")" 'preferred_profile = short' \
    "... also from now on"
succeeds "--preferred-profile that there is not" lab_builtin certonly \
    -d d.example --preferred-profile none-such
succeeds "--required-profile" lab_builtin certonly -d e.example \
    --required-profile short
is "$(lifetime_days e.example)" 6 "... is what the CA issues by"
ends_with 1 "--required-profile that there is not" lab_builtin certonly \
    -d f.example --required-profile none-such
like "$output" 'no profile .none-such' "... says so"
done_testing
