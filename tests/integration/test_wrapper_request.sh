#!/usr/bin/env bash
# certhaul request: the names, the preflight against a real HAProxy for each
# thing that can be wrong, then the order, the deploy and what is told of it.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --pebble

export REQUESTS_CA_BUNDLE=$LAB/pebble/ca.pem XDG_CONFIG_HOME=$LAB/xdg
# conf PAIR...: certhaul.conf with an account at Pebble.
conf() {
	lab_conf "account.server=\"$LAB_SERVER\"" account.agree_tos=true \
	    'account.email="lab@a.example"' "$@"
}
request() {
	CERTHAUL_LAB=$LAB "$LAB_BIN/certhaul" -c "$LAB_CONF" request "$@"
}
leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}
orders() {
	lab_asked 'POST /order-plz 201'
}
conf

# Names.
ends_with 2 "no name" request
ends_with 2 "a URL" request https://a.example/
like "$output" 'a URL' "... is told as one"
ends_with 2 "a wildcard without dns-01" request '*.a.example'
like "$output" 'dns-01' "... is told what it needs"
for words in '-d*.a.example' '-d *.a.example' '-nd *.a.example' \
    '-nvd*.a.example' '-qd=*.a.example' '--domains *.a.example'; do
	# shellcheck disable=SC2086 # one, or two
	(set -f && request a.example -- $words) >"$LAB/out" 2>&1
	is "$?" 2 "a name behind --: $words"
	like "$(<"$LAB/out")" 'dns-01' "... is seen"
done
ends_with 2 "two ways at once" request a.example --in-proxy -- --standalone
ends_with 2 "... in one word" request a.example --in-proxy -- -nastandalone
ends_with 2 "a bad name for the lineage" request a.example --cert-name ../x
ends_with 2 "another type of key" request a.example --key-type dsa

# Before the CA is asked.
lab_conf "account.server=\"$LAB_SERVER\""
ends_with 2 "no account, and nobody agreed" request a.example
like "$output" 'agree_tos = true' "... says what to set"
conf 'haproxy.bundle_dir="/nonexistent/ssl"'
ends_with 7 "nowhere to deploy to" request a.example
like "$output" 'certhaul init' "... says who makes it"
like "$output" 'The CA was not asked' "... and what comes of it"
conf
chmod 777 "$LAB_SSL"
ends_with 7 "everybody may write there" request a.example
chmod 700 "$LAB_SSL"
mv "$LAB_STATE" "$LAB/kept-state"
ln -s /nonexistent/x "$LAB_STATE"
ends_with 7 "a state directory that leads nowhere" request a.example
rm "$LAB_STATE"
mv "$LAB/kept-state" "$LAB_STATE"
for pair in 'haproxy.config=["/nonexistent.cfg"]' \
    'haproxy.bundle_owner="nosuchuser"'; do
	conf "$pair"
	ends_with 7 "$pair" request --no-preflight a.example
done
conf
mkdir "$LAB/alone"
cp "$LAB_BIN/certhaul" "$LAB/alone/"
: >"$LAB/alone/certhaul-hook"
ends_with 1 "no certhaul-hook that may be executed" \
    "$LAB/alone/certhaul" -c "$LAB_CONF" request a.example
like "$output" 'certhaul-hook: none that may be executed' "... is told"
rm -r "$LAB/alone"
low=$(lab_free_port)
lab_proxy low "127.0.0.1:$low ssl crt $LAB/default.pem crt $LAB_SSL/"
lab_kill "$lab_pid"
sed -i 's/ level admin/ level operator/' "$LAB/low.cfg"
lab_spawn "$LAB/low.log" "$LAB_HAPROXY" -f "$LAB/low.cfg"
lab_wait_for "echo 'show info' |
    socat -t 20 - 'UNIX-CONNECT:$LAB/low.sock' | grep -q ^Pid:"
conf "haproxy.sockets=[\"$LAB/low.sock\"]" 'haproxy.update="runtime"'
ends_with 7 "a socket of too low a level" request a.example
like "$output" 'needs `level admin`.*The CA was not asked' "... is told"
conf "haproxy.sockets=[\"$LAB/low.sock\"]" 'engine_program="/none"'
ends_with 1 "... where a reload does" request a.example
like "$output" 'engine_program' "... it goes on"
lab_kill "$lab_pid"
conf 'engine_program="/nonexistent/certbot"'
ends_with 1 "no engine" request a.example
like "$output" 'engine_program' "... says where none is"
conf
is "$(orders)" 0 "the CA was not asked"

# The preflight, one fault after the other. HAProxy is started with each.
cp "$LAB/haproxy.cfg" "$LAB/good.cfg"
# broken SED...: haproxy.cfg with this edit, read by HAProxy.
broken() {
	sed "$@" "$LAB/good.cfg" >"$LAB/haproxy.cfg"
	cmp -s "$LAB/good.cfg" "$LAB/haproxy.cfg" &&
	    bail_out "this edit changes nothing: $*"
	lab_haproxy_reload || bail_out "HAProxy refuses: $*"
}
# fails WORDS ARGUMENT...: exit 7, and it says so.
fails() {
	local words=$1
	shift
	ends_with 7 "preflight: $words" request "$@"
	like "$output" "$words" "... is what it says"
}

broken 's/ unless is_challenge$//'
fails "a.example: preflight redirect at 127.0.0.1:$LAB_HTTP: HTTP 301" \
    a.example
line=$(grep -n 'http-request redirect' "$LAB/haproxy.cfg")
like "$output" "haproxy.cfg:${line%%:*}, in frontend http, in place of it" \
    "... and where"
like "$output" 'code 301 unless \{ path_beg /.well-known/acme-challenge/ \}' \
    "... and the line"
# The advice is good: taken, the preflight is.
advised=$(grep 'code 301 unless' <<<"$output")
broken "s#^.*http-request redirect.*#${advised//&/\\&}#"
run request a.example --dry-run
like "$output" 'a.example: preflight good' "... which mends it"

broken '/use_backend acme/d'
fails 'a.example: preflight not-found|a.example: preflight unavailable' \
    a.example
like "$output" 'use_backend acme if' "... and the line"

broken '/use_backend acme/s/.*/	default_backend site/'
fails 'preflight no-rule at .*HTTP 200, "hello' a.example b.example
is "$(grep -c 'preflight no-rule' <<<"$output")" 2 "... for each name"
is "$(grep -c 'use_backend acme if' <<<"$output")" 1 "... the line once"

broken 's/^\(	server acme_client .*\):[0-9]* /\1:1 /'
fails 'preflight unavailable at .*HTTP 503' a.example
like "$output" "has no server 127.0.0.1:$LAB_ACME but 127.0.0.1:1 .*set \
challenge.port to 1 in certhaul.conf, else put 127.0.0.1:$LAB_ACME into" \
    "... and why"
unlike "$output" 'backend acme_certhaul' \
    "... a second backend, to which nothing leads, is not proposed"

broken '/server acme_client/s/$/ check/'
lab_wait_for "lab_cli 'show stat' | grep -q '^acme,acme_client.*DOWN'" 20
fails 'preflight unavailable' a.example
like "$output" 'take `check` off' "... and why"

broken '/^frontend http$/a\	http-request deny if TRUE'
fails 'preflight no-rule at .*HTTP 403' a.example
like "$output" 'http-request allow if \{ path_beg' "... and what to add"
like "$output" "cfg:[0-9]+, in frontend http, decides first: put the rule" \
    "... and that the map goes first"

# The advice, done to the letter, helps in both ways.
broken '/http-request redirect/i\	acl office src 192.0.2.0/24\
	http-request auth unless office'
fails 'preflight no-rule at .*HTTP 401' a.example
line=$(grep -n 'http-request auth' "$LAB/haproxy.cfg")
like "$output" "cfg:${line%%:*}, in frontend http, decides first; in front of" \
    "a rule with a condition decides: in front of which line"
advised=$(grep -F '	http-request allow' <<<"$output")
sed -i "${line%%:*}i\\${advised}" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy refuses the advice"
run request a.example --dry-run
like "$output" 'a.example: preflight good' "... which mends it"
run request a.example --dry-run --in-proxy
like "$output" 'a.example: preflight good' "... in the proxy, too"
broken '/http-request redirect/c\	redirect scheme https if is_challenge'
fails 'preflight redirect' a.example
line=$(grep -n '	redirect scheme' "$LAB/haproxy.cfg")
like "$output" "cfg:${line%%:*}, in frontend http, redirects the challenge" \
    "a redirect of the challenge itself: its condition is shown"
unlike "$output" 'http-request allow' "... as no rule helps there"

broken "s/bind 127.0.0.1:$LAB_HTTP\$/& accept-proxy/"
run request a.example --dry-run
like "$output" 'a.example: preflight good' "accept-proxy is spoken"

# What HAProxy runs is not what the file says.
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
fails 'preflight no-rule' a.example
like "$output" 'has not read (them|it) yet: reload' "... the file is newer"

# Where nobody listens, and no bind line says that somebody should.
conf "challenge.http_addresses=[ \"127.0.0.1:$(lab_free_port)\" ]"
fails 'preflight refused' a.example
like "$output" 'http_addresses names: mend that' "... is told as it is"
conf

# Whether the CA comes in where HAProxy was asked.
lab_haproxy_reload || bail_out "HAProxy refuses the good one"
run request a.example --dry-run
like "$output" "CA comes to 127.0.0.1:$LAB_HTTP: only this machine" \
    "all of HAProxy on loopback: good, with a doubt"
conf "challenge.http_addresses=[ \"127.0.0.1:$LAB_HTTP\" ]"
run request a.example b.example --dry-run
like "$output" 'a.example: preflight good' "... that is named"
unlike "$output" 'not certain' "... is without one"
conf
broken "s/bind 127.0.0.1:$LAB_HTTP\$/bind *:$LAB_HTTP/"
run request a.example b.example --dry-run
like "$output" "CA comes to 127.0.0.1:$LAB_HTTP: .*nothing on port 80" \
    "another port than 80: good, with a doubt"
is "$(grep -c 'not certain' <<<"$output")" 1 "... told once"
asked=$(orders)
broken "s/bind 127.0.0.1:$LAB_HTTPS /bind *:$LAB_HTTPS /"
fails 'preflight no-frontend' a.example
like "$output" 'bind :(::80 v4v6|80)' "... loopback beside an open port is none"
is "$(orders)" "$asked" "... and the CA was not asked"

# A frontend that hangs.
tarpit='timeout tarpit 30s\n\thttp-request tarpit if TRUE'
broken "/^frontend http\$/a\	$tarpit"
begin=$SECONDS
fails 'preflight timeout at .*no answer within 5 s' a.example b.example
like "$((SECONDS - begin))" '^[5-9]$' "... all names at once"
# ... where what is missing has led there.
broken -e 's/^backend acme$/&_no/' -e \
    "/use_backend acme/s/.*/	$tarpit/"
fails 'preflight timeout' a.example
like "$output" 'use_backend acme[a-z_]* if' "... the missing line is told"
like "$output" 'look for a server that hangs' "... and what else it may be"

# Nothing on the port, no frontend, HAProxy down.
broken "/bind 127.0.0.1:$LAB_HTTP/d
    /^frontend http\$/a\	bind unix@$LAB/x"
fails 'preflight no-frontend' a.example
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_stop
fails "preflight refused at 127.0.0.1:$LAB_HTTP: nobody listens" a.example
like "$output" 'haproxy.cfg:[0-9]+ binds this address' "... and which line"
fails 'preflight no-map: ' --in-proxy a.example
like "$output" "does not answer on $LAB_SOCK: start it" "... and which socket"
mv "$LAB/haproxy.cfg" "$LAB/away.cfg"
fails 'preflight no-frontend: .*haproxy\.cfg.*No such file' --dry-run a.example
like "$output" 'name the files that it reads' "... and what to do"
unlike "$output" 'no bind line of' "... and nothing else"
mv "$LAB/away.cfg" "$LAB/haproxy.cfg"
lab_haproxy_start || bail_out "HAProxy does not start"

# What cannot go well is told before anything is put up.
ends_with 2 "certbot is to listen elsewhere than the preflight" \
    request a.example -- --http-01-port 1
like "$output" 'challenge\.port' "... is told where that is set"
unlike "$output" 'preflight good' "... before it"
for words in '--staging a.example' 'a.example -- --staging' \
    'a.example -- --stag' 'a.example -- --test-cert' 'a.example -- --tes'; do
	# shellcheck disable=SC2086 # words
	ends_with 2 "$words, and a server is configured" request $words
	like "$output" 'account\.server' "... is told"
	unlike "$output" 'preflight good' "... before it"
done
lab_conf
for words in '--staging a.example' 'a.example -- --staging' \
    'a.example -- --test-cert'; do
	# shellcheck disable=SC2086 # words
	ends_with 2 "$words, and no account there" request $words
	like "$output" 'no account at https://acme-staging-v02\.' "... is told"
done
conf

# Somebody else on the challenge's port.
lab_spawn "$LAB/holder.log" python3 -c "
import socket, time
s = socket.create_server(('127.0.0.1', $LAB_ACME)); time.sleep(60)"
holder=$lab_pid
lab_wait_for "lab_listens $LAB_ACME" || bail_out "nobody holds the port"
fails "preflight port-taken: python3 \(pid $holder\)" a.example
lab_kill "$holder"

# In the proxy: without the rule, then with a map that is not loaded.
broken '/http-request return.*acme.map/d'
fails 'preflight no-map' --in-proxy a.example
like "$output" 'http-request return status 200' "... and the rule"
broken '/http-request return.*acme.map/{h;d}
    /use_backend acme/{x;G}
    s/ unless is_challenge$//'
fails 'preflight redirect' --in-proxy a.example
is "$(lab_cli "show map $LAB/acme.map")" "" "the map is empty again"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload
succeeds "the CA was asked for the rehearsals alone" [ "$(orders)" -le 7 ]

# The order itself.
run request --dry-run a.example www.a.example
is "$status" 0 "--dry-run"
is "$(ls "$LAB_LE/live" 2>/dev/null)" "" "... saves nothing"
worker=$(lab_worker_pid)
succeeds "request" request A.example www.a.example
is "$(lab_served a.example)" "$(leaf a.example)" "it is served"
is "$(lab_worker_pid)" "$worker" "... without a reload"
for words in 'a.example: preflight good' "$LAB_SSL/a.example.pem" \
    'a.example www.a.example' 'Pebble' 'until 20' 'shows this certificate'; do
	like "$output" "$words" "it says: $words"
done
like "$(openssl x509 -noout -text -in "$LAB_LE/live/a.example/cert.pem")" \
    'id-ecPublicKey' "the key is ECDSA"
was=$(leaf a.example)
succeeds "the same again" request www.a.example a.example
is "$(leaf a.example)" "$was" "... issues nothing"
like "$output" 'a.example: not yet due' "... and says so"
rm "$LAB_SSL/a.example.pem"
succeeds "again, the bundle is gone" request a.example www.a.example
is "$(ls "$LAB_SSL")" a.example.pem "... it is deployed all the same"
# Another CA has issued it (staging, at a first try).
sed -i 's,^server = .*,server = https://127.0.0.1:1/dir,' \
    "$LAB_LE/renewal/a.example.conf"
succeeds "the same again, of another CA" request a.example www.a.example
isnt "$(leaf a.example)" "$was" "... is issued anew"
like "$output" '127\.0\.0\.1:1/dir has issued it; it is issued anew by' \
    "... and it is told why"
unlike "$(cat "$LAB_LE/renewal/a.example.conf")" '127\.0\.0\.1:1/dir' \
    "... and renewed by this one from then on"
was=$(leaf a.example)
# ... which is right where staging is asked for, in front or behind.
cp "$LAB_LE/renewal/a.example.conf" "$LAB/a.conf"
staging=https://acme-staging-v02.api.letsencrypt.org/directory
sed -i "s,^server = .*,server = $staging," "$LAB_LE/renewal/a.example.conf"
printf '#!/bin/sh\necho " $* "\nexit 1\n' >"$LAB/echoes"
chmod 755 "$LAB/echoes"
lab_conf "engine_program=\"$LAB/echoes\"" account.agree_tos=true
for words in --staging -- '-- --staging' '-- --test-cert'; do
	# shellcheck disable=SC2086 # words
	run request --no-preflight a.example www.a.example $words
	case $words in
	--)
		like "$output" 'it is issued anew by https://acme-v02' \
		    "production is another CA than staging"
		;;
	*)
		unlike "$output" 'issued anew| --force-renewal ' \
		    "$words is not"
		like "$output" " ${words#-- } " "... certbot is told"
		unlike "$output" ' --staging .*--(staging|test-cert) ' \
		    "... once"
		;;
	esac
done
mv "$LAB/a.conf" "$LAB_LE/renewal/a.example.conf"
conf

# Another lineage that is not well is no failure of this request.
mkdir -p "$LAB_STATE"
lab_make_lineage sick.example
echo nonsense >"$LAB_LE/archive/sick.example/privkey1.pem"
run lab_hook deploy sick.example
succeeds "--force" request --force a.example www.a.example
like "$output" 'another lineage is not well' "... and another one is told of"
rm -r "$LAB_LE/live/sick.example" "$LAB_LE/archive/sick.example" \
    "$LAB_LE/renewal/sick.example.conf"
lab_hook deploy --all >"$LAB/out" 2>&1
isnt "$(leaf a.example)" "$was" "... issues"
is "$(lab_served a.example)" "$(leaf a.example)" "... it is served"

# More names: certbot would ask, and nobody is there to answer.
ends_with 2 "a name more" request a.example www.a.example d.example
like "$output" 'a.example has some of these names.*--expand' "... says how"
unlike "$output" 'preflight good' "... before anything is put up"
CERTHAUL_LAB=$LAB strace -qq -o "$LAB/trace" -e trace=open,openat \
    "$LAB_BIN/certhaul" -c "$LAB_CONF" request a.example www.a.example \
    d.example >"$LAB/out" 2>&1
is "$(grep -c '"cert[0-9]*\.pem"' "$LAB/trace")" 1 \
    "... and each lineage is read once" || diag "$(grep pem "$LAB/trace")"
ends_with 2 "... and by its name" request --cert-name a.example d.example
like "$output" 'a.example has other names.*--expand' "... says how"
was=$(leaf a.example)
succeeds "--expand" request --expand a.example www.a.example d.example
isnt "$(leaf a.example)" "$was" "... issues"
is "$(lab_served d.example)" "$(leaf a.example)" "... it is served"
succeeds "--expand and --cert-name" \
    request --expand --cert-name a.example a.example www.a.example
is "$(lab_served www.a.example)" "$(leaf a.example)" "... it is served"

# Other names, where there is a lineage of that name: certbot's NAME-0001.
succeeds "a.example alone" request a.example b.example --key-type rsa
like "$(ls "$LAB_LE/live")" a.example-0001 "(it is a.example-0001)"
is "$(lab_served b.example)" "$(leaf a.example-0001)" "... it is served"
like "$output" "$LAB_SSL/a.example-0001.pem" "... and told"

# A second certificate for a name, of the same kind of key.
asked=$(orders)
ends_with 2 "a name of another lineage" \
    request b.example d.example --key-type rsa
like "$output" 'lineage a.example-0001 has .* that name.*delete' "... says how"
like "$output" 'add --cert-name a.example-0001 --expand' "... both ways"
unlike "$output" 'preflight good' "... before anything is put up"
ends_with 2 "... and under a name of its own" \
    request --cert-name more b.example --key-type rsa
is "$(orders)" "$asked" "... and the CA was not asked"
ends_with 2 "... also where certbot's options say so" \
    request b.example -- --cert-name more --key-type rsa
is "$(orders)" "$asked" "... and the CA was not asked"
succeeds "... with another kind of key" request --cert-name more b.example
succeeds "... and renewed" request --cert-name more b.example --force
ends_with 2 "names of two others" \
    request --cert-name other a.example b.example d.example
like "$output" 'certain: certhaul delete a.example, then' \
    "... of which neither can have all"
run request --cert-name twice b.example --key-type rsa -- --duplicate
is "$(($(orders) - asked))" 3 "... and where two are meant, it is asked"
lab_certhaul delete more --yes >"$LAB/out" 2>&1
lab_certhaul delete twice --yes >"$LAB/out" 2>&1
# Two lineages of one name, each with its kind of key: each is what it is.
succeeds "(ECDSA)" request g.example
succeeds "(RSA)" request g.example --key-type rsa --cert-name g-rsa
rm "$LAB_SSL/g.example.pem"
succeeds "the first one again" request g.example
like "$output" 'g\.example: not yet due' "... is not yet due"
is "$(lab_leaf "$LAB_SSL/g.example.pem")" "$(leaf g.example)" \
    "... and is what is deployed"
succeeds "--dry-run behind --" request g.example -- --dry-run
like "$output" 'dry run: the CA would issue it' "... is ours, too"
succeeds "--in-proxy and --cert-name" \
    request --in-proxy --cert-name mine c.example
is "$(lab_served c.example)" "$(leaf mine)" "... it is served"
is "$(lab_cli "show map $LAB/acme.map")" "" "... the map is empty"
unlike "$(cat "$LAB_LE/renewal/mine.conf")" standalone \
    "... and so it will be renewed"

# Behind `--`: no preflight, certbot's own way.
mkdir "$LAB/hooks"
cat >"$LAB/hooks/dns" <<-EOT
#!/bin/sh
exec curl -sf -d "{\"host\":\"_acme-challenge.\$CERTBOT_DOMAIN.\",\\
\"value\":\"\$CERTBOT_VALIDATION\"}" "$LAB_DNS/set-txt"
EOT
chmod 755 "$LAB/hooks/dns"
succeeds "a wildcard by dns-01" request '*.w.example' -- --manual \
    --preferred-challenges dns --manual-auth-hook "$LAB/hooks/dns"
is "$(lab_served x.w.example)" "$(leaf w.example)" "... it is served"
unlike "$output" preflight "... without a preflight"

# With reloads: request ends with the one that is due.
conf 'haproxy.update="reload"'
worker=$(lab_worker_pid)
succeeds "with update = reload" request e.example
isnt "$(lab_worker_pid)" "$worker" "... there was a reload"
is "$(lab_served e.example)" "$(leaf e.example)" "... it is served" ||
    diag "$output"
conf

# The CA refuses: exit 1, nothing is changed.
before=$(find "$LAB_SSL" "$LAB_LE/live" -type f -o -type l | sort)
ends_with 1 "the engine fails" request --no-preflight z.example -- \
    --http-01-port 1
like "$output" 'ended with status 1' "... and it is said"
is "$(find "$LAB_SSL" "$LAB_LE/live" -type f -o -type l | sort)" "$before" \
    "... nothing is changed"
is "$(find "$LAB_SSL" -name '.*' -type f)" "" "no dot file stays behind"
done_testing
