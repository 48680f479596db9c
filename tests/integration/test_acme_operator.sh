#!/usr/bin/env bash
# certhaul-acme leaves to the operator what is the operator's: hooks have his
# umask and his limit of core files, and what is written has the modes that
# certbot would give it.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --no-haproxy --pebble

# bundle FILE: the deploy hook of half the world.
cat >"$LAB/bundle" <<'EOT'
#!/bin/sh
cat "$RENEWED_LINEAGE/fullchain.pem" "$RENEWED_LINEAGE/privkey.pem" >"$1"
echo "core $(ulimit -S -c) $(ulimit -H -c)" >"$1.limits" # of 512 bytes
EOT
chmod 755 "$LAB/bundle"
# modes: of what a client writes, but for what only one of them does.
modes() {
	(cd "$LAB" && find le le-work le-logs \( -path le/csr -o \
	    -path le/keys -o -path le-work/certhaul -o -path le-work/backups \
	    -o -name meta.json -o -name '.certbot.lock' \) -prune \
	    -o -printf '%m %y %p\n' |
	    sed 's|/[0-9a-f]\{32\}|/ID|; s|127.0.0.1:[0-9]*|HOST|' |
	    LC_ALL=C sort -k3)
}
# under MASK ENGINE: a lineage made and renewed; what there is of it in
# $LAB/MASK.ENGINE.
under() {
	local mask=$1 engine=$2
	rm -rf "$LAB_LE" "$LAB/le-work" "$LAB/le-logs"
	(
		umask "$mask"
		ulimit -S -c 8
		ulimit -H -c 16
		"$engine" certonly -d a.example \
		    --deploy-hook "$LAB/bundle $LAB/bundle.pem" &&
		    "$engine" renew --force-renewal
	) >"$LAB/said" 2>&1 || diag_file "$LAB/said"
	{
		modes
		stat -c %a "$LAB/bundle.pem"
		cat "$LAB/bundle.pem.limits"
	} >"$LAB/$mask.$engine"
	rm "$LAB/bundle.pem"
}

for mask in 022 077 027; do
	under "$mask" lab_certbot
	under "$mask" lab_builtin
	is "$(<"$LAB/$mask.lab_builtin")" "$(<"$LAB/$mask.lab_certbot")" \
	    "umask $mask: hooks and files are as with certbot"
done
# Of our own accord we make nothing that a group may write.
under 002 lab_certbot
under 002 lab_builtin
is "$(tail -n 2 "$LAB/002.lab_builtin")" "$(tail -n 2 "$LAB/002.lab_certbot")" \
    "umask 002: so are hooks"
like "$(<"$LAB/077.lab_builtin")" $'\n600\ncore 16 32$' \
    "a key that a hook writes is nobody else's"

# --- who is not root --------------------------------------------------------
mkdir "$LAB/user"
cp "$LAB_BIN/certhaul-acme" "$LAB/user" # the build may be root's alone
chown 65534:65534 "$LAB/user"
(
	ulimit -S -c 8
	ulimit -H -c 16
	exec setpriv --reuid 65534 --regid 65534 --clear-groups \
	    env HOME="$LAB/user" REQUESTS_CA_BUNDLE="$LAB/pebble/ca.pem" \
	    "$LAB/user/certhaul-acme" certonly -n --standalone \
	    --http-01-address 127.0.0.1 --http-01-port "$LAB_ACME" \
	    --server "$LAB_SERVER" --agree-tos -m lab@a.example \
	    --config-dir "$LAB/user/le" --work-dir "$LAB/user/work" \
	    --logs-dir "$LAB/user/logs" -d u.example \
	    --deploy-hook "$LAB/bundle $LAB/user/bundle.pem"
) >"$LAB/said" 2>&1 </dev/null
is $? 0 "a plain user" || diag_file "$LAB/said"
is "$(<"$LAB/user/bundle.pem.limits")" "core 16 32" "... has his limits, too"

# --- the webroot is for the web server to read -------------------------------
mkdir -m 755 "$LAB/www"
lab_spawn "$LAB/www.log" setpriv --reuid 65534 --regid 65534 --clear-groups \
    /usr/bin/python3 -m http.server -d "$LAB/www" -b 127.0.0.1 "$LAB_ACME"
lab_wait_for "lab_listens $LAB_ACME" || bail_out "no web server"
umask 077
succeeds "umask 077, and a web server that is somebody else" \
    lab_builtin certonly --webroot -w "$LAB/www" -d w.example

# --- one that is not there: told before anything is done --------------------
# The line, and what the conf says.
for engine in lab_certbot lab_builtin; do
	rm -rf "$LAB_LE" "$LAB/pre"
	ends_with 1 "$engine: a webroot that is not there" "$engine" certonly \
	    --webroot -w "$LAB/none" -d w.example --pre-hook "touch $LAB/pre"
	like "$output" "$LAB/none:? does not exist or is not a directory" \
	    "... is named"
	[ ! -e "$LAB/pre" ] || not_ok "... no hook has run"
	is "$(find "$LAB_LE" -name private_key.json 2>/dev/null)" "" \
	    "... no account was made"
done
succeeds "a webroot" lab_builtin certonly --webroot -w "$LAB/www" \
    -d w.example --pre-hook "touch $LAB/pre"
# One that a conf has, and that went with a reboot, is made anew by both.
for engine in lab_certbot lab_builtin; do
	rm -rf "$LAB/www" "$LAB/saw"
	succeeds "$engine: ... that goes" "$engine" renew --force-renewal \
	    --pre-hook "ls -d $LAB/www >$LAB/saw 2>&1"
	like "$(cat "$LAB/saw")" 'No such file' \
	    "... and not before the pre hook"
done
rm "$LAB/pre"
ends_with 1 "--manual without a hook" lab_builtin certonly --manual \
    -d m.example --pre-hook "touch $LAB/pre"
[ ! -e "$LAB/pre" ] || not_ok "... no hook has run"
done_testing
