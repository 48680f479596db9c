# shellcheck shell=bash
# lab_haproxy.sh: the lab's HAProxy, master and worker, and the server behind
# it. Sourced by lab.sh, which see.
: "${lab_src:?lab.sh sources this}"
lab_pid=
lab_haproxy_pid=

# lab_haproxy_conf [-n BINDS]: haproxy.cfg from the reference, with the lab's
# paths and ports in place of the system's. With -n, so many bind lines serve
# the certificates: the others are 127.0.1.N on the same port. The directory
# holds default.pem, acme.map and ssl/ as the reference wants them.
lab_haproxy_conf() {
	local binds=1 line n
	[ "${1:-}" != -n ] || binds=${2:-}
	line=$(grep -E '^[[:space:]]bind :::443 ' "$lab_src/conf/haproxy.cfg")
	sed -e "s,/etc/haproxy/,$LAB/,g" \
	    -e "s,/run/haproxy/admin.sock,$LAB_SOCK,g" \
	    -e 's,log /dev/log,log stderr format raw,' \
	    -e "s,bind :::80 v4v6,bind 127.0.0.1:$LAB_HTTP," \
	    -e "s,bind :::443 v4v6,bind 127.0.0.1:$LAB_HTTPS," \
	    -e "s,127\.0\.0\.1:2031,127.0.0.1:$LAB_ACME," \
	    -e "s,127\.0\.0\.1:8080,127.0.0.1:$LAB_ORIGIN," \
	    -e "s,hdr Host example\.com,hdr Host ${LAB_HOSTS%% *}," \
	    -e "s,-m str example\.com www\.example\.com,-m str $LAB_HOSTS," \
	    "$lab_src/conf/haproxy.cfg" >"$LAB/haproxy.cfg"
	for ((n = 2; n <= binds; n++)); do
		sed -e "s,:::443 v4v6,127.0.1.$n:$LAB_HTTPS," \
		    -e "s,/etc/haproxy/,$LAB/,g" <<<"$line"
	done >"$LAB/more-binds"
	sed -i "/bind 127.0.0.1:$LAB_HTTPS /r $LAB/more-binds" \
	    "$LAB/haproxy.cfg"
	if [ "$(id -u)" -ne 0 ]; then
		sed -i -E '/^[[:space:]](chroot|user|group) /d' \
		    "$LAB/haproxy.cfg"
	fi
	# A line of the reference that was changed and not found here would
	# have the lab work on the machine's own files and ports.
	if grep -vE '^[[:space:]]*#' "$LAB/haproxy.cfg" |
	    grep -nE '/etc/|/run/|/dev/|:::|:(80|443|2031|8080)\b|example\.com'
	then
		bail_out "lab_haproxy_conf does not know these lines (above)"
	fi
	[ -f "$LAB/default.pem" ] || lab_self_signed "$LAB/default.pem"
	(umask 077 && : >>"$LAB/acme.map")
	cat >"$LAB/reload" <<-EOT
	#!/bin/sh
	kill -USR2 "\$(cat "$LAB/haproxy.pid")"
	EOT
	chmod 700 "$LAB/reload"
}

# lab_self_signed FILE: certificate and key, as the reference's head makes it.
lab_self_signed() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 3650 -subj /CN=default.invalid -keyout "$1" -out "$1" \
	    2>/dev/null || bail_out "openssl cannot make $1"
}

# lab_haproxy_start [OPTION...]: master and worker on haproxy.cfg, options
# added to HAProxy's own. Returns when the worker answers; fails when HAProxy
# ended instead (its words are in haproxy.log).
lab_haproxy_start() {
	lab_spawn "$LAB/haproxy.log" "$LAB_HAPROXY" -W \
	    -S "$LAB_MASTER,mode,600" -f "$LAB/haproxy.cfg" "$@"
	lab_haproxy_pid=$lab_pid
	echo "$lab_pid" >"$LAB/haproxy.pid"
	if ! lab_wait_for "lab_worker_pid || ! lab_alive $lab_pid" ||
	    ! lab_alive "$lab_pid"; then
		diag_file "$LAB/haproxy.log"
		return 1
	fi
}

# lab_haproxy_stop [SIGNAL]: master, and with it every worker. Fails where it
# had to be killed.
lab_haproxy_stop() {
	[ -n "$lab_haproxy_pid" ] || return 0
	local pid=$lab_haproxy_pid
	lab_haproxy_pid=
	lab_kill "$pid" "${1:-TERM}"
}

# lab_haproxy_reload: as systemd does it, then until the new worker answers.
# Fails where HAProxy refused (the old worker is serving on).
lab_haproxy_reload() {
	local before failed
	before=$(lab_worker_pid)
	failed=$(lab_reloads_failed)
	kill -USR2 "$lab_haproxy_pid"
	lab_wait_for "lab_reloaded '$before' '$failed'" 30 || return 1
	[ "$(lab_worker_pid)" != "$before" ]
}

# lab_reloaded WORKER FAILED: another worker answers, or a reload more failed.
lab_reloaded() {
	local now failed
	now=$(lab_worker_pid) || return 1
	failed=$(lab_reloads_failed)
	# Nothing, while the master starts itself anew.
	[ "$now" != "$1" ] || [ "${failed:-0}" -gt "${2:-0}" ]
}

# lab_reloads_failed: how many reloads failed, as the master counts them.
lab_reloads_failed() {
	lab_master 'show proc' | sed -n 's/.*\[failed: \([0-9]*\)\].*/\1/p'
}

# lab_cli COMMAND: on the worker's socket; to the end of the reply, as a client
# that hangs up early can kill the worker (hazard H2).
lab_cli() {
	printf '%s\n' "$1" | timeout 90 socat -t 80 - "UNIX-CONNECT:$LAB_SOCK"
}

# lab_master COMMAND: on the master's socket.
lab_master() {
	printf '%s\n' "$1" | timeout 90 socat -t 80 - "UNIX-CONNECT:$LAB_MASTER"
}

# lab_worker_pid: the worker that answers on the socket; fails with none.
lab_worker_pid() {
	local info
	info=$(lab_cli 'show info' 2>/dev/null)
	[[ $info =~ [[:space:]]Pid:\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

# lab_memory NAME: SHA-1 of NAME.pem in HAProxy's memory, as HAProxy says it.
lab_memory() {
	lab_cli "show ssl cert $LAB_SSL/$1.pem" |
	    sed -n 's/^SHA1 FingerPrint: //p'
}

# lab_proxy NAME BIND...: one more HAProxy, configuration NAME.cfg and socket
# NAME.sock; with -W and NAME.master.
lab_proxy() {
	local name=$1 line
	shift
	{
		printf 'global\n\tstats socket %s mode 600 level admin\n' \
		    "$LAB/$name.sock"
		printf 'defaults\n\tmode http\n\ttimeout client 9s\n'
		printf '\ttimeout server 9s\n\ttimeout connect 1s\n'
		printf 'frontend %s\n' "$name"
		for line; do
			printf '\tbind %s\n' "$line"
		done
		printf '\thttp-request return status 200\n'
	} >"$LAB/$name.cfg"
	lab_spawn "$LAB/$name.log" "$LAB_HAPROXY" -W -dW \
	    -S "$LAB/$name.master,mode,600" -f "$LAB/$name.cfg"
	lab_wait_for "echo 'show info' |
	    socat -t 20 - 'UNIX-CONNECT:$LAB/$name.sock' | grep -q ^Pid:" || {
		diag_file "$LAB/$name.log" "$LAB/$name.cfg"
		bail_out "HAProxy $name does not start"
	}
}

# lab_origin_start: the server behind HAProxy: an HAProxy of its own, so that
# it stays while the other reloads or dies.
lab_origin_start() {
	cat >"$LAB/origin.cfg" <<-EOT
	defaults
		mode http
		timeout client 1m
		timeout server 1m
		timeout connect 1s
	listen origin
		bind 127.0.0.1:$LAB_ORIGIN
		http-request return content-type text/plain string "hello\n"
	EOT
	lab_spawn "$LAB/origin.log" "$LAB_HAPROXY" -db -f "$LAB/origin.cfg"
	lab_wait_for "lab_listens $LAB_ORIGIN" ||
	    bail_out "the server behind HAProxy does not start"
}

# lab_stray PORT: another HAProxy on it, that nobody has told of; it
# shows default.pem. The pid is in $lab_pid.
lab_stray() {
	cat >"$LAB/stray.cfg" <<-EOT
	defaults
	    mode http
	    timeout client 5s
	frontend stray
	    bind 127.0.0.1:$1 ssl crt $LAB/default.pem
	EOT
	lab_spawn "$LAB/stray.log" "$LAB_HAPROXY" -db -f "$LAB/stray.cfg"
	lab_wait_for "lab_listens $1"
}

# lab_listens PORT
lab_listens() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# lab_keepreq [-c] [NAME]: a client that keeps requesting until lab_keepreq_end
# PID; the pid is in $lab_pid, its words in $LAB/keepreq.PID. Returns when the
# first request went well.
lab_keepreq() {
	local log
	local -a new=()
	if [ "${1:-}" = -c ]; then
		new=(-c)
		shift
	fi
	log=$(mktemp "$LAB/keepreq.XXXXXX")
	lab_spawn "$log" "$LAB_BIN/tests/tools/keepreq" "${new[@]}" \
	    "127.0.0.1:$LAB_HTTPS" "${1:-${LAB_HOSTS%% *}}"
	ln -s "$log" "$LAB/keepreq.$lab_pid"
	lab_wait_for "grep -qx ready '$LAB/keepreq.$lab_pid'"
}

# lab_keepreq_end PID: ends it; fails where one of its requests failed.
lab_keepreq_end() {
	kill -TERM "$1" 2>/dev/null
	wait "$1"
}

# lab_keepreq_saw PID WHAT: one number of its report: requests, failures,
# connections, certificates, longest_us.
lab_keepreq_saw() {
	sed -n "s/^$2 \([0-9]*\)\$/\1/p" "$LAB/keepreq.$1"
}

# lab_cfg_over [SECONDS]: so many seconds are over since that one in which
# haproxy.cfg was changed. Who starts now has certainly read it.
lab_cfg_over() {
	lab_wait_for "[ \$((\$(date +%s) - ${1:-1})) -gt \
	    \$(stat -Lc %Z '$LAB/haproxy.cfg') ]"
}
