# shellcheck shell=bash
# lab_acme.sh: the lab's certificate authority (Pebble, with its own DNS) and
# certbot. Sourced by lab.sh, which see.
lab_pid=
lab_moody_pid=
# What tests may exchange: the program, Pebble's environment (no random naps
# and no refused nonces: a test measures certhaul), its configuration.
LAB_PEBBLE=${LAB_PEBBLE:-pebble}
LAB_PEBBLE_ENV=(PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0
    PEBBLE_AUTHZREUSE=0)
LAB_PEBBLE_CONFIG='"externalAccountBindingRequired": false'

# lab_pebble_start [NAME=VALUE...]: Pebble, which looks for challenges at
# HAProxy's http port (without HAProxy: at $LAB_ACME), with more in its
# environment; and challtestsrv, for which every name is 127.0.0.1.
lab_pebble_start() {
	local dns chall port mgmt dir=$LAB/pebble
	dns=$(lab_free_port)
	chall=$(lab_free_port)
	port=$(lab_free_port)
	mgmt=$(lab_free_port)
	mkdir -p "$dir"
	lab_pebble_tls "$dir"
	cat >"$dir/config.json" <<-EOT
	{ "pebble": {
		"listenAddress": "127.0.0.1:$port",
		"managementListenAddress": "127.0.0.1:$mgmt",
		"certificate": "$dir/tls.pem",
		"privateKey": "$dir/tls.key",
		"httpPort": $LAB_HTTP,
		"tlsPort": $LAB_HTTPS,
		"ocspResponderURL": "",
		$LAB_PEBBLE_CONFIG
	} }
	EOT
	lab_spawn "$LAB/challtestsrv.log" pebble-challtestsrv \
	    -defaultIPv4 127.0.0.1 -defaultIPv6 "" \
	    -dns01 "127.0.0.1:$dns" -management "127.0.0.1:$chall" \
	    -http01 "" -https01 "" -tlsalpn01 ""
	lab_challtestsrv_pid=$lab_pid
	lab_wait_for "lab_listens $chall" || return 1
	lab_spawn "$LAB/pebble.log" env "${LAB_PEBBLE_ENV[@]}" "$@" \
	    "$LAB_PEBBLE" -config "$dir/config.json" \
	    -dnsserver "127.0.0.1:$dns"
	lab_pebble_pid=$lab_pid
	LAB_SERVER=https://127.0.0.1:$port/dir
	LAB_PEBBLE_MGMT=https://127.0.0.1:$mgmt
	LAB_DNS=http://127.0.0.1:$chall
	# Read by tests, and by their hooks.
	export LAB_SERVER LAB_PEBBLE_MGMT LAB_DNS
	if ! lab_wait_for "lab_fetch $LAB_SERVER"; then
		diag_file "$LAB/pebble.log" "$LAB/challtestsrv.log"
		return 1
	fi
}

# The newest Pebble, from the distribution's development suite, into $LAB/newer.
lab_pebble_newest() {
	local suite
	# shellcheck source=/dev/null
	suite=$(. /etc/os-release && [ "$ID" = ubuntu ] && echo devel ||
	    echo forky)
	"${lab_lib:?}/newer.sh" "$suite" pebble "$LAB/newer"
}

lab_pebble_stop() {
	local pid
	for pid in $lab_moody_pid $lab_pebble_pid $lab_challtestsrv_pid; do
		lab_kill "$pid" || return 1
	done
	lab_moody_pid=
}

# lab_pebble_tls DIR: what Pebble itself shows to ACME clients, and who signed
# that: ca.pem. Not the authority that Pebble issues from, which it makes anew
# at every start.
lab_pebble_tls() {
	lab_sign "$1/ca" P-256 30 '/CN=certhaul lab: for Pebble' \
	    -addext 'basicConstraints=critical,CA:TRUE'
	lab_sign "$1/tls" P-256 30 /CN=localhost \
	    -CA "$1/ca.pem" -CAkey "$1/ca.key" \
	    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
	    -addext 'basicConstraints=critical,CA:FALSE'
}

# lab_moody_start: a CA with moods (tests/tools/moodyca.py) in front of Pebble;
# LAB_SERVER is its directory then. lab_mood MOOD: what it is like from here on
# (`none`: as Pebble, but for authorizations, which it never takes twice;
# `mindful`: as Pebble); lab_asked WORD: how often it was asked for a path with
# the word since.
lab_moody_start() {
	local port
	port=$(lab_free_port)
	echo none >"$LAB/ca-mood"
	: >"$LAB/ca-asked"
	# shellcheck disable=SC2154 # lab_src is lab.sh's
	lab_spawn "$LAB/moodyca.log" /usr/bin/python3 \
	    "$lab_src/tests/tools/moodyca.py" "$port" \
	    "${LAB_SERVER%/dir}" "$LAB/pebble" "$LAB/ca-mood" "$LAB/ca-asked"
	lab_moody_pid=$lab_pid
	LAB_SERVER=https://127.0.0.1:$port/dir
	lab_wait_for "lab_fetch $LAB_SERVER"
}

lab_mood() {
	echo "$1" >"$LAB/ca-mood"
	: >"$LAB/ca-asked"
}

lab_asked() {
	grep -c -- "$1" "$LAB/ca-asked"
}

# lab_fetch URL: from Pebble.
lab_fetch() {
	curl --silent --show-error --fail --max-time 10 \
	    --cacert "$LAB/pebble/ca.pem" "$1"
}

# lab_pebble_root FILE: the root that Pebble issues from, for clients that
# trust the lab.
lab_pebble_root() {
	lab_fetch "$LAB_PEBBLE_MGMT/roots/0" >"$1"
}

# lab_certbot VERB ARGUMENT...: certbot on the lab's directories. certonly
# answers challenges on its own (standalone) on the port behind HAProxy,
# unless told otherwise.
lab_certbot() {
	lab_engine certbot "$@"
}

# lab_builtin VERB ARGUMENT...: the same by certhaul-acme.
lab_builtin() {
	lab_engine "$LAB_BIN/certhaul-acme" "$@"
}

# lab_engine PROGRAM VERB ARGUMENT...
lab_engine() {
	local program=$1 verb=$2
	local -a more=()
	shift 2
	case $verb in
	certonly)
		more=(--server "$LAB_SERVER" --agree-tos -m lab@a.example
		    --no-eff-email)
		case " $* " in
		*' --manual '* | *' --webroot '* | *' -a '*) ;;
		*)
			more+=(--standalone --http-01-address 127.0.0.1
			    --http-01-port "$LAB_ACME"
			    --preferred-challenges http)
			;;
		esac
		;;
	# Not --server: certbot would not load the stored account.
	renew) more=(--no-random-sleep-on-renew) ;;
	revoke | register | unregister) more=(--server "$LAB_SERVER") ;;
	esac
	CERTHAUL_LAB=$LAB XDG_CONFIG_HOME=$LAB/xdg \
	    REQUESTS_CA_BUNDLE=$LAB/pebble/ca.pem \
	    "$program" "$verb" -n --config-dir "$LAB_LE" \
	    --work-dir "$LAB/le-work" --logs-dir "$LAB/le-logs" \
	    "${more[@]}" "$@"
}

# lab_hook_command KIND [ARGUMENT...]: what certbot's --*-hook options want.
lab_hook_command() {
	local kind=$1
	shift
	printf '%q ' "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" "$kind" "$@"
}
