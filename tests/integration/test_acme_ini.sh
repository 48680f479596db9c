#!/usr/bin/env bash
# cli.ini means to certhaul-acme what it means to certbot: comments and quotes,
# flags, names beside renew, --config, a file that is out of reach.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --no-haproxy --pebble
mkdir -p "$LAB/xdg/letsencrypt"
ini=$LAB/xdg/letsencrypt/cli.ini

# --- line by line -----------------------------------------------------------
# as_certbot WORD...: both end alike.
as_certbot() {
	lab_certbot "$@" >"$LAB/theirs" 2>&1 </dev/null
	local theirs=$?
	lab_builtin "$@" >"$LAB/ours" 2>&1 </dev/null
	is $? "$theirs" "$1 with $(head -n 1 "$ini")" ||
	    diag_file "$LAB/theirs" "$LAB/ours"
}
while IFS= read -r line; do
	printf '%b\n' "$line" >"$ini"
	as_certbot certificates
done <<'EOT'
key-type = rsa # old boxes
key-type = rsa\t;old boxes
key-type = "rsa" # x
key-type = "rsa # x"
key-type rsa # x
key-type=rsa;x
key-type;rsa
--key-type = rsa
rsa-key-size = 4096 ; strong
domains = [a.example, b.example]
verbose = 2
verbose = -1
verbose = true
quiet = YES
quiet = 0
quiet = x
deploy-hook = true\nrenew-hook = false
renew-hook = false\ndeploy-hook = true
renew-hook = true\ndeploy-hook = true
quiet =
cert-name =
cert-name = ""
quiet = x\nquiet = true
key-type = dsa\nrsa-key-size = 2048\nkey-type = rsa
webroot-path = /nonexistent\nwebroot-path = /usr
webroot-path = /usr\nwebroot-path = /nonexistent
--quiet
non-interactive # x
---
= x
EOT

: >"$ini"
for verb in certificates delete revoke renew; do
	as_certbot "$verb" -n --cert-name ''
done

# What the certbots since Debian 13 take as well.
for word in on off; do
	echo "quiet = $word" >"$ini"
	succeeds "quiet = $word" lab_builtin certificates
done

# --- a hook for renewals alone ------------------------------------------------
echo "renew-hook = echo of renewals >>$LAB/ran" >"$ini"
as_certbot certificates --deploy-hook true
for engine in lab_certbot lab_builtin; do
	rm -rf "$LAB_LE" "$LAB/ran"
	: >"$LAB/ran"
	succeeds "$engine: a lineage" "$engine" certonly -d a.example
	is "$(<"$LAB/ran")" "" "... does not run renew-hook"
	succeeds "... its renewal" "$engine" renew --force-renewal
	is "$(<"$LAB/ran")" "of renewals" "... does"
	succeeds "... and certonly" "$engine" certonly -d a.example \
	    --force-renewal
	is "$(grep -c . "$LAB/ran")" 2 "... over what there is"
	like "$(<"$LAB_LE/renewal/a.example.conf")" \
	    'renew_hook = echo of renewals' "(it is in the conf)"
done

# --- what is kept of it -----------------------------------------------------
cat >"$ini" <<'EOT'
post-hook = echo hi  # say hi
pre-hook = "echo 'a # b'" ; and what follows
key-type = rsa # old boxes
rsa-key-size = 3072
EOT
for engine in lab_certbot lab_builtin; do
	rm -rf "$LAB_LE"
	succeeds "$engine: a lineage" "$engine" certonly -d a.example
	grep -E '^(p.*_hook|key_type|rsa)' "$LAB_LE/renewal/a.example.conf" |
	    sort >"$LAB/conf.$engine"
done
is "$(<"$LAB/conf.lab_builtin")" "$(<"$LAB/conf.lab_certbot")" \
    "the conf says the same"

# --- names, and renew -------------------------------------------------------
printf '%s\n' 'domains = a.example, b.example' 'duplicate = true' >"$ini"
for engine in lab_certbot lab_builtin; do
	succeeds "$engine: renew passes over names in cli.ini" "$engine" \
	    renew --force-renewal
	like "$output" 'live/a.example/fullchain.pem \(success\)' \
	    "... and renews"
	ends_with 1 "$engine: but not of the command line" "$engine" \
	    renew -d a.example
done

# --- --config ---------------------------------------------------------------
# bare PROGRAM ARGUMENT...: without what the lab says of the server.
bare() {
	CERTHAUL_LAB=$LAB XDG_CONFIG_HOME=$LAB/xdg \
	    REQUESTS_CA_BUNDLE=$LAB/pebble/ca.pem "$1" certonly -n \
	    --standalone --http-01-address 127.0.0.1 \
	    --http-01-port "$LAB_ACME" --agree-tos -m lab@a.example \
	    --config-dir "$LAB_LE" --work-dir "$LAB/le-work" \
	    --logs-dir "$LAB/le-logs" "${@:2}"
}
printf 'server = %s\nkey-type = rsa\n' "$LAB_SERVER" >"$ini"
echo 'key-type = ecdsa' >"$LAB/more.ini"
for program in certbot "$LAB_BIN/certhaul-acme"; do
	rm -rf "$LAB_LE"
	succeeds "${program##*/} -c" bare "$program" -c "$LAB/more.ini" \
	    -d a.example
	is "$(grep -E '^(server|key_type)' "$LAB_LE/renewal/a.example.conf" |
	    tr -d ' ' | sort | paste -sd ' ')" \
	    "key_type=ecdsa server=$LAB_SERVER" \
	    "... is read over cli.ini, not in its place"
done
ends_with 2 "-c of a file that is not there" bare "$LAB_BIN/certhaul-acme" \
    -c "$LAB/none.ini" -d a.example

# --- out of reach -----------------------------------------------------------
echo 'key-type = none' >"$ini"
chmod 700 "$LAB/xdg"
mkdir "$LAB/user"
chown 65534:65534 "$LAB/user"
# nobody PROGRAM: as somebody to whom the directory is closed.
nobody() {
	XDG_CONFIG_HOME=$LAB/xdg setpriv --reuid 65534 --regid 65534 \
	    --clear-groups "$@" certificates --config-dir "$LAB/user/le" \
	    --work-dir "$LAB/user/work" --logs-dir "$LAB/user/logs"
}
succeeds "certbot passes over a cli.ini out of reach" nobody certbot
succeeds "so do we" nobody "$LAB_BIN/certhaul-acme"
like "$output" "warning: $ini: out of reach, passed over" "... and say so"
rm "$ini"
done_testing
