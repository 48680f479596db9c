#!/usr/bin/env bash
# certhaul request -- ...: what goes to certbot unchanged, and what certhaul
# has to know of it: names, directories, plugins.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --pebble

# conf PAIR...: certhaul.conf with an account at Pebble.
conf() {
	lab_conf "account.server=\"$LAB_SERVER\"" account.agree_tos=true \
	    'account.email="lab@a.example"' "$@"
}
request() {
	lab_certhaul request "$@"
}
conf

# Names are names, wherever they stand.
ends_with 2 "a bad name behind --" request a.example -- -d https://b.example
like "$output" 'b.example.* a URL' "... is told as one"
ends_with 2 "a wildcard there" request a.example -- '-d*.b.example'
like "$output" 'dns-01' "... is told what it needs"
ends_with 2 "... nor does the webroot" \
    request a.example -- -a webroot -d '*.b.example'
for way in '--manual --manual-auth-hook /bin/true' '-a acmefoo'; do
	# shellcheck disable=SC2086 # words
	run request --dry-run a.example -- $way -d '*.b.example'
	unlike "$output" 'dns-01 alone|needs dns-01' "... $way may have it" ||
	    diag "$output"
	isnt "$status" 2 "... it is not refused"
done
succeeds "names in front and behind" \
    request a.example -- -d B.example,c.example --domains=a.example
for name in a b c; do
	like "$output" "$name.example: preflight good" "... $name is looked at"
done
like "$output" 'names +a.example b.example c.example' "... all are told"
leaf=$(lab_leaf "$LAB_LE/live/a.example/cert.pem")
for name in a b c; do
	is "$(lab_served $name.example)" "$leaf" "... $name is served"
done
succeeds "the same, another way" request a.example b.example -- \
    --domain=c.example
like "$output" 'a.example: not yet due' "... is the same lineage"
ends_with 2 "one of them for another lineage" request d.example -- -d b.example
like "$output" 'lineage a.example has' "... is refused"

# Where certbot would work is where certhaul looks.
for dir in config work logs; do
	ends_with 2 "--$dir-dir" request a.example -- "--$dir-dir" "$LAB/other"
	like "$output" "letsencrypt: \{ ${dir}_dir = \"$LAB/other\"; \};" \
	    "... is told where that is set"
done
unlike "$output" 'preflight good' "... before anything is put up"
ends_with 2 "... abbreviated" \
    request a.example -- --config-d "$LAB/other"
ends_with 2 "... a name, too" request d.example -- --do=b.example
like "$output" 'lineage a.example has' "... is one"
succeeds "the same directory is no other" \
    request a.example b.example c.example -- --config-dir "$LAB_LE"
succeeds "... with slashes more" \
    request a.example b.example c.example -- --config-d="$LAB_LE/.//"

# Of a CSR there is no lineage.
asked=$(lab_asked 'POST /order-plz 201')
openssl req -new -newkey rsa:2048 -nodes -keyout "$LAB/d.key" -subj / \
    -addext subjectAltName=DNS:d.example -out "$LAB/d.csr" 2>/dev/null
for csr in "--csr $LAB/d.csr" "--cs=$LAB/d.csr"; do
	# shellcheck disable=SC2086 # words
	ends_with 2 "a CSR, ${csr%%["= "]*}" request d.example -- $csr
	like "$output" 'certbot keeps no lineage of a CSR' "... is told why not"
done
is "$(lab_asked 'POST /order-plz 201')" "$asked" "... nothing is issued"

# On a terminal a line at the bottom tells the step, and makes way.
run lab_certhaul_tty "" request t.example
is "$status" 0 "request on a terminal" || diag "$output"
step=0
for name in 'whether HAProxy could take it' 'the preflight' 'the CA' \
    deploying 'the handshake'; do
	step=$((step + 1))
	like "$output" $'\r'"step $step of 5: $name"$'\e' "... step $step"
done
unlike "$output" ' left' "... how long is not told: no step tells of another"
like "$output" $'\r\e\\[K'"t.example: preflight good" \
    "... it makes way for our words"
like "$output" $'\r\e\\[K''.*Successfully received' "... and certbot's"
like "$output" $'\r\e\\[K'"t.example: deployed" "... and the hook's"
run lab_certhaul_tty "" request --dry-run --no-preflight t.example
like "$output" $'\r''step 1 of 1: the CA' "... of a rehearsal there is one"
mv "$LAB_SSL" "$LAB/elsewhere"
: >"$LAB_SSL"
run lab_certhaul_tty "" request --force t.example
rm "$LAB_SSL"
mv "$LAB/elsewhere" "$LAB_SSL"
is "$status" 7 "a deploy that could not begin"
like "$output" $'take it\e\\[K\r\e\\[K[^\r]*\r\n(.*\r\n)?The CA was not asked' \
    "... makes way for why"
run request --force t.example
unlike "$output" $'step|\e|\r' "where there is no terminal nothing is shown"

# A plugin that is not there.
asked=$(lab_asked 'POST /order-plz 201')
ends_with 1 "a plugin's options" request e.example -- --dns-cloudflare \
    --dns-cloudflare-credentials "$LAB/none"
like "$output" 'has no plugin dns-cloudflare .`certbot plugins` lists' \
    "... is told as what it is"
like "$output" 'install python3-certbot-dns-cloudflare$' "... and the package"
ends_with 1 "its name" request e.example -- -a dns-route53
like "$output" 'install python3-certbot-dns-route53$' "... and the package"
ends_with 1 "an option that is nobody's" request e.example -- --no-such
unlike "$output" 'python3-certbot' "... is no plugin's"
conf 'engine="builtin"'
ends_with 1 "certhaul-acme has none" request e.example -- --dns-cloudflare
like "$output" 'certhaul-acme has no plugin dns-cloudflare.*install certbot' \
    "... and who has"
is "$(lab_asked 'POST /order-plz 201')" "$asked" "the CA was not asked"
done_testing
