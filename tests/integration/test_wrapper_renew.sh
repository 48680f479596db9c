#!/usr/bin/env bash
# certhaul renew: what is due is renewed, and everything is served, whoever
# renewed it and whatever certbot makes of its hooks; and each way in which
# certbot fails is told.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --pebble
ini=$LAB/xdg/letsencrypt/cli.ini
mkdir -p "${ini%/*}"

generation() {
	local file
	file=$(readlink "$LAB_LE/live/$1/cert.pem")
	file=${file##*cert}
	echo "${file%.pem}"
}

# is_served NAME...: the lineage's certificate is what a handshake shows.
is_served() {
	local name
	for name; do
		is "$(lab_served "$name")" \
		    "$(lab_leaf "$LAB_LE/live/$name/cert.pem")" \
		    "... $name is served"
	done
}

for name in a.example b.example; do
	lab_certbot certonly -d "$name" >"$LAB/out" 2>&1 ||
	    bail_out "certbot: $(cat "$LAB/out")"
done
succeeds "certhaul deploy brings everything in" lab_certhaul deploy
is_served a.example b.example

# Nothing is due.
find "$LAB_SSL" "$LAB_STATE" -type f -printf '%p %i %C@\n' | sort >"$LAB/was"
succeeds "renew, with nothing due" lab_certhaul renew
like "$output" 'Processing .*renewal/a\.example\.conf' \
    "... shows certbot's own words where there is no terminal"
is "${output##*$'\n'}" "2 lineages: 0 renewed, 0 failed, 0 deployed" \
    "... and counts"
find "$LAB_SSL" "$LAB_STATE" -type f -printf '%p %i %C@\n' | sort >"$LAB/is"
is "$(diff "$LAB/was" "$LAB/is")" "" "... and touches nothing"
succeeds "renew --quiet, with nothing due" lab_certhaul renew --quiet
is "$output" "" "... says nothing"

# Forced, due, one of them, a rehearsal.
succeeds "renew --force" lab_certhaul renew --force
like "$output" '2 lineages: 2 renewed, 0 failed, 2 deployed$' "... counts"
is "$(generation a.example) $(generation b.example)" "2 2" "... both renewed"
is_served a.example b.example
succeeds "renew --force NAME" lab_certhaul renew --force b.example
like "$output" '1 lineage: 1 renewed, 0 failed, 1 deployed$' "... counts"
is "$(generation a.example) $(generation b.example)" "2 3" "... that one only"
is_served b.example
sed -i '1i renew_before_expiry = 20 years' "$LAB_LE/renewal/a.example.conf"
succeeds "renew -q, with one due" lab_certhaul renew -q
is "$output" "" "... says nothing"
is "$(generation a.example) $(generation b.example)" "3 3" "... renews that one"
is_served a.example
sed -i '/^renew_before_expiry/d' "$LAB_LE/renewal/a.example.conf"
echo "server = $LAB_SERVER" >"$ini"
succeeds "renew --dry-run" lab_certhaul renew --dry-run
rm "$ini"
unlike "$output" 'another CA' "... at the CA that cli.ini names"
is "$(generation a.example) $(generation b.example)" "3 3" "... renews nothing"
like "$output" 'dry run: 0 failed, nothing was renewed' "... and says so"

# Somebody else's timer, with hooks switched off.
lab_certbot renew --force-renewal --no-directory-hooks >"$LAB/out" 2>&1 ||
    bail_out "certbot: $(cat "$LAB/out")"
isnt "$(lab_served a.example)" \
    "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" "(it is not served)"
succeeds "renew, after certbot alone renewed" lab_certhaul renew
like "$output" '2 lineages: 0 renewed, 0 failed, 2 deployed$' "... counts"
is_served a.example b.example

# A hook of certbot's fails, which certbot ends with 0.
mkdir -p "$LAB_LE/renewal-hooks/deploy"
printf '#!/bin/sh\nexit 1\n' >"$LAB_LE/renewal-hooks/deploy/fails"
chmod 755 "$LAB_LE/renewal-hooks/deploy/fails"
succeeds "renew, with a deploy hook that fails" lab_certhaul renew --force
is_served a.example b.example
rm "$LAB_LE/renewal-hooks/deploy/fails"

# On a terminal a line at the bottom tells how far it has come.
run lab_certhaul_tty "" renew
is "$status" 0 "renew on a terminal"
like "$output" 'renewing 1 of 2: a\.example' "... shows progress"
like "$output" 'renewing 2 of 2, [0-9]+ s left: b\.example' \
    "... goes on, and says how long"
for name in a.example b.example; do
	like "$output" "Processing [^ ]*/$name\.conf.*not yet due" \
	    "... and has certbot's words below the name: $name"
done
run lab_certhaul_tty "" renew -q
is "$status$output" 0 "renew -q on a terminal shows nothing"

# What is renewed and not served is no success.
lab_haproxy_stop
run lab_certhaul renew
is "$status" 5 "HAProxy is down: renew ends with 5"
like "$output" 'the deploy ended with status 5' "... and says so"
lab_certhaul renew --force a.example >"$LAB/out" 2>&1
isnt "$?" 0 "HAProxy is down: a challenge cannot be answered"
like "$(cat "$LAB/out")" '1 lineage: 0 renewed, 1 failed' "... and it is told"
unlike "$(lab_certhaul status)" 'last attempt' \
    "... and is no alarm, as it was not due"
run lab_certhaul renew --force
isnt "$status" 0 "HAProxy is down: nor is all of it renewed by force"
unlike "$(lab_certhaul status)" 'last attempt' "... no more of an alarm"
due() {
	sed -i '1i renew_before_expiry = 20 years' \
	    "$LAB_LE/renewal/a.example.conf"
}
not_due() {
	sed -i '/^renew_before_expiry/d' "$LAB_LE/renewal/a.example.conf"
}
due
lab_certhaul renew --force a.example >"$LAB/out" 2>&1
isnt "$?" 0 "HAProxy is down: what is due is not renewed"
lab_haproxy_start || bail_out "HAProxy does not start"
# What has failed is told until it goes well: certbot has it in its log alone.
run lab_certhaul status a.example b.example
like "$output" 'a\.example.*renewal +fails: the last attempt, at ' \
    "status tells that the renewal has failed"
is "$(grep -c 'last attempt' <<<"$output")" 1 "... of that lineage alone"
unlike "$output" 'cannot be renewed' "... not that it cannot be renewed"
echo "server = $LAB_SERVER" >"$ini"
succeeds "a dry run" lab_certhaul renew --dry-run a.example
rm "$ini"
like "$(lab_certhaul status a.example)" 'last attempt' "... does not end it"
not_due
cp -p "$LAB_STATE/unrenewed/a.example" "$LAB/note"
succeeds "HAProxy is back: renew, with nothing due" lab_certhaul renew
unlike "$(lab_certhaul status)" 'last attempt' "... ends what has time"
cp -p "$LAB/note" "$LAB_STATE/unrenewed/a.example"
succeeds "... another by name" lab_certhaul renew b.example
like "$(lab_certhaul status)" 'last attempt' "... does not"
touch "$LAB_STATE/unrenewed/was.example"
due
succeeds "renewed" lab_certhaul renew a.example
not_due
unlike "$(lab_certhaul status)" 'last attempt' "... and then nothing is told"
is "$(ls "$LAB_STATE/unrenewed")" "" \
    "... and no note is left, nor that of a lineage that is gone"
# Of a run over all: what was due, and is as it was.
sed -i -e '1i renew_before_expiry = 20 years' \
    -e 's/^authenticator = .*/authenticator = nonsense/' \
    "$LAB_LE/renewal/a.example.conf"
run lab_certhaul renew
is "$status" 1 "a renewal that fails among all"
like "$(lab_certhaul status | grep 'last attempt')" '^a\.example' "... is told"
sed -i -e '/^renew_before_expiry/d' \
    -e 's/^authenticator = .*/authenticator = standalone/' \
    "$LAB_LE/renewal/a.example.conf"
lab_certbot renew --force-renewal --cert-name a.example \
    --no-directory-hooks >"$LAB/out" 2>&1
unlike "$(lab_certhaul status)" 'last attempt' "... until anybody renews it"
succeeds "(deployed)" lab_certhaul renew

# Renewal confs that certbot cannot use: the others are renewed.
cp -a "$LAB_LE" "$LAB/good"
sed -i '/^authenticator/d' "$LAB_LE/renewal/b.example.conf"
old=$(generation a.example)
run lab_certhaul renew --force
is "$status" 1 "a renewal conf without an authenticator: renew ends with 1"
like "$output" 'b\.example cannot be renewed: .*authenticator' "... it is named"
like "$output" '1 renewed, 1 failed, 1 deployed' "... the other is renewed"
is "$(generation a.example)" "$((old + 1))" "... really"
is_served a.example
run lab_certhaul renew -q
is "$status" 1 "the same without --force, quietly"
like "$output" 'b\.example cannot be renewed.*certhaul delete' \
    "... says what to do"
like "$output" '0 renewed, at least 1 failed' "... and counts"
rm "$LAB_LE/renewal/b.example.conf"
run lab_certhaul renew --quiet
is "$status" 1 "a lineage without a renewal conf: renew ends with 1"
like "$output" 'b\.example: there is no renewal/b\.example\.conf' \
    "... and names it"
like "$output" '2 lineages: 0 renewed, 1 failed' "... and counts it"
run lab_certhaul renew b.example
like "$output" '1 lineage: 0 renewed, 1 failed' "... by its name, too"
rm "$LAB_LE/live/b.example/chain.pem"
cp "$LAB/good/renewal/b.example.conf" "$LAB_LE/renewal/"
run lab_certhaul renew b.example
isnt "$status" 0 "a link of the lineage is gone"
like "$output" 'b\.example cannot be renewed: .*chain\.pem' "... it is named"
rm -r "$LAB_LE"
mv "$LAB/good" "$LAB_LE"
succeeds "the backup is put back" lab_certhaul deploy --force

# lab_lock FILE: another process, $locker, holds it.
lab_lock() {
	rm -f "$LAB/locked"
	lab_spawn "$LAB/locker.log" /usr/bin/python3 -c '
import fcntl, os, sys, signal
fd = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY, 0o600)
fcntl.lockf(fd, fcntl.LOCK_EX)
open(sys.argv[2], "w").close()
signal.pause()
' "$1" "$LAB/locked"
	locker=$lab_pid
	lab_wait_for "[ -e '$LAB/locked' ]" || bail_out "no lock"
}

# Another certbot is at work.
lab_lock "$LAB/le-work/.certbot.lock"
lab_ca
lab_renew_lineage a.example a.example
run lab_certhaul renew
is "$status" 6 "certbot's lock is held: renew ends with 6"
like "$output" "another certbot \\(process $locker\\)" "... says by whom"
like "$output" '0 failed, 2 not tried, as another certbot is at work, 1 dep' \
    "... and that nothing was tried"
is_served a.example
run lab_certhaul renew --force a.example
like "$output" '0 renewed, 0 failed, 1 not tried' "... nor by force"
lab_kill "$locker"
rm "$LAB/le-work/.certbot.lock"

# Another certhaul.
lab_conf lock_wait_ms=0 "account.server=\"$LAB_SERVER\"" account.agree_tos=true
lab_lock "$LAB/certhaul.lock"
run lab_certhaul renew
is "$status" 6 "certhaul's lock is held: renew ends with 6"
like "$output" '0 failed, 0 deployed; the deploy was not tried, as another' \
    "... and says that it was not tried, and why"
run lab_certhaul delete a.example --yes
is "$status" 6 "... so does delete"
like "$output" 'a.example: its way out .* not tried, as .* nothing was del' \
    "... in its words"
run lab_certhaul request a.example
is "$status" 6 "... and request"
like "$output" 'a.example: its deploy was not tried, as another certhaul' \
    "... in its own"
lab_kill "$locker"
lab_conf

# What the real one cannot be made to do.
fake() {
	printf '#!/bin/sh\n%s\n' "$1" >"$LAB/fake"
	chmod 755 "$LAB/fake"
	lab_conf "engine_program=\"$LAB/fake\""
}
# Its hooks are to read what -c names, wherever that is named from.
fake "echo \"\$CERTHAUL_CONF\" >\"$LAB/told\""
(cd "$LAB" && LAB_CONF=./${LAB_CONF##*/} lab_certhaul renew) >"$LAB/out" 2>&1
is "$(cat "$LAB/told")" "$(realpath "$LAB_CONF")" \
    "the engine's hooks are told of the configuration"
# Whatever is set and asked for, renew goes by what each lineage has.
fake "echo \"\$*\" >>\"$LAB/told\""
lab_conf "engine_program=\"$LAB/fake\"" "account.server=\"$LAB_SERVER\""
for words in '' a.example --force --dry-run '--dry-run a.example' \
    '-q --dry-run --force b.example'; do
	: >"$LAB/told"
	# shellcheck disable=SC2086 # words
	run lab_certhaul renew $words
	like "$(cat "$LAB/told")" '^renew -n ' "renew $words: the engine runs"
	unlike "$(cat "$LAB/told")" '--server' "... without --server"
done
# A rehearsal is Let's Encrypt's: who has another CA is told.
lab_conf "engine_program=\"$LAB/fake\""
command="$LAB/fake renew --dry-run --server $LAB_SERVER --cert-name"
dirs="--config-dir $LAB_LE --work-dir $LAB/le-work --logs-dir $LAB/le-logs"
run lab_certhaul renew --dry-run
like "${output%%$'\n'*}" \
    "a\.example and 1 more have another CA, .*: $command a\.example $dirs$" \
    "a dry run does not ask the CA of a lineage: that is told, with a command"
is "$(grep -c 'another CA' <<<"$output")" 1 "... once"
like "${output%%$'\n'*}" 'another CA' "... first of all"
run lab_certhaul renew --dry-run b.example
like "$output" "b\.example has another CA, .*: $command b\.example " \
    "... of those that are named"
run lab_certhaul renew
unlike "$output" 'another CA' "... and of no renewal"
for row in "server = $LAB_SERVER|unlike" '"server = https://ca.example"|like' \
    '# server = https://ca.example|like' \
    'server = https://acme-v02.api.letsencrypt.org/directory|like'; do
	echo "${row%|*}" >"$ini"
	run lab_certhaul renew --dry-run
	"${row##*|}" "$output" 'another CA' "cli.ini: ${row%|*}"
done
rm "$ini"
for server in acme-v02 acme-staging-v02; do
	sed "s,^server = .*,server = https://$server.api.letsencrypt.org/\
directory," "$LAB_LE/renewal/a.example.conf" >"$LAB/conf"
	cp -p "$LAB_LE/renewal/a.example.conf" "$LAB/was"
	cp "$LAB/conf" "$LAB_LE/renewal/a.example.conf"
	run lab_certhaul renew --dry-run a.example
	unlike "$output" 'another CA' "a lineage of $server: nothing is told"
	cp -p "$LAB/was" "$LAB_LE/renewal/a.example.conf"
done
fake 'exit 0'
# A rollback holds, though its lineage is named and nothing is due.
succeeds "rollback" lab_certhaul rollback --force a.example
held=$(lab_served a.example)
succeeds "renew NAME" lab_certhaul renew a.example
is "$(lab_served a.example)" "$held" "... does not end a rollback"
succeeds "deploy NAME" lab_certhaul deploy a.example
isnt "$(lab_served a.example)" "$held" "... as deploy does"

fake 'exit 0'
run lab_certhaul renew --force
is "$status" 1 "an engine that does nothing and ends with 0"
like "$output" '2 of 2 lineages are as they were' "... is found out"
# Without --force it is what was due that tells.
fake 'exit 0'
succeeds "... with nothing due" lab_certhaul renew
due
succeeds "... in a rehearsal" lab_certhaul renew --dry-run
for words in renew 'renew a.example'; do
	# shellcheck disable=SC2086 # words
	run lab_certhaul $words
	is "$status" 1 "... and one that was due: $words"
	like "$output" 'a\.example: it is due and was not renewed, though' \
	    "... is told"
	like "$output" 'lineages?: 0 renewed, 1 failed, 0 deployed' \
	    "... and counted"
done
like "$(lab_certhaul status)" 'a\.example .*the last attempt, at .* failed' \
    "... and kept in mind"
succeeds "another by name" lab_certhaul renew b.example
# What comes to be due while the engine is at work, that has not passed over.
not_due
succeeds "nothing due" lab_certhaul renew
end=$(date +%s -d "$(openssl x509 -noout -enddate \
    -in "$LAB_LE/live/a.example/cert.pem" | cut -d= -f2)")
left=$((end - $(date +%s) - 3))
sed -i "1i renew_before_expiry = $((left / 3600)) hours $((left % 3600)) s" \
    "$LAB_LE/renewal/a.example.conf"
fake "while [ \$(date +%s) -le $((end - left)) ]; do sleep 0.1; done"
succeeds "... when the engine began" lab_certhaul renew
not_due
due
lab_conf
mkdir -p "$LAB/xdg/letsencrypt"
echo 'cert-name = b.example' >"$LAB/xdg/letsencrypt/cli.ini"
run lab_certhaul renew
is "$status" 1 "a cli.ini that has certbot look at another one"
like "$output" 'a\.example: it is due and was not renewed' "... is found out"
rm "$LAB/xdg/letsencrypt/cli.ini"
sed -i 's/^authenticator/autorenew = False\n&/' \
    "$LAB_LE/renewal/a.example.conf"
succeeds "what is not to be renewed is none" lab_certhaul renew
sed -i '/^autorenew/d' "$LAB_LE/renewal/a.example.conf"
not_due
fake 'kill -KILL $$'
lab_renew_lineage b.example b.example
run lab_certhaul renew
is "$status" 1 "an engine that is killed"
like "$output" 'killed by signal 9' "... is told"
like "$output" 'at least 1 failed, 1 deployed' "... and the rest is done"
is_served b.example
lab_conf "engine_program=\"$LAB/no-such-program\""
run lab_certhaul renew
is "$status" 1 "no engine: renew ends with 1"
like "$output" 'engine_program .* is no program' "... says what is missing"

# Told to end, it waits until the engine has cleaned up; nothing follows.
fake "trap 'echo cleaned >\"$LAB/cleaned\"; exit 1' TERM
: >\"$LAB/begun\"
while :; do sleep 0.02; done"
lab_spawn "$LAB/stopped.log" "$LAB_BIN/certhaul" -c "$LAB_CONF" renew
stopped=$lab_pid
lab_wait_for "[ -e '$LAB/begun' ]" || bail_out "the engine does not run"
kill -TERM "$stopped"
wait "$stopped"
is "$?" 1 "told to end, it ends with 1"
is "$(cat "$LAB/cleaned")" cleaned "... the engine could clean up"
like "$(cat "$LAB/stopped.log")" 'told to end by signal 15' "... it is said"
unlike "$(cat "$LAB/stopped.log")" 'lineages:' "... nothing else was begun"
lab_conf

# Wrong inputs.
for words in 'a.exampel|1|did you mean "a.example"' \
    'nothing.like.it|1|no such lineage' '../../etc|2|lineage' \
    '--forse|2|did you mean --force' '--force=yes|2|takes no value'; do
	IFS='|' read -r word wanted says <<<"$words"
	run lab_certhaul renew "$word"
	is "$status" "$wanted" "renew $word is refused"
	like "$output" "$says" "... with what is wrong"
done
run lab_certhaul reknew
is "$status" 2 "certhaul reknew is refused"
like "$output" 'did you mean "renew"' "... with the nearest"
like "$output" 'usage: certhaul' "... and the usage"
done_testing
