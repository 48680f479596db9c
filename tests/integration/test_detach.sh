#!/usr/bin/env bash
# detach: the bundle of a lineage that is still there leaves HAProxy and the
# disk, before the wrapper revokes or deletes it; what may not leave stays as it
# was, and the reason is told.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start

default=$(lab_leaf "$LAB/default.pem")
for name in a.example b.example c.example; do
	lab_make_lineage "$name"
done
succeeds "three lineages" lab_hook deploy --all
lab_renew_lineage b.example
succeeds "... one with an earlier generation" lab_hook deploy b.example
worker=$(lab_worker_pid)

# A directory.
run lab_hook detach b.example --dry-run
is "$status" 0 "a dry run" || diag "$output"
is "$output" "b.example: detach the bundle from HAProxy and remove it" \
    "... tells what would go"
is "$(find "$LAB_SSL" -type f | wc -l)" 3 "... and removes nothing"
run lab_hook detach b.example
is "$status" 0 "detach b.example" || diag "$output"
like "$output" '^b\.example: detached from HAProxy; its bundle was removed$' \
    "... tells that it did"
is "$(ls -A "$LAB_SSL")" "a.example.pem
c.example.pem" "the bundle is off the disk"
is "$(lab_memory b.example)" "" "... and out of memory"
is "$(lab_served b.example)" "$default" \
    "... its name is shown the default certificate"
is "$(lab_worker_pid)" "$worker" "... without a reload"
is "$(find "$LAB_STATE" -name '*b.example*')" "$LAB_STATE/lineages/b.example" \
    "nothing of it is left in the state directory, but that it is to stay out"
run lab_hook deploy --all -v
is "$status" 0 "the next deploy of all"
like "$output" 'b\.example: was detached, and stays out.*deploy b\.example' \
    "... leaves it so"
like "$output" '3 lineages: 2 up to date, 1 detached$' "... counts it so"
is "$(lab_served b.example)" "$default" "... indeed"
succeeds "a second detach has nothing to do" lab_hook detach b.example
succeeds "... and forgets nothing" lab_hook deploy --all
is "$(lab_served b.example)" "$default" "... it is out"
lab_renew_lineage b.example
succeeds "a renewal is another certificate" lab_hook deploy --all
is "$(lab_served b.example)" "$(lab_leaf "$LAB_LE/live/b.example/cert.pem")" \
    "... and is deployed"
succeeds "(out again)" lab_hook detach b.example
succeeds "the lineage is as it was" test -d "$LAB_LE/live/b.example"

run lab_hook detach b.example
is "$status" 0 "what is not there any more is nothing to do"
like "$output" '^b\.example: no bundle of it is installed$' "... and is told"
run lab_hook detach b.example --dry-run
like "$output" '^b\.example: .*nothing to do$' "... in a dry run too"
succeeds "deploy brings it back" lab_hook deploy b.example
is "$(lab_served b.example)" "$(lab_leaf "$LAB_LE/live/b.example/cert.pem")" \
    "... and it is served"

run lab_hook detach b.example c.example
is "$status" 0 "two at once" || diag "$output"
is "$(ls -A "$LAB_SSL")" "a.example.pem" "... both are gone"
succeeds "(back again)" lab_hook deploy b.example c.example

# Not ours, and of a lineage's name: the plan says whose it is.
lab_make_lineage taken.example
cp -p "$LAB_SSL/a.example.pem" "$LAB_SSL/taken.example.pem"
run lab_hook deploy --dry-run taken.example
like "$output" 'replace a bundle that certhaul did not install' \
    "a bundle that others made is told before it is replaced"
rm -r "$LAB_SSL/taken.example.pem" "$LAB_LE/live/taken.example" \
    "$LAB_LE/renewal/taken.example.conf"

# Not ours: never removed.
cp -p "$LAB_SSL/a.example.pem" "$LAB_SSL/foreign.pem"
run lab_hook detach foreign
is "$status" 1 "what certhaul did not install is refused"
like "$output" 'foreign\.pem was not installed by certhaul' "... and told"
succeeds "... it stays" test -f "$LAB_SSL/foreign.pem"
rm "$LAB_SSL/foreign.pem"
lab_make_lineage taken.example
cp -p "$LAB_SSL/a.example.pem" "$LAB_SSL/taken.example.pem"
run lab_hook detach taken.example
like "$output" 'by certhaul; .certhaul deploy taken.example. makes it' \
    "what a script left of a lineage: told what makes it ours"
succeeds "... it does" lab_hook deploy taken.example
succeeds "... so that it can go" lab_hook detach taken.example
rm -r "$LAB_LE/live/taken.example" "$LAB_LE/renewal/taken.example.conf"
record=$(cat "$LAB_STATE/lineages/c.example")
cp "$LAB/default.pem" "$LAB_SSL/c.example.pem"
run lab_hook detach c.example
is "$status" 1 "a bundle that was changed by hand is refused"
is "$(cat "$LAB_STATE/lineages/c.example")" "$record" \
    "... and what is remembered of it is as it was"
succeeds "(mended)" lab_hook deploy c.example

# A bind line names it: HAProxy would not start without.
sed -i "s,crt $LAB/default.pem ,crt $LAB_SSL/a.example.pem ," \
    "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
for more in '' --dry-run; do
	# shellcheck disable=SC2086
	run lab_hook detach a.example $more
	is "$status" 1 "the file that a bind line names is refused $more"
	like "$output" 'haproxy\.cfg' "... and the line is told"
done
is "$(lab_served a.example)" "$(lab_leaf "$LAB_SSL/a.example.pem")" \
    "... it is served as before"
is "$(grep -c ^failed "$LAB_STATE/lineages/a.example")" 0 \
    "... and no failure of the lineage is kept"
succeeds "HAProxy would start" "$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg"

# The first of the directory is HAProxy's default certificate: its memory lets
# go of it by a reload alone.
sed -i "s,crt $LAB_SSL/a.example.pem crt $LAB_SSL/,crt $LAB_SSL/," \
    "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
is "$(lab_served '')" "$(lab_leaf "$LAB_SSL/a.example.pem")" \
    "(a.example is what is shown without SNI)"
worker=$(lab_worker_pid)
lab_conf 'haproxy.reload_command=["/bin/false"]' 'haproxy.master_socket=""'
run lab_hook detach a.example
is "$status" 1 "a default certificate stays where the reload fails"
is "$(lab_served a.example)" "$(lab_leaf "$LAB_SSL/a.example.pem")" \
    "... on disk and served"
is "$(lab_worker_pid)" "$worker" "... by the worker that was there"
lab_conf
run lab_hook detach a.example
is "$status" 0 "a default certificate leaves by a reload" || diag "$output"
isnt "$(lab_worker_pid)" "$worker" "... there was one"
is "$(lab_served '')" "$(lab_leaf "$LAB_SSL/b.example.pem")" \
    "... and the next one is the default"

# A directory that must not become empty.
succeeds "(one is left)" lab_hook detach b.example
run lab_hook detach c.example
is "$status" 1 "the last of a directory that must not be empty is refused"
like "$output" "would not start without it: .*with .crt $LAB/default.pem. in \
front of the directory" "... and it is told why, and what to do"
cp "$LAB/haproxy.cfg" "$LAB/haproxy.good"
sed -i "s,crt $LAB_SSL/,crt $LAB/default.pem &," "$LAB/haproxy.cfg"
succeeds "... with that it can go" lab_hook detach c.example --dry-run
cp "$LAB/haproxy.good" "$LAB/haproxy.cfg"
is "$(lab_served c.example)" "$(lab_leaf "$LAB_SSL/c.example.pem")" \
    "... it is served as before"
succeeds "(all back)" lab_hook deploy a.example b.example c.example
run lab_hook detach a.example b.example c.example
is "$status" 1 "all of them at once are refused too"
is "$(find "$LAB_SSL" -name '*.example.pem' | wc -l)" 3 "... and are there"
for name in a.example b.example c.example; do
	is "$(lab_served "$name")" "$(lab_leaf "$LAB_SSL/$name.pem")" \
	    "... $name is served as before"
done

# A crt-list: memory, and its line in the file.
cat >"$LAB/list.txt" <<EOT
# the operator's own remark
$LAB/default.pem
$LAB_SSL/a.example.pem
$LAB_SSL/b.example.pem [ssl-min-ver TLSv1.2]
$LAB_SSL/c.example.pem
EOT
sed -i "s,crt $LAB_SSL/,crt-list $LAB/list.txt," "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "(a crt-list)" lab_hook deploy --all
worker=$(lab_worker_pid)
# HAProxy would not start, whatever is in the list: it stays as it is.
cp "$LAB/list.txt" "$LAB/list.was"
cp "$LAB/haproxy.cfg" "$LAB/haproxy.good"
echo "nonsense" >>"$LAB/haproxy.cfg"
run lab_hook detach b.example
is "$status" 1 "an entry of a crt-list, haproxy -c fails" || diag "$output"
is "$(cat "$LAB/list.txt")" "$(cat "$LAB/list.was")" \
    "... its line is where it was, with its options"
[ -e "$LAB_SSL/b.example.pem" ] || not_ok "... and its file"
cp "$LAB/haproxy.good" "$LAB/haproxy.cfg"
run lab_hook detach b.example
is "$status" 0 "an entry of a crt-list" || diag "$output"
is "$(cat "$LAB/list.txt")" "# the operator's own remark
$LAB/default.pem
$LAB_SSL/a.example.pem
$LAB_SSL/c.example.pem" "... is out of the file"
is "$(lab_memory b.example)" "" "... out of memory"
is "$(lab_served b.example)" "$default" "... and not served"
is "$(lab_worker_pid)" "$worker" "... without a reload"
succeeds "HAProxy would start" "$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg"

# The socket is away, and HAProxy is not: it is not believed to be down.
succeeds "(all back)" lab_hook deploy a.example b.example c.example
mv "$LAB_SOCK" "$LAB_SOCK.away"
worker=$(lab_master 'show proc' | sed -n 's/^\([0-9]*\) *worker.*/\1/p')
run lab_hook detach c.example
is "$status" 0 "a HAProxy whose socket is away" || diag "$output"
isnt "$(lab_master 'show proc' | sed -n 's/^\([0-9]*\) *worker.*/\1/p')" \
    "$worker" "... is reloaded"
is "$(lab_served c.example)" "$default" "... and shows it no more"
# (The new worker goes on with the old one's socket.)
[ -e "$LAB_SOCK" ] || mv "$LAB_SOCK.away" "$LAB_SOCK"
succeeds "(back)" lab_hook deploy c.example
mv "$LAB_SOCK" "$LAB_SOCK.away"
lab_conf 'haproxy.update="runtime"'
run lab_hook detach c.example
is "$status" 1 "... with update = runtime it is refused"
like "$output" "${LAB_SOCK##*/}" "... and told which socket"
mv "$LAB_SOCK.away" "$LAB_SOCK"
is "$(lab_served c.example)" "$(lab_leaf "$LAB_SSL/c.example.pem")" \
    "... and c.example is served as before"
lab_conf
worker=$(lab_worker_pid)

# Without a socket a reload is the only way.
lab_conf 'haproxy.sockets=[]' 'haproxy.update="reload"'
run lab_hook detach a.example
is "$status" 0 "without a socket" || diag "$output"
isnt "$(lab_worker_pid)" "$worker" "... HAProxy is reloaded"
is "$(lab_served a.example)" "$default" "... and shows it no more"


# Another run has the lock: nothing is tried again behind the operator's back.
lab_conf lock_wait_ms=100
lab_spawn "$LAB/lock.log" /usr/bin/python3 -c '
import fcntl, struct, sys, time
f = open(sys.argv[1], "a+")
fcntl.fcntl(f, 37, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0))
print("locked", flush=True)
time.sleep(600)' "$LAB/certhaul.lock"
lab_wait_for 'grep -q locked "$LAB/lock.log"' || bail_out "no lock"
ends_with 6 "without the lock it ends with 6" lab_hook detach c.example
ends_with 6 "... rollback too" lab_hook rollback c.example
lab_kill "$lab_pid"
is "$(find "$LAB_STATE" -path '*missed/*' -type f)" "" "... no note is left"
done_testing
