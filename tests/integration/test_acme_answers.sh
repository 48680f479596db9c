#!/usr/bin/env bash
# Who answers for certhaul-acme: webroots and manual hooks, for http-01 and
# dns-01; the hooks see what certbot's see. And what the CA's chains are.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
LAB_PEBBLE_ENV+=(PEBBLE_ALTERNATE_ROOTS=1)
lab_start --no-haproxy --pebble
lab_web_start || bail_out "no web server"
lab_challenge_hooks
live=$LAB_LE/live
web=$LAB/web

# --- webroot ---------------------------------------------------------------
mkdir -p "$web/a.example" "$web/b.example/.well-known/acme-challenge"
ln -s a.example "$web/www.a.example"
chown -R daemon:daemon "$web/a.example"
succeeds "webroot, two of them" lab_builtin certonly --webroot \
    -w "$web/a.example" -d a.example -d www.a.example \
    -w "$web/b.example" -d b.example
unlike "$output" 'Challenges loaded' "(not --debug-challenges)"
lab_lineage_is a.example "a.example b.example www.a.example" "... whole"
is "$(cd "$web" && find . -mindepth 2 | sort)" \
    "./b.example/.well-known
./b.example/.well-known/acme-challenge" \
    "... its files are gone, and the directories that it made"
is "$(sed -n '/webroot_map/,$p' "$LAB_LE/renewal/a.example.conf")" \
    "[[webroot_map]]
a.example = $web/a.example
www.a.example = $web/a.example
b.example = $web/b.example" "... in the conf"
succeeds "... and renewed from there" lab_builtin renew --force-renewal
is "$(lab_generation a.example)" 2 "(it was)"
succeeds "certbot renews from there, too" lab_certbot renew --force-renewal
is "$(lab_generation a.example)" 3 "(it did)"
# map FILE: what the conf says of directories, sorted.
map() {
	sed -n '/^webroot_path\|^\[\[webroot_map/p; /example = /p' \
	    "$LAB_LE/renewal/map.conf" | sort >"$1"
}
# The shortest way to write it, and which of several is whose.
for engine in lab_certbot lab_builtin; do
	cd "$web" || bail_out "no $web"
	succeeds "$engine: webroots, written at length" "$engine" certonly \
	    --webroot --cert-name map -w ".//b.example/../b.example/" \
	    -d b.example -w "/$web//a.example/." -d a.example --force-renewal
	map "$LAB/long.$engine"
	ends_with 1 "$engine: a name before the first of two" "$engine" \
	    certonly --webroot --cert-name two -d b.example \
	    -w "$web/b.example" -d a.example -w "$web/a.example"
	like "$output" 'one of them must precede all domain flags' \
	    "... says so"
	ends_with 1 "$engine: a webroot that is no word" "$engine" \
	    certificates -w ''
	ends_with 1 "$engine: a comma is no list" "$engine" certificates \
	    -w "$web/a.example,$web/b.example"
	run lab_builtin delete --cert-name map
done
for engine in lab_certbot lab_builtin; do
	succeeds "$engine: --webroot-map over -w" "$engine" certonly --webroot \
	    --cert-name map -w "$web/b.example" -d b.example --webroot-map \
	    "{\"a.example, WWW.a.example\": \"$web/a.example\"}" \
	    --force-renewal
	map "$LAB/map.$engine"
	lab_lineage_is map "a.example b.example www.a.example" "... names too"
	succeeds "$engine: renew --webroot-map" "$engine" renew \
	    --cert-name map --force-renewal --webroot-map \
	    "{\"a.example,www.a.example\":\"$web/www.a.example\"}"
	map "$LAB/renewed.$engine"
done
for which in long map renewed; do
	is "$(<"$LAB/$which.lab_builtin")" "$(<"$LAB/$which.lab_certbot")" \
	    "$which: both keep the same"
done
like "$(<"$LAB/renewed.lab_builtin")" "a.example = $web/www.a.example" "(new)"
succeeds "(it is no more)" lab_builtin delete --cert-name map

for engine in lab_certbot lab_builtin; do
	succeeds "$engine: --debug-challenges" "$engine" certonly -n --webroot \
	    -w "$web/a.example" -d a.example -d www.a.example --duplicate \
	    --debug-challenges
	is "$(grep -c 'Challenges loaded. Press continue to submit to CA.' \
	    <<<"$output")" 1 "... says when they are up"
	like "$output" 'Pass "-v" for more info' "... and how to hear more"
	run "$engine" certonly -n -v --manual --manual-auth-hook "$LAB/auth" \
	    --manual-cleanup-hook "$LAB/cleanup" -d a.example -d '*.a.example' \
	    --preferred-challenges dns --duplicate --debug-challenges
	tr -s '\n ' ' ' <<<"$output" |
	    grep -o -e 'FQDN: [^ ]*' -e 'Expected value: [^ ]*' |
	    sed 's/: [^_].*/: .../' | sort -u >"$LAB/where.$engine"
	run "$engine" certonly -n -v --webroot --debug-challenges \
	    -w "$web/a.example" -d a.example -d www.a.example --duplicate
	tr -s '\n ' ' ' <<<"$output" |
	    grep -o -e 'URL: [^ ]*' -e 'Expected value: [^ ]*' | sort |
	    sed 's/[^./ ]\{40,\}/TOKEN/g' >>"$LAB/where.$engine"
done
is "$(<"$LAB/where.lab_builtin")" "$(<"$LAB/where.lab_certbot")" \
    "with -v both tell where, and what"
like "$(<"$LAB/where.lab_builtin")" \
    'URL: http://a.example/.well-known/acme-challenge/TOKEN' "(they do)"
# With a terminal it waits there, and the CA has not been told.
mkfifo "$LAB/keys"
exec {keys}<>"$LAB/keys" # whether it is read or not
# begin_debugging ARGUMENT...: in the background, with a terminal; $waits.
# script takes any shell, and not each is replaced by its last command.
begin_debugging() {
	: >"$LAB/said"
	CERTHAUL_LAB=$LAB REQUESTS_CA_BUNDLE=$LAB/pebble/ca.pem script -qefc "$(
	    printf '%q ' exec "$LAB_BIN/certhaul-acme" certonly --config-dir \
		"$LAB_LE" --work-dir "$LAB/le-work" --logs-dir "$LAB/le-logs" \
		--server "$LAB_SERVER" -d a.example --debug-challenges "$@"
	)" /dev/null <"$LAB/keys" >>"$LAB/said" 2>&1 &
	waits=$!
	lab_wait_for "grep -q 'Challenges loaded' $LAB/said"
}
# end_debugging NAME: it waits, until Enter; then it gets the lineage.
end_debugging() {
	lab_alive "$waits" && [ ! -e "$live/$1" ]
	is $? 0 "... and it waits"
	echo >&"$keys"
	wait "$waits"
	is "$? $(lab_names "$live/$1/cert.pem")" "0 a.example" "... for Enter"
}
succeeds "--debug-challenges, with a terminal" begin_debugging --webroot \
    -w "$web/a.example" --cert-name waits
is "$(find "$web/a.example" -path '*acme-challenge/*' | grep -c .)" 1 \
    "... the answer is there"
end_debugging waits
# The half with the network dies meanwhile.
succeeds "--debug-challenges, once more" begin_debugging --webroot \
    -w "$web/a.example" --cert-name dies
kill -KILL "$(pgrep -P "$(pgrep -P "$waits" -x certhaul-acme)" \
    -x certhaul-acme)"
lab_wait_for "! lab_alive $waits"
is $? 0 "its other half dies: it does not wait for Enter" || echo >&"$keys"
wait "$waits"
is "$? $(grep -c 'network half.*has died' "$LAB/said")" "1 1" "... and says so"
is "$(find "$web/a.example" -path '*acme-challenge/*')" "" \
    "... nothing is left up"

# Another user's link into a directory of root's.
mkdir "$LAB/roots-own" "$web/c.example"
ln -s "$LAB/roots-own" "$web/c.example/.well-known"
chown -h daemon "$web/c.example/.well-known" "$web/c.example"
ends_with 1 "a link of somebody else's" lab_builtin certonly --webroot \
    -w "$web/c.example" -d c.example
like "$output" 'well-known: is a link that user' "... is named"
is "$(find "$LAB/roots-own" -mindepth 1)" "" "... and nothing is below it"
chown -h root "$web/c.example/.well-known"
succeeds "root's own link is followed" lab_builtin certonly -a webroot \
    --webroot-path "$web/c.example" -d c.example
is "$(find "$LAB/roots-own" -mindepth 1)" "" "... nothing is left there"

# A container's root need not be able to give a directory away.
for engine in certbot "$LAB_BIN/certhaul-acme"; do
	cat >"$LAB/unable" <<-EOT
		#!/bin/sh
		exec setpriv --bounding-set -chown "$engine" "\$@"
	EOT
	chmod 755 "$LAB/unable"
	mkdir -p "$web/u.example"
	chown daemon:daemon "$web/u.example"
	succeeds "${engine##*/}: a webroot, without CAP_CHOWN" lab_engine \
	    "$LAB/unable" certonly --webroot -w "$web/u.example" \
	    -d u.example --force-renewal
	like "$output" 'Unable to change owner and uid of webroot directory' \
	    "... warns"
	is "$(find "$web/u.example" -mindepth 1)" "" "... and leaves nothing"
done

# said BYTES ENGINE: how much of that an auth hook's cleanup hook is told.
said() {
	rm -f "$LAB/said"
	run "$2" certonly -d a.example --cert-name said --force-renewal \
	    --manual --manual-auth-hook "$LAB/auth >$LAB/auth.out && \
	    head -c $1 /dev/zero | tr '\\0' x" --manual-cleanup-hook \
	    "printf %s \"\$CERTBOT_AUTH_OUTPUT\" | wc -c >$LAB/said; \
	    $LAB/cleanup"
	echo "$status $(cat "$LAB/said")"
}
is "$(said 70000 lab_builtin)" "$(said 70000 lab_certbot)" \
    "an auth hook that says much is passed on as by certbot"
is "$(said 70000 lab_builtin)" "0 70000" "(all of it)"
is "$(said 200000 lab_builtin)" "0 130000" \
    "... and in part where it is more than an environment may hold"

# The webroot, and what is missing of the way there, likewise.
mkdir -p "$web/w.example/site"
succeeds "(a lineage)" lab_builtin certonly --webroot -w "$web/w.example" \
    -d w.example
sed -i "s#$web/w.example#&/site/public#" "$LAB_LE/renewal/w.example.conf"
mv "$web/w.example/site" "$LAB/site"
ln -s "$LAB/roots-own" "$web/w.example/site"
chown -h daemon "$web/w.example" "$web/w.example/site"
ends_with 1 "a webroot behind a link of somebody else's" \
    lab_builtin renew --cert-name w.example --force-renewal
like "$output" 'w.example/site: is a link that user' "... is named"
is "$(find "$LAB/roots-own" -mindepth 1)" "" "... nothing is made behind it"
chown daemon "$LAB/site"
ln -sfn "$LAB/site" "$web/w.example/site"
chown -h daemon "$web/w.example/site"
ends_with 1 "one to what is theirs, which is not served" \
    lab_builtin renew --cert-name w.example --force-renewal
unlike "$output" 'is a link' "... is followed"
is "$(find "$LAB/site" -mindepth 1)" "" "... and what was made there goes again"

# --- manual hooks: what they see -------------------------------------------
cat >"$LAB/both" <<'EOT'
#!/bin/sh
# Tells, then does.
sh -c "$1" && exec "$2"
EOT
chmod 755 "$LAB/both"
# manual ENGINE FILE ARGUMENT...
manual() {
	local engine=$1 file=$2 auth cleanup
	local -a more=()
	shift 2
	# Newer certbots have dropped it; in old scripts it stands yet.
	[ "$engine" != lab_builtin ] || more=(--manual-public-ip-logging-ok)
	auth=$(printf '%q %q %q' "$LAB/both" "$(lab_tell "$file" auth)" \
	    "$LAB/auth")
	cleanup=$(printf '%q %q %q' "$LAB/both" \
	    "$(lab_tell "$file" cleanup)" "$LAB/cleanup")
	"$engine" certonly --manual --manual-auth-hook "$auth" \
	    --manual-cleanup-hook "$cleanup" "${more[@]}" \
	    --deploy-hook "$(lab_tell "$file" deploy)" \
	    --pre-hook "$(lab_tell "$file" pre)" \
	    --post-hook "$(lab_tell "$file" post)" "$@"
}
# same_as_certbot WHAT NAME ARGUMENT...: for a lineage NAME, which both make.
same_as_certbot() {
	local what=$1 name=$2
	shift 2
	run manual lab_certbot "$LAB/theirs" --cert-name "$name" "$@"
	is "$status" 0 "certbot, $what" || diag "$output"
	run lab_certbot delete --cert-name "$name"
	run manual lab_builtin "$LAB/ours" --cert-name "$name" "$@"
	is "$status" 0 "certhaul-acme, $what" || diag "$output"
	# What certbot 5.3 has besides; the same values under other names.
	is "$(sed -n 's/^CERTBOT_IDENTIFIER=//p' "$LAB/ours")" \
	    "$(sed -n 's/^CERTBOT_DOMAIN=//p' "$LAB/ours")" \
	    "... CERTBOT_IDENTIFIER is the domain"
	is "$(sed -n 's/^CERTBOT_ALL_IDENTIFIERS=//p' "$LAB/ours")" \
	    "$(sed -n 's/^CERTBOT_ALL_DOMAINS=//p' "$LAB/ours")" \
	    "... CERTBOT_ALL_IDENTIFIERS all of them"
	sed -i '/IDENTIFIER/d' "$LAB/ours"
	# certbot tells post hooks no names before 2.7.
	sed -i '/^== post/,${/^RENEWED_DOMAINS\|^FAILED_DOMAINS/d}' \
	    "$LAB/ours" "$LAB/theirs"
	lab_same "$LAB/theirs" "$LAB/ours" "... hooks see what certbot's see"
	rm -f "$LAB/ours" "$LAB/theirs"
}
same_as_certbot "manual, http-01" manual --preferred-challenges http-01 \
    -d b.example -d a.example
lab_lineage_is manual "a.example b.example" "... whole"
is "$(find "$web" -path '*acme-challenge/*')" "" "... and cleaned up"
same_as_certbot "manual, dns-01, a wildcard" wild \
    --preferred-challenges dns -d '*.a.example' -d a.example -d c.example
lab_lineage_is wild "*.a.example a.example c.example" "... whole"
succeeds "a wildcard needs no --preferred-challenges" lab_builtin certonly \
    -a manual --manual-auth-hook "$LAB/auth" \
    --manual-cleanup-hook "$LAB/cleanup" -d '*.b.example'
lab_lineage_is b.example "*.b.example" "... its lineage's name has no star"
ends_with 1 "a wildcard by a webroot" lab_builtin certonly --webroot \
    -w "$web/a.example" -d '*.d.example'
like "$output" 'dns-01' "... says what it needs"
ends_with 1 "a hook that does nothing" lab_builtin certonly --manual \
    --manual-auth-hook true -d d.example
like "$output" 'd\.example' "... the CA's answer is told"
ends_with 1 "a hook that is not there" lab_builtin certonly --manual \
    --manual-auth-hook /nonexistent/hook -d d.example
like "$output" 'Unable to find manual-auth-hook' "... is told before"
ends_with 1 "... --disable-hook-validation" lab_builtin certonly --manual \
    --manual-auth-hook /nonexistent/hook -d d.example \
    --disable-hook-validation
unlike "$output" 'Unable to find' "... it is tried"

# --- chains ----------------------------------------------------------------
# topmost NAME: the issuer of its chain's last certificate.
topmost() {
	openssl storeutl -noout -text -certs "$live/$1/chain.pem" |
	    sed -n 's/.*Issuer: CN *= *//p' | tail -1
}
lab_fetch "$LAB_PEBBLE_MGMT/roots/1" >"$LAB/root1"
other=$(openssl x509 -noout -subject -nameopt multiline -in "$LAB/root1" |
    sed -n 's/.*commonName *= //p')
isnt "$(topmost a.example)" "$other" "(there are two roots)"
succeeds "--preferred-chain" lab_builtin certonly -d a.example --webroot \
    -w "$web/a.example" --cert-name chain --preferred-chain "$other"
is "$(topmost chain)" "$other" "... is the one"
succeeds "... and renewed with it" lab_builtin renew --cert-name chain \
    --force-renewal
is "$(topmost chain)" "$other" "... is the one"
succeeds "a preferred chain that there is not" lab_builtin certonly \
    -d a.example --webroot -w "$web/a.example" --cert-name chain \
    --preferred-chain "No Such Root" --force-renewal
isnt "$(topmost chain)" "$other" "... the first is taken"

# --- a listener, and who looks at it ------------------------------------------
lab_web_stop
for engine in lab_certbot lab_builtin; do
	lab_wait_for "! lab_listens $LAB_ACME" || bail_out "the port is taken"
	succeeds "$engine: --standalone --debug-challenges" "$engine" certonly \
	    -d a.example -d www.a.example --duplicate --debug-challenges
	is "$(grep -c 'Challenges loaded. Press continue to submit to CA.' \
	    <<<"$output")" 1 "... says when they are up"
done
succeeds "... with a terminal" begin_debugging --standalone \
    --http-01-address 127.0.0.1 --http-01-port "$LAB_ACME" --cert-name looks
run curl --silent --show-error --output "$LAB/none" --write-out '%{http_code}' \
    "http://127.0.0.1:$LAB_ACME/.well-known/acme-challenge/none"
is "$output" 404 "... there is an answer"
end_debugging looks
exec {keys}>&-
done_testing
