#!/usr/bin/env bash
# A lineage that is gone: what certhaul installed leaves HAProxy and the disk,
# what it did not install stays, and HAProxy can always start again.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start

# lose NAME: what `certbot delete` leaves of a lineage.
lose() {
	rm -rf "$LAB_LE/live/$1" "$LAB_LE/archive/$1" \
	    "$LAB_LE/renewal/$1.conf"
}

for name in a.example b.example c.example; do
	lab_make_lineage "$name"
done
succeeds "three lineages" lab_hook deploy --all
lab_renew_lineage b.example
succeeds "... one with an earlier generation" lab_hook deploy b.example
cp -p "$LAB_SSL/a.example.pem" "$LAB_SSL/foreign.pem"
lose b.example
run lab_hook deploy --all --dry-run
like "$output" 'b\.example.*gone' "a dry run tells what would go"
is "$(ls "$LAB_SSL")" "a.example.pem
b.example.pem
c.example.pem
foreign.pem" "... and removes nothing"
worker=$(lab_worker_pid)
run lab_hook deploy --all
is "$status" 0 "deploy --all" || diag "$output"
like "$output" 'b\.example.*gone.*removed' "... tells that it removed it"
is "$(ls -A "$LAB_SSL")" "a.example.pem
c.example.pem
foreign.pem" "the bundle is gone, the foreign one stays"
is "$(lab_memory b.example)" "" "it is gone from HAProxy's memory"
is "$(lab_worker_pid)" "$worker" "... without a reload"
is "$(lab_served b.example)" "$(lab_leaf "$LAB/default.pem")" \
    "its name is shown the default certificate"
is "$(find "$LAB_STATE" -name '*b.example*')" "" \
    "no key of it is left in the state directory"

# Halfway gone is not gone: the conf is there, or all of live/ is away.
mv "$LAB_LE/live/c.example" "$LAB/c"
run lab_hook deploy --all
is "$status" 1 "a lineage whose conf is there is an error, not gone"
is "$(ls "$LAB_SSL")" "a.example.pem
c.example.pem
foreign.pem" "... its bundle stays"
mv "$LAB/c" "$LAB_LE/live/c.example"
mv "$LAB_LE/live" "$LAB/live"
run lab_hook deploy --all
is "$status" 1 "without a live directory nothing is concluded"
is "$(find "$LAB_SSL" -name '*.pem' | wc -l)" 3 "... every bundle stays"
mv "$LAB/live" "$LAB_LE/live"
succeeds "all is well again" lab_hook deploy --all

# A bundle that somebody changed since is not ours to remove.
lose c.example
cat "$LAB/default.pem" >"$LAB_SSL/c.example.pem"
run lab_hook deploy --all
is "$status" 1 "a bundle that was changed by hand is not removed"
like "$output" 'changed' "... and it is told why"
is "$(lab_leaf "$LAB_SSL/c.example.pem")" "$(lab_leaf "$LAB/default.pem")" \
    "... it stays"
rm "$LAB_SSL/c.example.pem"
succeeds "once it is away by hand, all is well" lab_hook deploy --all
is "$(lab_memory c.example)" "" "... and memory lets go of it"

# What stood there before certhaul's: bought, say, and nowhere else.
lab_make_lineage own.example
lab_self_signed "$LAB_SSL/own.example.pem"
cp "$LAB_SSL/own.example.pem" "$LAB/own"
lab_conf haproxy.generations=1
run lab_hook deploy own.example
original=$LAB_STATE/generations/own.example/original.pem
like "$output" "own\.example.*before certhaul.*$original" \
    "where the bundle that was there before is kept is told"
for round in 1 2; do
	lab_renew_lineage own.example
	succeeds "renewal $round" lab_hook deploy own.example
done
is "$(find "$LAB_STATE/generations/own.example" -type f | wc -l)" 2 \
    "one generation, and that"
lose own.example
run lab_hook deploy --all
like "$output" "own\.example.*kept: $original" "its lineage goes: told again"
is "$(find "$LAB_STATE/generations/own.example")" "${original%/*}
$original" "... everything else goes"
succeeds "... it is as it was" cmp "$original" "$LAB/own"
is "$(stat -c %a "${original%/*}")" 700 "... and nobody else's to read"
rm -r "${original%/*}"
lab_conf

# The one that another one waited for: that is served in the same run.
lab_make_lineage f.example
lab_make_lineage f.example-0001 f.example
succeeds "(the first of a name)" lab_hook deploy f.example
ends_with 4 "the second is rolled back" lab_hook deploy f.example-0001
lose f.example
succeeds "the first one is gone" lab_hook deploy --all
is "$(lab_served f.example)" "$(lab_leaf \
    "$LAB_LE/live/f.example-0001/cert.pem")" "... the second has the name"
lab_make_lineage f.example-0002 f.example
ends_with 4 "a third is rolled back" lab_hook deploy f.example-0002
succeeds "the second is detached by name" lab_hook detach f.example-0001
is "$(lab_served f.example)" "$(lab_leaf \
    "$LAB_LE/live/f.example-0002/cert.pem")" "... the third has the name"
lose f.example-0001
lose f.example-0002
succeeds "(all of them go)" lab_hook deploy --all

# Another one that could not be removed is a failure of that run all the same.
for name in g.example k.example; do
	lab_make_lineage "$name"
	succeeds "($name)" lab_hook deploy "$name"
done
lab_make_lineage g.example-0001 g.example
ends_with 4 "(the second of a name)" lab_hook deploy g.example-0001
lose g.example
lose k.example
echo >>"$LAB_SSL/k.example.pem"
run lab_hook deploy --all
is "$status" 1 "one that stays is a failure, though what waited is served"
like "$output" '1 failed' "... and is counted"
is "$(lab_served g.example)" "$(lab_leaf \
    "$LAB_LE/live/g.example-0001/cert.pem")" "... what waited is served"
rm "$LAB_SSL/k.example.pem"
lose g.example-0001
succeeds "(all of them go)" lab_hook deploy --all

# A run over all that is killed while the bundle is hidden (HAProxy looks at its
# configuration for long): the next one brings it back, whichever it is.
cat >"$LAB/slow" <<EOT
#!/bin/sh
case "\$*" in
*-c*)
	: >"$LAB/looks"
	while [ -e "$LAB/hold" ]; do read -r _ <"$LAB/hold"; done ;;
esac
exec "$LAB_HAPROXY" "\$@"
EOT
chmod 755 "$LAB/slow"
lab_make_lineage h.example
succeeds "(two more)" lab_hook deploy h.example
lose h.example
for command in "deploy a.example" post; do
	mkfifo "$LAB/hold"
	rm -f "$LAB/looks"
	lab_conf "haproxy.program=\"$LAB/slow\""
	CERTHAUL_LAB=$LAB "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" \
	    deploy --all >"$LAB/out" 2>&1 &
	hook=$!
	lab_wait_for '[ -e "$LAB/looks" ]' || diag_file "$LAB/out"
	kill -KILL "$hook"
	wait "$hook" 2>/dev/null
	rm -f "$LAB/hold.now"
	mv "$LAB/hold" "$LAB/hold.now"
	echo >"$LAB/hold.now"
	is "$(find "$LAB_SSL" -name '.*~h.example.pem' | wc -l)" 1 \
	    "killed while a bundle is hidden"
	lab_conf
	lab_renew_lineage a.example
	read -ra words <<<"$command"
	run lab_hook "${words[@]}"
	is "$(ls -A "$LAB_SSL")" "a.example.pem
foreign.pem
h.example.pem" "... $command brings it back" || diag "$output"
done
succeeds "... and it goes" lab_hook deploy --all
is "$(ls -A "$LAB_SSL")" "a.example.pem
foreign.pem" "... for good"

# One that a server's line trusts.
lab_make_lineage h.example
succeeds "(once more)" lab_hook deploy h.example
cp "$LAB/haproxy.cfg" "$LAB/before.cfg"
{
	printf 'backend pinned\n\tserver s 127.0.0.1:%d ssl ' "$LAB_ORIGIN"
	printf 'verify required ca-file %s\n' "$LAB_SSL/h.example.pem"
} >>"$LAB/haproxy.cfg"
lose h.example
ends_with 1 "one that a ca-file is about stays" lab_hook deploy --all
like "$output" 'haproxy\.cfg:[0-9]* names it by ca-file' "... it is told"
succeeds "HAProxy would start" "$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg"
cp "$LAB/before.cfg" "$LAB/haproxy.cfg"
succeeds "... until it is not named" lab_hook deploy --all

# One that a line of a crt-list trusts.
lab_make_lineage h.example
succeeds "(and again)" lab_hook deploy h.example
echo "$LAB/default.pem [verify optional ca-file $LAB_SSL/h.example.pem]" \
    >"$LAB/trusting.txt"
{
	printf 'frontend trusting\n\thttp-request return\n'
	printf '\tbind 127.0.0.1:%d ssl crt-list %s\n' "$(lab_free_port)" \
	    "$LAB/trusting.txt"
} >>"$LAB/haproxy.cfg"
lose h.example
ends_with 1 "one that a crt-list's ca-file is about stays" \
    lab_hook deploy --all
like "$output" 'trusting\.txt:1 names it by ca-file' "... it is told"
succeeds "HAProxy would start" "$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg"
cp "$LAB/before.cfg" "$LAB/haproxy.cfg"
succeeds "... until it is not named" lab_hook deploy --all

# What HAProxy would not start without stays, and the reason is told.
sed -i "s,crt $LAB/default.pem ,crt $LAB_SSL/a.example.pem ," \
    "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
lose a.example
run lab_hook deploy --all
is "$status" 1 "the file that a bind line names is not removed"
like "$output" 'haproxy.cfg' "... and the line is told"
succeeds "HAProxy would start" "$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg"
is "$(lab_memory a.example | grep -c .)" 1 "it is still in memory"
lab_conf 'haproxy.update="none"'
run lab_hook deploy --all
is "$status" 1 "... nor with update = none"
like "$output" 'haproxy.cfg' "... and the line is told"
succeeds "HAProxy would start" "$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg"
done_testing
