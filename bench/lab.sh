# shellcheck shell=bash
# lab.sh: lineages, a configuration and a running HAProxy, for the bench.
# Sourced by bench.sh, whose $work, $pids, $loop and die() it uses.
: "${work:?}" "${bare:?}" "${mklineages:?}" "${hook:?}" "${loop:?}"
: "${haproxy:?}"

# The lineages of a lab, in their order.
names() {
	ls "$work/$1/etc/live"
}

# A port nobody listens on at the moment.
free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 20000))
		(: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# LAB SOURCE: HAProxy's configuration, and certhaul's with and without
# handshakes.
configure() {
	local dir=$work/$1 enabled
	cat >"$dir/haproxy.cfg" <<-END
		global
		    stats socket $dir/admin.sock mode 600 level admin
		    stats timeout 2m
		defaults
		    mode http
		    timeout connect 5s
		    timeout client 5s
		    timeout server 5s
		frontend www
		    bind 127.0.0.1:$(free_port) ssl $2
		    http-request return status 200
	END
	for enabled in false true; do
		cat >"$dir/conf.$enabled" <<-END
			state_dir = "$dir/state";
			lock_file = "$dir/lock";
			syslog = false;
			letsencrypt: {
			    config_dir = "$dir/etc";
			    work_dir = "$dir/work";
			    logs_dir = "$dir/logs";
			};
			haproxy: {
			    config = [ "$dir/haproxy.cfg" ];
			    bundle_dir = "$dir/ssl";
			    sockets = [ "$dir/admin.sock" ];
			    master_socket = "$dir/master.sock";
			    update = "runtime";
			};
			verify: { enabled = $enabled; };
		END
	done
	mv "$dir/conf.false" "$dir/plain.conf"
	mv "$dir/conf.true" "$dir/verify.conf"
}

# LAB: starts HAProxy and waits until it answers.
start_haproxy() {
	local dir=$work/$1 pid until=$((SECONDS + 120))
	"$haproxy" -W -S "$dir/master.sock" -f "$dir/haproxy.cfg" \
	    >"$dir/haproxy.log" 2>&1 </dev/null &
	pid=$!
	pids+=("$pid")
	until "$bare" "$dir/admin.sock" ask 'show info' >/dev/null 2>&1; do
		if ! kill -0 "$pid" 2>/dev/null || ((SECONDS > until)); then
			tail -n 5 "$dir/haproxy.log" >&2
			die "HAProxy of lab $1 did not start"
		fi
		sleep 0.05
	done
}

# LAB COUNT [list]: the lineages, their first bundles by the loop, HAProxy (with
# the directory, or a crt-list), and a first deploy, after which certhaul knows
# them.
lab() {
	local dir=$work/$1 source
	source="crt $dir/ssl/"
	[ "${3:-}" != list ] || source="crt-list $dir/list"
	mkdir -m 700 "$dir" "$dir/ssl" "$dir/state"
	"$mklineages" make "$dir" "$2"
	(umask 077 && bash -c "$loop" bash "$dir/etc" "$dir/ssl")
	printf '%s\n' "$dir/ssl/"*.pem >"$dir/list"
	configure "$1" "$source"
	start_haproxy "$1"
	"$hook" -c "$dir/plain.conf" deploy --all >"$dir/first.log" 2>&1 || {
		tail -n 20 "$dir/first.log" >&2
		die "the first deploy of lab $1 failed"
	}
}

# LAB NAME: does HAProxy hold the certificate that the lineage has?
in_memory() {
	local held due
	held=$("$bare" "$work/$1/admin.sock" ask \
	    "show ssl cert $work/$1/ssl/$2.pem" |
	    sed -n 's/^SHA1 FingerPrint: //p')
	due=$(openssl x509 -noout -fingerprint -sha1 \
	    -in "$work/$1/etc/live/$2/cert.pem" | sed 's/.*=//; s/://g')
	[ -n "$due" ] && [ "$held" = "$due" ]
}
