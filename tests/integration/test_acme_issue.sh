#!/usr/bin/env bash
# certhaul-acme certonly against Pebble: who answers, what is asked for, which
# keys, which lineage.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble

# certonly WHAT ARGUMENT...
certonly() {
	local what=$1
	shift
	succeeds "$what" lab_builtin certonly "$@"
}
live=$LAB_LE/live
renewal=$LAB_LE/renewal

# --- standalone, lineages and their names ---------------------------------
certonly "standalone, three names" \
    -d a.example,www.a.example -d B.example. --domain a.example
like "$output" 'Successfully received certificate\.' "... told"
like "$output" "Certificate is saved at: $live/a.example/fullchain.pem" \
    "... with the path"
lab_lineage_is a.example "a.example b.example www.a.example" "... and whole"
is "$(lab_key a.example)" "256 bit P-256" "P-256 is the default"
is "$(stat -c '%a %n' "$LAB_LE"/{live,archive,accounts} \
    "$LAB_LE"/archive/a.example/privkey1.pem \
    "$live"/{README,a.example/README} "$renewal/a.example.conf" |
    sed "s,$LAB_LE/,,")" "700 live
700 archive
700 accounts
600 archive/a.example/privkey1.pem
644 live/README
644 live/a.example/README
644 renewal/a.example.conf" "modes are certbot's"
issued=$(lab_issued)
certonly "once more" -d www.a.example -d a.example -d b.example --keep
like "$output" 'Certificate not yet due for renewal; no action taken\.' \
    "... is not due" || diag "$output"
is "$(lab_issued)" "$issued" "... and the CA was not asked"
ends_with 1 "more names, unsaid what then" lab_builtin certonly \
    -d a.example,b.example,www.a.example,c.example
like "$output" '--expand' "... says what to give"
certonly "--expand" -d a.example,b.example,www.a.example,c.example --expand
lab_lineage_is a.example "a.example b.example c.example www.a.example" \
    "... the same lineage has them"
is "$(lab_generation a.example)" 2 "... as its second generation"
certonly "--duplicate" -d a.example,b.example,c.example,www.a.example \
    --duplicate
lab_lineage_is a.example-0001 "a.example b.example c.example www.a.example" \
    "... is NAME-0001"
certonly "names that no lineage has" -d a.example
lab_lineage_is a.example-0002 a.example "... NAME-0002"
certonly "--cert-name with other names" --cert-name a.example-0002 \
    -d b.example --renew-with-new-domains
lab_lineage_is a.example-0002 b.example "... takes them"
succeeds "certificates" lab_builtin certificates --cert-name a.example-0002
like "$output" "Certificate Name: a.example-0002" "... lists it"

# --- keys ------------------------------------------------------------------
for row in rsa:2048:"2048 bit" rsa:3072:"3072 bit" rsa:4096:"4096 bit" \
    ecdsa:secp256r1:"256 bit P-256" ecdsa:secp384r1:"384 bit P-384" \
    ecdsa:secp521r1:"521 bit P-521"; do
	IFS=: read -r type size want <<<"$row"
	option=--elliptic-curve
	[ "$type" = ecdsa ] || option=--rsa-key-size
	run lab_builtin certonly --cert-name keys -d a.example --force-renewal \
	    --key-type "$type" "$option" "$size"
	is "$status $(lab_key keys)" "0 $want" "key: $type $size" ||
	    diag "$output"
done
old=$(openssl pkey -pubout -in "$live/keys/privkey.pem")
chgrp daemon "$LAB_LE/archive/keys/privkey6.pem"
chmod 640 "$LAB_LE/archive/keys/privkey6.pem"
certonly "--reuse-key" --cert-name keys -d a.example --force-renewal \
    --reuse-key --elliptic-curve secp521r1
is "$(openssl pkey -pubout -in "$live/keys/privkey.pem")" "$old" \
    "... the key is the same"
is "$(stat -Lc '%a %G' "$live/keys/privkey.pem")" "640 daemon" \
    "... with its group and mode"
like "$(cat "$renewal/keys.conf")" 'reuse_key = True' "... in the conf"
certonly "--new-key" --cert-name keys -d a.example --force-renewal \
    --reuse-key --new-key
isnt "$(openssl pkey -pubout -in "$live/keys/privkey.pem")" "$old" \
    "... another key"
is "$(stat -Lc '%a %G' "$live/keys/privkey.pem")" "640 daemon" \
    "... with the old one's group and mode"
certonly "--no-reuse-key" --cert-name keys -d a.example --renew-by-default \
    --no-reuse-key
unlike "$(cat "$renewal/keys.conf")" 'reuse_key = True' "... in the conf"

# What an order that came to nothing left is not taken for another wish.
pending=$LAB/le-work/certhaul/wish.example.order
# nowhere ARGUMENT...: the CA looks for the answer where nobody is.
nowhere() {
	curl -fsS "$LAB_DNS/add-a" \
	    -d '{"host": "wish.example", "addresses": ["127.0.0.2"]}'
	! lab_builtin certonly --cert-name wish.example -d wish.example "$@" ||
	    return
	curl -fsS "$LAB_DNS/clear-a" -d '{"host": "wish.example"}'
	[ -e "$pending" ]
}
succeeds "an order that comes to nothing" nowhere
left=$(sed -n '/BEGIN/,$p' "$pending" | openssl pkey -pubout)
certonly "another kind of key" --cert-name wish.example -d wish.example \
    --key-type rsa
like "$(openssl pkey -noout -text <"$LAB_LE/live/wish.example/privkey.pem")" \
    '2048 bit' "... is what there is then"
[ ! -e "$pending" ]
is $? 0 "... and nothing is left"
certonly "--reuse-key" --cert-name wish.example -d wish.example \
    --force-renewal --reuse-key --key-type ecdsa --new-key
reused=$(openssl pkey -pubout <"$LAB_LE/live/wish.example/privkey.pem")
isnt "$reused" "$left" "(the key of the order is not used either)"
succeeds "a renewal with that key, which fails" nowhere --force-renewal \
    --reuse-key
certonly "--new-key then" --cert-name wish.example -d wish.example \
    --force-renewal --reuse-key --new-key
isnt "$(openssl pkey -pubout <"$LAB_LE/live/wish.example/privkey.pem")" \
    "$reused" "... is a new one"
certonly "--reuse-key with the kind that it has" --cert-name wish.example \
    -d wish.example --force-renewal --reuse-key --key-type ecdsa \
    --elliptic-curve secp256r1
reused=$(openssl pkey -pubout <"$LAB_LE/live/wish.example/privkey.pem")
for words in "--key-type rsa" "--elliptic-curve secp384r1"; do
	# shellcheck disable=SC2086 # with its value
	ends_with 1 "... $words is another" lab_builtin certonly \
	    --cert-name wish.example -d wish.example --force-renewal \
	    --reuse-key $words
	like "$output" '--new-key' "... and it says what to do"
done
succeeds "renew --no-reuse-key" lab_builtin renew --cert-name wish.example \
    --force-renewal --no-reuse-key
isnt "$(openssl pkey -pubout <"$LAB_LE/live/wish.example/privkey.pem")" \
    "$reused" "... takes another key"
like "$(cat "$renewal/wish.example.conf")" 'reuse_key = False' "... for good"
# A certificate beside the links is not the lineage's.
cp "$LAB_LE/archive/wish.example/cert1.pem" "$LAB_LE/live/wish.example/old.pem"
succeeds "revoke --cert-path, of another file" lab_builtin revoke \
    --cert-path "$LAB_LE/live/wish.example/old.pem" --delete-after-revoke
[ -e "$LAB_LE/live/wish.example/cert.pem" ]
is $? 0 "... leaves the lineage"
# As certbot: relative directories are from here on.
run env -C "$LAB" REQUESTS_CA_BUNDLE="$LAB/pebble/ca.pem" \
    "$LAB_BIN/certhaul-acme" certificates \
    --config-dir "${LAB_LE#"$LAB"/}" --work-dir le-work --logs-dir le-logs
like "$status $output" '^0 .*Certificate Name: wish\.example' \
    "relative directories"
succeeds "a dry run of what is not due" lab_builtin certonly --dry-run \
    --server "$LAB_SERVER" --cert-name wish.example -d wish.example
like "$output" 'dry run was successful' "... is one"
certonly "--must-staple" --cert-name keys -d a.example --force-renewal \
    --must-staple
# (Pebble does not copy the extension; a unit test looks at the request.)
like "$(cat "$renewal/keys.conf")" 'must_staple = True' \
    "... in the conf"

# --- a request of one's own -----------------------------------------------
openssl req -new -newkey rsa:2048 -nodes -keyout "$LAB/own.key" \
    -out "$LAB/own.csr" -subj /CN=a.example \
    -addext subjectAltName=DNS:a.example,DNS:b.example 2>/dev/null
for form in pem der; do
	openssl req -in "$LAB/own.csr" -outform "$form" -out "$LAB/csr.$form"
	certonly "--csr, $form" --csr "$LAB/csr.$form" \
	    --cert-path "$LAB/$form-cert" --chain-path "$LAB/$form-chain" \
	    --fullchain-path "$LAB/$form-fullchain"
	is "$(lab_names "$LAB/$form-cert") $(openssl x509 -noout -pubkey \
	    -in "$LAB/$form-cert" | md5sum)" "a.example b.example $(openssl \
	    pkey -pubout -in "$LAB/own.key" | md5sum)" "... is for it"
	is "$(cat "$LAB/$form-cert" "$LAB/$form-chain" | md5sum)" \
	    "$(md5sum <"$LAB/$form-fullchain")" "... with its chain"
done

succeeds "--csr with -d of its names" lab_builtin certonly --dry-run \
    --csr "$LAB/own.csr" -d A.example
for engine in lab_certbot lab_builtin; do
	ends_with 1 "$engine: --csr with another -d" "$engine" certonly \
	    --csr "$LAB/own.csr" -d other.example --pre-hook "touch $LAB/pre"
	like "$output" 'Inconsistent domain requests' "... says so"
	[ ! -e "$LAB/pre" ] || not_ok "... before a hook runs"
done
# What either says and writes, and that it runs no hook of it.
for engine in lab_certbot lab_builtin; do
	mkdir "$LAB/own.$engine"
	for words in "" "--cert-path a/b/c.pem --chain-path a/d/c.pem" --dry-run
	do
		cd "$LAB/own.$engine" || bail_out "no directory"
		# shellcheck disable=SC2086 # words
		run "$engine" certonly --csr "$LAB/own.csr" $words \
		    --pre-hook "touch $LAB/hooked" \
		    --post-hook "touch $LAB/hooked"
		cd "$OLDPWD" || bail_out "no directory"
		grep -E '^(Req|Sim|Succ|Cert|Int|Full|This|The)' <<<"$output" |
		    sed "s/$engine/ENGINE/" >>"$LAB/own.$engine.said"
	done
	(cd "$LAB/own.$engine" && find . -printf '%m %p\n' | sort) \
	    >>"$LAB/own.$engine.said"
done
succeeds "--csr, what is said and written is the same" diff \
    "$LAB/own.lab_certbot.said" "$LAB/own.lab_builtin.said"
like "$(cat "$LAB/own.lab_builtin.said")" "at: *$LAB/own.ENGINE/0000_cert.pem" \
    "(whole paths)"
[ ! -e "$LAB/hooked" ]
is $? 0 "... no hook is run"
openssl req -new -key "$LAB/own.key" -out "$LAB/odd.csr" \
    -subj '/CN=Example Corp' -addext subjectAltName=DNS:a.example
ends_with 1 "--csr with a CN that is no name" lab_builtin certonly \
    --csr "$LAB/odd.csr"
like "$output" 'example corp.*is no domain name' "... tells which"

# --- tries -----------------------------------------------------------------
issued=$(find "$LAB_LE/live" "$LAB_LE/archive" "$LAB_LE/renewal" | sort)
certonly "--dry-run" --dry-run -d new.example
like "$output" '^.*The dry run was successful\.' "... told"
is "$(find "$LAB_LE/live" "$LAB_LE/archive" "$LAB_LE/renewal" | sort)" \
    "$issued" "... nothing is kept"
ends_with 1 "--staging beside --server" lab_builtin certonly --staging \
    -d new.example
like "$output" '--staging' "... names it"
ends_with 1 "a name that is none" lab_builtin certonly -d 'a_b!.example'

# --- names that the CA does not believe ------------------------------------
# leads_elsewhere NAME: to where nobody listens.
leads_elsewhere() {
	curl -fsS "$LAB_DNS/add-a" \
	    -d "{\"host\": \"$1\", \"addresses\": [\"127.0.0.2\"]}"
}
run leads_elsewhere bad.example
# What scripts look for; the lab's port is in the detail.
for engine in lab_certbot lab_builtin; do
	ends_with 1 "$engine: a name that leads elsewhere" "$engine" certonly \
	    -d good.example -d bad.example
	sed -n '/^Certbot failed to auth/p; /^  [DT][a-z]*: /p' <<<"$output" |
	    sed 's/[0-9]\{4,\}/N/g; s#/[^/]*":#/TOKEN":#' >"$LAB/told.$engine"
done
is "$(<"$LAB/told.lab_builtin")" "$(<"$LAB/told.lab_certbot")" \
    "... in the same words"
like "$(<"$LAB/told.lab_builtin")" '  Domain: bad\.example' "(it is)"
like "$output" 'error: .*bad\.example' "... and is named by the error, too"
[ ! -e "$live/good.example" ] || not_ok "nothing is left of it"
certonly "--allow-subset-of-names" --allow-subset-of-names \
    -d good.example -d bad.example -d www.good.example
lab_lineage_is good.example "good.example www.good.example" \
    "... leaves it out"
like "$(cat "$renewal/good.example.conf")" 'allow_subset_of_names = True' \
    "... also from now on"
# What was issued for fewer names is no less issued.
some=(lab_builtin certonly --allow-subset-of-names --cert-name fewer.example
    -d good.example -d bad.example)
lab_mood no_certificate
ends_with 1 "... whose certificate cannot be fetched" "${some[@]}"
lab_mood none
succeeds "... the next run" "${some[@]}"
like "$output" 'its order without: bad\.example' "... says what is left out"
lab_lineage_is fewer.example good.example "... has it"
is "$(lab_asked '/order-plz 201')" 0 "... and orders nothing"
lab_mood no_certificate
ends_with 1 "(once more)" "${some[@]}" --force-renewal --renew-with-new-domains
lab_mood none
ends_with 1 "... without --allow-subset-of-names" lab_builtin certonly \
    --cert-name fewer.example -d good.example -d bad.example \
    --renew-with-new-domains
is "$(lab_asked '/order-plz 201')" 1 "... there is an order for all"
# More names than a message has room for: each is tried once all the same.
many=()
for ((i = 10; i < 40; i++)); do
	many+=(-d "number-$i-of-those-that-lead-elsewhere.bad.example")
	run leads_elsewhere "${many[-1]}"
done
lab_mood none
certonly "... thirty long names" --allow-subset-of-names \
    --cert-name some.example -d good.example "${many[@]}"
lab_lineage_is some.example good.example "... leaves them out"
is "$(lab_asked '/order-plz 201') $(lab_asked '/chalZ/')" "2 32" \
    "... by one order more; each is tried once, the good one twice"
lab_mood picky
ends_with 1 "... a CA that minds one name at a time" lab_builtin certonly \
    --allow-subset-of-names --cert-name picky.example "${many[@]}"
is "$(lab_asked '/order-plz')" 10 "... is not asked for each"
lab_mood none
ends_with 1 "... where none is left" lab_builtin certonly -d bad.example \
    --allow-subset-of-names
ends_with 1 "... not with a wildcard" lab_builtin certonly \
    -d '*.a.example' --allow-subset-of-names
done_testing
