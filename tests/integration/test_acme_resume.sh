#!/usr/bin/env bash
# An order that an earlier run began is gone on with, but not for ever: one
# that leads nowhere is given up, and what it gave is not put over a younger
# certificate.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
live=$LAB_LE/live
kept=$LAB/le-work/certhaul

# since NAME: from when on its certificate is valid, in seconds.
since() {
	date +%s -d "$(openssl x509 -noout -startdate <"$live/$1/cert.pem" |
	    cut -d= -f2)"
}

# orders: how many were made since the last mood.
orders() {
	lab_asked '/order-plz 201'
}

serial() {
	openssl x509 -noout -serial <"$live/$1/cert.pem"
}

# in_mood MOOD COMMAND...
in_mood() {
	lab_mood "$1"
	"${@:2}"
}

# next_second: a certificate that is made from here on is younger.
next_second() {
	local now
	now=$(date +%s)
	lab_wait_for "[ \$(date +%s) -gt $now ]"
}

# --- an order that is never done ----------------------------------------------
succeeds "(a lineage)" lab_builtin certonly -d a.example
lab_mood stuck
ends_with 1 "an order that the CA is not done with" lab_builtin certonly \
    -d a.example --force-renewal --issuance-timeout 1
like "$output" 'not done after 1 s' "... says so"
for _ in 1 2 3 4; do
	ends_with 1 "... is gone on with" lab_builtin certonly -d a.example \
	    --force-renewal --issuance-timeout 1
done
is "$(orders)" 1 "... by each run"
unlike "$output" 'is given up' "... while the CA says that it is at it"
like "$output" "not done with the order .* of $(date -u +%F)T.*--force-ren" \
    "... which each says, and the way out"

# aged SECONDS MOOD: a run for an order of that age.
aged() {
	sed -i "s/^begun .*/begun $(($(date +%s) - $1))/" \
	    "$kept/a.example.order"
	lab_mood "$2"
	lab_builtin renew --cert-name a.example --issuance-timeout 1
}
sed -i '1i renew_before_expiry = 100 years' "$LAB_LE/renewal/a.example.conf"
ends_with 1 "one without an end, after half an hour" aged 1800 stuck_endless
is "$(orders)" 0 "... is gone on with"
ends_with 1 "one with an end, after 23 hours" aged 82800 stuck
is "$(orders)" 0 "... is gone on with, too"
cp -a "$LAB_LE" "$LAB/le.stuck"
cp "$kept/a.example.order" "$LAB/order"
# as_it_was: nothing has come of it yet.
as_it_was() {
	rm -rf "$LAB_LE"
	cp -a "$LAB/le.stuck" "$LAB_LE"
	cp "$LAB/order" "$kept/a.example.order"
}
succeeds "after an hour" aged 3700 stuck_endless
is "$(orders)" 1 "... there is a new one"
as_it_was
succeeds "after a day" aged 86500 stuck
is "$(orders)" 1 "... there is a new one"
as_it_was
sed -i '/^renew_before_expiry/d' "$LAB_LE/renewal/a.example.conf"
sed -i "s/^begun .*/begun $(date +%s)/" "$kept/a.example.order"
lab_mood stuck_for_ever
succeeds "... once it has expired there is a new one" lab_builtin certonly \
    -d a.example --force-renewal --issuance-timeout 1
is "$(orders) $(lab_generation a.example)" "1 2" "(it is stored)"
is "$(find "$kept" -type f)" "" "... and nothing is left of either"

# --- a request of one's own ---------------------------------------------------
openssl req -new -newkey rsa:2048 -nodes -keyout "$LAB/own.key" \
    -out "$LAB/own.csr" -subj /CN=own.example \
    -addext subjectAltName=DNS:own.example 2>"$LAB/out"
own=(lab_builtin certonly --csr "$LAB/own.csr" --cert-path "$LAB/own.pem"
    --chain-path "$LAB/own.chain" --fullchain-path "$LAB/own.full")
lab_mood no_certificate
ends_with 1 "(--csr, whose certificate cannot be fetched)" "${own[@]}"
touch "$LAB/own.pem"
lab_mood none
ends_with 1 "--csr: what was issued is fetched" "${own[@]}"
like "$output" "$LAB/own.pem: open: File exists" "... but a file is in the way"
rm "$LAB/own.pem"
succeeds "... and fetched once more" "${own[@]}"
is "$(orders) $(lab_names "$LAB/own.pem")" "0 own.example" "... not ordered"
is "$(find "$kept" -type f)" "" "... and nothing is left of it"
rm "$LAB"/own.{pem,chain,full}
succeeds "... the next run" "${own[@]}"
is "$(orders)" 1 "... makes a new one"
rm "$LAB"/own.{pem,full}
ends_with 1 "--csr, and the chain's file is in the way" "${own[@]}"
rm "$LAB"/own.{pem,chain}
lab_mood none
succeeds "... the next run" "${own[@]}"
is "$(orders)" 1 "... does not hand out once more what was written"
rm "$LAB"/own.{pem,chain,full}
lab_mood no_certificate
ends_with 1 "--csr, not fetched" "${own[@]}"
sed -i "s/^begun .*/begun $(($(date +%s) - 3660))/" "$kept"/csr-*.order
lab_mood none
succeeds "... the next run, an hour later" "${own[@]}"
is "$(orders)" 1 "... makes a new one"

# --- its key ------------------------------------------------------------------
# keys_kept TYPE: by a run that ends before the CA is asked to look.
keys_kept() {
	ends_with 1 "nobody listens, $1" lab_builtin certonly -d "$1.example" \
	    --key-type "$1" --http-01-address 192.0.2.1
	is "$(grep -c BEGIN "$kept/$1.example.order")" "$2" "$3"
}
keys_kept ecdsa 1 "... its order's key is on disk as soon as its URL"
keys_kept rsa 0 "... its order's key, which takes time, is not made yet"

# --- an order whose host is gone ----------------------------------------------
lab_mood no_certificate
ends_with 1 "a certificate that cannot be fetched" \
    lab_builtin certonly -d b.example
lab_mood none
sed -i 's#^order https://127.0.0.1:[0-9]*/#order https://127.0.0.1:1/#' \
    "$kept/b.example.order"
for _ in 1 2 3; do
	ends_with 1 "an order whose host is gone" \
	    lab_builtin certonly -d b.example
done
is "$(orders)" 0 "... is asked for three times"
like "$output" 'is given up' "... and then given up"
succeeds "... the next run makes a new one" lab_builtin certonly -d b.example
is "$(orders)" 1 "(it did)"

# --- a directory that is at another host --------------------------------------
server=$LAB_SERVER
LAB_SERVER=${server%/dir}/moved
lab_mood no_certificate
ends_with 1 "an order by a directory that leads to another host" \
    lab_builtin certonly -d moved.example
like "$(grep ^order "$kept/moved.example.order")" 'https://localhost' \
    "(that is where the order is)"
lab_mood none
succeeds "... is gone on with" lab_builtin certonly -d moved.example
is "$(orders)" 0 "... by the next run"
LAB_SERVER=$server

# --- what passes --------------------------------------------------------------
lab_mood no_certificate
for _ in 1 2 3 4; do
	ends_with 1 "a certificate that is never to be had" \
	    lab_builtin certonly -d c.example
done
is "$(orders)" 1 "... is asked for four times"
ends_with 1 "... and then given up" lab_builtin certonly -d c.example
is "$(orders)" 2 "... for another order"
lab_mood none
succeeds "... and its certificate is fetched" lab_builtin certonly -d c.example
is "$(orders)" 0 "... by the next run, without another order"

# meets MOOD NAME: whether a run that goes on with an order meets that, and
# makes no other one.
meets() {
	lab_mood "$1"
	! lab_builtin certonly -d "$2" && [ "$(orders)" = 0 ]
}

lab_mood no_certificate
ends_with 1 "(a run that does not fetch what was issued)" \
    lab_builtin certonly -d d.example
succeeds "a fault of the CA's at the order" meets order_fault d.example
succeeds "... and a connection that breaks" meets cut d.example
lab_mood none
succeeds "... do not cost the certificate" lab_builtin certonly -d d.example
is "$(orders)" 0 "... that was issued"

# --- what the CA says of the order --------------------------------------------
lab_mood no_certificate
ends_with 1 "(another)" lab_builtin certonly -d e.example
lab_mood forgotten
ends_with 1 "an order that the CA does not know" \
    lab_builtin certonly -d e.example
is "$(orders)" 1 "... is made anew at once"
lab_mood no_certificate
ends_with 1 "(another)" lab_builtin certonly -d f.example
lab_mood one_by_nobody
succeeds "a certificate that cannot be used" lab_builtin certonly -d f.example
is "$(orders)" 1 "... is ordered anew by the same run"
like "$output" 'of an earlier run is given up' "... which says so"
lab_mood no_certificate
ends_with 1 "(another)" lab_builtin certonly -d lost.example
lab_mood one_lost
succeeds "a certificate that the CA has no more" \
    lab_builtin certonly -d lost.example
is "$(lab_asked /certZ/) $(orders)" "2 1" "... is ordered anew by the same run"
lab_mood no_certificate
ends_with 1 "(another)" lab_builtin certonly -d lost2.example
lab_mood lost
for _ in 1 2 3; do
	ends_with 1 "a CA that has none" lab_builtin certonly -d lost2.example
done
is "$(orders)" 1 "... is asked for one more in a day"
lab_mood no_certificate
ends_with 1 "(another)" lab_builtin certonly -d g.example
lab_mood by_nobody
ends_with 1 "an authority that gives nothing else" \
    lab_builtin certonly -d g.example
is "$(lab_asked /certZ/) $(orders)" "2 1" "... is asked once more"
for _ in 1 2 3; do
	lab_mood by_nobody
	ends_with 1 "... and by the runs after it" \
	    lab_builtin certonly -d g.example
	is "$(lab_asked /certZ/) $(orders)" "1 0" "... for no other one"
	like "$output" 'a new one in 24 hours' "... which they say"
done
lab_mood by_nobody
ends_with 1 "... but at once for other names" \
    lab_builtin certonly --cert-name g.example -d g.example -d g2.example
is "$(orders)" 1 "(it is)"
ends_with 1 "(it is given up)" \
    lab_builtin certonly --cert-name g.example -d g.example -d g2.example
lab_mood by_nobody
ends_with 1 "... or with --force-renewal" lab_builtin certonly \
    --cert-name g.example -d g.example -d g2.example --force-renewal
is "$(orders)" 1 "(it is)"
sed -i "s/^replaced .*/replaced $(($(date +%s) - 86400))/" \
    "$kept/g.example.order"
lab_mood by_nobody
ends_with 1 "... or after a day" \
    lab_builtin certonly --cert-name g.example -d g.example -d g2.example
is "$(orders)" 1 "(it is)"
lab_mood none
succeeds "... and what is of use is taken" \
    lab_builtin certonly --cert-name g.example -d g.example -d g2.example
is "$(orders)" 0 "(it is)"
lab_mood no_certificate
ends_with 1 "(another)" lab_builtin certonly -d h.example
for _ in 1 2; do
	succeeds "one that is not valid yet" meets to_come h.example
done
lab_mood none
succeeds "... is kept until it is" lab_builtin certonly -d h.example
is "$(orders)" 0 "(it is)"

# --- what is older than what there is -----------------------------------------
# half_renewed NAME: the CA has issued, and nobody has fetched.
half_renewed() {
	next_second
	lab_mood no_certificate
	! lab_builtin renew --cert-name "$1" --force-renewal &&
	    [ -e "$kept/$1.order" ] && lab_mood none && next_second
}
succeeds "(a renewal that breaks off)" half_renewed a.example
succeeds "(certbot renews meanwhile)" \
    lab_certbot renew --cert-name a.example --force-renewal
theirs=$(since a.example)
lab_mood none
succeeds "a renewal after certbot's" \
    lab_builtin renew --cert-name a.example --force-renewal
is "$(orders)" 1 "... does not fetch what was issued before"
[ "$(since a.example)" -ge "$theirs" ]
is $? 0 "... and what is live is no older than certbot's"

# The clock that the order's beginning is read from need not be the CA's.
succeeds "(another, and a clock that is a minute behind)" half_renewed a.example
sed -i "s/^begun .*/begun $(($(since a.example) - 60))/" \
    "$kept/a.example.order"
lab_mood none
succeeds "a live certificate that looks younger than the order" \
    lab_builtin renew --cert-name a.example --force-renewal
is "$(lab_asked /certZ/) $(orders)" "1 0" "... is no reason to make another"

succeeds "(a lineage of a CA that dates from midnight)" in_mood coarse \
    lab_builtin certonly -d same.example
succeeds "(a renewal that breaks off)" half_renewed same.example
succeeds "(certbot renews meanwhile)" in_mood coarse \
    lab_certbot renew --cert-name same.example --force-renewal
theirs=$(serial same.example)
lab_mood coarse
succeeds "a renewal after one that looks no younger" \
    lab_builtin renew --cert-name same.example --force-renewal
is "$(lab_asked /certZ/) $(orders)" "1 1" "... fetches what is new alone"
[ "$(serial same.example)" != "$theirs" ]
is $? 0 "(it did)"

# An order that was kept by an earlier version does not say what was live.
as_before() {
	sed -i -e 's/^certhaul-pending 2/certhaul-pending 1/' -e '/^live /d' \
	    "$kept/$1.order"
}

succeeds "(another that breaks off)" half_renewed a.example
as_before a.example
succeeds "(certbot renews, and the clock does not tell)" \
    lab_certbot renew --cert-name a.example --force-renewal
theirs=$(since a.example)
next_second
sed -i "s/^begun .*/begun $(date +%s)/" "$kept/a.example.order"
lab_mood none
succeeds "a renewal that fetches an older certificate" \
    lab_builtin renew --cert-name a.example --force-renewal
is "$(orders)" 1 "... makes an order after all"
[ "$(since a.example)" -ge "$theirs" ]
is $? 0 "... and what is live is no older than certbot's"

# backdate NAME: its live certificate is two hours older than it is.
backdate() {
	/usr/bin/python3 - "$live/$1/cert.pem" <<-'END'
	import datetime
	import sys
	from cryptography import x509
	from cryptography.hazmat.primitives import hashes, serialization
	from cryptography.hazmat.primitives.asymmetric import ec
	with open(sys.argv[1], "rb") as file:
	    cert = x509.load_pem_x509_certificate(file.read())
	made = (x509.CertificateBuilder().subject_name(cert.subject)
	        .issuer_name(cert.issuer).public_key(cert.public_key())
	        .serial_number(cert.serial_number)
	        .not_valid_before(
	            cert.not_valid_before - datetime.timedelta(hours=2))
	        .not_valid_after(cert.not_valid_after))
	for extension in cert.extensions:
	    made = made.add_extension(extension.value, extension.critical)
	made = made.sign(ec.generate_private_key(ec.SECP256R1()),
	                 hashes.SHA256())
	with open(sys.argv[1], "wb") as file:
	    file.write(made.public_bytes(serialization.Encoding.PEM))
	END
}

# After a mass revocation that very certificate may be what has to go.
succeeds "(a third)" half_renewed a.example
backdate a.example
begun=$(($(date +%s) - 3600))
sed -i "s/^begun .*/begun $begun/" "$kept/a.example.order"
cp "$kept/a.example.order" "$LAB/order"
lab_mood none
succeeds "--force-renewal" \
    lab_builtin renew --cert-name a.example --force-renewal
is "$(orders)" 1 "... does not fetch what was issued an hour ago"
cp "$LAB/order" "$kept/a.example.order"
as_before a.example
sed -i '1i renew_before_expiry = 100 years' "$LAB_LE/renewal/a.example.conf"
sed -i "s/^begun .*/begun $(date +%s)/" "$kept/a.example.order"
lab_mood none
succeeds "a renewal that is due" lab_builtin renew --cert-name a.example
is "$(lab_asked /certZ/) $(orders)" "2 1" \
    "... looks at it, and leaves it where it is older"

# --- what looks older, or younger, than it is ---------------------------------
succeeds "(a lineage)" lab_builtin certonly -d b.example --force-renewal
succeeds "(a renewal that breaks off)" half_renewed b.example
touch "$live/b.example/cert.pem"
lab_mood none
succeeds "a renewal after the live files were restored" \
    lab_builtin renew --cert-name b.example --force-renewal
is "$(orders)" 0 "... fetches what was issued"
succeeds "(a lineage that keeps its key)" \
    lab_builtin certonly -d kept.example --reuse-key
succeeds "(a renewal that breaks off)" half_renewed kept.example
succeeds "the live key may be the order's" \
    lab_builtin renew --cert-name kept.example --force-renewal
is "$(orders)" 0 "... and what was issued is fetched"

lab_mood coarse
succeeds "(a CA whose certificates are valid since midnight)" \
    lab_builtin certonly -d coarse.example --reuse-key
first=$(since coarse.example)
succeeds "(a renewal that breaks off)" half_renewed coarse.example
cp "$kept/coarse.example.order" "$LAB/order"
lab_mood coarse
succeeds "one that is valid as long as the live one" \
    lab_builtin renew --cert-name coarse.example --force-renewal
is "$(orders) $(since coarse.example)" "0 $first" "... is fetched"
cp "$LAB/order" "$kept/coarse.example.order"
as_before coarse.example
lab_mood coarse
succeeds "the live one itself" \
    lab_builtin renew --cert-name coarse.example --force-renewal
is "$(lab_asked /certZ/) $(orders)" "2 1" "... is not stored once more"

# --- an order that nobody comes back to ---------------------------------------
# weeks_ago NAME SECONDS: as if it had been begun a week and so long ago.
weeks_ago() {
	sed -i "s/^begun .*/begun $(($(date +%s) - 7 * 86400 - $2))/" \
	    "$kept/$1.order"
}
for name in never young; do
	lab_mood no_certificate
	ends_with 1 "(a name that does not get its certificate)" \
	    lab_builtin certonly -d "$name.example"
done
succeeds "(a renewal that breaks off)" half_renewed kept.example
weeks_ago never.example 60
weeks_ago young.example -60
weeks_ago kept.example 60
succeeds "a run about something else" lab_builtin renew --cert-name d.example
is "$(cd "$kept" && echo never* young* kept*)" \
    "never* young.example.order kept*" \
    "... removes what is older than a week, and the key in it"
succeeds "(certonly)" lab_builtin certonly -d owed.example
cp "$kept/young.example.order" "$kept/owed.example.order"
sed -i "/^live/a got $(serial owed.example | cut -d= -f2) CN=x" \
    "$kept/owed.example.order"
weeks_ago owed.example 60
succeeds "a run about something else" lab_builtin renew --cert-name d.example
is "$(cd "$kept" && echo owed*)" owed.example.order \
    "... leaves alone what tells that hooks are owed"
done_testing
