#!/usr/bin/env bash
# detach where one bundle is on several lists: off all of them before HAProxy
# is asked to forget it; and back on them, options and all, where it will not.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start

default=$(lab_leaf "$LAB/default.pem")
leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}
for name in a.example b.example c.example; do
	lab_make_lineage "$name"
done
succeeds "three lineages" lab_hook deploy --all

# More bind lines: two crt-lists, beside the directory.
two=$(lab_free_port)
three=$(lab_free_port)
for list in one two; do
	cat >"$LAB/$list.txt" <<-EOT
	$LAB/default.pem
	$LAB_SSL/a.example.pem [alpn h2] a.example
	$LAB_SSL/b.example.pem [ssl-min-ver TLSv1.2] b.example x.example
	$LAB_SSL/c.example.pem
	EOT
done
cp "$LAB/haproxy.cfg" "$LAB/haproxy.plain"
cat >>"$LAB/haproxy.cfg" <<EOT
frontend lists
    mode http
    bind 127.0.0.1:$two ssl crt-list $LAB/one.txt
    bind 127.0.0.1:$three ssl crt-list $LAB/two.txt
    http-request return status 200
EOT
lab_conf 'verify.addresses=[]'
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "(a directory and two lists)" lab_hook deploy --all
worker=$(lab_worker_pid)
run lab_hook detach a.example
is "$status" 0 "a bundle on a directory and two lists" || diag "$output"
is "$(lab_memory a.example)" "" "... is out of memory"
for port in "$LAB_HTTPS" "$two" "$three"; do
	is "$(lab_served a.example "127.0.0.1:$port")" "$default" \
	    "... and not served at $port"
done
is "$(cat "$LAB/one.txt" "$LAB/two.txt" | grep -c a.example)" 0 \
    "... and out of both files"
is "$(lab_worker_pid)" "$worker" "... without a reload"

# HAProxy runs with a line that names the file, which is in the configuration no
# more: it will not forget it.
sed -i "s,ssl crt-list $LAB/two.txt,ssl crt $LAB_SSL/b.example.pem crt-list \
$LAB/two.txt," "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
sed -i "s,ssl crt $LAB_SSL/b.example.pem crt-list,ssl crt-list," \
    "$LAB/haproxy.cfg"
cp "$LAB/one.txt" "$LAB/one.was"
worker=$(lab_worker_pid)
run lab_hook detach b.example
is "$status" 1 "one that HAProxy will not forget is refused" || diag "$output"
like "$output" "b\.example.* in use" "... in HAProxy's words"
unlike "$output" 'could not be put back' "... and is as it was"
is "$(cat "$LAB/one.txt")" "$(cat "$LAB/one.was")" "... in the files"
is "$(lab_cli "show ssl crt-list $LAB/one.txt" | grep -c "b\.example\.pem \
\[ssl-min-ver TLSv1.2\] b\.example x\.example")" 1 \
    "... in memory, with its options and names" ||
    diag "$(lab_cli "show ssl crt-list $LAB/one.txt")"
for port in "$LAB_HTTPS" "$two"; do
	is "$(lab_served b.example "127.0.0.1:$port")" "$(leaf b.example)" \
	    "... and served at $port"
done
is "$(lab_served x.example "127.0.0.1:$two")" "$(leaf b.example)" \
    "... for the other name of its line too"
is "$(lab_worker_pid)" "$worker" "... without a reload"
# ... whatever fails on the way back: no list names a file that is not there.
for ((i = 1; i < 9; i++)); do
	CERTHAUL_LAB=$LAB strace -qq -f -o "$LAB/trace" -e trace=renameat \
	    -e inject=renameat:error=EIO:when=$i "$LAB_BIN/certhaul-hook" \
	    -c "$LAB_CONF" detach b.example >"$LAB/out" 2>&1
	succeeds "rename $i of it fails: HAProxy would start" \
	    "$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg"
	lab_hook deploy b.example >"$LAB/out" 2>&1
	is "$(cat "$LAB/one.txt")" "$(cat "$LAB/one.was")" \
	    "... and the next run has the lists as they were" ||
	    diag_file "$LAB/out"
done
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "after a reload it goes" lab_hook detach b.example

# A lineage that is gone goes the same way.
rm -r "$LAB_LE/live/c.example" "$LAB_LE/archive/c.example" \
    "$LAB_LE/renewal/c.example.conf"
succeeds "a lineage that is gone" lab_hook deploy --all
is "$(lab_memory c.example) $(cat "$LAB/one.txt")" " $LAB/default.pem" \
    "... leaves memory and the lists"

# --- rollback to nothing ------------------------------------------------------
# A first bundle that another takes the name of is taken off both lists.
lab_make_lineage d.example
lab_make_lineage e.example e.example d.example
for list in one two; do
	echo "$LAB_SSL/d.example.pem" >>"$LAB/$list.txt"
done
cp "$LAB/haproxy.plain" "$LAB/haproxy.cfg"
sed -i "s,ssl crt .*,ssl crt-list $LAB/one.txt crt-list $LAB/two.txt," \
    "$LAB/haproxy.cfg"
sed -i "/d\.example/d" "$LAB/one.txt" "$LAB/two.txt"
lab_conf "haproxy.crt_list=\"$LAB/one.txt\""
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "(the one that is first)" lab_hook deploy d.example
run lab_hook deploy e.example
is "$status" 4 "a first bundle whose name is taken" || diag "$output"
is "$(lab_memory e.example) $(find "$LAB_SSL" -name e.example.pem)" " " \
    "... is out of memory and off the disk"
is "$(grep -c e.example "$LAB/one.txt") $(find "$LAB_STATE" -path \
    '*unlisted/e.example' -type f)" "0 " \
    "... and our line out of the list, for good"

# --- crt-base -----------------------------------------------------------------
lab_make_lineage f.example
cp "$LAB/default.pem" "$LAB_SSL/f.example.pem"
chmod 600 "$LAB_SSL/f.example.pem"
printf '%s\nf.example.pem [alpn h2]\n' "$LAB/default.pem" >"$LAB/three.txt"
cp "$LAB/haproxy.plain" "$LAB/haproxy.cfg"
sed -i -e "s,ssl crt .*,ssl crt-list $LAB/three.txt," \
    -e "0,/^global/s,^global.*,&\n    crt-base $LAB_SSL," "$LAB/haproxy.cfg"
lab_conf
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "an entry that is relative to crt-base" lab_hook deploy f.example
is "$(lab_served f.example)" "$(leaf f.example)" "... is served"
is "$(grep -c f.example "$LAB/three.txt")" 1 "... and entered once"
run lab_hook detach f.example
is "$status" 0 "... and detached" || diag "$output"
is "$(grep -c f.example "$LAB/three.txt")" 0 "... out of the file"
is "$(lab_served e.example)" "$(leaf e.example)" \
    "... and what had waited for a name of its own is served"
is "$(lab_memory f.example)" "" "... and out of memory"
done_testing
