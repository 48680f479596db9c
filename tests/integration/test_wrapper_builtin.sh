#!/usr/bin/env bash
# certhaul with its own ACME client: request, renew and revoke, through HAProxy
# to the handshake, where it is told to, and where there is no certbot; certbot
# takes over what it has made, and gives it back.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --pebble

# conf PAIR...: certhaul.conf with an account at Pebble.
conf() {
	lab_conf "account.server=\"$LAB_SERVER\"" account.agree_tos=true \
	    'account.email="lab@a.example"' "$@"
}
leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}
# is_served NAME...
is_served() {
	local name
	for name; do
		is "$(lab_served "$name")" "$(leaf "$name")" \
		    "... $name is served"
	done
}
# issuer: who wrote the logs since the last time that this was asked.
issuer() {
	if grep -q ':certbot version:' "$LAB"/le-logs/letsencrypt.log*; then
		echo certbot
	else
		echo certhaul-acme
	fi
	rm "$LAB"/le-logs/*
}
# is_gone NAME PEM: from disk and HAProxy, and revoked at the CA.
is_gone() {
	is "$(find "$LAB_LE/live" "$LAB_LE/archive" "$LAB_LE/renewal" \
	    "$LAB_SSL" -name "$1*")" "" "... $1 is gone from the disk"
	is "$(lab_memory "$1")" "" "... and from HAProxy's memory"
	like "$(lab_fetch "$LAB_PEBBLE_MGMT/cert-status-by-serial/$(lab_serial \
	    "$2")")" '"Status": *"Revoked"' "... and revoked at the CA"
}

# A certbot that fails tells when it was called in the other's place.
mkdir "$LAB/decoy"
printf '#!/bin/sh\ntouch %q\nexit 1\n' "$LAB/certbot-ran" >"$LAB/decoy/certbot"
chmod 755 "$LAB/decoy/certbot"

# gone: $LAB/gone/certhaul is certhaul on a machine without certbot: in mounts
# of its own, nothing is where one could be. Not root: as root of a namespace
# first, and as oneself in another one.
gone() {
	local -a enter=(unshare --mount) back=()
	local place
	if [ "$(id -u)" -ne 0 ]; then
		enter=(unshare --map-root-user --mount)
		back=(unshare "--map-user=$(id -u)" "--map-group=$(id -g)")
	fi
	mkdir "$LAB/gone"
	# shellcheck disable=SC2016 # for the script that is made
	{
		echo '#!/bin/sh'
		echo 'if [ "$1" != hidden ]; then'
		printf '\texec %s "$0" hidden "$@"\nfi\nshift\n' "${enter[*]}"
		for place in $(type -aP certbot | sort -u) \
		    {/snap,/opt/certbot,/usr/local,/usr}/bin/certbot; do
			printf '[ ! -e %q ] || ' "$place"
			printf 'mount --bind /dev/null %q || exit 99\n' "$place"
		done
		printf 'exec %s %q "$@"\n' "${back[*]}" "$LAB_BIN/certhaul"
	} >"$LAB/gone/certhaul"
	chmod 755 "$LAB/gone/certhaul"
}
# without_certbot ARGUMENT...: certhaul there.
# shellcheck disable=SC2317 # it is called by succeeds and run
without_certbot() {
	LAB_BIN=$LAB/gone lab_certhaul "$@"
}

# --- told to -----------------------------------------------------------------
conf 'engine="builtin"'
PATH=$LAB/decoy:$PATH
mkdir "$LAB/cron"
succeeds "init, where there never was a certbot" lab_certhaul init \
    --cron-dir "$LAB/cron"
run lab_certhaul status
like "$output" "engine certhaul-acme $LAB_BIN/certhaul-acme" \
    "status says which engine it is"
run lab_certhaul check
like "$(grep -E '^good +engine ' <<<"$output")" \
    "$LAB_BIN/certhaul-acme \(came with certhaul\)" "check, too, and why"
worker=$(lab_worker_pid)
succeeds "request" lab_certhaul request a.example www.a.example
like "$output" 'shows this certificate' "... says that it is served"
lab_lineage_is a.example "a.example www.a.example" "... the lineage is whole"
is_served a.example
is "$(find "$LAB/le-work/certhaul" -name '*.order')" "" \
    "... no order is left open"
issued=$(lab_issued)
succeeds "request again" lab_certhaul request a.example www.a.example
is "$(lab_issued)" "$issued" "... is not due, and the CA was not asked"
succeeds "request --expand --key-type" lab_certhaul request a.example \
    www.a.example x.example --expand --key-type rsa --cert-name a.example
is "$(lab_key a.example)" "2048 bit" "... the key is another"
is "$(lab_served x.example)" "$(leaf a.example)" "... the name more is served"
succeeds "request --in-proxy" lab_certhaul request c.example --in-proxy
is_served c.example
is "$(wc -c <"$LAB/acme.map")" 0 "... and the map is empty again"
run lab_certhaul request --staging x.example
is "$status" 2 "request --staging beside account.server is refused"

succeeds "request of what has an RSA key, which was not asked for" \
    lab_certhaul request a.example www.a.example x.example --force
is "$(lab_key a.example)" "2048 bit" "... keeps the kind"
succeeds "renew, with nothing due" lab_certhaul renew
is "${output##*$'\n'}" "2 lineages: 0 renewed, 0 failed, 0 deployed" \
    "... counts"
was=$(leaf a.example)
succeeds "renew --force" lab_certhaul renew --force
is "${output##*$'\n'}" "2 lineages: 2 renewed, 0 failed, 2 deployed" \
    "... counts"
isnt "$(leaf a.example)" "$was" "... it is another"
is_served a.example c.example
was=$(leaf a.example)
succeeds "renew --force NAME" lab_certhaul renew --force c.example
is "${output##*$'\n'}" "1 lineage: 1 renewed, 0 failed, 1 deployed" \
    "... counts"
is "$(leaf a.example)" "$was" "... the other is as it was"
mkdir -p "$LAB/xdg/letsencrypt"
echo "server = $LAB_SERVER" >"$LAB/xdg/letsencrypt/cli.ini"
succeeds "renew --dry-run" lab_certhaul renew --dry-run
rm "$LAB/xdg/letsencrypt/cli.ini"
is "$(leaf a.example)" "$was" "... renews nothing"
run lab_certhaul_tty "" renew
is "$status" 0 "renew on a terminal" || diag "$output"
like "$output" 'renewing 1 of 2: a\.example' "... shows progress"

is "$(issuer)" certhaul-acme "certhaul-acme did all this"
[ ! -e "$LAB/certbot-ran" ] || not_ok "certbot was called"
PATH=${PATH#*:}

# --- over to certbot, and back -----------------------------------------------
conf 'engine="certbot"'
account=$(cd "$LAB_LE/accounts" && find . -type f | sort)
run lab_certhaul status
like "$output" 'engine certbot /' "status says which engine it is now"
succeeds "certbot renews all" lab_certhaul renew --force
is "${output##*$'\n'}" "2 lineages: 2 renewed, 0 failed, 2 deployed" \
    "... counts"
is "$(issuer)" certbot "... it was certbot"
lab_lineage_is a.example "a.example www.a.example x.example" "... it is whole"
is "$(lab_key a.example)" "2048 bit" "... with the same kind of key"
is_served a.example c.example
succeeds "certbot is asked for fewer names" lab_certhaul request a.example \
    www.a.example --cert-name a.example -- --renew-with-new-domains
is "$(issuer)" certbot "... it was certbot"
is "$(lab_key a.example)" "2048 bit" "... with the kind of key that it has"
is_served a.example
conf 'engine="builtin"'
succeeds "certhaul-acme renews all" lab_certhaul renew --force
is "${output##*$'\n'}" "2 lineages: 2 renewed, 0 failed, 2 deployed" \
    "... counts"
is "$(issuer)" certhaul-acme "... it was certhaul-acme"
lab_lineage_is a.example "a.example www.a.example" "... it is whole"
is_served a.example c.example
is "$(cd "$LAB_LE/accounts" && find . -type f | sort)" "$account" \
    "one account for both"

# --- no certbot anywhere -----------------------------------------------------
conf
run lab_certhaul status
like "$output" 'engine certbot /' "left to itself it takes certbot"
gone
run without_certbot status
like "$output" "engine certhaul-acme $LAB_BIN/certhaul-acme" \
    "... and certhaul-acme where there is none"
run without_certbot check
like "$(grep -E '^good +engine ' <<<"$output")" 'certhaul-acme' "... says check"
succeeds "request" without_certbot request b.example
is "$(issuer)" certhaul-acme "... it was certhaul-acme"
is_served b.example
succeeds "renew --force" without_certbot renew --force
is "${output##*$'\n'}" "3 lineages: 3 renewed, 0 failed, 3 deployed" \
    "... counts"
is_served a.example b.example c.example
cp "$LAB_LE/live/b.example/cert.pem" "$LAB/b.pem"
succeeds "revoke" without_certbot revoke b.example --yes --reason superseded
like "$output" 'b\.example: revoked and deleted' "... says so"
is "$(issuer)" certhaul-acme "... it was certhaul-acme"
is_gone b.example "$LAB/b.pem"
is_served a.example c.example
succeeds "delete" without_certbot delete c.example --yes
like "$output" 'c\.example: deleted' "... says so"
is "$(find "$LAB_LE/live" "$LAB_LE/archive" "$LAB_LE/renewal" "$LAB_SSL" \
    -name 'c.example*')" "" "... c.example is gone from the disk"
conf 'engine="certbot"'
run without_certbot renew
is "$status" 1 "told to take certbot, it takes no other"
like "$output" 'apt-get install certbot' "... and says what to do"

# --- the CA is down ----------------------------------------------------------
conf 'engine="builtin"'
was=$(leaf a.example)
lab_pebble_stop || bail_out "Pebble does not stop"
run lab_certhaul renew --force a.example
is "$status" 1 "the CA is down: renew ends with 1"
like "$output" "1 lineage: 0 renewed, 1 failed, 0 deployed\$" \
    "... counts"
is "$(leaf a.example)" "$was" "... nothing has changed"
is_served a.example
run lab_certhaul revoke a.example --yes
is "$status" 1 "... and so does revoke"
like "$output" 'serves it as before' "... which says what is so"
is_served a.example
is "$(lab_worker_pid)" "$worker" "all of it without a reload"
done_testing
