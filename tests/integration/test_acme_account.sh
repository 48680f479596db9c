#!/usr/bin/env bash
# certhaul-acme's accounts: made, changed, shown, given up; bound to an account
# elsewhere; certbot's own, RSA ones too; several of them, several servers.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble

# accounts [SERVER]: the IDs for it.
accounts() {
	local url=${1:-$LAB_SERVER}
	find "$LAB_LE/accounts/${url#https://}" -mindepth 1 -maxdepth 1 \
	    -printf '%f\n' 2>/dev/null | sort
}
# key_id FILE: the ID that belongs to an account's key.
key_id() {
	/usr/bin/python3 - "$1" <<-'EOT'
	import hashlib, json, sys
	import josepy
	from cryptography.hazmat.primitives import serialization as s
	key = josepy.JWK.from_json(json.load(open(sys.argv[1])))
	print(hashlib.md5(key.key.public_key().public_bytes(
	    s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)).hexdigest())
	EOT
}

# --- one -------------------------------------------------------------------
ends_with 1 "no account, no consent" lab_builtin register -m a@a.example
like "$output" '--agree-tos' "... says what to give"
ends_with 1 "no address" lab_builtin register --agree-tos
like "$output" '--register-unsafely-without-email' "... says what to give"
ends_with 1 "no address that is one" lab_builtin register --agree-tos \
    -m notmail
ends_with 1 "no key that binds" lab_builtin register --agree-tos \
    -m a@a.example --eab-kid x --eab-hmac-key AAAA
is "$(accounts)" "" "... no key is left of it"
ends_with 1 "nobody there to register at" lab_builtin register --agree-tos \
    -m a@a.example --server https://127.0.0.1:9/dir
gone=$(accounts https://127.0.0.1:9/dir)
isnt "$gone" "" "... a key is there for the next time"
mkdir -p "$LAB_LE/accounts/${LAB_SERVER#https://}"
mv "$LAB_LE/accounts/127.0.0.1:9/dir/$gone" \
    "$LAB_LE/accounts/${LAB_SERVER#https://}"
ends_with 1 "which wants an address, too" lab_builtin register --agree-tos
like "$output" '--register-unsafely-without-email' "... says what to give"
ends_with 1 "... and consent" lab_builtin register -m a@a.example
like "$output" '--agree-tos' "... says what to give"
rm -r "$LAB_LE/accounts"
ends_with 1 "none to show" lab_builtin show_account --server "$LAB_SERVER"
like "$output" 'Could not find an existing account' "... says so"
succeeds "register" lab_builtin register --agree-tos \
    -m a@a.example,b@a.example --no-eff-email
one=$(accounts)
dir=$LAB_LE/accounts/${LAB_SERVER#https://}
is "$(key_id "$dir/$one/private_key.json")" "$one" \
    "... under certbot's name for it"
is "$(stat -c '%a %n' "$dir/$one" "$dir/$one"/* | sed "s,$dir/$one,ID,")" \
    "700 ID
644 ID/meta.json
400 ID/private_key.json
644 ID/regr.json" "... with certbot's modes"
ends_with 1 "register once more" lab_builtin register --agree-tos \
    -m a@a.example
like "$output" 'There is an existing account' "... is refused"
succeeds "show_account" lab_builtin show_account --server "$LAB_SERVER"
ours=$output
run lab_certbot show_account --server "$LAB_SERVER"
is "$(sed '/humbprint/d' <<<"$output")" \
    "$(sed '/humbprint/d' <<<"$ours")" "... in certbot's words" || diag "$ours"
succeeds "update_account" lab_builtin update_account \
    --server "$LAB_SERVER" --email c@a.example --eff-email
like "$output" 'e-mail address was updated to c@a\.example' "... told"
run lab_builtin show_account --server "$LAB_SERVER"
like "$output" 'c@a\.example' "... the CA has it"
succeeds "update_account, to none" lab_builtin update_account \
    --server "$LAB_SERVER" --register-unsafely-without-email
run lab_builtin show_account --server "$LAB_SERVER"
unlike "$output" '@' "... the CA has none"
ends_with 1 "no address is one" lab_builtin update_account \
    --server "$LAB_SERVER" -m 'no address'

mv "$dir/$one/regr.json" "$LAB/regr.json"
ends_with 1 "its URL is lost, and no address given" lab_builtin register \
    --agree-tos
succeeds "... with one" lab_builtin register --agree-tos -m c@a.example
succeeds "... it is found again" cmp "$dir/$one/regr.json" "$LAB/regr.json"

# --- several servers, several accounts -------------------------------------
other=${LAB_SERVER/127.0.0.1/localhost}
succeeds "another server" lab_builtin certonly --server "$other" -d a.example
isnt "$(accounts "$other")" "$one" "... has an account of its own"
is "$(accounts)" "$one" "... beside the first"
like "$(cat "$LAB_LE/renewal/a.example.conf")" "server = $other" \
    "... is the lineage's"
succeeds "... and renews it" lab_builtin renew --force-renewal

# certbot 2.1's accounts are RSA.
mv "$LAB_LE/accounts" "$LAB/first"
succeeds "certbot registers" lab_certbot register --agree-tos -m b@a.example
two=$(accounts)
like "$(cat "$dir/$two/private_key.json")" '"kty": "RSA"' "(with an RSA key)"
succeeds "it is used" lab_builtin certonly -d b.example
like "$(cat "$LAB_LE/renewal/b.example.conf")" "account = $two" \
    "... is the lineage's"
cp -a "$LAB/first/${LAB_SERVER#https://}/$one" "$dir/"
ends_with 1 "two accounts" lab_builtin certonly -d c.example
like "$output" "--account" "... says what to give"
like "$output" "$one" "... and of which"
succeeds "--account" lab_builtin certonly -d c.example --account "$one"
like "$(cat "$LAB_LE/renewal/c.example.conf")" "account = $one" \
    "... is the lineage's"
succeeds "renew knows which" lab_builtin renew --force-renewal \
    --cert-name b.example
succeeds "certbot has the EC one, too" lab_certbot renew --force-renewal \
    --cert-name c.example

ends_with 1 "one that is not there" lab_builtin certonly -d c.example \
    --force-renewal --account 0123456789abcdef0123456789abcdef
like "$output" 'Account at .*/0123456789abcdef0123456789abcdef does not exist' \
    "... is told in certbot's words"

# --- given up --------------------------------------------------------------
succeeds "unregister" lab_builtin unregister --account "$one"
like "$output" 'Account deactivated\.' "... told"
is "$(accounts)" "$two" "... the other one stays"
cp -a "$LAB/first/${LAB_SERVER#https://}/$one" "$dir/"
ends_with 1 "the CA knows it no more" lab_builtin show_account \
    --server "$LAB_SERVER" --account "$one"
unlike "$output" AAAA "... and no name is to blame"

# --- a CA without TLS --------------------------------------------------------
port=$(lab_free_port)
lab_spawn "$LAB/plainca.log" /usr/bin/python3 \
    "$lab_src/tests/tools/plainca.py" "$port"
lab_wait_for "lab_listens $port"
first_le=$LAB_LE
first_server=$LAB_SERVER
LAB_SERVER=http://127.0.0.1:$port/dir
for engine in lab_certbot lab_builtin; do
	LAB_LE=$LAB/plain.$engine
	succeeds "$engine: register over http, on this machine" "$engine" \
	    register --agree-tos -m lab@a.example
done
succeeds "... which takes no proxy" env \
    http_proxy="http://127.0.0.1:$(lab_free_port)" "$LAB_BIN/certhaul-acme" \
    show_account --config-dir "$LAB_LE" --work-dir "$LAB/le-work" \
    --logs-dir "$LAB/le-logs" --server "$LAB_SERVER"
for engine in lab_certbot lab_builtin; do
	succeeds "... $engine shows what we have made" "$engine" show_account \
	    --server "$LAB_SERVER"
	like "$output" 'lab@a\.example' "... with its address"
done
# Not the names of hosts, which certbot would look for.
for LAB_SERVER in "http://192.0.2.1:$port/dir" nowhere; do
	for verb in certificates renew "delete -n --cert-name none" \
	    "show_account"; do
		# shellcheck disable=SC2086 # words
		run lab_certbot $verb --server "$LAB_SERVER"
		theirs=$status
		# shellcheck disable=SC2086 # words
		ends_with "$theirs" "$verb --server $LAB_SERVER: as certbot" \
		    lab_builtin $verb --server "$LAB_SERVER"
	done
	for verb in "certonly -d a.example" \
	    "register --agree-tos -m a@a.test"; do
		# shellcheck disable=SC2086 # words
		ends_with 1 "... but no certificate, and no account: $verb" \
		    lab_builtin $verb --pre-hook "touch '$LAB/hook'"
		like "$output" 'no https URL: .* test CA|must be a URL' \
		    "... says why"
	done
done
[ ! -e "$LAB/hook" ] || not_ok "... and no hook is run"
LAB_LE=$first_le
LAB_SERVER=$first_server

# --- external account binding ----------------------------------------------
lab_pebble_stop
new_mac() {
	head -c 32 /dev/urandom | base64 -w0 | tr '+/' '-_' | tr -d =
}
mac=$(new_mac)
LAB_PEBBLE_CONFIG='"externalAccountBindingRequired": true,
    "externalAccountMACKeys": { "kid-1": "'$mac'" }'
lab_pebble_start || bail_out "Pebble does not start again"
rm -rf "$LAB_LE/accounts"
ends_with 1 "a CA that wants a binding" lab_builtin register --agree-tos \
    -m a@a.example
like "$output" '--eab-kid and --eab-hmac-key' "... says so"
ends_with 1 "another's key" lab_builtin register --agree-tos \
    -m a@a.example --eab-kid kid-1 --eab-hmac-key="$(new_mac)"
ends_with 1 "half a binding" lab_builtin register --agree-tos \
    -m a@a.example --eab-kid kid-1
succeeds "--eab-kid and --eab-hmac-key" lab_builtin register --agree-tos \
    -m a@a.example --eab-kid kid-1 --eab-hmac-key="$mac" \
    --eab-hmac-alg HS256
succeeds "... the account is good" lab_builtin certonly -d d.example
done_testing
