#!/usr/bin/env bash
# certhaul-acme where the CA has seen the names proved before.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
LAB_PEBBLE_ENV+=(PEBBLE_AUTHZREUSE=100)
lab_start --no-haproxy --pebble
lab_mood mindful
live=$LAB_LE/live

# validations: how often Pebble has looked at a name so far.
validations() {
	grep -c 'Pulled a task from the Tasks queue' "$LAB/pebble.log"
}

# --- the port that nobody needs ---------------------------------------------
succeeds "the first certificate" lab_builtin certonly -d a.example
lab_spawn "$LAB/taken.log" socat SYSTEM:true \
    "TCP-LISTEN:$LAB_ACME,bind=127.0.0.1,reuseaddr,fork"
taken=$lab_pid
lab_wait_for "lab_listens $LAB_ACME" || bail_out "socat does not listen"
before=$(validations)
succeeds "the port is taken, and the name is proved already" \
    lab_builtin renew --force-renewal
is "$(validations)" "$before" "... so nobody looked"
like "$(readlink "$live/a.example/cert.pem")" 'cert2\.pem$' "... it is renewed"
ends_with 1 "the port is taken, and there is something to prove" \
    lab_builtin certonly -d b.example
like "$output" "port $LAB_ACME: somebody else listens there" \
    "... which is what it says"
[ ! -e "$live/b.example" ] || not_ok "... nothing is left of it"
lab_kill "$taken"

# --- a dry run proves anew --------------------------------------------------
before=$(validations)
succeeds "a dry run of what is proved already" lab_builtin renew --dry-run \
    --server "$LAB_SERVER"
is "$(($(validations) - before))" 1 "... proves it anew" ||
    diag_file "$LAB/pebble.log"
before=$(validations)
succeeds "a dry run of a part" lab_builtin certonly --dry-run --expand \
    -d a.example -d www.a.example
is "$(($(validations) - before))" 2 "... proves all of it"
succeeds "its account is still one" lab_builtin show_account \
    --server "$LAB_SERVER"
like "$output" 'Account URL: ' "... as the CA says"

done_testing
