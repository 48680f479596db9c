# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR
# lab.sh: HAProxy with the reference configuration, Pebble and certbot, on
# loopback, below one directory that goes away with every process. Sourced.
#
#	. "$CERTHAUL_SRCDIR/tests/integration/lab.sh"
#	plan 2
#	lab_start --pebble
#	succeeds "certbot gets one" lab_certbot certonly -d a.example
#	is "$(lab_served a.example)" \
#	    "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" "it is served"
#
# After lab_start: LAB (the directory), LAB_BIN (what was built), LAB_HTTP,
# LAB_HTTPS, LAB_ACME (the port for challenges), LAB_ORIGIN (the server behind
# HAProxy), LAB_SSL (the crt directory), LAB_SOCK, LAB_MASTER, LAB_CONF,
# LAB_LE (certbot's config directory), LAB_STATE. LAB_KEEP=1 keeps the
# directory. Each process is told by CERTHAUL_LAB in its environment.
set -u
export LC_ALL=C.UTF-8

lab_lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_src=${CERTHAUL_SRCDIR:-$(cd "$lab_lib/../.." && pwd)}
LAB_BIN=${CERTHAUL_BUILDDIR:-$lab_src}
LAB=
lab_pid=
# Names that the reference's `is_site` knows in the lab.
LAB_HOSTS=${LAB_HOSTS:-a.example www.a.example b.example c.example}
# What tests may exchange for another version.
LAB_HAPROXY=${LAB_HAPROXY:-$(PATH=$PATH:/usr/sbin command -v haproxy)}

. "$lab_lib/tap.sh"
. "$lab_lib/lab_haproxy.sh"
. "$lab_lib/lab_acme.sh"
. "$lab_lib/lab_lineage.sh"

# lab_start [--pebble] [--no-haproxy] [-n BINDS]: everything, ready to use.
lab_start() {
	local pebble=no haproxy=yes
	local -a binds=()
	while [ -n "${1:-}" ]; do
		case ${1:-} in
		--pebble) pebble=yes ;;
		--no-haproxy) haproxy=no ;;
		-n)
			binds=(-n "${2:-}")
			shift
			;;
		*) bail_out "lab_start: what is ${1:-}?" ;;
		esac
		shift
	done
	lab_dir
	lab_haproxy_conf "${binds[@]}"
	lab_conf
	if [ "$haproxy" = yes ]; then
		lab_origin_start
		lab_haproxy_start -dW || bail_out "HAProxy does not start"
	fi
	# Without the proxy Pebble asks who answers, directly.
	[ "$haproxy" = yes ] || LAB_HTTP=$LAB_ACME
	if [ "$pebble" = yes ]; then
		lab_pebble_start || bail_out "Pebble does not start"
		lab_moody_start || bail_out "nobody in front of Pebble"
	fi
}

# lab_dir: the directory, its names and ports, and the promise to clean up.
lab_dir() {
	# UNIX sockets allow 107 bytes for a path, HAProxy takes some of them.
	LAB=$(mktemp -d /tmp/chl.XXXXXX) || bail_out "no directory in /tmp"
	trap lab_end EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	LAB_SSL=$LAB/ssl
	LAB_SOCK=$LAB/admin.sock
	LAB_MASTER=$LAB/master.sock
	LAB_CONF=$LAB/certhaul.conf
	LAB_LE=$LAB/le
	LAB_STATE=$LAB/state
	mkdir -m 700 "$LAB_SSL" "$LAB_STATE"
	# HAProxy's workers are somebody else, once they have opened all.
	chmod 711 "$LAB"
	# Ports below those that the kernel hands out to clients, in a block
	# of this shell's own: two labs do not meet.
	lab_next_port=$((10000 + $$ % 1000 * 20))
	LAB_HTTP=$(lab_free_port)
	LAB_HTTPS=$(lab_free_port)
	LAB_ACME=$(lab_free_port)
	LAB_ORIGIN=$(lab_free_port) || bail_out "no free port"
	lab_pids=()
}

# lab_free_port: prints a port that can be bound now and that this lab has not
# given out before. The counter is a file, as callers are in subshells.
lab_free_port() {
	local port
	port=$(/usr/bin/python3 - "$LAB/next-port" "$lab_next_port" <<-'EOT'
	import socket, sys
	path, first = sys.argv[1], int(sys.argv[2])
	try:
	    port = int(open(path).read())
	except FileNotFoundError:
	    port = first
	for port in range(port, 32000):
	    try:
	        for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
	            with socket.socket(socket.AF_INET, kind) as s:
	                s.bind(("127.0.0.1", port))
	    except OSError:
	        continue
	    open(path, "w").write(str(port + 1))
	    print(port)
	    break
	EOT
	)
	[ -n "$port" ] && echo "$port"
}

# lab_spawn LOG COMMAND...: in the background, told by its environment; the
# pid is in $lab_pid.
lab_spawn() {
	local log=$1
	shift
	CERTHAUL_LAB=$LAB "$@" >>"$log" 2>&1 </dev/null {tap_out}>&- &
	lab_pid=$!
	lab_pids+=("$lab_pid")
}

# lab_wait_for CONDITION [SECONDS]: until `eval CONDITION` succeeds; fails
# after so long (20 s).
lab_wait_for() {
	local end=$((SECONDS + ${2:-20}))
	until eval "$1" >/dev/null 2>&1; do
		[ "$SECONDS" -le "$end" ] || return 1
		sleep 0.02
	done
}

# lab_alive PID: it runs (a zombie does not).
lab_alive() {
	local state
	state=$(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" \
	    2>/dev/null) && [ -n "$state" ] && [ "${state#Z}" = "$state" ]
}

# lab_kill PID [SIGNAL]: ends it and waits until it is gone; by force after
# ten seconds, which fails.
lab_kill() {
	local forced=0
	kill -"${2:-TERM}" "$1" 2>/dev/null
	if ! lab_wait_for "! lab_alive $1" 10; then
		kill -KILL "$1" 2>/dev/null
		lab_wait_for "! lab_alive $1" 10
		forced=1
	fi
	wait "$1" 2>/dev/null
	return "$forced"
}

# lab_processes: the pids of all that was started for this lab, by whomever.
lab_processes() {
	local dir
	for dir in /proc/[0-9]*; do
		tr '\0' '\n' 2>/dev/null <"$dir/environ" |
		    grep -qxF "CERTHAUL_LAB=$LAB" || continue
		lab_alive "${dir#/proc/}" && echo "${dir#/proc/}"
	done 2>/dev/null
}

# lab_stop: ends every process, in the order in which they depend on each
# other. Fails where one had to be killed or is left.
lab_stop() {
	local pid failed=0
	lab_haproxy_stop || failed=1
	for pid in "${lab_pids[@]}"; do
		lab_alive "$pid" || continue
		lab_kill "$pid" || failed=1
	done
	lab_pids=()
	# One whose parent was killed is told so, and is on its way.
	lab_wait_for '[ -z "$(lab_processes)" ]' 5
	for pid in $(lab_processes); do
		diag "still there: $pid $(tr '\0' ' ' <"/proc/$pid/cmdline")"
		lab_kill "$pid" KILL
		failed=1
	done
	return "$failed"
}

# lab_end: the trap.
lab_end() {
	local status=$?
	trap - EXIT HUP INT TERM
	[ -n "$LAB" ] || exit "$status"
	lab_stop || [ "$status" -ne 0 ] || status=1
	if [ "${LAB_KEEP:-0}" = 1 ]; then
		diag "kept: $LAB"
	else
		rm -rf "$LAB"
	fi
	exit "$status"
}

# lab_conf [GROUP.KEY=VALUE...]: writes certhaul.conf for the lab; VALUE as it
# stands in the file, so with quotes around strings. Again: from the start.
lab_conf() {
	local key pair group owner
	local -A set=(
	    [state_dir]="\"$LAB_STATE\""
	    [lock_file]="\"$LAB/certhaul.lock\""
	    [syslog]=false
	    [letsencrypt.config_dir]="\"$LAB_LE\""
	    [letsencrypt.work_dir]="\"$LAB/le-work\""
	    [letsencrypt.logs_dir]="\"$LAB/le-logs\""
	    [challenge.port]=$LAB_ACME
	    [challenge.map]="\"$LAB/acme.map\""
	    [haproxy.program]="\"$LAB_HAPROXY\""
	    [haproxy.config]="[ \"$LAB/haproxy.cfg\" ]"
	    [haproxy.bundle_dir]="\"$LAB_SSL\""
	    [haproxy.sockets]="[ \"$LAB_SOCK\" ]"
	    [haproxy.master_socket]="\"$LAB_MASTER\""
	    [haproxy.reload_command]="[ \"$LAB/reload\" ]"
	)
	owner=$(id -un)
	set[haproxy.bundle_owner]="\"$owner\""
	owner=$(id -gn)
	set[haproxy.bundle_group]="\"$owner\""
	for pair; do
		set[${pair%%=*}]=${pair#*=}
	done
	{
		for key in "${!set[@]}"; do
			[[ $key == *.* ]] || echo "$key = ${set[$key]};"
		done
		for group in letsencrypt account challenge haproxy verify \
		    validate; do
			echo "$group: {"
			for key in "${!set[@]}"; do
				[[ $key != "$group".* ]] ||
				    echo "    ${key#*.} = ${set[$key]};"
			done
			echo "};"
		done
	} >"$LAB_CONF"
	chmod 600 "$LAB_CONF"
}

# lab_hook ARGUMENT...: the certhaul-hook that was built, on the lab.
lab_hook() {
	CERTHAUL_LAB=$LAB "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" "$@"
}

# lab_certhaul ARGUMENT...: the certhaul that was built, on the lab; certbot
# trusts the lab's Pebble.
lab_certhaul() {
	CERTHAUL_LAB=$LAB XDG_CONFIG_HOME=$LAB/xdg \
	    REQUESTS_CA_BUNDLE=$LAB/pebble/ca.pem \
	    "$LAB_BIN/certhaul" -c "$LAB_CONF" "$@"
}

# lab_certhaul_tty ANSWER ARGUMENT...: the same on a terminal of its own, where
# ANSWER is typed once it asks ("": nothing is), behind the program $LAB_ASKED.
lab_certhaul_tty() {
	CERTHAUL_LAB=$LAB XDG_CONFIG_HOME=$LAB/xdg TERM=xterm \
	    REQUESTS_CA_BUNDLE=$LAB/pebble/ca.pem \
	    /usr/bin/python3 - "$1" "$LAB_BIN/certhaul" -c "$LAB_CONF" \
	    "${@:2}" <<-'EOT'
	import os, pty, subprocess, sys
	answer, argv = sys.argv[1], sys.argv[2:]
	pid, fd = pty.fork()
	if pid == 0:
	    os.execv(argv[0], argv)
	seen = b""
	while True:
	    try:
	        chunk = os.read(fd, 65536)
	    except OSError:
	        break
	    if not chunk:
	        break
	    seen += chunk
	    if answer and seen.endswith(b"[y/N] "):
	        meanwhile = os.environ.get("LAB_ASKED", "true")
	        subprocess.run([meanwhile], check=True)
	        os.write(fd, answer.encode() + b"\n")
	        answer = ""
	sys.stdout.buffer.write(seen)
	sys.stdout.flush()
	sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	EOT
}

# lab_handshake NAME [HOST:PORT]: the leaf that is shown for this SNI ("": no
# SNI), as a PEM.
lab_handshake() {
	local -a sni=(-servername "$1")
	[ -n "$1" ] || sni=(-noservername)
	timeout 20 openssl s_client -connect \
	    "${2:-127.0.0.1:$LAB_HTTPS}" "${sni[@]}" </dev/null 2>/dev/null |
	    openssl x509 2>/dev/null
}

# lab_subject, lab_issuer: of the certificate on stdin, in RFC 2253's notation:
# what openssl prints unasked differs from version to version.
lab_subject() {
	openssl x509 -noout -subject -nameopt RFC2253 | sed 's/^subject=//'
}
lab_issuer() {
	openssl x509 -noout -issuer -nameopt RFC2253 | sed 's/^issuer=//'
}

# lab_leaf FILE: SHA-256 of the first certificate in it, in lower-case
# hexadecimal.
lab_leaf() {
	local sum
	sum=$(openssl x509 -noout -fingerprint -sha256 <"$1")
	sum=${sum##*=}
	sum=${sum//:/}
	echo "${sum,,}"
}

# lab_serial FILE: its serial number, in upper-case hexadecimal.
lab_serial() {
	openssl x509 -noout -serial <"$1" | sed 's/.*=//'
}

# lab_served NAME [HOST:PORT]: SHA-256 of what a handshake shows; "none".
lab_served() {
	local pem
	if pem=$(lab_handshake "$@") && [ -n "$pem" ]; then
		lab_leaf /dev/stdin <<<"$pem"
	else
		echo none
		return 1
	fi
}
