#!/usr/bin/env bash
# A site goes from certbot to certhaul-acme and back, in both directions, with
# nothing to convert; and the two keep each other out while they work.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
renewal=$LAB_LE/renewal

# tree: what there is, but for the certificates and keys themselves.
tree() {
	(cd "$LAB_LE" && find . -name .certbot.lock -prune -o -printf \
	    '%M %p %l\n' | grep -v '/accounts/\|/csr\|/keys' | sort -k2)
}
# listed: what `certificates` says of them, certbot and certhaul-acme.
same_list() {
	local theirs
	run lab_certbot certificates
	theirs=$output
	run lab_builtin certificates
	is "$(cat -s <<<"$output")" "$(cat -s <<<"$theirs")" "$1"
}
# revoked SERIAL: what the CA says of it.
revoked() {
	lab_fetch "$LAB_PEBBLE_MGMT/cert-status-by-serial/$1" |
	    /usr/bin/python3 -c 'import json, sys
print(json.load(sys.stdin)["Status"])'
}

# --- from certbot ----------------------------------------------------------
succeeds "certbot makes a site" lab_certbot certonly -d a.example \
    -d www.a.example --key-type ecdsa
sed -i -e '1i first = 1' -e '1i # our own words' -e '1i our_own = kept' \
    "$renewal/a.example.conf"
printf '[our section]\nanswer = 42\n' >>"$renewal/a.example.conf"
grep -v '^version' "$renewal/a.example.conf" >"$LAB/conf.before"
tree >"$LAB/tree.certbot"
same_list "certificates says what certbot says"
succeeds "certhaul-acme renews it" lab_builtin renew --force-renewal
lab_lineage_is a.example "a.example www.a.example" "... whole"
is "$(lab_generation a.example)" 2 "... as the second generation"
grep -v '^version' "$renewal/a.example.conf" >"$LAB/conf.after"
lab_same "$LAB/conf.before" "$LAB/conf.after" "... the conf is as it was"
succeeds "certbot renews it" lab_certbot renew --force-renewal
is "$(lab_generation a.example)" 3 "... as the third generation"
lab_lineage_is a.example "a.example www.a.example" "... whole"
for line in '# our own words' 'our_own = kept' '\[our section\]' \
    'answer = 42'; do
	is "$(grep -c "^$line" "$renewal/a.example.conf")" 1 "kept: $line"
done
serial=$(lab_serial "$LAB_LE/live/a.example/cert.pem")
cp "$LAB_LE/live/a.example/cert.pem" "$LAB/gone.pem"
cp "$LAB_LE/live/a.example/privkey.pem" "$LAB/gone.key"
succeeds "certhaul-acme revokes it" lab_builtin revoke \
    --cert-name a.example --reason superseded
is "$(revoked "$serial")" Revoked "... the CA says so"
is "$(tree | grep -c a.example)" 0 "... and nothing is left of it"
succeeds "once more, by the certificate's own key" lab_builtin revoke \
    --cert-path "$LAB/gone.pem" --key-path "$LAB/gone.key"
like "$output" 'revoked before' "... the CA has it revoked"

# --- a key of a size that only certbot is asked for -------------------------
succeeds "certbot makes one" lab_certbot certonly -d odd.example \
    --key-type rsa --rsa-key-size 2560
succeeds "certhaul-acme renews it" lab_builtin renew --force-renewal \
    --cert-name odd.example
is "$(lab_key odd.example)" "2560 bit" "... with such a key"
for bits in 2047 8193; do
	ends_with 1 "RSA, $bits bits" lab_builtin certonly --key-type rsa \
	    -d no.example --rsa-key-size "$bits"
	like "$output" "$bits is none of 2048 to 8192" "... says why not"
done
succeeds "delete" lab_builtin delete --cert-name odd.example

# --- from certhaul-acme ----------------------------------------------------
succeeds "certhaul-acme makes the same" lab_builtin certonly -d a.example \
    -d www.a.example --key-type ecdsa
tree >"$LAB/tree.builtin"
lab_same "$LAB/tree.certbot" "$LAB/tree.builtin" \
    "names, modes and links are those that certbot made"
succeeds "certbot renews it" lab_certbot renew --force-renewal
succeeds "certhaul-acme renews it" lab_builtin renew --force-renewal
lab_lineage_is a.example "a.example www.a.example" "... whole"
is "$(lab_generation a.example)" 3 "... as the third generation"
same_list "certificates says what certbot says"
serial=$(lab_serial "$LAB_LE/live/a.example/cert.pem")
succeeds "certbot revokes it" lab_certbot revoke --cert-name a.example \
    --delete-after-revoke
is "$(revoked "$serial")" Revoked "... the CA says so"
is "$(tree | grep -c a.example)" 0 "... and nothing is left of it"
succeeds "delete, of one more" lab_builtin certonly -d b.example
run lab_builtin revoke --cert-path "$LAB_LE/live/b.example/cert.pem" \
    --no-delete-after-revoke --reason keyCompromise
is "$status" 0 "revoke --no-delete-after-revoke" || diag "$output"
serial=$(lab_serial "$LAB_LE/live/b.example/cert.pem")
like "$(lab_fetch "$LAB_PEBBLE_MGMT/cert-status-by-serial/$serial")" \
    '"Reason": *1\b' "... the reason as well, however it is spelled"
[ -e "$LAB_LE/live/b.example/cert.pem" ] || not_ok "... the files stay"
succeeds "delete" lab_builtin delete --cert-name b.example
is "$(tree | grep -c b.example)" 0 "... nothing is left of it"

# --- names that certbot takes ----------------------------------------------
names=('foo+bar' 'a@b' 'x,y' 'two words' 'web (prod)' "it's" '-dash' 'größe')
for name in "${names[@]}"; do
	succeeds "certbot makes \"$name\"" lab_certbot certonly -d a.example \
	    "--cert-name=$name"
done
same_list "certificates has them all"
succeeds "certhaul-acme renews them" lab_builtin renew --force-renewal
for name in "${names[@]}"; do
	is "$(readlink "$LAB_LE/live/$name/cert.pem")" \
	    "../../archive/$name/cert2.pem" "... \"$name\" too"
done
succeeds "... and one by its name" lab_builtin certonly --force-renewal \
    -d a.example --cert-name 'web (prod)'
succeeds "certbot renews what was renewed" lab_certbot renew --force-renewal
same_list "certificates has them all"
succeeds "certhaul-acme revokes one" lab_builtin revoke \
    --cert-path "$LAB_LE/live/x,y/cert.pem" --delete-after-revoke
[ ! -e "$LAB_LE/live/x,y" ] || not_ok "... and removes it"
unset 'names[2]'
for name in "${names[@]}"; do
	succeeds "... and deletes \"$name\"" lab_builtin delete \
	    "--cert-name=$name"
done
is "$(tree | grep -c 'archive/\|live/.*/\|conf$')" 0 "... no file is left"
succeeds "it makes such a one" lab_builtin certonly -d a.example \
    --cert-name 'one, two'
succeeds "... that certbot renews" lab_certbot renew --force-renewal \
    --cert-name 'one, two'
succeeds "... and deletes" lab_certbot delete --cert-name 'one, two'
for name in ../x a/b .hidden $'a\nb' "$(printf '%0241d' 0)"; do
	ends_with 1 "no name: ${name:0:10}" lab_builtin certonly -d a.example \
	    "--cert-name=$name"
done

# --- one at a time ---------------------------------------------------------
cat >"$LAB/wait" <<'EOT'
#!/bin/sh
touch "$1.there"
while [ ! -e "$1.go" ]; do sleep 0.05; done
EOT
chmod 755 "$LAB/wait"
# excludes ONE OTHER: while ONE works, OTHER does not.
excludes() {
	local one=$1 other=$2 first
	rm -f "$LAB/$one".*
	"$one" certonly -d c.example --cert-name "$one" --force-renewal \
	    --pre-hook "$LAB/wait $LAB/$one" >"$LAB/$one.out" 2>&1 \
	    </dev/null {tap_out}>&- &
	first=$!
	lab_wait_for "[ -e $LAB/$one.there ]" || not_ok "$one does not begin"
	ends_with 1 "while $one works, $other does not" "$other" \
	    certonly -d d.example
	like "$output" 'Another instance of Certbot is already running' \
	    "... and says why"
	touch "$LAB/$one.go"
	wait "$first"
	is $? 0 "... and the first is not disturbed" ||
	    diag_file "$LAB/$one.out"
}
excludes lab_certbot lab_builtin
excludes lab_builtin lab_certbot
excludes lab_builtin lab_builtin
is "$(find "$LAB_LE" "$LAB/le-work" "$LAB/le-logs" -name .certbot.lock)" "" \
    "no lock is left"
done_testing
