#!/usr/bin/env bash
# certhaul revoke where it goes wrong on the way: what the CA may have revoked
# is not served again, and what it was never asked for is.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lives.sh
. "$lab_lib/lives.sh"
lab_start --pebble

# new: a.example anew, its certificate in a.pem.
new() {
	lab_mood none
	issue a.example
	cp "$LAB_LE/live/a.example/cert.pem" "$LAB/a.pem"
}

# stays_out: what a.example had is not served.
stays_out() {
	isnt "$(lab_served a.example)" "$(lab_leaf "$LAB/a.pem")" \
	    "... it is not served"
	is "$(lab_memory a.example)" "" "... nor in HAProxy's memory"
}

# The CA has done it, and the answer is lost. Asked again, it refuses: that
# does not undo what was done.
for engine in certbot builtin; do
	lab_conf "engine=\"$engine\""
	new
	lab_mood revoked_unsaid
	ends_with 1 "$engine: its answer is lost, and then it is refused" \
	    lab_certhaul revoke a.example --yes
	is "$(ca_status "$LAB/a.pem")" Revoked "... (the CA has revoked it)"
	is "$(lab_asked /revoke-cert)" 2 "... it was asked twice"
	unlike "$output" 'as before' "... nobody says that it is served"
	like "$output" 'is not certain.*revoke a\.example again' \
	    "... what is known is told"
	stays_out
	lab_mood none
	succeeds "... asked once more it settles that" \
	    lab_certhaul revoke a.example --yes

	# It says that it has failed, and has done it.
	new
	old=$(leaf a.example)
	lab_mood revoked_fault
	succeeds "$engine: done, and an internal error for an answer" \
	    lab_certhaul revoke a.example --yes
	is "$(lab_asked /revoke-cert)" 2 "... which it is asked about"
	is "$(ca_status "$LAB/a.pem")" Revoked "... (the CA has revoked it)"
	is_gone a.example "$old"
done

# A refusal alone is one, and asked for once.
for engine in certbot builtin; do
	lab_conf "engine=\"$engine\""
	new
	lab_mood revoke_refused
	ends_with 1 "$engine: it is refused" lab_certhaul revoke a.example --yes
	is "$(lab_asked /revoke-cert)" 1 "... it was asked once"
	like "$output" 'HAProxy serves it as before' "... which is told"
	stays a.example
done

# asked_for_nothing WHAT [VARIABLE=VALUE...]: revoke, and the CA never saw it.
asked_for_nothing() {
	new
	lab_mood none
	ends_with 1 "$1" env CERTHAUL_LAB="$LAB" XDG_CONFIG_HOME="$LAB/xdg" \
	    REQUESTS_CA_BUNDLE="$LAB/pebble/ca.pem" "${@:2}" \
	    "$LAB_BIN/certhaul" -c "$LAB_CONF" revoke a.example --yes
	is "$(lab_asked POST)" 0 "... the CA was asked for nothing"
	like "$output" 'HAProxy serves it as before' "... which is told"
	unlike "$output" 'not certain' "... and no more"
	stays a.example
}

for engine in certbot builtin; do
	lab_conf "engine=\"$engine\""
	asked_for_nothing "$engine: a CA that it does not trust" \
	    REQUESTS_CA_BUNDLE="$LAB/default.pem"
	mkdir -p "$LAB/bad/letsencrypt"
	echo 'not-an-option = 1' >"$LAB/bad/letsencrypt/cli.ini"
	asked_for_nothing "$engine: a cli.ini that it cannot read" \
	    XDG_CONFIG_HOME="$LAB/bad"
done
done_testing
