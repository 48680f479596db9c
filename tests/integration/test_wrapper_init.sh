#!/usr/bin/env bash
# certhaul init: from an empty machine and from an existing certbot, on several
# operators' haproxy.cfg, each of which the real HAProxy then starts with and
# passes the preflight. A second run does nothing.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --pebble

# shellcheck source=refits.sh
. "$lab_lib/refits.sh"

# everything: what there is, with inode, mode and times.
everything() {
	find "$LAB_SSL" "$LAB_STATE" "$LAB_LE" "$LAB/cron" "$LAB"/*.pem \
	    "$LAB"/*.map "$LAB"/*.cfg* -printf '%p %i %m %u %T@ %C@\n' \
	    2>/dev/null | sort
}

# From nothing: neither directories, nor map, nor default.pem.
reference=$(cat "$LAB/haproxy.cfg")
lab_haproxy_stop
rm -r "$LAB_SSL" "$LAB_STATE" "$LAB/default.pem" "$LAB/acme.map"
mkdir "$LAB/cron"
conf
run certhaul check
like "$output" 'hint +free space +not known' "check: no space is made up"
like "$output" "served +$LAB_LE: it is not there.*\"certhaul init\" makes" \
    "... what makes certbot's directory is told"
before=$(everything)
succeeds "--dry-run" init --dry-run
is "$(everything)" "$before" "... does nothing"
for what in "make $LAB_SSL" "make $LAB_STATE" "make $LAB/acme.map" \
    "make $LAB/default.pem" "link $LAB_LE/renewal-hooks/deploy/certhaul-hook" \
    "write $LAB/cron/certhaul"; do
	like "$output" "would: $what" "... says: $what"
done
unlike "$output" '---|lacks|refuses' "... the reference lacks nothing"
succeeds "init" init
is "$(stat -c '%a %U' "$LAB_SSL")" "700 $(id -un)" "the crt directory"
is "$(stat -c '%a' "$LAB_STATE")" 700 "the state directory"
is "$(stat -c '%a %s' "$LAB/acme.map")" "600 0" "the map"
is "$(stat -c '%a' "$LAB/default.pem")" 600 "default.pem"
for kind in pre deploy post; do
	is "$(readlink "$LAB_LE/renewal-hooks/$kind/certhaul-hook")" \
	    "$LAB_BIN/certhaul-hook" "the $kind hook"
done
is "$(stat -c '%a' "$LAB_LE/renewal-hooks/deploy")" 755 "(as certbot has it)"
like "$(cat "$LAB/cron/certhaul")" \
    "-x $LAB_BIN/certhaul && $LAB_BIN/certhaul -c $LAB_CONF renew --quiet" \
    "the cron line"
# cron passes over the rest of a file with a line that it does not take.
like "$(grep -v '^#' "$LAB/cron/certhaul")" \
    $'\n''[0-9]{1,2} [0-9]{1,2},[0-9]{1,2} \* \* \* root [^%@]+$' \
    "... in a form that cron takes"
is "$(stat -c '%a' "$LAB/cron/certhaul")" 644 "... cron may read it"
run certhaul check
like "$output" "good +timers +certhaul's: $LAB/cron/certhaul" \
    "... check knows it, wherever it is"
chmod 666 "$LAB/cron/certhaul"
run certhaul check
like "$output" "bad +permissions .*$LAB/cron/certhaul.*others than root may" \
    "... and that nobody else is to write there"
chmod 644 "$LAB/cron/certhaul"
was=$(everything)
succeeds "again" init
is "$output" "nothing to do" "... there is nothing to do"
for more in '' --dry-run; do
	# shellcheck disable=SC2086 # none, or one
	(init $more >/dev/full) 2>"$LAB/out"
	is $? 1 "... nor is there room to say so${more:+, }$more"
	like "$(<"$LAB/out")" 'writing stdout: not all' "... which is told"
done
is "$(everything)" "$was" "... and nothing was touched"
printf '#!/bin/sh\n' >"$LAB/silent"
chmod 755 "$LAB/silent"
conf "engine_program=\"$LAB/silent\""
(certhaul renew >/dev/full) 2>"$LAB/out"
is $? 1 "no room for what renew has to say"
(certhaul request --dry-run --no-preflight a.example >/dev/full) 2>"$LAB/out"
is $? 1 "... or request"
conf
sed -i -E 's/^[0-9]+ [0-9,]+ (.*) renew.*/59 11,23 \1 nonsense/' \
    "$LAB/cron/certhaul"
succeeds "a cron line that was changed" init
like "$(cat "$LAB/cron/certhaul")" \
    $'\n''59 11,23 \* \* \* root .* renew --quiet$' \
    "... is mended, at the moment that the operator has chosen"
lab_haproxy_start || bail_out "HAProxy does not start"
is "$(lab_handshake x.example | lab_subject)" CN=default.invalid \
    "HAProxy starts, and shows default.pem"
succeeds "... and a request goes through" certhaul request a.example

# What is off is mended, what is another's is not touched.
chmod 2777 "$LAB_SSL"
[ "$(id -u)" -ne 0 ] || chgrp daemon "$LAB_SSL"
group=$(stat -c %G "$LAB_SSL")
rm "$LAB_LE/renewal-hooks/post/certhaul-hook"
ln -s /old/place/certhaul-hook "$LAB_LE/renewal-hooks/post/certhaul-hook"
rm "$LAB_LE/renewal-hooks/pre/certhaul-hook"
echo mine >"$LAB_LE/renewal-hooks/pre/certhaul-hook"
ends_with 1 "another's hook" init
like "$output" 'pre/certhaul-hook: there is another file' "... is told"
is "$(cat "$LAB_LE/renewal-hooks/pre/certhaul-hook")" mine "... and stays"
is "$(readlink "$LAB_LE/renewal-hooks/post/certhaul-hook")" \
    "$LAB_BIN/certhaul-hook" "... and keeps no other from being linked"
rm "$LAB_LE/renewal-hooks/post/certhaul-hook"
echo mine >"$LAB_LE/renewal-hooks/post/certhaul-hook"
ends_with 1 "(another of them)" init
is "$(grep -c 'there is another file' <<<"$output")" 2 "... each is told"
rm "$LAB_LE/renewal-hooks/post/certhaul-hook"
ln -s /old/place/certhaul-hook "$LAB_LE/renewal-hooks/post/certhaul-hook"
is "$(stat -c '%a %G' "$LAB_SSL")" "2755 $group" \
    "others may write no more, and read on"
rm "$LAB_LE/renewal-hooks/pre/certhaul-hook"
run init
is "$(readlink "$LAB_LE/renewal-hooks/post/certhaul-hook")" \
    "$LAB_BIN/certhaul-hook" "an old link is renewed"

# Who may put another in its place is told of, and the rest is done.
conf "haproxy.bundle_dir=\"$LAB/way/ssl\""
mkdir -m 777 "$LAB/way"
chmod 777 "$LAB/way"
succeeds "a directory that anybody may replace" init
like "$output" "$LAB/way: others than root may .*: chmod go-w $LAB/way" \
    "... is warned of"
is "$(stat -c %a "$LAB/way" "$LAB/way/ssl" | paste -sd' ')" "777 700" \
    "... and is left as it is"
chmod 755 "$LAB/way"
run init
unlike "$output" "$LAB/way:" "... until that is mended"
rm -r "$LAB/way"
conf

# Whose the directory is, is for its owner to say.
if [ "$(id -u)" -eq 0 ]; then
	chown daemon "$LAB_SSL"
	ends_with 1 "a directory of another's" init
	like "$output" "$LAB_SSL: it belongs to uid" "... is told of"
	is "$(stat -c '%U %a' "$LAB_SSL")" "daemon 2755" "... and stays"
	chown 0:0 "$LAB_SSL"
	for group in daemon root; do
		mode=750
		[ "$group" = daemon ] || mode=755
		dir=$LAB/of.$group
		conf 'haproxy.bundle_owner="daemon"' \
		    "haproxy.bundle_group=\"$group\"" \
		    "haproxy.bundle_dir=\"$dir\""
		run init
		is "$(stat -c '%U %G %a' "$dir")" "root $group $mode" \
		    "bundles of another's, $group: the directory stays root's"
		is "$(stat -c '%U' "$LAB/default.pem")" root "... (default)"
		run certhaul deploy --dry-run
		unlike "$output" 'belongs to' \
		    "... which a deploy has no fault with"
		chown daemon "$dir"
		run init
		is "$(stat -c '%U %G %a' "$dir")" "root $group $mode" \
		    "... and one that was given away is taken back"
	done
	conf
fi
chmod 0700 "$LAB_SSL"

# An existing certbot: its lineages work at once, its own renewals deploy.
rm "$LAB_LE"/renewal-hooks/*/certhaul-hook
run lab_certbot certonly -d b.example
cp "$LAB_LE/renewal/b.example.conf" "$LAB/b.conf"
# As `certbot certonly --standalone` alone makes it.
sed -i '/^http01_/d' "$LAB_LE/renewal/b.example.conf"
run init
like "$output" 'b.example is served as it is, but it renews on port 80, which '\
'HAProxy holds: "certbot renew --force-renewal --cert-name b.example ' \
    "init beside a certbot on port 80 promises no renewal"
unlike "$output" 'b.example works at once' "... it works not at once"
run init
like "$output" 'b.example is served as it is, but it renews on port 80' \
    "... nor does a second one, by its silence"
unlike "$output" 'nothing to do' "... as there is something to do"
move=$(sed -n 's/.*renews on port 80.*: "\(certbot [^"]*\)" moves.*/\1/p' \
    <<<"$output")
rm "$LAB_LE"/renewal-hooks/*/certhaul-hook
sed -i 's/^authenticator.*/authenticator = webroot/' \
    "$LAB_LE/renewal/b.example.conf"
run init
like "$output" 'b.example is served as it is, and renews by files in a web' \
    "... nor beside one with a webroot"
rm "$LAB_LE"/renewal-hooks/*/certhaul-hook
# What its owner has set is no business of certhaul.conf's.
sed -e '/^http01_/d' -e "/^authenticator/i renew_hook = true" \
    -e 's/^key_type.*/key_type = rsa\nrsa_key_size = 3072/' "$LAB/b.conf" \
    >"$LAB/kept.conf"
# keeps_all HOW COMMAND: the command moves it and changes nothing else.
keeps_all() {
	cp "$LAB/kept.conf" "$LAB_LE/renewal/b.example.conf"
	run bash -c "$2 --no-random-sleep-on-renew" </dev/null
	is "$status" 0 "$1" || diag "$output"
	is "$(diff "$LAB/kept.conf" "$LAB_LE/renewal/b.example.conf" |
	    grep '^[<>]' | sort)" \
	    "> http01_address = 127.0.0.1
> http01_port = $LAB_ACME" "... moves it, and keeps all else"
}
keeps_all "... the renewal that was printed" "$move"
cp "$LAB/kept.conf" "$LAB_LE/renewal/b.example.conf"
conf 'engine="builtin"'
run certhaul check
move=$(sed -n 's/.*renews on port 80.*: "\([^"]*\)" moves.*/\1/p' \
    <<<"$output")
conf
like "$move" "^$LAB_BIN/certhaul-acme renew --force" "check prints it, too"
keeps_all "... for the one without certbot" "$move"
# beside WHAT SAID: init says so of b.example, as it is now.
beside() {
	rm -f "$LAB_LE"/renewal-hooks/*/certhaul-hook
	run init
	like "$output" "lineage b.example is served as it is, $2" "$1: told" ||
	    diag "$output"
	unlike "$output" 'b.example works at once' "... and nothing promised"
}
cp "$LAB/b.conf" "$LAB_LE/renewal/b.example.conf"
mv "$LAB_LE/accounts" "$LAB/accounts"
beside "no account" "but it cannot be renewed: the account .* is not there: \
$LAB_LE/accounts/.*--cert-name b.example"
mv "$LAB/accounts" "$LAB_LE/accounts"
for key in account server; do
	sed -i "s,^$key = .*,$key = https://x/"$'\e[31m,' \
	    "$LAB_LE/renewal/b.example.conf"
	beside "an escape in its $key" "but it cannot be renewed: the account"
	unlike "$output" $'\e' "... and not to the terminal"
	cp "$LAB/b.conf" "$LAB_LE/renewal/b.example.conf"
done
sed -i 's/^authenticator = .*/authenticator = dns-example/' \
    "$LAB_LE/renewal/b.example.conf"
beside "no plugin" "but it .* renewed by plugin dns-example, which .* has not"
sed 's/^authenticator/autorenew = False\n&/' "$LAB/b.conf" \
    >"$LAB_LE/renewal/b.example.conf"
beside "autorenew = False" "and not renewed: .*autorenew"
cp "$LAB/b.conf" "$LAB_LE/renewal/b.example.conf"
rm "$LAB_LE"/renewal-hooks/*/certhaul-hook
rm -f "${LAB_SSL:?}/b.example.pem"
serial=$(lab_serial "$LAB_LE/live/b.example/cert.pem")
succeeds "init beside a certbot" init
like "$output" 'lineage b.example works at once, nothing is re-issued' \
    "... says what changes"
run init
is "$output" "nothing to do" "... once"
other=$LAB_LE/renewal-hooks/deploy/concatenates
echo "cat x >$LAB_SSL/x.pem" >"$other"
run init
like "$output" "$other names $LAB_SSL: if it writes" \
    "a hook of before that goes on writing bundles is told"
unlike "$output" "nothing to do" "... as open"
rm "$other"
succeeds "deploy" certhaul deploy
is "$(lab_served b.example)" "$(lab_leaf "$LAB_LE/live/b.example/cert.pem")" \
    "b.example is served"
is "$(lab_serial "$LAB_SSL/b.example.pem")" "$serial" "(the one it had)"
export CERTHAUL_CONF=$LAB_CONF
succeeds "certbot renew, on its own" lab_certbot renew --force-renewal
isnt "$(lab_serial "$LAB_LE/live/b.example/cert.pem")" "$serial" "(renewed)"
is "$(lab_served b.example)" "$(lab_leaf "$LAB_LE/live/b.example/cert.pem")" \
    "the renewed one is served"
mkdir "$LAB/cron2"
CERTHAUL_LAB=$LAB "$LAB_BIN/certhaul" init --cron-dir "$LAB/cron2" \
    >"$LAB/out" 2>&1
like "$(cat "$LAB/cron2/certhaul")" "certhaul renew .*-c $LAB_CONF|\
certhaul -c $LAB_CONF renew" "cron reads what the environment named"
unset CERTHAUL_CONF
rm -r "${LAB_SSL:?}"/*

# What failed is not left above a long diff.
sed -i '/hard-stop-after/d' "$LAB/haproxy.cfg"
ends_with 1 "a directory for cron that is not there" \
    certhaul init --cron-dir "$LAB/nowhere"
like "$output" "error: .*$LAB/nowhere.*hard-stop-after.*\
failed, see above: .*$LAB/nowhere: " "... is told, and after the diff"
run init
unlike "$output" "failed, see above" "(only then)"

# Who may not read the keys cannot have HAProxy judge them.
if [ "$(id -u)" -eq 0 ]; then
	chmod 644 "$LAB_CONF"
	run setpriv --reuid 65534 --regid 65534 --clear-groups \
	    "$LAB_BIN/certhaul" -c "$LAB_CONF" init --dry-run
	like "$output" '\+.*hard-stop-after' "init --dry-run as another user"
	unlike "$output" 'HAProxy refuses' \
	    "... does not blame what HAProxy may not read then"
	chmod 600 "$LAB_CONF"
else
	skip "init --dry-run as another user" "only root becomes another"
	skip "... does not blame what HAProxy may not read then" "as above"
fi

# What Debian 12 installs: no frontend at all.
own >"$LAB/haproxy.cfg" <<'EOT'
global
	log /dev/log	local0
	log /dev/log	local1 notice
	chroot /var/lib/haproxy
	stats socket /run/haproxy/admin.sock mode 660 level admin
	stats timeout 30s
	user haproxy
	group haproxy
	daemon

	# Default SSL material locations
	ca-base /etc/ssl/certs
	crt-base /etc/ssl/private

	# See: https://ssl-config.mozilla.org/#server=haproxy
        ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets

defaults
	log	global
	mode	http
	option	httplog
	option	dontlognull
        timeout connect 5000
        timeout client  50000
        timeout server  50000
EOT
refits "Debian's"
succeeds "... and a request" certhaul request a.example
is "$(lab_served a.example)" "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" \
    "... is served"

# What everybody copies from.
own >"$LAB/haproxy.cfg" <<'EOT'
global
    maxconn 2048
    tune.ssl.default-dh-param 2048

defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s

frontend http-in
    bind *:80

    # Redirect if HTTPS is *not* used
    redirect scheme https code 301 if !{ ssl_fc } # always
    acl is_www hdr(host) -i www.a.example
    use_backend web if is_www
    default_backend web

frontend https-in
    bind *:443 ssl crt /etc/haproxy/ssl/ crt-ignore-err all
    http-request set-header X-Forwarded-Proto https
    default_backend web

backend web
    server web1 127.0.0.1:9
EOT
refits "the usual one"
succeeds "... and a request" certhaul request --in-proxy b.example
is "$(lab_served b.example)" "$(lab_leaf "$LAB_LE/live/b.example/cert.pem")" \
    "... is served"

# Some of it is there, in other words; no newline at the end.
own >"$LAB/haproxy.cfg" <<'EOT'
global
  stats socket /run/haproxy/admin.sock mode 600 level operator
  hard-stop-after 1h
defaults web
  mode http
  option idle-close-on-response
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend all from web
  bind *:80
  bind *:443 ssl crt /etc/haproxy/default.pem alpn h2
  acl le path -m beg /.well-known/acme-challenge/
  http-request deny if { path /admin }
  http-request redirect scheme https unless { ssl_fc }
  use_backend le if le
  default_backend web
backend web from web
  server web1 127.0.0.1:9
backend le from web
  server le 127.0.0.1:2031
EOT
truncate -s -1 "$LAB/haproxy.cfg"
refits "one with its own words"
is "$(grep -c '^backend' "$LAB/haproxy.cfg")" 2 "... the backend is its own"
cp "$LAB/haproxy.cfg" "$LAB/old.words"

# HAProxy goes where localhost leads first, an ACME client is at 127.0.0.1.
sed -i 's/server le 127.0.0.1:/server le localhost:/' "$LAB/haproxy.cfg"
# with_hosts: init, where LAB/hosts is what the resolver reads.
with_hosts() {
	CERTHAUL_LAB=$LAB unshare --mount sh -c \
	    'mount --bind "$1" /etc/hosts && shift && exec "$@"' sh \
	    "$LAB/hosts" "$LAB_BIN/certhaul" -c "$LAB_CONF" init --dry-run
}
printf '127.0.0.1 localhost\n::1 localhost\n' >"$LAB/hosts"
run with_hosts
like "$output" "localhost is ::1 here .* write 127.0.0.1:$LAB_ACME" \
    "localhost that is ::1 first is told of"
sed -i /::1/d "$LAB/hosts"
run with_hosts
unlike "$output" 'localhost is' "... and one that is not, is not"

# Conditions: which branch holds is HAProxy's to say, so both are mended.
own >"$LAB/haproxy.cfg" <<'EOT'
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
.if version_atleast(2.4)
frontend www
  bind *:80
  http-request redirect scheme https
.else
frontend www
  bind *:80
  redirect scheme https
.endif
frontend tls
  .if version_atleast(2.4)
  bind *:443 ssl crt /etc/haproxy/default.pem alpn h2
  .else
  bind *:443 ssl crt /etc/haproxy/default.pem
  .endif
  default_backend web
backend web
  server web1 127.0.0.1:9
EOT
cp "$LAB/haproxy.cfg" "$LAB/branches.cfg"
refits "one with conditions"
is "$(grep -c "bind .*ssl crt .* crt $LAB_SSL/" "$LAB/haproxy.cfg")" 2 \
    "... both bind lines load the bundles"
is "$(grep -c 'unless { path_beg' "$LAB/haproxy.cfg")" 2 "... both redirects"
is "$(grep -c 'use_backend acme' "$LAB/haproxy.cfg")" 2 "... and both ways"
sed "/bind .*alpn/s,crt.*,crt $LAB_SSL strict-sni," "$LAB/branches.cfg" \
    >"$LAB/haproxy.cfg"
run init
like "$output" 'one branch of this condition has the bundles on its bind' \
    "... and where one has it, and another has not, is told"
cp "$LAB/old.words" "$LAB/haproxy.cfg"

# Several files in a directory: the one with the frontend is changed.
mkdir "$LAB/conf.d"
sed -n '/^global/,/^frontend/{/^frontend/d;p}' "$LAB/haproxy.cfg" \
    >"$LAB/conf.d/00.cfg"
sed -n '/^frontend/,$p' <<<"$reference" |
    sed '/http-request return.*acme.map/d' >"$LAB/conf.d/50.cfg"
conf "haproxy.config=[ \"$LAB/conf.d\" ]"
was=$(sha256sum "$LAB"/conf.d/*.cfg)
run init
like "$output" "$LAB/haproxy.cfg: HAProxy was started with this file, too" \
    "a HAProxy that runs with another file is told of"
ends_with 1 "... nothing is written beside it" init --write
like "$output" "$LAB/haproxy.cfg: HAProxy was started .*haproxy\.config in" \
    "... and why"
is "$(sha256sum "$LAB"/conf.d/*.cfg)" "$was" "... (nothing)"
lab_haproxy_stop
# kept FILE: owner, mode, ACL and attributes.
kept() {
	/usr/bin/python3 - "$1" <<-'EOT'
	import os, sys
	st = os.stat(sys.argv[1])
	print(oct(st.st_mode), st.st_uid, st.st_gid)
	for name in sorted(os.listxattr(sys.argv[1])):
	    print(name, os.getxattr(sys.argv[1], name))
	EOT
}
# uid 33 may read it, by an ACL.
/usr/bin/python3 - "$LAB/conf.d/50.cfg" <<-'EOT'
import os, struct, sys
none = 0xffffffff
acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in (
    (1, 6, none), (2, 4, 33), (4, 0, none), (16, 4, none), (32, 0, none)))
os.chmod(sys.argv[1], 0o2640)
os.setxattr(sys.argv[1], "user.note", b"ask the net team")
os.setxattr(sys.argv[1], "system.posix_acl_access", acl)
EOT
ln "$LAB/conf.d/50.cfg" "$LAB/50.link"
was=$(kept "$LAB/conf.d/50.cfg")
like "$was" '0o102640 .*posix_acl_access.*user.note' "(a file with an ACL)"
run init --write
is "$status" 0 "a directory of files" || diag "$output"
is "$(cd "$LAB/conf.d" && compgen -G '*.certhaul-*' | sed 's/-[0-9T]*$//')" \
    "50.cfg.certhaul" "... one is changed"
is "$(kept "$LAB/conf.d/50.cfg")" "$was" "... its ACL and attributes are kept"
is "$(kept "$LAB"/conf.d/50.cfg.certhaul-*)" "$was" "... by the copy, too"
like "$output" 'another name, a hard link' "... a name that stays old is told"
unlike "$output" 'could not be kept' "... and nothing is lost"
run init
is "$output" "nothing to do" "... then lacks nothing"

# The second of two cannot be replaced: the first is put back.
sed -i '/hard-stop-after/d' "$LAB/conf.d/00.cfg"
sed -i '/http-request return.*acme.map/d' "$LAB/conf.d/50.cfg"
rm -f "$LAB"/conf.d/*.certhaul-*
was=$(sha256sum "$LAB"/conf.d/*.cfg)
CERTHAUL_LAB=$LAB strace -qq -o "$LAB/trace" -e trace=renameat \
    -e inject=renameat:error=EIO:when=4 "$LAB_BIN/certhaul" -c "$LAB_CONF" \
    init --cron-dir "$LAB/cron" --write >"$LAB/out" 2>&1
is $? 1 "two files, of which the second cannot be replaced" ||
    diag "$(cat "$LAB/out")"
like "$(cat "$LAB/out")" '00.cfg is again as it was' "... is told"
is "$(sha256sum "$LAB"/conf.d/*.cfg)" "$was" "... both are as they were"
is "$(find "$LAB/conf.d" -name '.certhaul*')" "" "... nothing is left staged"
conf

# Where systemd runs: its own systemctl, on a root of ours; that the timer is
# active is all that has to be made up. No cron file then.
root=$LAB/root
mkdir -p "$root/etc/systemd/system"
cp "$CERTHAUL_SRCDIR/conf/certhaul.timer" \
    "$CERTHAUL_BUILDDIR/conf/certhaul.service" "$root/etc/systemd/system"
cp /usr/bin/systemctl "$LAB/systemctl.real"
cat >"$LAB/systemctl" <<EOT
#!/bin/sh
case "\$*" in
is-active*) exec test -e "$root/active" ;;
"enable --now certhaul.timer")
	"$LAB/systemctl.real" --root="$root" enable certhaul.timer || exit
	: >"$root/active" ;;
is-enabled*) exec "$LAB/systemctl.real" --root="$root" "\$@" ;;
*) echo "not asked for: \$*" >&2; exit 1 ;;
esac
EOT
chmod 755 "$LAB/systemctl"
# with_systemd ARGUMENT...: certhaul init in a namespace where it runs.
with_systemd() {
	# shellcheck disable=SC2016 # the other shell's
	CERTHAUL_LAB=$LAB unshare --mount sh -c 'mount -t tmpfs none /run &&
	    mkdir -p /run/systemd/system &&
	    mount --bind "$1" /usr/bin/systemctl && shift && exec "$@"' sh \
	    "$LAB/systemctl" "$LAB_BIN/certhaul" -c "$LAB_CONF" init "$@"
}
# beside_timer DIRECTORY: what a dry run says beside an enabled certbot.timer
# where DIRECTORY is there.
beside_timer() {
	rm -f "$LAB_LE"/renewal-hooks/*/certhaul-hook
	# shellcheck disable=SC2016 # the other shell's
	CERTHAUL_LAB=$LAB unshare --mount sh -c 'mount -t tmpfs none /run &&
	    mkdir -p "$1" && mount -t tmpfs none /etc/systemd &&
	    cd /etc/systemd && mkdir -p system/timers.target.wants &&
	    : >system/timers.target.wants/certbot.timer && shift &&
	    exec "$@"' sh "$1" "$LAB_BIN/certhaul" -c "$LAB_CONF" init \
	    --cron-dir "$LAB/cron" --dry-run
}
run beside_timer /run/systemd/system
like "$output" 'certbot.timer goes on renewing' "certbot's timer goes on"
run beside_timer /run/other
unlike "$output" 'certbot.timer goes on' "... not where systemd does not run"
run with_systemd --dry-run
like "$output" 'would: enable and start certhaul.timer' "systemd: a dry run"
run with_systemd
is "$status" 0 "... the timer" || diag "$output"
like "$output" 'enable and start certhaul.timer' "... is enabled, it says"
like "$output" "certhaul.timer reads .*CERTHAUL_CONF=$LAB_CONF" \
    "... and which configuration it reads"
like "$output" "certhaul.service does not see .*$LAB_SSL" \
    "... and what it would not come to (all of a lab)"
conf 'haproxy.bundle_dir="/etc/of-nobody/ssl"'
run with_systemd --dry-run
like "$output" 'may not write to /etc/of-nobody/ssl: systemctl edit .*Write'\
'Paths=-/etc/of-nobody/ssl' "... or not write to, with the drop-in to add"
run init --dry-run
unlike "$output" 'certhaul.service' "... cron has no walls"
conf
[ -L "$root/etc/systemd/system/timers.target.wants/certhaul.timer" ]
is $? 0 "... it is wanted by timers.target"
run with_systemd
unlike "$output" 'certhaul.timer' "... once"
rm "$root/active"
run with_systemd
[ -e "$root/active" ]
is $? 0 "... one that was stopped is started"
rm "$root/active"
timer=$root/etc/systemd/system/certhaul.timer
mv "$timer" "$LAB/timer"
ln -s /dev/null "$timer"
for more in '' --dry-run; do
	# shellcheck disable=SC2086 # none, or one
	run with_systemd $more
	is "$status" 1 "a timer that is masked${more:+, $more}"
	like "$output" 'certhaul.timer.* it is masked, .*systemctl unmask' \
	    "... is told"
	unlike "$output" 'make install' "... as what it is"
done
[ ! -e "$root/active" ]
is $? 0 "... and is left alone"
rm -r "$root"
run with_systemd
is "$status" 1 "a unit that is not installed"
like "$output" 'certhaul.timer.* does not have it: make install' "... is told"

# What cannot be made up with a root: says STATE [ENABLE].
says() {
	cat >"$LAB/systemctl" <<-EOT
	#!/bin/sh
	case "\$*" in
	is-active*) exec test -e "$LAB/active" ;;
	is-enabled*)
		echo "$1"
		[ "$1" = enabled ] || [ "$1" = static ] ;;
	show*) cat "$LAB/wanted" ;;
	enable*) echo asked >>"$LAB/asked"; ${2:-: >"$LAB/active"} ;;
	*) echo "not asked for: \$*" >&2; exit 1 ;;
	esac
	EOT
	rm -f "$LAB/asked" "$LAB/active"
}
says static
: >"$LAB/active"
printf 'UpheldBy=\nRequiredBy=\nWantedBy=timers.target\n' >"$LAB/wanted"
run with_systemd
unlike "$output" 'certhaul.timer' "a timer that is static, and active, is one"
[ ! -e "$LAB/asked" ]
is $? 0 "... nothing is enabled"
printf 'UpheldBy=\nRequiredBy=\nWantedBy=\n' >"$LAB/wanted"
run with_systemd
like "$output" 'certhaul.timer is static, and no unit wants it: .*edit --full' \
    "... but not after a boot, where none wants it"
[ ! -e "$LAB/asked" ]
is $? 0 "... it is active all the same"
for state in static disabled enabled-runtime linked indirect; do
	says "$state"
	: >"$LAB/active"
	[ "$state" != static ] || rm "$LAB/active"
	run with_systemd
	is "$status" 0 "one that is $state, and is to be enabled or started" ||
	    diag "$output"
	is "$(cat "$LAB/asked")" asked "... is"
done
says disabled 'echo Failed to reload daemon: Access denied >&2; exit 1'
run with_systemd
is "$status" 1 "a systemd that cannot enable it"
like "$output" 'enable --now: Failed to reload daemon: Access denied' \
    "... is quoted"
unlike "$output" 'make install' "... the unit is there"
says 'Failed to connect to bus: Host is down'
run with_systemd
is "$status" 1 "a systemd that does not answer"
like "$output" 'is-enabled ended with status 1: Failed to connect .*cron-dir' \
    "... is quoted"
[ ! -e "$LAB/asked" ]
is $? 0 "... nothing more is asked of it"

# HAProxy refuses the file: nothing is changed.
sed -i '/use_backend le if/d; $a\backend b\n  nonsense here' \
    "$LAB/haproxy.cfg"
rm -f "$LAB"/haproxy.cfg.certhaul-*
was=$(stat -c '%i %Y %Z' "$LAB/haproxy.cfg")
line=$(grep -n nonsense "$LAB/haproxy.cfg")
succeeds "a file that HAProxy refuses" init
line=haproxy.cfg:${line%%:*}
like "$output" "HAProxy refuses .*mend this.*$line\\].*keyword 'nonsense'" \
    "... is told of, in HAProxy's words, and where"
ends_with 1 "... with --write" init --write
is "$(grep -c nonsense <<<"$output")" 1 "... once"
like "$output" "unknown keyword 'nonsense'" "... in HAProxy's words"
is "$(stat -c '%i %Y %Z' "$LAB/haproxy.cfg")" "$was" "... is not touched"
is "$(find "$LAB" -maxdepth 1 -name '.certhaul*' -o -name '*.certhaul-*')" "" \
    "... nothing stays behind"
rm "$LAB/haproxy.cfg"
ends_with 1 "no haproxy.cfg" init
like "$output" 'haproxy.cfg: there is none: install HAProxy, or have' \
    "... is told, with what to do"
done_testing
