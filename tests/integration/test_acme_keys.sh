#!/usr/bin/env bash
# What becomes of a lineage's key where certonly is called for it again: its
# type stays, one that --reuse-key has pinned is not thrown away by the way.
# As certbot has it, step by step.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble

# public NAME: the lineage's key.
public() {
	openssl pkey -pubout -in "$LAB_LE/live/$1/privkey.pem"
}
# refused OPTION WORD...: certonly for $name, over whose conf the key is kept.
refused() {
	local option=$1 before
	local why="because --reuse-key is set"
	shift
	before=$(public "$name")
	ends_with 1 "$engine: $name, kept, certonly $*" "$engine" certonly \
	    -d "$name" --cert-name "$name" --force-renewal "$@"
	like "$output" "Unable to change the $option of this certificate $why" \
	    "... is refused"
	is "$(public "$name")" "$before" "... the key stays"
	like "$(cat "$LAB_LE/renewal/$name.conf")" 'reuse_key = True' \
	    "... so does what the conf says"
}
# becomes KEY WORD...: certonly for $name, with which it gets that kind.
becomes() {
	local want=$1
	shift
	succeeds "$engine: $name, certonly $*" "$engine" certonly -d "$name" \
	    --force-renewal "$@"
	is "$(lab_key "$name")" "$want" "... makes $want"
}

for engine in lab_certbot lab_builtin; do
	rm -rf "$LAB_LE"
	name=rsa.example
	becomes "3072 bit" --key-type rsa --rsa-key-size 3072 --reuse-key
	refused --rsa-key-size
	refused --rsa-key-size --elliptic-curve secp384r1
	refused --key-type --key-type ecdsa
	refused --rsa-key-size --rsa-key-size 4096 --reuse-key
	before=$(public "$name")
	becomes "3072 bit" --rsa-key-size 3072 --reuse-key
	is "$(public "$name")" "$before" "... that is, keeps it"
	becomes "2048 bit" --new-key
	unlike "$(cat "$LAB_LE/renewal/$name.conf")" size "... as the conf says"
	name=ec.example
	becomes "384 bit P-384" --elliptic-curve secp384r1 --reuse-key
	refused --elliptic-curve
	refused --key-type --key-type rsa
	becomes "256 bit P-256" --no-reuse-key
	name=free.example
	becomes "3072 bit" --key-type rsa --rsa-key-size 3072
	becomes "2048 bit"
	succeeds "$engine: renew" "$engine" renew --force-renewal \
	    --cert-name "$name"
	is "$(lab_key "$name")" "2048 bit" "... makes the same"
done
done_testing
