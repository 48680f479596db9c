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

# begin ARGUMENT...: certhaul in the background, its pid in $lab_pid, and its
# process group, too; what it says goes into $LAB/said.
begin() {
	: >"$LAB/said"
	lab_spawn "$LAB/said" setsid env XDG_CONFIG_HOME="$LAB/xdg" \
	    REQUESTS_CA_BUNDLE="$LAB/pebble/ca.pem" \
	    "$LAB_BIN/certhaul" -c "$LAB_CONF" "$@"
}

# ended: its exit status in $status, what it said in $output.
# shellcheck disable=SC2034,SC2154 # the one is lab_spawn's, the others are ours
ended() {
	wait "$lab_pid"
	status=$?
	output=$(cat "$LAB/said")
}

# held FILE WORD PROGRAM [COMMAND]: FILE is PROGRAM, but where it is called with
# WORD it makes FILE.began (COMMAND before that), and waits for FILE.go.
held() {
	cat >"$1" <<-EOT
	#!/bin/sh
	case " \$* " in
	*" $2 "*)
		${4:-:}
		touch "$1.began"
		until [ -e "$1.go" ]; do
			sleep 0.02
		done
		;;
	esac
	exec $3 "\$@"
	EOT
	chmod 755 "$1"
	rm -f "$1.began" "$1.go"
}
