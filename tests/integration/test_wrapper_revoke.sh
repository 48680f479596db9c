#!/usr/bin/env bash
# certhaul revoke where it goes wrong on the way: what the CA may have revoked
# is not served again, and what it was never asked for is.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lives.sh
. "$lab_lib/lives.sh"
lab_start --pebble

# The CA has done it, and the answer is lost. Asked again, it refuses: that
# does not undo what was done.
# lost MOOD WHAT: so it is.
lost() {
	new
	lab_mood "$1"
	ends_with 1 "$2, and then it is refused" \
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
}

for engine in certbot builtin; do
	lab_conf "engine=\"$engine\""
	lost revoked_busy "$engine: done, and told to come again"
	lost revoked_unsaid "$engine: its answer is lost"

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
	# (Pebble has done it; it is the mood that refuses.)
	succeeds "(away)" lab_certhaul delete a.example --yes
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
lab_conf

# Told to end, or its hook killed, while HAProxy lets go of it.
new
for verb in revoke delete; do
	for signal in TERM HUP KILL; do
		held "$LAB/checker" -c "$LAB_HAPROXY"
		lab_conf "haproxy.program=\"$LAB/checker\""
		begin "$verb" a.example --yes
		lab_wait_for '[ -e "$LAB/checker.began" ]' ||
		    bail_out "no haproxy -c: $(cat "$LAB/said")"
		told=$lab_pid
		[ "$signal" != KILL ] || told=$(pgrep -P "$lab_pid")
		kill "-$signal" "$told"
		touch "$LAB/checker.go"
		ended
		is "$status" 1 "$verb, $signal while it is taken out"
		like "$output" "a\.example: nothing was ${verb}d" "... says so"
		like "$output" 'HAProxy serves it as before' "... and this"
		stays a.example
	done
done
is "$(ca_status "$LAB/a.pem")" Valid "... and never was it revoked"

# ... and when it is out, and the engine not called yet: it is stopped while
# its hook ends, and so learns of both at once.
held "$LAB/checker" -c "$LAB_HAPROXY"
begin revoke a.example --yes
lab_wait_for '[ -e "$LAB/checker.began" ]' || bail_out "no haproxy -c"
hook=$(pgrep -P "$lab_pid")
kill -STOP "$lab_pid"
touch "$LAB/checker.go"
lab_wait_for "! lab_alive $hook" || bail_out "the hook does not end"
is "$(lab_memory a.example)" "" "(out)"
kill -TERM "$lab_pid"
kill -CONT "$lab_pid"
ended
is "$status" 1 "revoke, told to end when it is out"
like "$output" 'HAProxy serves it as before' "... has it served"
stays a.example
is "$(ca_status "$LAB/a.pem")" Valid "... and does not ask the CA"

# Told to end while the engine is at it, which goes on: it is done, to the end.
held "$LAB/engine" revoke "$(command -v certbot)" 'trap "" TERM'
old=$(leaf a.example)
lab_conf "engine_program=\"$LAB/engine\""
begin revoke a.example --yes
lab_wait_for '[ -e "$LAB/engine.began" ]' || bail_out "no engine"
kill -TERM "$lab_pid"
touch "$LAB/engine.go"
ended
is "$status" 0 "revoke, told to end while the engine revokes" || diag "$output"
like "$output" 'a\.example: revoked and deleted' "... tells that it is done"
is "$(ca_status "$LAB/a.pem")" Revoked "... it is"
is_gone a.example "$old"

# Killed while the engine is at it: nobody tells the end, and status knows.
# begun VERB [ENGINE]: a.example, and the VERB of it killed at the engine.
begun() {
	local processes
	processes=$(lab_processes | wc -l)
	held "$LAB/engine" "$1" "${2:-$(command -v certbot)}"
	lab_conf "engine_program=\"$LAB/engine\""
	begin "$1" a.example --yes
	lab_wait_for '[ -e "$LAB/engine.began" ]' ||
	    bail_out "no engine: $(cat "$LAB/said")"
	kill -KILL "$lab_pid"
	ended
	touch "$LAB/engine.go"
	lab_wait_for "[ \$(lab_processes | wc -l) = $processes ]" ||
	    bail_out "the engine does not end"
	lab_conf
}

# is_open VERB: it is out, and whoever looks is told.
is_open() {
	local words="a $1 of it was begun and has not come to its end"
	stays_out
	ends_with 2 "... --nagios is critical" lab_certhaul status --nagios
	run lab_certhaul status a.example
	like "$output" "$words: \"certhaul $1 a\\.example\" again, or.*deploy" \
	    "... status says what it is, and what to do"
	run lab_certhaul status --prometheus
	like "$output" 'served_ok.name="a.example". 0' "... it is not served"
	ends_with 5 "... renew --quiet does not end well" \
	    lab_certhaul renew --quiet
	like "$output" "a\\.example: .*$words.*certhaul $1 a" "... and says it"
	stays_out
}

for verb in revoke delete; do
	new
	begun "$verb" /bin/false
	is_open "$verb"
	# A refusal of the second attempt does not tell of the first.
	lab_mood revoke_refused
	run lab_certhaul revoke a.example --yes
	if [ "$verb" = revoke ]; then
		like "$output" 'is not certain' "... it may be revoked"
		is_open revoke
		succeeds "... but for who deploys it" \
		    lab_certhaul deploy a.example
	else
		like "$output" 'as before' "... it is not revoked"
	fi
	stays a.example
	ends_with 0 "... and all is well" lab_certhaul renew --quiet
	# (Pebble has done it; it is the mood that refuses.)
	lab_mood none
	succeeds "(away)" lab_certhaul delete a.example --yes

	new
	old=$(leaf a.example)
	begun "$verb" /bin/false
	succeeds "... once more, it is done" \
	    lab_certhaul "$verb" a.example --yes
	is_gone a.example "$old"
done

# Once more, and told to end before anything is: it stays as it is. What it is
# renewed to meanwhile is in no doubt.
new
begun revoke /bin/false
mkdir "$LAB/bin"
cp "$LAB_BIN/certhaul" "$LAB/bin"
# again: certhaul revoke, until its hook is at work.
again() {
	held "$LAB/bin/certhaul-hook" --for "$LAB_BIN/certhaul-hook"
	LAB_BIN=$LAB/bin begin revoke a.example --yes
	lab_wait_for '[ -e "$LAB/bin/certhaul-hook.began" ]' ||
	    bail_out "no hook: $(cat "$LAB/said")"
}
again
kill -TERM "$lab_pid"
touch "$LAB/bin/certhaul-hook.go"
ended
is "$status" 1 "revoke of what may be revoked, told to end"
like "$output" 'is not certain, and it stays out of HAProxy' "... says so"
stays_out
again
succeeds "(renewed)" lab_certbot renew --force-renewal --cert-name a.example
touch "$LAB/bin/certhaul-hook.go"
ended
is "$status" 1 "... and renewed meanwhile"
like "$output" 'HAProxy serves it as renewed' "... has that served"
unlike "$output" 'not certain' "... and no doubt of it"
stays a.example
succeeds "(away)" lab_certhaul delete a.example --yes

# Renewed between the question and the answer: it is not what was asked about.
cat >"$LAB/renew" <<EOT
#!/bin/sh
exec certbot renew -n --no-random-sleep-on-renew --config-dir "$LAB_LE" \\
    --work-dir "$LAB/le-work" --logs-dir "$LAB/le-logs" --cert-name a.example \\
    --force-renewal --deploy-hook "$(lab_hook_command deploy)" \\
    >"$LAB/renew.out" 2>&1
EOT
chmod 755 "$LAB/renew"
for verb in revoke delete; do
	new
	LAB_ASKED=$LAB/renew run lab_certhaul_tty y "$verb" a.example
	is "$status" 1 "$verb of what is renewed before the answer"
	until=$(date -u +%FT%TZ -d "$(openssl x509 -noout -enddate \
	    <"$LAB/a.pem" | sed 's/.*=//')")
	like "$output" "Take a\\.example \\(serial number \
$(lab_serial "$LAB/a.pem"), valid until $until\\) out of .*y/N" \
	    "... was asked about the one before"
	like "$output" "renewed meanwhile; the earlier certificate is \
$LAB_LE/archive/a\\.example/cert1\\.pem: certhaul $verb a\\.example asks" \
	    "... is told"
	isnt "$(leaf a.example)" "$(lab_leaf "$LAB/a.pem")" "(renewed)"
	stays a.example
	is "$(ca_status "$LAB/a.pem")" Valid "... nothing is revoked"
	is "$(ca_status "$LAB_LE/live/a.example/cert.pem")" Valid "... at all"
	lab_certhaul delete a.example --yes >"$LAB/out" 2>&1
done

# ... and while HAProxy lets go of it.
new
held "$LAB/checker" -c "$LAB_HAPROXY"
lab_conf "haproxy.program=\"$LAB/checker\""
begin revoke a.example --yes
lab_wait_for '[ -e "$LAB/checker.began" ]' || bail_out "no haproxy -c"
succeeds "(renewed)" lab_certbot renew --force-renewal --cert-name a.example
touch "$LAB/checker.go"
ended
is "$status" 1 "revoke of what is renewed while it is taken out"
like "$output" 'renewed meanwhile' "... is told"
stays a.example
is "$(ca_status "$LAB_LE/live/a.example/cert.pem")" Valid \
    "... it is not revoked"
lab_conf
succeeds "(away)" lab_certhaul delete a.example --yes

# A record of an earlier certhaul knows no such thing.
new
succeeds "(out)" lab_hook detach a.example
unlike "$(cat "$LAB_STATE/lineages/a.example")" '^begun' "out by hand"
ends_with 1 "... is a warning" lab_certhaul status --nagios
succeeds "... and no concern of renew's" lab_certhaul renew --quiet
done_testing
