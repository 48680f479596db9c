#!/usr/bin/env bash
# A certificate that browsers believe is not replaced by a test certificate in
# passing: certbot refuses, and so does certhaul-acme. Which server is one for
# tests is told by its URL.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
live=$LAB_LE/live

# Pebble once more, by a proxy that knows its directory by another name, too.
port=$(lab_free_port)
pebble=${LAB_SERVER#https://}
cat "$LAB/pebble/tls.pem" "$LAB/pebble/tls.key" >"$LAB/pebble/both.pem"
cat >"$LAB/front.cfg" <<EOT
defaults
	mode http
	timeout connect 5s
	timeout client 30s
	timeout server 30s
listen front
	bind 127.0.0.1:$port ssl crt $LAB/pebble/both.pem
	http-request set-path /dir if { path /staging-dir }
	server pebble ${pebble%/dir} ssl verify none
EOT
lab_spawn "$LAB/front.log" "$LAB_HAPROXY" -db -f "$LAB/front.cfg"
real=https://127.0.0.1:$port/dir
staging=https://127.0.0.1:$port/staging-dir
lab_wait_for "lab_fetch $staging" || bail_out "no proxy before Pebble"

for engine in lab_certbot lab_builtin; do
	rm -rf "$LAB_LE"
	LAB_SERVER=$real
	succeeds "$engine: a certificate" "$engine" certonly -d a.example
	LAB_SERVER=$staging
	for words in "certonly --force-renewal -d a.example" \
	    "certonly --expand -d a.example -d b.example" \
	    "certonly --cert-name a.example -d b.example" \
	    "renew --force-renewal --server $staging"; do
		rm -f "$LAB/pre"
		# shellcheck disable=SC2086 # words
		ends_with 1 "$engine: $words, staging" "$engine" $words \
		    --pre-hook "touch $LAB/pre"
		like "$output" 'test certificate' "... is told why"
		like "$output" '--break-my-certs' "... and what would do"
		is "$(lab_generation a.example)" 1 "... nothing has changed"
		[ "$engine" = lab_certbot ] || [ ! -e "$LAB/pre" ] ||
		    not_ok "... no hook has run"
	done
	run "$engine" certificates
	like "$output" '\(VALID: [0-9]+ days\)' "... it is valid"
	succeeds "$engine: a dry run" "$engine" renew --dry-run \
	    --server "$staging"
	succeeds "$engine: --break-my-certs" "$engine" certonly \
	    --force-renewal -d a.example --break-my-certs
	is "$(lab_generation a.example)" 2 "... is what is done"
	run "$engine" certificates
	like "$output" '\(INVALID: TEST_CERT\)' "... it is for tests now"
	succeeds "$engine: from tests to tests" "$engine" renew \
	    --force-renewal
	succeeds "$engine: another for tests" "$engine" certonly -d c.example
	LAB_SERVER=$real
	succeeds "$engine: from tests to the real one" "$engine" certonly \
	    -d c.example --force-renewal
	run "$engine" certificates --cert-name c.example
	like "$output" '\(VALID: [0-9]+ days\)' "... is valid"
done
[ -d "$live/c.example" ] || not_ok "the lineage is where it was"
done_testing
