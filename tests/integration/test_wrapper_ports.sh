#!/usr/bin/env bash
# certhaul init beside a certbot that listens behind HAProxy on a port of its
# own: whatever words lead challenges there, its renewals go on.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --pebble
# shellcheck source=refits.sh
. "$lab_lib/refits.sh"
mkdir "$LAB/cron"
conf
lab_haproxy_stop
port=$(lab_free_port)
echo /.well-known/acme-challenge/ >"$LAB/paths.lst"

# goes_on WHAT: with the rules on stdin, certbot renews before and after. What
# is in `tls` is in the frontend for https; `at`: where backend certbot leads;
# `seen`: does certhaul see the way?
tls='' at=127.0.0.1:$port seen=yes
goes_on() {
	{
		printf 'global\n\tstats socket %s level admin\n' "$LAB_SOCK"
		printf 'defaults\n\tmode http\n\ttimeout connect 5s\n'
		printf '\ttimeout client 30s\n\ttimeout server 30s\n'
		printf 'frontend http\n\tbind *:80\n'
		cat
		printf 'frontend https\n\tbind *:443 ssl crt %s crt %s\n' \
		    "$LAB/default.pem" "$LAB_SSL/"
		printf '%s' "$tls"
		printf '\tdefault_backend web\nbackend web\n\tserver s %s\n' \
		    "127.0.0.1:$LAB_ORIGIN"
		printf 'backend certbot\n\tserver c %s\n' "$at"
	} | own >"$LAB/haproxy.cfg"
	start || bail_out "HAProxy does not start"
	rm -rf "$LAB_LE"
	mkdir -m 700 "$LAB_LE"
	run lab_certbot certonly --standalone --http-01-port "$port" \
	    --http-01-address 127.0.0.1 -d a.example
	is "$status" 0 "$1: (certbot, on a port of its own)" || diag "$output"
	run lab_certhaul check
	[ "$seen" = no ] || unlike "$output" 'bad .*does not renew' \
	    "... check sees that it renews"
	run init --write
	[ "$seen" = no ] || unlike "$output" 'does not renew' "... init, too" ||
	    diag "$output"
	told=$output
	lab_haproxy_reload || bail_out "HAProxy does not reload"
	run lab_certbot renew --force-renewal
	is "$status" 0 "... and it renews behind what init wrote" ||
	    diag "$output"
	lab_haproxy_stop
}

goes_on "another use_backend before" <<-EOT
	acl acme path_beg /.well-known/acme-challenge/
	use_backend web if { path_beg /api }
	use_backend certbot if acme
	redirect scheme https if !acme
EOT
like "$told" 'lineage a.example works at once' "... which init promises"
like "$told" "set challenge.port to $port" "... and says what is to be set"
goes_on "a path above it" <<-EOT
	acl wk path_beg /.well-known/
	use_backend certbot if wk
	redirect scheme https if !wk
EOT
like "$told" 'lineage a.example works at once' "... which init promises"
goes_on "a path that is not seen" <<-EOT
	use_backend certbot if { path_beg -f $LAB/paths.lst }
	default_backend web
EOT
like "$told" 'a.example: renewed by .* or on a port of their own: their' \
    "... which init leaves alone"
# Led there by a line that ours would be in front of.
tls=$'\tacl acme path_beg /.well-known/acme-challenge/\n'\
$'\tuse_backend certbot if acme\n'
goes_on "a redirect to https, which leads there" <<-EOT
	http-request redirect prefix https://a.example:$LAB_HTTPS
EOT
like "$told" 'a.example: renewed by .* or on a port of their own: their' \
    "... which init leaves alone"
tls=''
goes_on "a lead behind another site's use_backend" <<-EOT
	acl acme path_beg /.well-known/acme-challenge/
	use_backend web if { req.hdr(host) b.example }
	use_backend certbot if { hdr_dom(host) a.example } acme
	default_backend web
EOT
like "$told" 'a.example: renewed by .* or on a port of their own: their' \
    "... which init leaves alone"
at=127.1:$port # HAProxy asks the resolver what that is
goes_on "a server whose host is no address" <<-EOT
	default_backend certbot
EOT
goes_on "a lead to a server whose host is no address" <<-EOT
	acl acme path_beg /.well-known/acme-challenge/
	use_backend certbot if acme
	default_backend web
EOT
like "$told" 'lineage a.example works at once' "... which init promises"
# By no server line that has the port.
seen=no at=127.0.0.1:1
goes_on "a port that a rule sets" <<-EOT
	acl acme path_beg /.well-known/acme-challenge/
	http-request set-dst-port int($port) if acme
	default_backend by_rule
backend by_rule
	server s 127.0.0.1
EOT
like "$told" 'moves it .*, once its names are off "acl certhaul_elsewhere"' \
    "... which init leaves alone, and says how it is moved"
seen=yes at=127.0.0.1:$port
goes_on "a path that is not seen, as before" <<-EOT
	use_backend certbot if { path_beg -f $LAB/paths.lst }
	default_backend web
EOT
succeeds "... (HAProxy)" start
run certhaul request --dry-run b.example
like "$output" 'b.example: preflight good' "... and others come to ours"

# HAProxy on 443 alone: port 80 is certbot's as long as that stays so.
lab_haproxy_stop
{
	sed '/^frontend http$/,/^frontend https$/{/^frontend https$/!d}' \
	    "$LAB/haproxy.cfg"
} >"$LAB/tls.cfg"
cp "$LAB/tls.cfg" "$LAB/haproxy.cfg"
sed -i '/^http01_/d' "$LAB_LE/renewal/a.example.conf"
run lab_certhaul check
unlike "$output" 'bad +port 80' "no port 80 of HAProxy's: check finds no fault"
like "$output" 'port 80, which HAProxy does not have' "... and says how it is"
{
	cat "$LAB/tls.cfg"
	printf 'frontend http\n\tbind :::80 v4v6\n\tdefault_backend web\n'
} >"$LAB/haproxy.cfg"
mkdir -p "$LAB_LE/renewal-hooks/pre"
stop=$LAB_LE/renewal-hooks/pre/stop
ini=$LAB/xdg/letsencrypt/cli.ini
mkdir -p "${ini%/*}"
for hook in "$stop" "$ini"; do
	echo 'pre-hook = systemctl stop haproxy' >"$hook"
	run lab_certhaul check
	[ "$hook" != "$stop" ] ||
	    like "$output" 'bad .*port 80, which HAProxy holds' \
		"a pre hook that is not run: check finds a fault"
	chmod +x "$hook"
	run lab_certhaul check
	like "$output" "hint .*port 80, with hooks .* take off $hook, if" \
	    "a hook of all may stop HAProxy: check names it (${hook##*/})"
	rm -f "$LAB_LE"/renewal-hooks/*/certhaul-hook
	run init --dry-run
	like "$output" 'a.example is served as it is, .*, with hooks that' \
	    "... init knows, too"
	rm "$hook"
done
echo 'pre-hook = systemctl stop haproxy' >"$LAB_LE/cli.ini"
run lab_certhaul check
unlike "$output" 'take off .*cli.ini' \
    "one beside the lineages is not certbot's, and is none"
rm "$LAB_LE/cli.ini"
echo 'pre-hook =' >"$ini"
run lab_certhaul check
unlike "$output" 'take off .*cli.ini' "... nor is one without a command"
rm "$ini"
cp "$LAB/tls.cfg" "$LAB/haproxy.cfg"
run init --write
like "$output" 'a.example .*on port 80, which HAProxy holds.*certbot renew' \
    "... init --write, which has HAProxy take it, says what to do"
done_testing
