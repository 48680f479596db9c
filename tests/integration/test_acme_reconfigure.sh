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
