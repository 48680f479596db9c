#!/usr/bin/env bash
# certhaul-acme where certbot's habits are what people count on: which lineage
# is meant, whose server is asked, what a conf that is old says, what a failure
# of one lineage does to the next.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
LAB_PEBBLE_ENV+=(PEBBLE_AUTHZREUSE=0)
lab_start --no-haproxy --pebble
live=$LAB_LE/live
renewal=$LAB_LE/renewal

# --- webroots ---------------------------------------------------------------
mkdir "$LAB/www"
cd "$LAB" || bail_out "no $LAB"
lab_webroot_pid=
lab_spawn "$LAB/www.log" python3 -m http.server -d "$LAB/www" \
    -b 127.0.0.1 "$LAB_ACME"
lab_webroot_pid=$lab_pid
lab_wait_for "lab_listens $LAB_ACME" || bail_out "no web server"
ends_with 1 "a webroot that is not there" lab_builtin certonly --webroot \
    -w nowhere -d a.example
like "$output" "$LAB/nowhere: does not exist or is not a directory" \
    "... is named"
unlike "$output" 'may not have' "... nobody is accused"
[ ! -e "$LAB_LE/accounts" ] || is "$(lab_issued)" 0 "... the CA made nothing"
succeeds "a webroot, relative" lab_builtin certonly --webroot -w www \
    -d a.example
like "$(cat "$renewal/a.example.conf")" "a\.example = $LAB/www\$" \
    "... is kept whole"
(cd / && lab_builtin renew --force-renewal) >"$LAB/renew.log" 2>&1
is $? 0 "... and is found from elsewhere" || diag_file "$LAB/renew.log"
lab_kill "$lab_webroot_pid"

# --- one that fails, and the next -------------------------------------------
lab_wait_for "! lab_listens $LAB_ACME" || bail_out "the port is not free"
succeeds "another lineage" lab_builtin certonly -d b.example
mv "$LAB/www" "$LAB/www.away"
printf 'in the way' >"$LAB/www"
ends_with 1 "a webroot that is a file now" lab_builtin renew --force-renewal
like "$output" "$LAB/www: does not exist or is not a directory" "... is told"
like "$(readlink "$live/b.example/cert.pem")" 'cert2\.pem$' \
    "... and the other one is renewed"
rm "$LAB/www"
mkdir -p "$LAB/www/.well-known"
printf 'in the way' >"$LAB/www/.well-known/acme-challenge"
ends_with 1 "a file in the way of the challenges" \
    lab_builtin renew --force-renewal
like "$output" 'acme-challenge: ' "... is told"
unlike "$output" 'may not have' "... nobody is accused"
like "$(readlink "$live/b.example/cert.pem")" 'cert3\.pem$' \
    "... and the other one is renewed"

# --- an old conf ------------------------------------------------------------
succeeds "an RSA lineage" lab_builtin certonly --key-type rsa -d c.example
sed -i '/^key_type/d' "$renewal/c.example.conf"
succeeds "... whose conf does not say so" lab_builtin renew --force-renewal \
    --cert-name c.example
is "$(lab_key c.example)" "2048 bit" "... stays one"

# --- reconfigure ------------------------------------------------------------
succeeds "reconfigure" lab_builtin reconfigure --cert-name c.example \
    --deploy-hook "touch $LAB/deployed" --server "$LAB_SERVER"
[ ! -e "$LAB/deployed" ] || not_ok "... deploys nothing"
like "$(cat "$renewal/c.example.conf")" "renew_hook = touch $LAB/deployed" \
    "... but remembers how"

# --- which one is meant -----------------------------------------------------
succeeds "a duplicate" lab_builtin certonly --duplicate -d b.example
[ -d "$live/b.example-0001" ] || not_ok "... beside the first"
succeeds "the name of both" lab_builtin certonly -d b.example --force-renewal
is "$(readlink "$live/b.example/cert.pem" | tail -c 10)" cert4.pem \
    "... is the first one, as certbot has it" ||
    diag "$(ls -l "$live"/b.example*/)"
succeeds "some names" lab_builtin certonly -d d.example
succeeds "more names" lab_builtin certonly --cert-name z \
    -d d.example -d www.d.example
succeeds "--expand" lab_builtin certonly --expand \
    -d d.example -d www.d.example -d e.example
lab_lineage_is z "d.example e.example www.d.example" \
    "... the one that had most of them"

# --- revoking ---------------------------------------------------------------
sed -i 's/^authenticator = .*/authenticator = nginx/' "$renewal/c.example.conf"
succeeds "a lineage of a plugin" lab_builtin revoke --cert-name c.example
[ ! -e "$live/c.example" ] || not_ok "... is gone"
# No --server: the conf says whose it is.
succeeds "by its own key" "$LAB_BIN/certhaul-acme" revoke -n \
    --config-dir "$LAB_LE" --work-dir "$LAB/le-work" \
    --logs-dir "$LAB/le-logs" --no-verify-ssl --cert-name z \
    --key-path "$live/z/privkey.pem"
[ ! -e "$live/z" ] || not_ok "... is gone"
succeeds "an earlier one, from the archive" lab_builtin revoke \
    --cert-path "$LAB_LE/archive/b.example/cert1.pem"
[ -e "$live/b.example" ] || not_ok "... its lineage stays"
succeeds "the present one, from the archive" lab_builtin revoke \
    --cert-path "$LAB_LE/archive/b.example/cert4.pem"
[ ! -e "$live/b.example" ] || not_ok "... its lineage is gone"

# revoked_in DIR ARGUMENT...: by certbot, then by us, where DIR (below live) is
# the working directory: both have the same to say, and the lineage is gone.
revoked_in() {
	local dir=$1 engine said
	shift
	for engine in lab_certbot lab_builtin; do
		lab_builtin certonly -d rel.example >"$LAB/out" 2>&1 ||
		    diag_file "$LAB/out"
		cd "$live/$dir" || return
		run "$engine" revoke --delete-after-revoke "$@"
		cd "$LAB" || return
		is "$status $(ls -d "$live/rel.example" 2>/dev/null)" "0 " \
		    "$engine revokes $* in $dir, and the lineage is gone" ||
		    diag "$output"
		[ "$engine" = lab_builtin ] || said=$(grep located <<<"$output")
	done
	is "$(grep located <<<"$output")" "$said" "... in certbot's words"
}
revoked_in rel.example --cert-path cert.pem
revoked_in rel.example --cert-path ./fullchain.pem --key-path privkey.pem
revoked_in . --cert-path rel.example/cert.pem
revoked_in . --cert-name rel.example

# --- the responder's address ------------------------------------------------
for engine in lab_certbot lab_builtin; do
	succeeds "$engine: an address that is a name" "$engine" certonly \
	    -d local.example --http-01-address localhost --force-renewal
done

# --- a name that is none ----------------------------------------------------
run lab_certbot revoke --cert-name no.example
none="No certificate found with name no.example \
.expected $renewal/no.example.conf.\."
like "$output" "$none" "(certbot's words)"
for verb in revoke reconfigure delete renew; do
	ends_with 1 "$verb of a lineage that is none" \
	    lab_builtin "$verb" --cert-name no.example
	like "$output" "$none" "... has certbot's words"
done

# --- exit statuses ----------------------------------------------------------
ends_with 1 "a name that is none" lab_builtin certonly -d 'bad..name'
ends_with 1 "two who answer" lab_builtin certonly --manual --webroot \
    -d a.example
ends_with 1 "names with renew" lab_builtin renew -d a.example
ends_with 2 "a request that is not there" lab_builtin certonly \
    --csr "$LAB/none.csr"
ends_with 2 "an option that is none" lab_builtin renew --forse
done_testing
