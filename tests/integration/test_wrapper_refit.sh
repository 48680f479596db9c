#!/usr/bin/env bash
# certhaul init on haproxy.cfg files with habits that what it adds has to fit
# in with: HAProxy takes each, the site goes on, and challenges come through.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --pebble
# shellcheck source=refits.sh
. "$lab_lib/refits.sh"
mkdir "$LAB/cron"
conf
lab_haproxy_stop

# site: what an HTTPS client gets of the site.
site() {
	curl -sk --noproxy '*' --resolve "a.example:$LAB_HTTPS:127.0.0.1" \
	    "https://a.example:$LAB_HTTPS/"
}

# The site answers the challenge, too, out of its web root.
{
	base
	own <<-EOT
	frontend http
		bind *:80
		acl acme path_beg /.well-known/acme-challenge/
		redirect scheme https if !acme
		use_backend web if acme
	frontend https
		bind *:443 ssl crt /etc/haproxy/default.pem
		default_backend web
	backend web
		server nginx 127.0.0.1:$LAB_ORIGIN
	EOT
} >"$LAB/haproxy.cfg"
start || bail_out "HAProxy does not start"
run certhaul request --dry-run a.example
like "$output" 'use_backend acme if .*backend acme' \
    "a backend that serves the site: a request proposes one of its own"
unlike "$output" 'challenge.port' "... and not to move the port"
refits "a backend that serves the site"
is "$(site)" hello "... the site is there"

# Defaults by name, and rules in them.
{
	base ' base'
	own <<-EOT
	defaults fe from base
		http-request redirect scheme https code 301 unless { ssl_fc }
	frontend web from fe
		bind *:80
		bind *:443 ssl crt /etc/haproxy/default.pem
		default_backend web
	backend web from base
		server s1 127.0.0.1:$LAB_ORIGIN
	EOT
} >"$LAB/haproxy.cfg"
refits "defaults by name, with a redirect"
run "$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg"
# Some versions say that it is valid, some nothing.
is "$status ${output#Configuration file is valid}" "0 " \
    "... HAProxy has nothing to say"
is "$(site)" hello "... the site is there"

# ... a rule there that only its own condition can take back.
rule='http-request auth unless { src 192.0.2.1 }'
sed -i "/http-request redirect/c\\	$rule" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy refuses a rule in defaults"
line=$(grep -n 'http-request auth' "$LAB/haproxy.cfg")
for way in '' --in-proxy; do
	# shellcheck disable=SC2086 # none, or one
	ends_with 7 "a rule in the defaults $way" \
	    certhaul request --dry-run $way a.example
	like "$output" "cfg:${line%%:*}, in defaults fe, may decide ahead" \
	    "... is told of"
done
# Done to the letter.
sed -i "${line%%:*}s,\$, or { path_beg /.well-known/acme-challenge/ }," \
    "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy refuses the advice"
run certhaul request --dry-run a.example
like "$output" 'a.example: preflight good' "... which mends it"

# None of the defaults would do.
{
	base ' fe'
	own <<-EOT
		http-request set-header X-Forwarded-Proto https if { ssl_fc }
	frontend web from fe
		bind *:80
		bind *:443 ssl crt /etc/haproxy/default.pem
		http-request deny if { ssl_fc }
	EOT
} >"$LAB/haproxy.cfg"
refits "defaults with rules alone"

# What default-server says is not for an ACME client; the server of the site
# takes it back for the lab's sake.
{
	base '' '	ssl-server-verify none'
	own <<-EOT
		default-server check inter 100ms fall 1 ssl send-proxy-v2
		default-server proto h2
	frontend http
		bind *:80
		redirect scheme https
	frontend https
		bind *:443 ssl crt /etc/haproxy/default.pem
		default_backend web
	backend web
		server s 127.0.0.1:$LAB_ORIGIN no-ssl no-send-proxy-v2 proto h1
	EOT
} >"$LAB/haproxy.cfg"
refits "default-server with check and ssl"
is "$(site)" hello "... the site is there"
sed -i '/server acme_client/s/ maxconn 4 .*/ maxconn 4/' "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy refuses it without the words"
line=$(grep -n 'server acme_client' "$LAB/haproxy.cfg")
ends_with 7 "... without the words" certhaul request --dry-run a.example
for word in no-check no-ssl no-send-proxy-v2 'proto h1'; do
	like "$output" "cfg:${line%%:*}: put .$word. behind this" \
	    "... that $word is missing is told"
done

# Warnings are errors, and the option is not for mode tcp.
{
	base '' '	zero-warning'
	own <<-EOT
	frontend http
		bind *:80
		redirect scheme https
	frontend tls
		mode tcp
		bind *:443
		default_backend term
	backend term
		mode tcp
		server l abns@haul-$LAB_HTTPS send-proxy-v2
	frontend term
		bind abns@haul-$LAB_HTTPS accept-proxy ssl crt $LAB/default.pem
		default_backend web
	backend web
		server s1 127.0.0.1:$LAB_ORIGIN
	EOT
} >"$LAB/haproxy.cfg"
refits "zero-warning beside mode tcp"
lab_cli "disable server acme/acme_client" >"$LAB/out"
line=$(grep -n 'server acme_client' "$LAB/haproxy.cfg")
ends_with 7 "a server that is out" certhaul request --dry-run a.example
like "$output" "server. line, $LAB/haproxy.cfg:${line%%:*}, and of what is" \
    "... is named"
is "$(grep -c 'idle-close' "$LAB/haproxy.cfg")" 2 "... the option is in both"
is "$(site)" hello "... the site is there"

# `haproxy -c` binds no socket: one that a start could not bind is not proposed.
lab_haproxy_stop
mkdir "$LAB/var"
{
	printf 'global\n\tstats socket %s/var/stats\n' "$LAB"
	base | sed 1,2d
	own <<-EOT
	frontend http
		bind *:80
		redirect scheme https
	frontend https
		bind *:443 ssl crt /etc/haproxy/default.pem
		default_backend web
	backend web
		server s1 127.0.0.1:$LAB_ORIGIN
	EOT
} >"$LAB/haproxy.cfg"
cp "$LAB/haproxy.cfg" "$LAB/was.cfg"
conf "haproxy.sockets=[ \"$LAB/run/none/admin.sock\" ]" \
    'haproxy.reload_command=[ "systemctl", "reload", "haproxy" ]'
run init --write
if [ -d /run/systemd/system ]; then
	like "$output" 'reload HAProxy .systemctl reload haproxy.' "by systemd"
else
	like "$output" "reload HAProxy .echo reload . socat - .*$LAB_MASTER.$" \
	    "without systemd by the master's socket"
fi
like "$output" "directory of $LAB/run/none/admin.sock .* is not there" \
    "a socket without a directory is told of"
unlike "$(<"$LAB/haproxy.cfg")" 'admin\.sock' "... and not put in"
LAB_SOCK=$LAB/var/stats start
is $? 0 "... HAProxy starts with the rest"
lab_haproxy_stop
sed '/^global/,/^defaults/{/^defaults/!d}' "$LAB/was.cfg" >"$LAB/haproxy.cfg"
run init
like "$output" '\+global' "(no global section)"
unlike "$output" '\+.*stats socket' "... not with a section of its own either"
cp "$LAB/was.cfg" "$LAB/haproxy.cfg"
run init
asked=$(sed -n 's,.*sockets = \[ "\([^"]*\)".*,\1,p' <<<"$output")
is "$asked" "$LAB/var/certhaul.sock" "... a directory that is there is named"
conf "haproxy.sockets=[ \"$asked\" ]"
LAB_SOCK=$asked refits "the socket beside one that is there"
conf

# A socket that is there without the rights: root's alone is given them, one
# of others gets one beside it.
# socket_of WORDS: the reference with a socket that has these; HAProxy runs.
socket_of() {
	lab_haproxy_stop
	rm -f "$LAB_SSL/a.example.pem"
	lab_haproxy_conf
	sed -i "s,stats socket .*,stats socket $LAB_SOCK $1," "$LAB/haproxy.cfg"
	lab_haproxy_start || bail_out "HAProxy does not start"
	succeeds "socket $1: certhaul deploys" certhaul deploy
	like "$output" 'each update takes a reload.*HAProxy was reloaded' \
	    "... by a reload"
	rm -f "$LAB_SSL/a.example.pem"
}
# deploys: HAProxy has what init wrote, and takes a new bundle into its memory.
deploys() {
	lab_haproxy_reload || bail_out "HAProxy refuses it"
	succeeds "... and certhaul deploys" certhaul deploy
	like "$output" 'a.example: deployed' "... the bundle"
	unlike "$output" reload "... without a reload"
}
lab_make_lineage a.example
for words in '' 'mode 600 level operator' 'level user mode 660'; do
	socket_of "$words"
	succeeds "... init --write" init --write
	is "$(grep -c 'stats socket .*level admin' "$LAB/haproxy.cfg")" 1 \
	    "... raises it"
	deploys
done
socket_of 'mode 666 level operator'
cp -p "$LAB_CONF" "$LAB/was.conf"
run init
like "$output" "$LAB_CONF: .*sockets = \\[ \"$LAB/certhaul.sock\" \\]" \
    "... what certhaul.conf is to have is told"
is "$(<"$LAB_CONF")" "$(<"$LAB/was.conf")" "... only"
succeeds "... init --write" init --write
like "$output" "reload HAProxy .$LAB/reload.: until then .* challenges fail" \
    "... tells what the reload is for, and how this machine does it"
like "$(<"$LAB/haproxy.cfg")" "$LAB_SOCK mode 666 level operator
.*stats socket $LAB/certhaul.sock mode 600 level admin" \
    "... leaves it to others, and puts one beside it"
is "$(<"$LAB_CONF")" \
    "$(sed "s,\"$LAB_SOCK\",\"$LAB/certhaul.sock\"," "$LAB/was.conf")" \
    "... which certhaul.conf has now"
is "$(stat -c %a "$LAB_CONF") $(cat "$LAB_CONF".certhaul-*)" \
    "600 $(<"$LAB/was.conf")" "... with the mode that it had, and a copy"
deploys
run init
is "$output" "nothing to do" "... and nothing is lacking"
# A reload hands the socket on as it is, whatever its line has by then.
cp -p "$LAB/was.conf" "$LAB_CONF"
socket_of 'mode 666 level operator'
sed -i "s,$LAB_SOCK mode 666,$LAB_SOCK mode 600," "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy refuses it"
is "$(stat -c %a "$LAB_SOCK")" 666 "a mode that came with a reload"
run init
like "$output" "\+.*$LAB/certhaul.sock mode 600 level admin" \
    "... others may use it yet: one beside it"
unlike "$output" "$LAB_SOCK mode 600 level admin" "... it is not raised"

# What is not so simple is the operator's to do.
sed "s,\[ \"$LAB_SOCK\" \],[ \"$LAB_SOCK\"\, \"$LAB_SOCK\" ]," \
    "$LAB/was.conf" >"$LAB_CONF"
sed -i '/certhaul.sock/d' "$LAB/haproxy.cfg"
cp "$LAB_CONF" "$LAB/twice.conf"
succeeds "... certhaul.conf names it twice" init --write
like "$output" "$LAB_CONF: .*sockets = \\[ \"$LAB/certhaul.sock\" \\]" \
    "... is told"
is "$(<"$LAB_CONF")" "$(<"$LAB/twice.conf")" "... and left as it is"
conf

# The usual paths, of which certhaul.conf says nothing.
mkdir "$LAB/etc"
sed '/^frontend/,$d; s,stats socket .*,stats socket /run/haproxy/admin.sock '\
'mode 666,' "$LAB/haproxy.cfg" >"$LAB/etc/haproxy.cfg"
grep -E '^(lock_file|syslog|state_dir)|^letsencrypt|_dir|^};' "$LAB_CONF" |
    sed '/bundle/d; 0,/^};/!{/^};/d}' >"$LAB/short.conf"
chmod 600 "$LAB/short.conf"
# with_usual: certhaul init --write where /etc/haproxy is LAB/etc.
with_usual() {
	# shellcheck disable=SC2016 # the other shell's
	CERTHAUL_LAB=$LAB unshare --mount sh -c 'mount -t tmpfs none /run &&
	    mkdir /run/haproxy && mount --bind "$1/etc" /etc/haproxy &&
	    exec "$2" -c "$3" init --write --cron-dir "$1/cron"' sh \
	    "$LAB" "$LAB_BIN/certhaul" "$LAB/short.conf"
}
succeeds "certhaul.conf without haproxy.sockets" with_usual
like "$(<"$LAB/short.conf")" \
    'haproxy: \{ sockets = \[ "/run/haproxy/certhaul.sock" \]; \};$' \
    "... gets them"

# Nothing takes plain http, and certhaul.conf says where the CA's question
# comes in.
lab_haproxy_stop
conf "challenge.http_addresses=[ \"127.0.0.1:$LAB_HTTP\" ]"
{
	base
	own <<-EOT
	frontend https
		bind *:443 ssl crt /etc/haproxy/default.pem
		default_backend web
	backend web
		server s1 127.0.0.1:$LAB_ORIGIN
	EOT
} >"$LAB/haproxy.cfg"
refits "no frontend where one is named"
conf
done_testing
