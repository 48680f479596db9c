#!/usr/bin/env bash
# certhaul check: each item is good in a sound installation, and bad, or a
# hint, with what to do where it was broken for real.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start

check() {
	CERTHAUL_LAB=$LAB XDG_CONFIG_HOME=$LAB/xdg "$LAB_BIN/certhaul" \
	    -c "$LAB_CONF" check "$@"
}

# conf SETTING...: where the CA is said to come in, as all of it is loopback.
conf() {
	lab_conf "challenge.http_addresses=[\"127.0.0.1:$LAB_HTTP\"]" "$@"
}

# says WEIGHT ITEM REGEX WHAT: a line of the last run is so.
says() {
	like "$(grep -E "^$1 +$2 " <<<"$output")" "$3" "$4" ||
	    diag "$output"
}

# breaks WEIGHT ITEM REGEX WHAT: runs it, and expects such a line.
breaks() {
	run check
	[ "$1" != bad ] || is "$status" 1 "$4"
	says "$1" "$2" "$3" "... it is $1: $2"
}

tree_state() {
	find "$LAB_SSL" "$LAB_STATE" "$LAB_LE" -printf '%p %i %s %T@ %m\n' |
	    sort
}

lab_make_lineage a.example a.example www.a.example
lab_make_lineage b.example
account=$LAB_LE/accounts/127.0.0.1:1/dir/00000000000000000000000000000000
breaks bad hooks 'renewal-hooks/deploy.*certhaul init' "without hooks"
says bad served '2 of 2 lineages: a.example, b.example; .*--problems' \
    "what was never deployed is not served"

like "$(check)" 'hint +port 80 .*not certain that the CA' \
    "what only this machine can reach is no more than a hint"
conf
succeeds "(a deploy)" lab_hook deploy --all
for kind in pre deploy post; do
	mkdir -p "$LAB_LE/renewal-hooks/$kind"
	ln -s "$LAB_BIN/certhaul-hook" \
	    "$LAB_LE/renewal-hooks/$kind/certhaul-hook"
done
before=$(tree_state)
run check
for item in configuration permissions bundles 'free space' generations \
    haproxy.cfg environment sockets 'master socket' served 'bind lines' \
    renewal 'duplicate names' \
    'payload sizes' 'port 80' engine hooks 'other hooks'; do
	says good "$item" . "in a sound installation it is good: $item"
	unlike "$(grep -E "^(bad|hint) +$item " <<<"$output")" . \
	    "... and nothing else"
done
# Neither belongs to the lab: what the machine has is what it is.
like "$output" ' clock  ' "the clock is looked at"
like "$output" ' timers  ' "... and the timers"
like "$output" 'certbot [0-9]+\.[0-9]+\.[0-9]+' "certbot's version is told"
like "${output##*$'\n'}" '^[0-9]+ good, [0-9]+ hints?, [0-9]+ bad$' \
    "the last line counts"
unlike "$output" $'\033' "without a terminal there is no colour"
is "$(tree_state)" "$before" "no file was touched"

# --- files -------------------------------------------------------------------
chmod 644 "$LAB_LE/archive/a.example/privkey1.pem"
run check
says good permissions 'or read a key' \
    "a key that all might read, in a directory that is closed to them"
chmod 711 "$LAB_LE/archive"
breaks bad permissions 'private key of a.example \(everybody\).*chmod go-rwx' \
    "a key that all may read"
if [ "$(id -u)" -eq 0 ]; then
	group=$(getent group 1 | cut -d: -f1)
	user=$(getent passwd 1 | cut -d: -f1)
	chmod 750 "$LAB_LE/archive"
	chown :1 "$LAB_LE/archive"
	breaks bad permissions "private key of a.example \\(group $group\\)" \
	    "... in a directory that a group may enter"
	chmod 640 "$LAB_LE/archive/a.example/privkey1.pem"
	run check
	says good permissions 'or read a key' "... but not read its files"
	chown :0 "$LAB_LE/archive"
	chmod 644 "$LAB_LE/archive/a.example/privkey1.pem"
	run check
	says good permissions 'or read a key' "... root's is nobody else's"
	chmod 700 "$LAB_LE/archive"
	chmod 600 "$LAB_LE/archive/a.example/privkey1.pem"
	for path in archive/a.example/privkey1.pem archive/a.example; do
		chown 1 "$LAB_LE/$path"
		breaks bad permissions \
		    "private key of a.example \\(user $user\\)" \
		    "somebody else's: ${path##*/}"
		chown 0 "$LAB_LE/$path"
	done
	chown 1 "$LAB_SSL/b.example.pem"
	breaks bad bundles "b.example.pem \\(user $user\\)" \
	    "a bundle of somebody else's"
	chown 0 "$LAB_SSL/b.example.pem"
fi
chmod 700 "$LAB_LE/archive"
chmod 600 "$LAB_LE/archive/a.example/privkey1.pem"
chmod 777 "$LAB_SSL"
breaks bad permissions "$LAB_SSL.*chmod" "a bundle directory for all to write"
chmod 700 "$LAB_SSL"
chmod 644 "$LAB_SSL/b.example.pem"
breaks hint bundles 'b.example.pem: not the configured' \
    "a bundle that all might read, in a directory that is closed to them"
chmod 711 "$LAB_SSL"
breaks bad bundles 'b.example.pem \(everybody\) may be read by others' \
    "a bundle that all may read"
chmod 700 "$LAB_SSL"
chmod 640 "$LAB_SSL/b.example.pem"
breaks hint bundles 'b.example.pem: not the configured' \
    "a bundle with another mode"
chmod 600 "$LAB_SSL/b.example.pem"
mkdir -m 700 "$LAB_STATE/generations/x.example"
breaks hint generations 'lineages that are no more: x.example' \
    "keys of a lineage that is no more"
rmdir "$LAB_STATE/generations/x.example"

# What others may write, root reads or runs: opens PATH MODE.
opens() {
	local was
	was=$(stat -Lc %a "$1")
	chmod "$2" "$1"
	breaks bad permissions "${1#"$LAB"}: others than root may write" \
	    "mode $2 of ${1#"$LAB/"}"
	chmod "$was" "$1"
}
for dir in renewal renewal-hooks renewal-hooks/pre renewal-hooks/deploy \
    renewal-hooks/post live; do
	opens "$LAB_LE/$dir" 777
done
opens "$LAB_LE/renewal/b.example.conf" 666
opens "$LAB/acme.map" 666
opens "$LAB/haproxy.cfg" 666
opens "$LAB" 733
# certbot's cli.ini is where certbot reads it, whatever its config_dir.
mkdir -p "$LAB/xdg/letsencrypt"
echo '# none' >"$LAB/xdg/letsencrypt/cli.ini"
opens "$LAB/xdg/letsencrypt/cli.ini" 666
opens "$LAB/xdg/letsencrypt" 777
opens "$LAB/xdg" 777
cp -p "$LAB/xdg/letsencrypt/cli.ini" "$LAB_LE/"
chmod 666 "$LAB_LE/cli.ini"
run check
says good permissions . "what certbot does not read is nobody's matter"
rm "$LAB_LE/cli.ini"
printf '#!/bin/sh\n' >"$LAB/hook"
ln -s "$LAB/hook" "$LAB_LE/renewal-hooks/pre/mine"
opens "$LAB_LE/renewal-hooks/pre/mine" 757
if [ "$(id -u)" -eq 0 ]; then
	chmod 664 "$LAB_LE/renewal/b.example.conf"
	breaks hint permissions "b.example.conf: root's group may write" \
	    "what root's group may write"
	chown :1 "$LAB_LE/renewal/b.example.conf"
	breaks bad permissions 'b.example.conf: others than root may write' \
	    "what another group may write"
	chmod 644 "$LAB_LE/renewal/b.example.conf"
	run check
	says good permissions . "... and a group that may only read"
	chown 1 "$LAB/xdg/letsencrypt/cli.ini"
	breaks bad permissions 'xdg/letsencrypt/cli.ini: belongs to another' \
	    "a cli.ini of somebody else's"
	rm "$LAB/xdg/letsencrypt/cli.ini"
	chown 1:0 "$LAB/hook"
	breaks bad permissions 'renewal-hooks/pre/mine: belongs to another' \
	    "a hook of somebody else's"
	chown :0 "$LAB_LE/renewal/b.example.conf"
fi
rm "$LAB_LE/renewal-hooks/pre/mine"

# Who may change a directory on the way there has root write elsewhere.
mkdir -p "$LAB/way/in/ssl"
chmod 700 "$LAB/way/in/ssl"
ln -s way/in/ssl "$LAB/link"
ln -s "$LAB/way/in" "$LAB/link2"
for dir in "$LAB/way/in/ssl" "$LAB/link" "$LAB/link2/ssl"; do
	conf "haproxy.bundle_dir=\"$dir\""
	chmod 777 "$LAB/way"
	breaks bad permissions "$LAB/way: others than root may .* leads to \
$dir: chmod go-w $LAB/way\$" "the way to ${dir#"$LAB/"} is open"
	chmod 1777 "$LAB/way"
	run check
	says good permissions . "... and is not, where the directory is sticky"
	if [ "$(id -u)" -eq 0 ]; then
		chown 33 "$LAB/way"
		breaks bad permissions "$LAB/way: belongs to user .* leads to \
$dir: chown root $LAB/way, or" "... and is, where it is another's"
		chown 0 "$LAB/way"
	fi
done
conf
run check
says good permissions 'with its hooks' "(all is as it was)"
cp -p "$LAB_SSL/a.example.pem" "$LAB_SSL/copy.pem"
touch "$LAB_SSL/a.example.pem.ocsp"
chmod 600 "$LAB_SSL/a.example.pem.ocsp"
run check
says good bundles 'of no lineage that is known here: copy\.pem' \
    "a file in the bundles' directory that nobody renews"
rm "$LAB_SSL/copy.pem" "$LAB_SSL/a.example.pem.ocsp"
run check
unlike "$output" 'of no lineage' "... and none"

# --- HAProxy -----------------------------------------------------------------
cp "$LAB/haproxy.cfg" "$LAB/good.cfg"
echo 'nonsense' >>"$LAB/haproxy.cfg"
breaks bad haproxy.cfg 'nonsense' "a configuration that HAProxy refuses"
rm "$LAB/haproxy.cfg"
breaks bad haproxy.cfg "$LAB/haproxy.cfg is not there: .*haproxy.config" \
    "one that is not there"
is "$(grep -cE '^bad +(haproxy.cfg|environment|sockets) ' <<<"$output")" 1 \
    "... in one line"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
sed -i "s,$LAB_SSL/,$LAB/elsewhere.pem," "$LAB/haproxy.cfg"
cp -p "$LAB_SSL/a.example.pem" "$LAB/elsewhere.pem"
breaks bad served '2 of 2 lineages' "bundles that no bind line loads"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
conf haproxy.sockets='[ ]'
breaks hint sockets 'none is configured.*takes a reload' "no socket"
conf haproxy.sockets='[ ]' 'haproxy.update="reload"'
run check
says good sockets 'haproxy.update is "reload"' \
    "... is good where each update is to be a reload"
says good served 'all of 2' "... handshakes tell what is served"
says good 'payload sizes' . "... no payload has to fit"
lab_renew_lineage a.example
breaks bad served '1 of 2 lineages: a.example' "... and what is not"
conf
succeeds "(it is deployed)" lab_hook deploy a.example
# One with too low a level, beside another of the same worker.
sed -i "\\,stats socket $LAB_SOCK,{p;s,$LAB_SOCK,$LAB/low.sock,
    s,level admin,level operator,}" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
conf haproxy.sockets="[ \"$LAB/low.sock\", \"$LAB_SOCK\" ]"
run check
says good sockets 'low.sock: .*another socket has with level admin' \
    "a socket that need not have the level"
run lab_certhaul status
like "$output" '2 of 2 sockets answer' "... for status neither"
run lab_certhaul status --nagios
unlike "$output" 'sockets|WARNING' "... nor for a monitor"
succeeds "... nor for a renewal" lab_hook pre
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
conf haproxy.sockets="[ \"$LAB/none.sock\" ]"
breaks bad sockets 'none.sock.*stats socket' "a socket where nobody listens"
cp "$LAB/good.cfg" "$LAB/other.cfg"
conf haproxy.config="[ \"$LAB/other.cfg\" ]"
breaks bad sockets "was started with .*$LAB/haproxy.cfg.*haproxy.config" \
    "a HAProxy that runs with another file"
mv "$LAB/haproxy.cfg" "$LAB/gone.cfg"
breaks bad sockets "was started with $LAB/haproxy.cfg, .* not there any more" \
    "... which is gone by now"
mv "$LAB/gone.cfg" "$LAB/haproxy.cfg"
conf haproxy.master_socket='""'
breaks hint 'master socket' 'none is configured.*-W -S' "no master socket"
conf

# --- two certificates for one name -------------------------------------------
lab_make_lineage c.example c.example b.example
breaks bad 'duplicate names' \
    'b.example \(in b.example and c.example\).*certhaul delete.*--expand' \
    "a name in two certificates"
run lab_hook deploy c.example
succeeds "(one is detached)" lab_hook detach c.example
run check
says good 'duplicate names' . "... of which one is out"
rm -rf "$LAB_LE/live/c.example" "$LAB_LE/archive/c.example" \
    "$LAB_LE/renewal/c.example.conf"
succeeds "(it is gone)" lab_hook deploy --all
lab_make_lineage -k rsa2048 c.example b.example
run check
says good 'duplicate names' . "a pair of RSA and ECDSA is meant to be"
rm -rf "$LAB_LE/live/c.example" "$LAB_LE/archive/c.example" \
    "$LAB_LE/renewal/c.example.conf"

# A haproxy.cfg that was edited and not reloaded: this HAProxy still has the
# bundle, by another name than what is now to be read there, or by none.
sed -i "s,crt $LAB_SSL/,," "$LAB/haproxy.cfg"
run check
says good 'duplicate names' . "a bundle that haproxy.cfg has no more is ours"
ln -s "$LAB_SSL" "$LAB/other"
sed "s,crt $LAB_SSL/,crt $LAB/other/," "$LAB/good.cfg" >"$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
run check
says good 'duplicate names' . "a bundle by another path is ours"
lab_haproxy_reload || bail_out "HAProxy does not reload"

# Of a certificate that no lineage is behind: HAProxy has it.
cp -p "$LAB_SSL/b.example.pem" "$LAB/old.pem"
cp -p "$LAB_SSL/b.example.pem" "$LAB_SSL/left.pem"
sed -i "s,crt $LAB/default.pem,& crt $LAB/old.pem," "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
rm "$LAB_SSL/left.pem"
breaks bad 'duplicate names' \
    "b.example \\(in b.example and $LAB/old.pem\\).* no lineage's.*list, and" \
    "a name of another certificate, on the same line"
unlike "$output" "set haproxy.bundle_dir" "... which keeps the directory"
says hint 'duplicate names' "$LAB_SSL/left\.pem: in HAProxy's memory, and the" \
    "one whose file is gone"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
run check
says good 'duplicate names' . "with neither it is good"

# ... wherever it stands there: no deploy can be proved.
mkdir "$LAB/certs"
cp -p "$LAB_SSL/b.example.pem" "$LAB/certs/was.pem"
sed -i "s,crt $LAB_SSL/,& crt $LAB/certs/," "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
cp -a "$LAB_LE" "$LAB/le.was"
lab_renew_lineage b.example
run lab_hook deploy b.example
is "$status" 4 "one in a directory behind the bundles takes their place"
rm -r "$LAB_LE"
mv "$LAB/le.was" "$LAB_LE"
succeeds "(it is as before)" lab_hook deploy --all
breaks bad 'duplicate names' "b.example \\(in b.example and .*certs/was.pem" \
    "... and that is told before"
conf 'haproxy.update="reload"'
run check
says hint 'duplicate names' "certs/was.pem" "... a hint, with reloads"

# With those, HAProxy shows the one that it loads first.
# ahead WORD...: the bind line has these, and the next deploy is rolled back.
ahead() {
	sed "s,crt $LAB/default.pem crt $LAB_SSL/,$*," "$LAB/good.cfg" \
	    >"$LAB/haproxy.cfg"
	lab_haproxy_reload || bail_out "HAProxy does not reload"
	breaks bad 'duplicate names' \
	    "b.example \\(in b.example and .*was.pem\\).* first, .* is rolled" \
	    "with reloads, one ahead of the bundles: $*"
	cp -a "$LAB_LE" "$LAB/le.was"
	lab_renew_lineage b.example
	succeeds "(it is installed)" lab_hook deploy b.example
	ends_with 4 "... and so it is" lab_hook post
	rm -r "$LAB_LE"
	mv "$LAB/le.was" "$LAB_LE"
}
ahead "crt $LAB/certs/was.pem crt $LAB_SSL/"
printf '%s\n' "$LAB/default.pem" "$LAB/certs/was.pem b.example" \
    "$LAB_SSL/a.example.pem" "$LAB_SSL/b.example.pem" >"$LAB/list.txt"
ahead "crt-list $LAB/list.txt"
cp -p "$LAB/certs/was.pem" "$LAB_SSL/0was.pem"
ahead "crt $LAB_SSL/"
mv "$LAB_SSL/0was.pem" "$LAB_SSL/c0was.pem"
lab_haproxy_reload || bail_out "HAProxy does not reload"
run check
says hint 'duplicate names' "c0was.pem" "... a hint, behind it in the directory"
rm "$LAB_SSL/c0was.pem"
conf
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "(it is as before)" lab_hook deploy --all

# ... on a crt-list, where it is shown for the name.
sed "s,crt $LAB/default.pem crt $LAB_SSL/,crt-list $LAB/list.txt," \
    "$LAB/good.cfg" >"$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
breaks bad 'duplicate names' "b.example \\(in b.example and .*certs/was.pem" \
    "one on the crt-list of the bundles"
sed -i 's,was.pem b.example,was.pem d.example,' "$LAB/list.txt"
lab_haproxy_reload || bail_out "HAProxy does not reload"
run check
says good 'duplicate names' . "... which is for another name is none"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"

# --- several bind lines -------------------------------------------------------
port=$(lab_free_port)
# second WORD...: beside the lab's own, a bind line with these.
second() {
	{
		cat "$LAB/good.cfg"
		printf 'defaults other\n\tmode %s\n\ttimeout client 9s\n' \
		    "${mode:-http}"
		printf 'frontend second from other\n\tbind *:%s ssl %s\n' \
		    "$port" "$*"
	} >"$LAB/haproxy.cfg"
	lab_haproxy_reload || bail_out "HAProxy does not reload"
	line=$(grep -c '' "$LAB/haproxy.cfg")
}
# bundle FILE NAME: a certificate of somebody's for NAME, as HAProxy wants it.
bundle() {
	lab_sign "$LAB/$1" P-256 90 "/CN=$2" -addext "subjectAltName=DNS:$2"
	cat "$LAB/$1.key" >>"$LAB/$1.pem"
}
bundle foreign foreign.example
bundle wild '*.example'
lab_sign "$LAB/mixed" P-256 90 /CN=b.example \
    -addext subjectAltName=DNS:b.example,DNS:more.example
lab_sign "$LAB/nameless" P-256 90 /O=Intranet
second "crt $LAB/default.pem"
breaks hint 'bind lines' \
    "haproxy.cfg:$line, in frontend second, takes https and does not load" \
    "a bind line that has no lineage's certificate"
second "crt $LAB/foreign.pem"
run check
says good 'bind lines' . "one for other names is another site's"
second "crt $LAB/default.pem crt $LAB/old.pem"
breaks hint 'bind lines' \
    "shows $LAB/old.pem to who asks for b.example there" \
    "a bind line that shows another certificate for a lineage's name"
says good 'duplicate names' . \
    "... two of one name on two bind lines are no clash"
like "$(grep 'bind lines' <<<"$output")" "put .crt $LAB_SSL/. in place of it" \
    "... all of whose names are lineages': it can go"
second "crt $LAB/old.pem"
run check
like "$(grep 'bind lines' <<<"$output")" \
    "put .crt $LAB/default.pem crt $LAB_SSL/. in place of it" \
    "... with another for it, where the line has no more than that"
cat "$LAB/mixed.key" >>"$LAB/mixed.pem"
second "crt $LAB/mixed.pem"
breaks hint 'bind lines' \
    "for b.example there.*put .crt $LAB_SSL/. into .* all of its names" \
    "one with another name stays until that has a lineage"
second "crt $LAB/certs/"
breaks hint 'bind lines' "for b.example there.*take that file out of its dir" \
    "one in a directory, which would hide ours from there, too"
unlike "$output" "set haproxy.bundle_dir" \
    "... which is not to be bundle_dir, as another line loads that"
cat "$LAB/nameless.key" >>"$LAB/nameless.pem"
second "crt $LAB/nameless.pem"
run check
says good 'bind lines' . "one without any name is another site's"
second "crt $LAB/foreign.pem"
sed -i "s,bind 127.0.0.1:$LAB_HTTPS ,bind 0.0.0.0:$LAB_HTTPS ,; \
    \$s,\*:$port,[::]:$LAB_HTTPS v6only," "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
breaks hint 'bind lines' \
    "haproxy.cfg:$line, in frontend second, does not load .*has the same port" \
    "IPv6 without the bundles beside IPv4 with them"
second "crt $LAB/wild.pem"
breaks hint 'bind lines' 'to who asks for [ab].example there' \
    "... be it a wildcard"
echo "$LAB/foreign.pem" >"$LAB/second.list"
second "crt-list $LAB/second.list"
run check
says good 'bind lines' . "a crt-list for other names"
echo "$LAB/old.pem" >>"$LAB/second.list"
second "crt-list $LAB/second.list"
breaks hint 'bind lines' \
    "shows $LAB/old.pem to who asks for b.example.* that file off its list" \
    "a crt-list for a lineage's name"
mode=tcp second "crt $LAB/default.pem"
run check
says good 'bind lines' . "mail is nobody's site"
lab_make_lineage c.example c.example b.example
sed "s,crt $LAB_SSL/,crt $LAB_SSL/a.example.pem crt $LAB_SSL/b.example.pem," \
    "$LAB/good.cfg" >"$LAB/haproxy.cfg"
cat >>"$LAB/haproxy.cfg" <<-EOT
	frontend second
		mode http
		bind *:$port ssl crt $LAB_SSL/c.example.pem
EOT
run check
says good 'duplicate names' . "two lineages with a bind line each are no clash"
sed -i "\$s,\$, crt $LAB_SSL/b.example.pem," "$LAB/haproxy.cfg"
breaks bad 'duplicate names' 'b.example \(in b.example and c.example\)' \
    "... until one bind line has both"
rm -rf "$LAB_LE/live/c.example" "$LAB_LE/archive/c.example" \
    "$LAB_LE/renewal/c.example.conf"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"

# --- a lineage of a name that certhaul cannot take ----------------------------
mkdir "$LAB_LE/live/*.b.example" "$LAB_LE/live/only a copy"
touch "$LAB_LE/renewal/*.b.example.conf"
breaks bad served 'no lineage with such a name: \*\.b\.example;' \
    "what certbot renews and certhaul passes over"
rm -r "$LAB_LE/live/*.b.example" "$LAB_LE/live/only a copy" \
    "$LAB_LE/renewal/*.b.example.conf"

# --- life --------------------------------------------------------------------
mv "$LAB_LE/renewal/b.example.conf" "$LAB/b.conf"
breaks bad renewal \
    'b.example: it cannot be .* no renewal/.* or remove live/b.example and' \
    "what certbot has no renewal conf of"
says good served 'all of 2' "... is served all the same"
rmdir "$account"
breaks bad renewal "a.example.*account.* is not there: $account; .*--force" \
    "an account that is not there"
mkdir "$account"
cp "$LAB_LE/renewal/a.example.conf" "$LAB/a.conf"
sed -i 's/^authenticator = .*/authenticator = dns-example/' \
    "$LAB_LE/renewal/a.example.conf"
breaks bad renewal 'a.example: renewed by plugin dns-example, which .* has' \
    "a plugin that certbot has not"
conf engine='"builtin"'
breaks bad renewal 'a.example: .*plugin dns-example, which certhaul-acme has' \
    "... nor has certhaul-acme"
conf
web="webroot\\nwebroot_path = $LAB/web\\,"
sed "s,^authenticator = .*,authenticator = $web," \
    "$LAB/a.conf" >"$LAB_LE/renewal/a.example.conf"
breaks hint renewal "a.example: renewed by files in $LAB/web, which is not" \
    "a web root that is not there"
mkdir "$LAB/web"
run check
unlike "$(grep -E ' renewal ' <<<"$output")" "$LAB/web" "... and when it is"
cp "$LAB/a.conf" "$LAB_LE/renewal/a.example.conf"
cp "$LAB/b.conf" "$LAB_LE/renewal/e.example.conf"
mv "$LAB/b.conf" "$LAB_LE/renewal/b.example.conf"
breaks bad renewal 'e.example: all that is left is renewal/e.example.conf' \
    "a renewal conf that each renewal fails on"
says good served 'all of' "... is nothing that could be served"
head -c 300 /dev/zero >"$LAB_LE/renewal/e.example.conf"
breaks bad renewal 'e.example: all that is left is .*, or remove that' \
    "... not to be deleted by certbot, where it is garbage"
rm "$LAB_LE/renewal/e.example.conf"
lab_renew_lineage -d 20 b.example
breaks hint renewal 'b.example: due as soon as renewed.*renew_before_expiry' \
    "certbot before 4.0 renews what lives for 20 days at each run"
conf 'engine="builtin"'
run check
says good renewal . "... certhaul-acme does not"
conf
sed -i 's/^version.*/version = 4.0.0/' "$LAB_LE/renewal/b.example.conf"
run check
says good renewal . "... nor does certbot 4"
lab_renew_lineage -d 1 b.example
sed -i '1i renew_before_expiry = 2 days' "$LAB_LE/renewal/b.example.conf"
succeeds "(a day is left, and it was to be renewed before)" \
    lab_hook deploy --force b.example
breaks hint renewal 'b.example: [01] days? left; it should have been renewed' \
    "a lineage that is late"
# HAProxy serves what has expired, and so does a deploy of last year.
bash "$lab_src/tests/data/copy-lineages.sh" "$LAB/data" >/dev/null ||
    bail_out "no lineages"
expired=$(find "$LAB/data" -path '*/live/bad-expired')
for kind in cert chain fullchain privkey; do
	cat "$expired/$kind.pem" >"$(readlink -f \
	    "$LAB_LE/live/b.example/$kind.pem")"
done
cat "$LAB_LE/live/b.example/fullchain.pem" \
    "$LAB_LE/live/b.example/privkey.pem" >"$LAB_SSL/b.example.pem"
lab_haproxy_reload || bail_out "HAProxy does not reload"
breaks bad renewal 'b.example: expired [0-9]+ days? ago' \
    "a lineage that has expired"
says good served 'all of 2' "... and is served"
sed -i '/^renew_before_expiry/d' "$LAB_LE/renewal/b.example.conf"
lab_renew_lineage b.example
succeeds "(it is renewed)" lab_hook deploy --force b.example
run check
says good renewal . "... and then it is good"

# --- payloads ----------------------------------------------------------------
head -c 17000 /dev/zero | tr '\0' '#' >"$LAB/padding"
cp -p "$LAB_SSL/b.example.pem" "$LAB/b.pem"
{ cat "$LAB/padding" && echo; } >>"$LAB_SSL/b.example.pem"
breaks hint 'payload sizes' 'b.example.*tune.bufsize' \
    "a bundle that is over tune.bufsize"
# What haproxy.cfg says counts once HAProxy has read it.
sed -i 's/^global$/&\n\ttune.bufsize 65536/' "$LAB/haproxy.cfg"
breaks hint 'payload sizes' 'b.example.*once HAProxy has read it.*haproxy.cfg' \
    "... one that HAProxy has not read"
# later: the file was changed more than 2 s before HAProxy was started.
later() {
	[ "$(date +%s)" -gt "$(($(stat -c %Z "$LAB/haproxy.cfg") + 3))" ]
}
lab_wait_for later
lab_haproxy_reload
run check
says good 'payload sizes' . "... and one that it has"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload
cat "$LAB/b.pem" >"$LAB_SSL/b.example.pem"

# --- port 80 -----------------------------------------------------------------
sed -i 's,/.well-known/acme-challenge/,/elsewhere/,' "$LAB/haproxy.cfg"
lab_haproxy_reload
breaks bad 'port 80' 'a.example at 127.0.0.1:' \
    "a front end that sends challenges nowhere"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload
rule="	http-request deny deny_status 404 if { req.hdr(host),field(1,:) -m str"
sed -i "/^frontend http\$/a\\$rule www.a.example }" "$LAB/haproxy.cfg"
lab_haproxy_reload
breaks bad 'port 80' '^bad +port 80 +www.a.example at 127.0.0.1:[0-9]+: ' \
    "a rule that takes the challenges of one name"
says good 'port 80' 'a challenge for a.example, b.example comes through' \
    "... the others come through"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload
for ((i = 0; i < 60; i++)); do
	echo "	http-request redirect prefix http://d.example/$i if { req.hdr(host) $i }"
done >"$LAB/many"
sed -i -e "/^frontend http\$/r $LAB/many" \
    -e 's/ unless is_challenge$//' "$LAB/haproxy.cfg"
lab_haproxy_reload
breaks bad 'port 80' 'redirect prefix .*\.\.\.$' \
    "more than a line may hold ends so"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload
# The standby of a pair: another machine has the address.
sed -i "s,bind 127.0.0.1:$LAB_HTTP,bind 192.0.2.10:$LAB_HTTP transparent," \
    "$LAB/haproxy.cfg"
conf challenge.http_addresses='[ ]'
breaks hint 'port 80' 'a.example.*: .*haproxy.cfg:[0-9]+ takes plain http at '\
'192.0.2.10:[0-9]+, which is no address of this' "a standby"
unlike "$output" 'bad +port 80' "... is not bad"
conf
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
# HAProxy and the lineages are at one, and the operator's port is not theirs.
other=$(lab_free_port)
conf challenge.port="$other"
run check
line=$(grep -n 'server acme_client' "$LAB/haproxy.cfg")
says hint 'port 80' "a.example, b.example: each renews on port $LAB_ACME, \
where HAProxy sends challenges \\(.*haproxy.cfg:${line%%:*}\\), but \
certhaul.conf says $other, .*set challenge.port to $LAB_ACME there; or put \
$other into .*\"certbot renew --force-renewal --cert-name a.example .*\" moves \
the first" \
    "a port that certhaul.conf alone does not know"
unlike "$output" 'bad +port 80' "... is not bad: they are renewed"
conf
# What was made before HAProxy came: on port 80, which is HAProxy's now.
cp "$LAB_LE/renewal/a.example.conf" "$LAB/a.conf"
sed -i '/^http01_/d' "$LAB_LE/renewal/a.example.conf"
breaks bad 'port 80' "a.example: renews on port 80, which HAProxy holds: \
\"certbot renew --force-renewal --cert-name a.example --http-01-port " \
    "a lineage that renews on port 80"
says good 'port 80' 'a challenge for b.example comes through' \
    "... another is tried all the same"
sed -i 's/^http01_address.*/http01_address = 192.0.2.1/' \
    "$LAB_LE/renewal/b.example.conf"
breaks bad 'port 80' 'b.example: does not renew on challenge.address' \
    "a lineage that renews where HAProxy does not ask"
unlike "$output" 'leads the challenges to certhaul' \
    "... is not to be left to those who answer there"
sed -i 's/^http01_address.*/http01_address = 127.0.0.1/' \
    "$LAB_LE/renewal/b.example.conf"
sed -i 's/^authenticator = .*/authenticator = webroot/' \
    "$LAB_LE/renewal/a.example.conf"
breaks hint 'port 80' 'a.example: renews by files in a webroot' \
    "a lineage with a webroot"
sed -i 's/^authenticator = .*/authenticator = manual/' \
    "$LAB_LE/renewal/a.example.conf"
echo 'manual_auth_hook = /usr/local/bin/auth' >>"$LAB_LE/renewal/a.example.conf"
breaks hint 'port 80' 'a.example: renews by manual hooks' \
    "a lineage with hooks of somebody's"
sed -i "s,^manual_auth_hook.*,manual_auth_hook = $LAB_BIN/certhaul-hook auth," \
    "$LAB_LE/renewal/a.example.conf"
run check
is "$(grep -c 'port 80 *a challenge for [a-z., ]* comes through' \
    <<<"${output//.example/}")" 2 "in the proxy and behind it: both are tried"
unlike "$(grep 'port 80 ' <<<"$output")" '(^|'$'\n'')(bad|hint)' "... and good"
cp "$LAB/a.conf" "$LAB_LE/renewal/a.example.conf"
sed -i 's/^authenticator = .*/authenticator = dns-example/' \
    "$LAB_LE"/renewal/*.conf
run check
says good 'port 80' 'not needed' "dns-01 needs no port 80"

# --- hooks -------------------------------------------------------------------
rm "$LAB_LE/renewal-hooks/post/certhaul-hook"
breaks hint hooks 'renewal-hooks/post' "no post hook"
cp "$LAB_BIN/certhaul-hook" "$LAB_LE/renewal-hooks/post/certhaul-hook"
breaks hint hooks 'post/certhaul-hook is another copy' "a copy of the hook"
chmod 644 "$LAB_LE/renewal-hooks/post/certhaul-hook"
breaks bad hooks 'post/certhaul-hook cannot be executed' \
    "a hook that cannot be executed"
ln -sfn "$LAB/nothing" "$LAB_LE/renewal-hooks/post/certhaul-hook"
breaks bad hooks 'points at nothing' "a link into nothing"
ln -sfn "$LAB_BIN/certhaul-hook" "$LAB_LE/renewal-hooks/post/certhaul-hook"
cat >"$LAB_LE/renewal-hooks/deploy/concatenates" <<-EOT
	#!/bin/sh
	cat "\$RENEWED_LINEAGE"/{fullchain,privkey}.pem >$LAB_SSL/x.pem
EOT
chmod 755 "$LAB_LE/renewal-hooks/deploy/concatenates"
breaks hint 'other hooks' 'deploy/concatenates names .*take it out' \
    "a script that writes bundles, too"
sed -i "s,$LAB_SSL/x,$LAB/certs/x," "$LAB_LE/renewal-hooks/deploy/concatenates"
sed "s,crt $LAB_SSL/,& crt $LAB/certs/," "$LAB/good.cfg" >"$LAB/haproxy.cfg"
breaks hint 'other hooks' "deploy/concatenates names $LAB/certs: " \
    "... be it into another directory that HAProxy loads"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
run check
says good 'other hooks' . "... a hook for something else is nobody's business"

# --- engine, machine, HAProxy down -------------------------------------------
conf engine='"builtin"'
run check
says good engine 'certhaul-acme' "the engine that came with certhaul is good"
conf 'engine_program="/nonexistent/certbot"'
breaks bad engine 'engine_program' "an engine that is not there"
conf
lab_haproxy_stop
breaks bad sockets 'is it running' "a HAProxy that is down"
says hint served 'not known' "... of which it is not known what it serves"
ends_with 2 "it takes no operand" check a.example
done_testing
