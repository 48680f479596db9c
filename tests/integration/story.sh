# shellcheck shell=bash
# story.sh: what the jobs that ./quickstart shows have in common: steps that are
# told one by one, and the end of it where anything is off. Sourced after
# lab.sh; `name` is whom it is about.
name=${LAB_HOSTS%% *}
steps=0

step() {
	steps=$((steps + 1))
	printf '\n%d. %s\n' "$steps" "$*"
}

# fact WHAT VALUE
fact() {
	printf '   %-34s %s\n' "$1" "$2"
}

# give_up WHY [FILE...]: what was being done is the step above.
give_up() {
	printf '\nFAILED in step %d: %s\n' "$steps" "$1"
	shift
	diag_file "$@" "$LAB/haproxy.log"
	exit 1
}

# must WHY COMMAND...
must() {
	local why=$1
	shift
	"$@" || give_up "$why"
}

# same WHAT GOT WANTED
same() {
	fact "$1" "$2"
	[ "$2" = "$3" ] || give_up "$1: is $2, should be $3"
}

# timed COMMAND...: its output is in $LAB/out, its seconds in $spent.
timed() {
	local begin=$EPOCHREALTIME us
	"$@" >"$LAB/out" 2>&1 </dev/null
	status=$?
	us=$((${EPOCHREALTIME/./} - ${begin/./}))
	# shellcheck disable=SC2034 # the jobs print it
	spent=$(printf '%d.%03d s' $((us / 1000000)) $((us / 1000 % 1000)))
	return "$status"
}

# trusted: a client that trusts nothing but Pebble's root is content.
trusted() {
	timeout 20 openssl s_client -connect "127.0.0.1:$LAB_HTTPS" \
	    -servername "$name" -verify_hostname "$name" \
	    -verify_return_error -CAfile "$LAB/root.pem" \
	    </dev/null >"$LAB/out" 2>&1
}

# agree: lineage, bundle, memory and wire are one certificate.
agree() {
	local serial want=$LAB_LE/live/$name/cert.pem
	must "a client does not trust what it is shown" trusted
	serial=$(lab_serial "$want")
	fact "serial number: lineage" "$serial"
	same "... bundle on disk" "$(lab_serial "$LAB_SSL/$name.pem")" \
	    "$serial"
	same "... HAProxy's memory" "$(lab_cli \
	    "show ssl cert $LAB_SSL/$name.pem" |
	    sed -n 's/^Serial: //p')" "$serial"
	lab_handshake "$name" >"$LAB/wire.pem"
	same "... handshake" "$(lab_serial "$LAB/wire.pem")" "$serial"
	[ "$(lab_leaf "$LAB/wire.pem")" = "$(lab_leaf "$want")" ] ||
	    give_up "the handshake shows another leaf"
	same "rights of the bundle" \
	    "$(stat -c '%a %U' "$LAB_SSL/$name.pem")" "600 $(id -un)"
}

# client WHAT PID: ends it, and tells what it saw.
client() {
	local longest failures
	lab_keepreq_end "$2" ||
	    give_up "requests failed" "$LAB/keepreq.$2"
	failures=$(lab_keepreq_saw "$2" failures)
	longest=$(lab_keepreq_saw "$2" longest_us)
	same "requests that failed, $1" "$failures" 0
	fact "... requests made" "$(lab_keepreq_saw "$2" requests)"
	fact "... connections" "$(lab_keepreq_saw "$2" connections)"
	fact "... the longest took" "$((longest / 1000)) ms"
}

# opening: the two steps that make HAProxy and the CA ready; $worker is
# HAProxy's.
opening() {
	step "HAProxy with conf/haproxy.cfg, and no certificate but its own"
	begin=$EPOCHREALTIME
	lab_start
	worker=$(lab_worker_pid)
	fact "HAProxy" "$("$LAB_HAPROXY" -v |
	    sed -n '1s/.*version \([^ ]*\).*/\1/p')"
	fact "directory of the whole" "$LAB"
	fact "worker process" "$worker"
	same "a handshake shows" "$(lab_handshake "$name" | lab_subject)" \
	    CN=default.invalid
	lab_wait_for "curl -skf --noproxy '*' -o /dev/null \
	    --connect-to '::127.0.0.1:' https://$name:$LAB_HTTPS/" ||
	    give_up "HAProxy does not reach the server behind it"

	step "Pebble, a CA for tests, in place of Let's Encrypt"
	must "Pebble does not start" lab_pebble_start
	must "Pebble does not show its root" lab_pebble_root "$LAB/root.pem"
	fact "its directory" "$LAB_SERVER"
}

# ending WHAT: the last step, and what was seen.
ending() {
	local us
	step "Everything stops"
	must "a process had to be killed or is left" lab_stop
	same "processes left" "$(lab_processes | wc -l)" 0
	us=$((${EPOCHREALTIME/./} - ${begin/./}))
	printf '\nDone in %d.%d s: %s.\n' $((us / 1000000)) \
	    $((us / 100000 % 10)) "$1"
}
