#!/usr/bin/env bash
# certhaul revoke and delete where others are at the same certificate, or do
# not do what they are told: what is said is what is so.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lives.sh
. "$lab_lib/lives.sh"
lab_start --pebble

# One removal at a time: the second finds none of what the first is about.
new
for second in revoke delete; do
	held "$LAB/engine" revoke "$(command -v certbot)"
	lab_conf "engine_program=\"$LAB/engine\"" lock_wait_ms=100
	old=$(leaf a.example)
	begin revoke a.example --yes
	lab_wait_for '[ -e "$LAB/engine.began" ]' || bail_out "no engine"
	ends_with 6 "$second, while a revoke is at work" \
	    lab_certhaul "$second" a.example --yes
	like "$output" "another revoke or delete is at work \\($LAB_STATE.*\
nothing was done" "... says so"
	is "$(cat "$LAB_STATE/removal.lock")" "$lab_pid" "... and whose it is"
	lab_mood revoked_unsaid
	touch "$LAB/engine.go"
	ended
	is "$status" 1 "... and the first ends as if it were alone"
	like "$output" 'is not certain' "... with what it knows"
	is "$(ca_status "$LAB/a.pem")" Revoked "(the CA has revoked it)"
	stays_out
	lab_mood none
	succeeds "... which is settled when it has ended" \
	    lab_certhaul revoke a.example --yes
	is_gone a.example "$old"
	new
done
lab_conf
done_testing
