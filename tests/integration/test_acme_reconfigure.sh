#!/usr/bin/env bash
# What renew and reconfigure are given stands over what the renewal conf says:
# who answers, from which directory; a conf of certbot's own plugins is made one
# of ours.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --no-haproxy --pebble
conf=$LAB_LE/renewal/a.example.conf
printf '#!/bin/sh\necho "$CERTBOT_DOMAIN" >>%q\n' "$LAB/asked" >"$LAB/auth"
chmod 755 "$LAB/auth"

# web DIR: a web server where the CA looks, of that directory.
web=
web() {
	[ -z "$web" ] || lab_kill "$web"
	lab_wait_for "! lab_listens $LAB_ACME" || bail_out "the port is taken"
	web=
	[ -n "$1" ] || return 0
	lab_spawn "$LAB/www.log" python3 -m http.server -d "$1" \
	    -b 127.0.0.1 "$LAB_ACME"
	web=$lab_pid
	lab_wait_for "lab_listens $LAB_ACME" || bail_out "no web server"
}
# say WORD...: these lines of the conf, without their keys' spaces.
say() {
	grep -E "^($1)" "$conf" | tr -d ' ' | paste -sd ' '
}
# was AUTHENTICATOR [INSTALLER]: what the conf says.
was() {
	sed -i "/^installer/d; s/^authenticator.*/authenticator = $1${2:+\\
installer = $2}/" "$conf"
}
mkdir "$LAB/old" "$LAB/new"
moved="authenticator=webroot webroot_path=$LAB/new, a.example=$LAB/new"

# --- who answers ------------------------------------------------------------
for engine in lab_certbot lab_builtin; do
	rm -rf "$LAB_LE"
	succeeds "$engine: a lineage" "$engine" certonly -d a.example
	web "$LAB/new"
	for words in --webroot "-a webroot"; do
		was standalone
		# shellcheck disable=SC2086 # two words
		succeeds "$engine: renew $words" "$engine" renew \
		    --force-renewal $words -w "$LAB/new"
		is "$(say 'auth|webroot_path|a.example')" "$moved" \
		    "... is kept" || diag_file "$conf"
	done
	web ""
	rm -f "$LAB/asked"
	ends_with 1 "$engine: renew --manual, whose hook does nothing" \
	    "$engine" renew --force-renewal --manual \
	    --manual-auth-hook "$LAB/auth"
	is "$(cat "$LAB/asked" 2>&1)" a.example "... and was asked"
	is "$(say auth)" authenticator=webroot "... the conf stays as it was"
	for words in --standalone "-a standalone"; do
		was nginx nginx
		# shellcheck disable=SC2086 # two words
		succeeds "$engine: a conf of nginx, renew $words" "$engine" \
		    renew --force-renewal $words
		is "$(say 'auth|inst')" authenticator=standalone \
		    "... is ours from now on"
	done
	was standalone nginx
	succeeds "$engine: an installer alone" "$engine" renew --force-renewal
	is "$(say 'auth|inst')" authenticator=standalone "... is left out"
done
was standalone nginx
run lab_builtin renew --force-renewal
like "$output" 'nginx is a plugin of certbot' "... and warned of"
was nginx nginx
ends_with 1 "a conf of nginx, as it is" lab_builtin renew --force-renewal
like "$output" 'nginx: is a plugin .* or give --standalone, --webroot or' \
    "... says what helps"
ends_with 1 "two that answer" lab_builtin certonly -a webroot --standalone \
    -w "$LAB/new" -d b.example
like "$output" 'exclude each other' "... exclude each other"

# --- the web server's directory moves ---------------------------------------
for engine in lab_certbot lab_builtin; do
	rm -rf "$LAB_LE"
	web "$LAB/old"
	succeeds "$engine: a webroot" "$engine" certonly --webroot \
	    -w "$LAB/old" -d a.example
	web "$LAB/new"
	succeeds "$engine: renew -w, another" "$engine" renew \
	    --force-renewal -w "$LAB/new"
	is "$(say 'auth|webroot_path|a.example')" "$moved" \
	    "... is kept" || diag_file "$conf"
	succeeds "$engine: renew" "$engine" renew --force-renewal
done

# --- reconfigure (certbot 2.3 and later) ------------------------------------
sed -i "s|$LAB/new|$LAB/old|" "$conf"
rm -r "$LAB/old"
succeeds "reconfigure -w, the old one is gone" lab_builtin reconfigure \
    --cert-name a.example --server "$LAB_SERVER" -w "$LAB/new"
is "$(say 'auth|webroot_path|a.example')" "$moved" \
    "... is kept" || diag_file "$conf"
web ""
succeeds "reconfigure --standalone" lab_builtin reconfigure \
    --cert-name a.example --server "$LAB_SERVER" --standalone \
    --http-01-port "$LAB_ACME" --http-01-address 127.0.0.1
is "$(say auth)" authenticator=standalone "... is kept"
succeeds "... and renewed so" lab_builtin renew --force-renewal
web "$LAB/new"
was nginx nginx
succeeds "reconfigure --webroot of a conf of nginx" lab_builtin reconfigure \
    --cert-name a.example --server "$LAB_SERVER" --webroot -w "$LAB/new"
is "$(say 'auth|inst')" authenticator=webroot "... is kept"
succeeds "... and renewed so" lab_builtin renew --force-renewal

# --- what it leaves alone ---------------------------------------------------
cp "$conf" "$LAB/before"
other=${LAB_SERVER/127.0.0.1/localhost}
ends_with 1 "reconfigure --server, another" lab_builtin reconfigure \
    --cert-name a.example --server "$other" --agree-tos \
    --register-unsafely-without-email
like "$output" 'change the ACME account or server is not supported' \
    "... is refused in certbot's words"
ends_with 1 "reconfigure --account, another" lab_builtin reconfigure \
    --cert-name a.example --account 0123456789abcdef0123456789abcdef
like "$output" 'change the ACME account or server is not supported' \
    "... is refused"
succeeds "... the conf is as it was" cmp "$conf" "$LAB/before"
is "$(cd "$LAB_LE/accounts" && echo *)" "${LAB_SERVER:8:-4}" \
    "... and nobody has an account elsewhere"
succeeds "reconfigure to nothing new" lab_builtin reconfigure \
    --cert-name a.example --server "$LAB_SERVER"
like "$output" 'No changes were made to the renewal configuration\.' \
    "... says so"
succeeds "... the conf is as it was" cmp "$conf" "$LAB/before"
account=$(say account | cut -d= -f2)
cp -a "$LAB_LE/accounts/${LAB_SERVER#https://}/$account" "$LAB/account"
rm -r "$LAB_LE/accounts"
succeeds "another account of the server's" lab_builtin register --agree-tos \
    -m a@a.example
cp -a "$LAB/account" "$LAB_LE/accounts/${LAB_SERVER#https://}/$account"
succeeds "reconfigure --server, the same" lab_builtin reconfigure \
    --cert-name a.example --server "$LAB_SERVER" --deploy-hook true
like "$output" 'updated configuration\..*Changes will apply when the cert' \
    "... is told in certbot's words"
is "$(say 'acc|renew')" "account=$account renew_hook=true" \
    "... the account stays"

# --- from a web server's directory to a listener -----------------------------
for engine in lab_certbot lab_builtin; do
	for words in "certonly -d a.example" renew; do
		rm -rf "$LAB_LE"
		web "$LAB/new"
		succeeds "$engine: a webroot" "$engine" certonly --webroot \
		    -w "$LAB/new" -d a.example
		web ""
		# shellcheck disable=SC2086 # three words
		succeeds "$engine: $words --standalone" "$engine" $words \
		    --standalone --http-01-address 127.0.0.1 \
		    --http-01-port "$LAB_ACME" --force-renewal
		say 'auth|webroot_path|a.example|\[\[' >>"$LAB/kept.$engine"
	done
done
is "$(<"$LAB/kept.lab_builtin")" "$(<"$LAB/kept.lab_certbot")" \
    "what the confs say of the directory is the same"
unlike "$(head -n 1 "$LAB/kept.lab_builtin")" webroot "... nothing, by certonly"
done_testing
