# shellcheck shell=bash
# refits.sh: certhaul init on an operator's haproxy.cfg, up to a HAProxy that
# runs with what it wrote and lets challenges through. Sourced, behind lab.sh
# and lab_start, by the tests of init.
: "${LAB:?lab_start comes first}"
output='' status='' # of tap.sh

export REQUESTS_CA_BUNDLE=$LAB/pebble/ca.pem XDG_CONFIG_HOME=$LAB/xdg
# conf PAIR...: certhaul.conf with an account at Pebble.
conf() {
	lab_conf "account.server=\"$LAB_SERVER\"" account.agree_tos=true \
	    'account.email="lab@a.example"' "$@"
}
certhaul() {
	local verb=$1
	shift
	CERTHAUL_LAB=$LAB "$LAB_BIN/certhaul" -c "$LAB_CONF" "$verb" "$@"
}
init() {
	certhaul init --cron-dir "$LAB/cron" "$@"
}
# own NAME: the haproxy.cfg on stdin with the lab's paths and ports.
own() {
	sed -e "s,/etc/haproxy/ssl,$LAB_SSL,; s,/etc/haproxy/,$LAB/,g" \
	    -e "s,/run/haproxy/admin.sock,$LAB_SOCK,; s,:80\$,:$LAB_HTTP," \
	    -e "s,\*:443,*:$LAB_HTTPS,; s,:2031,:$LAB_ACME,"
}
# base [NAME [LINE]]: what the files below begin with, with ` NAME` behind
# `defaults`, and LINE in `global`.
base() {
	printf 'global\n\tstats socket %s mode 600 level admin\n' "$LAB_SOCK"
	printf '\tstats timeout 2m\n\thard-stop-after 30m\n%s\n' "${2:-}"
	printf 'defaults%s\n\tmode http\n\ttimeout connect 5s\n' "${1:-}"
	printf '\ttimeout client 30s\n\ttimeout server 30s\n'
}
# start: HAProxy with what init has made of haproxy.cfg. It proposes ports 80
# and 443 and a `daemon` goes into the background: not in the lab.
start() {
	sed -i -e "s/bind :::80 v4v6/bind 127.0.0.1:$LAB_HTTP/" \
	    -e "s/bind :::443 v4v6/bind 127.0.0.1:$LAB_HTTPS/" \
	    -e "s/bind :80\$/bind 127.0.0.1:$LAB_HTTP/" \
	    -e "s/bind :443 /bind 127.0.0.1:$LAB_HTTPS /" \
	    -e '/^[[:space:]]*daemon$/d; s,/dev/log,stderr format raw,' \
	    "$LAB/haproxy.cfg"
	[ "$(id -u)" -eq 0 ] ||
	    sed -i -E '/^[[:space:]](chroot|user|group) /d' "$LAB/haproxy.cfg"
	lab_haproxy_start
}

# refits WHAT: haproxy.cfg is told about, left alone, then written.
refits() {
	local was copy
	was=$(stat -c '%i %Y %Z' "$LAB/haproxy.cfg")
	rm -f "$LAB"/haproxy.cfg.certhaul-*
	succeeds "$1: init" init
	like "$output" "HAProxy's configuration lacks:" "... says what"
	is "$(stat -c '%i %Y %Z' "$LAB/haproxy.cfg")" "$was" "... only"
	sed -n '/^--- /,/^Put these/{/^Put these/d;p}' <<<"$output" \
	    >"$LAB/diff"
	cp "$LAB/haproxy.cfg" "$LAB/old"
	run patch -o "$LAB/patched" "$LAB/old" "$LAB/diff"
	is "$status" 0 "... and patch takes the diff" || diag "$output"
	chmod 640 "$LAB/haproxy.cfg"
	succeeds "... --write" init --write
	is "$(cat "$LAB/haproxy.cfg")" "$(cat "$LAB/patched")" \
	    "... writes what the diff has"
	is "$(stat -c '%a' "$LAB/haproxy.cfg")" 640 "... keeps the mode"
	copy=$(compgen -G "$LAB/haproxy.cfg.certhaul-*")
	is "$(cat "$copy")" "$(cat "$LAB/old")" "... and a copy"
	run init --write
	is "$output" "nothing to do" "... then lacks nothing"
	is "$(compgen -G "$LAB/haproxy.cfg.certhaul-*")" "$copy" \
	    "... (no second copy)"
	lab_haproxy_stop
	start || bail_out "HAProxy does not start with: $1"
	ok "... HAProxy starts with it"
	run certhaul request --dry-run a.example
	like "$output" 'a.example: preflight good' "... preflight is good" ||
	    diag "$output"
	run certhaul request --dry-run --in-proxy a.example
	like "$output" 'a.example: preflight good' "... in the proxy, too" ||
	    diag "$output"
}
