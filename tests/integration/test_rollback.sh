#!/usr/bin/env bash
# rollback: an earlier generation is served again, by the same pipeline, and
# stays until certbot renews or the operator says otherwise.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start

leaf() {
	lab_leaf "$LAB_LE/archive/a.example/cert$1.pem"
}
# serves N WHAT: disk, memory and wire show the lineage's generation N.
serves() {
	is "$(lab_leaf "$LAB_SSL/a.example.pem") $(lab_served a.example)" \
	    "$(leaf "$1") $(leaf "$1")" "$2"
}
# number N: the generation that has the lineage's generation N.
number() {
	local file
	for file in "$LAB_STATE/generations/a.example/"*.pem; do
		[ "$(lab_leaf "$file")" != "$(leaf "$1")" ] ||
		    basename "$file" .pem
	done | tail -n 1
}
generations() {
	local file
	for file in "$LAB_STATE/generations/a.example/"*.pem; do
		basename "$file" .pem
	done | sort -n | tr '\n' ' '
}

lab_conf haproxy.generations=20
lab_make_lineage a.example
run lab_hook rollback a.example
is "$status" 1 "of what was never installed"
like "$output" 'no earlier bundle' "... there is nothing to go back to"
for words in 'deploy' 'rollback' 'rollback --dry-run'; do
	# shellcheck disable=SC2086 # words
	run lab_hook $words a.exampel
	is "$status" 1 "$words of a name that is none"
	like "$output" 'no such lineage in .*; did you mean "a\.example"' \
	    "... gets the nearest"
	unlike "$output" 'no earlier bundle' "... and nothing that is not so"
done
succeeds "the first" lab_hook deploy a.example
run lab_hook rollback a.example
is "$status" 1 "of what was installed once"
like "$output" 'no earlier bundle' "... there is nothing to go back to"
# Each begins to hold in a second of its own: what is older is told by that.
for n in 2 3; do
	# shellcheck disable=SC2034 # lab_wait_for reads it
	made=$(date +%s)
	lab_wait_for '[ "$(date +%s)" -gt "$made" ]'
	lab_renew_lineage a.example
	succeeds "renewal $n" lab_hook deploy a.example
done
is "$(generations)" "1 2 " "(two generations are kept)"

run lab_hook rollback a.example --dry-run
is "$status" 0 "a dry run" || diag "$output"
for n in 1 2; do
	like "$output" " $n  serial $(lab_serial \
	    "$LAB_LE/archive/a.example/cert$n.pem"), until 20[0-9T:Z-]+, \
installed 20[0-9T:Z-]+" "... lists generation $n"
done
like "$output" " now  serial $(lab_serial \
    "$LAB_LE/live/a.example/cert.pem")" "... and what is installed"
like "$output" 'a\.example: go back to generation 2; replace the bundle;' \
    "... and tells what would be done"
serves 3 "... and does nothing"
run lab_hook rollback a.example --to 7
is "$status" 1 "a generation that is not there"
like "$output" 'no generation 7; kept are: 2, 1 ' "... those that are are told"
for words in '' 'a.example b.example' 'a.example --all' 'a.example --to 0' \
    'a.example --to x'; do
	# shellcheck disable=SC2086
	ends_with 2 "\"rollback $words\" is no command line" \
	    lab_hook rollback $words
done

worker=$(lab_worker_pid)
lab_keepreq a.example
client=$lab_pid
run lab_hook rollback a.example
is "$status" 0 "rollback a.example" || diag "$output"
like "$output" 'went back to generation 2 and seen in a handshake' \
    "... tells what it did"
like "$output" 'warning: a\.example: .* older than the installed' \
    "... and that this is an older one"
serves 2 "... and it is served"
is "$(generations)" "1 2 3 " "what was installed is the newest generation"
is "$(lab_worker_pid)" "$worker" "... without a reload"
succeeds "... and no request failed" lab_keepreq_end "$client"

# It sticks.
run lab_hook deploy --all -v
is "$status" 0 "deploy --all" || diag "$output"
like "$output" 'a\.example: held back by rollback.*"certhaul deploy a.exam' \
    "... says that it is held"
like "$output" '1 lineage: 1 held back by rollback$' \
    "... and counts it as that"
serves 2 "... and leaves it"
run lab_hook deploy --all --dry-run
like "$output" 'a\.example: held back by rollback; nothing to do' \
    "a dry run says so too"
succeeds "post" lab_hook post
serves 2 "... leaves it"
succeeds "certbot's hook for the same generation" \
    env RENEWED_LINEAGE="$LAB_LE/live/a.example" RENEWED_DOMAINS=a.example \
    "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" deploy
serves 2 "... leaves it"
chown 0:0 "$LAB_LE/archive/a.example/cert3.pem"
touch -c -a "$LAB_LE/archive/a.example/privkey3.pem"
succeeds "files of which only the inode changed" lab_hook deploy --all
serves 2 "... are the same generation"

# What happens to the bundle meanwhile is mended from what is held.
chmod 640 "$LAB_SSL/a.example.pem"
succeeds "a mode that somebody changed" lab_hook deploy --all
is "$(stat -c %a "$LAB_SSL/a.example.pem")" 600 "... is mended"
serves 2 "... with the bundle that is held"
rm "$LAB_SSL/a.example.pem"
succeeds "a bundle that somebody removed" lab_hook deploy --all
serves 2 "... comes back as the one that is held"
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "a new worker" lab_hook deploy --all
serves 2 "... serves it too"

# Until certbot renews, or the operator says so.
lab_renew_lineage a.example
succeeds "a renewal" lab_hook deploy --all
serves 4 "... ends it"
is "$(grep -c ^held "$LAB_STATE/lineages/a.example")" 0 \
    "... and is no more held"
succeeds "rollback --to" lab_hook rollback a.example --to "$(number 1)"
serves 1 "... goes back to just that one"
succeeds "another rollback" lab_hook rollback a.example
serves 4 "... undoes the first"
succeeds "rollback --to" lab_hook rollback a.example --to "$(number 2)"
serves 2 "... goes back further"
succeeds "deploy by name" lab_hook deploy a.example
serves 4 "... ends it"
run lab_hook deploy --all -v
like "$output" 'a\.example: up to date' "... for good"

# Validated as ever: what has expired needs --force. One that did comes from
# the data, as if it had been installed once.
bash "$lab_src/tests/data/copy-lineages.sh" "$LAB/data" >"$LAB/data.log" 2>&1 ||
    bail_out "make-lineages.sh failed"
expired=$(dirname "$(find "$LAB/data" -path '*/live/bad-expired/cert.pem')")
name=$(openssl x509 -noout -ext subjectAltName <"$expired/cert.pem" |
    sed -n 's/^ *DNS:\([^,]*\).*/\1/p')
newest=$(generations)
newest=${newest% }
newest=$((${newest##* } + 1))
kept=$LAB_STATE/generations/a.example
cat "$expired/fullchain.pem" "$expired/privkey.pem" >"$kept/$newest.pem"
chmod 600 "$kept/$newest.pem"
record=$(cat "$LAB_STATE/lineages/a.example")
run lab_hook rollback a.example
is "$status" 3 "an expired one is refused" || diag "$output"
like "$output" 'expired on .*--force' "... and the way is told"
serves 4 "... nothing changed"
is "$(cat "$LAB_STATE/lineages/a.example")" "$record" \
    "... and no failure of the lineage is kept"
run lab_hook rollback a.example --force
is "$status" 0 "... --force goes back to it" || diag "$output"
is "$(lab_served "$name")" "$(lab_leaf "$expired/cert.pem")" \
    "... and it is served"
chmod 640 "$LAB_SSL/a.example.pem"
succeeds "... and held" lab_hook deploy --all
is "$(lab_served "$name")" "$(lab_leaf "$expired/cert.pem")" \
    "... though it would not be let in now"

# What has expired is nothing to go back to, where a handshake shows another
# (here: another process, at an address that is to be looked at, too); but a
# rollback that fails leaves all as it was.
wire() {
	lab_conf haproxy.generations=20 \
	    "verify.addresses=[\"127.0.0.1:$LAB_HTTPS\", \
\"127.0.0.1:$other\"]" "$@"
}
# stays WHAT: 5, and why; the lineage's is there.
stays() {
	is "$status" 5 "$1 stays, with an expired one before it" ||
	    diag "$output"
	like "$output" 'not rolled back: the certificate .* has expired' \
	    "... as is told"
	serves 4 "... and is served"
	like "$(cat "$LAB_STATE/lineages/a.example")" 'failed yes' \
	    "... and kept in mind"
}
other=$(lab_free_port)
lab_stray "$other"
stray=$lab_pid
wire
ends_with 4 "a rollback that is not seen" \
    lab_hook rollback a.example --to "$(number 1)"
is "$(lab_served "$name")" "$(lab_leaf "$expired/cert.pem")" \
    "... goes back to the expired one"
run lab_hook deploy a.example
stays "what is not seen"
run lab_hook deploy --all
stays "looked at again it"
lab_conf haproxy.generations=20
run lab_hook deploy --all
is "$status" 0 "... until it is seen" || diag "$output"
succeeds "(the expired one)" lab_hook rollback a.example --force
wire 'haproxy.update="reload"'
succeeds "by a reload" lab_hook deploy a.example
run lab_hook post
stays "what is not seen after a reload"
worker=$(lab_worker_pid)
run lab_hook post
stays "looked at again it"
is "$(lab_worker_pid)" "$worker" "... without another reload"
lab_kill "$stray"
lab_conf haproxy.generations=20
succeeds "(and on again)" lab_hook deploy a.example
serves 4 "... with the lineage's"

# A generation that somebody has spoilt.
cat "$LAB_LE/archive/a.example/"{fullchain1,privkey2}.pem >"$kept/$newest.pem"
run lab_hook rollback a.example --to "$newest"
is "$status" 3 "a generation that does not fit together is refused"
serves 4 "... nothing changed"
rm "$kept/$newest.pem"
run lab_hook deploy --all -v
like "$output" 'a\.example: up to date' "... and nothing is held"

# Where a handshake shows another, all is as it was, and nothing is held.
cp -p "$LAB_SSL/a.example.pem" "$LAB_SSL/0.pem"
lab_haproxy_reload || bail_out "HAProxy does not reload"
run lab_hook rollback a.example --to "$(number 1)"
is "$status" 4 "another bundle has the name: rolled back" || diag "$output"
like "$output" '0\.pem has that certificate' "... and the bundle is told"
serves 4 "... all is as it was"
rm "$LAB_SSL/0.pem"
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "deploy --all" lab_hook deploy --all
serves 4 "... deploys the lineage"
is "$(grep -c '^held\|^failed' "$LAB_STATE/lineages/a.example")" 0 \
    "... which is neither held nor failed"

# A crt FILE and a crt-list: the same.
sed -i "s,crt $LAB/default.pem ,crt $LAB_SSL/a.example.pem ," \
    "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "where a bind line names the file" \
    lab_hook rollback a.example --to "$(number 1)"
serves 1 "... it is served"
is "$(lab_served '')" "$(leaf 1)" "... without SNI, too"
succeeds "(on again)" lab_hook deploy a.example
printf '%s\n' "$LAB/default.pem" "$LAB_SSL/a.example.pem" >"$LAB/list.txt"
sed -i "s,crt $LAB_SSL/a.example.pem crt $LAB_SSL/,crt-list $LAB/list.txt," \
    "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "where a crt-list names it" \
    lab_hook rollback a.example --to "$(number 1)"
serves 1 "... it is served"
succeeds "(on again)" lab_hook deploy a.example

# What was detached, with its generations put back: killed at each step, it is
# out, as is said then, or what it was to go back to; never what nobody asked
# for.
# killed CALL N WORD...: at the Nth CALL; true where the kill came.
killed() {
	local call=$1 at=$2
	shift 2
	CERTHAUL_LAB=$LAB strace -qq -f -o "$LAB/trace" -e trace="$call" \
	    -e inject="$call:signal=KILL:when=$at" "$LAB_BIN/certhaul-hook" \
	    -c "$LAB_CONF" "$@" >"$LAB/out" 2>&1
	[ "$?" -eq 137 ]
}
# leave: detached, and only the generations are there.
leave() {
	lab_hook detach a.example >"$LAB/out" 2>&1 || diag_file "$LAB/out"
	mkdir -m 700 "$kept"
	cp -p "$LAB/kept/"*.pem "$kept/"
}
succeeds "(generations)" lab_hook deploy a.example
cp -Rp "$kept" "$LAB/kept"
first=$(number 1)
for call in renameat sendmsg; do
	kills=0 wrong=
	for ((at = 1; at < 40; at++)); do
		leave
		killed "$call" "$at" rollback a.example --to "$first" \
		    2>/dev/null || break
		kills=$((kills + 1))
		lab_hook deploy --all >"$LAB/out" 2>&1 || wrong+=" $at: $?"
		have="$(find "$LAB_SSL" -name 'a.example*')"
		have+=$(lab_memory a.example)
		if grep -q 'stays out' "$LAB/out"; then
			[ -z "$have" ] || wrong+=" $at: it is in"
		elif [ "$(lab_served a.example)" != "$(leaf 1)" ]; then
			wrong+=" $at: it is not what was asked for"
		fi
	done
	is "${wrong:-none}" none \
	    "a rollback of what is out, killed at each $call" ||
	    diag_file "$LAB/out"
	like "$kills" '^([3-9]|[1-3].)$' "(it was killed often enough)"
done
serves 1 "... and then it is served"
leave
run lab_hook rollback a.example --to 999
is "$status" 1 "one that is not there, of what is out"
cat "$LAB_LE/archive/a.example/"{fullchain1,privkey2}.pem >"$kept/999.pem"
chmod 600 "$kept/999.pem"
ends_with 3 "one that is refused" lab_hook rollback a.example --to 999
rm "$kept/999.pem"
run lab_hook deploy --all
like "$output" 'a\.example: .*stays out' "... leaves it out" || diag "$output"
succeeds "(on again)" lab_hook deploy a.example

# By a reload.
lab_conf 'haproxy.update="reload"'
worker=$(lab_worker_pid)
run lab_hook rollback a.example --to "$(number 1)"
is "$status" 0 "by a reload" || diag "$output"
isnt "$(lab_worker_pid)" "$worker" "... there was one"
serves 1 "... it is served"
succeeds "deploy --all" lab_hook deploy --all
serves 1 "... leaves it"

# What was detached is out again where the reload is refused (a stand-in for
# HAProxy, which has nothing against it while it is out).
lab_conf
succeeds "(on again)" lab_hook deploy a.example
cat >"$LAB/haproxy" <<EOT
#!/bin/sh
[ "\$1" = -v ] || ! [ -e "$LAB_SSL/a.example.pem" ] || {
	echo "[ALERT] (1) : config : something is wrong"
	exit 1
}
exec "$LAB_HAPROXY" "\$@"
EOT
chmod 755 "$LAB/haproxy"
leave
lab_conf 'haproxy.update="reload"' "haproxy.program=\"$LAB/haproxy\""
ends_with 4 "a reload that is refused, of what was detached" \
    lab_hook rollback a.example --to "$first"
lab_conf 'haproxy.update="reload"'
succeeds "... leaves nothing to do" lab_hook post
run lab_hook deploy --all
is "$status" 0 "... nor for a run over all"
like "$output" 'a\.example: .*stays out' "... it stays out" || diag "$output"
is "$(find "$LAB_SSL" -name 'a.example*')" "" "... it is not there"
lab_conf
succeeds "(on again)" lab_hook deploy a.example

# A lineage that is gone has nothing to go back for.
rm -rf "$LAB_LE/live/a.example" "$LAB_LE/archive/a.example" \
    "$LAB_LE/renewal/a.example.conf"
run lab_hook rollback a.example
is "$status" 1 "a lineage that is gone"
like "$output" 'gone' "... is told"
done_testing
