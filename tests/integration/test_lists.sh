#!/usr/bin/env bash
# crt-lists are their operator's: the options and names of a line come into
# memory with the bundle, survive every way back and every kill, and each list
# has what it is to have.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start

leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}
# shellcheck source=lab_lists.sh
. "$lab_lib/lab_lists.sh"

# --- options ------------------------------------------------------------------
for name in a.example b.example; do
	lab_make_lineage "$name"
done
lab_lists
echo "$LAB_SSL/a.example.pem [ssl-min-ver TLSv1.2] a.example x.example" \
    >>"$LAB/one.txt"
succeeds "a line that was there first" lab_hook deploy a.example
whole="a.example.pem [ssl-min-ver TLSv1.2] a.example x.example"
is "$(lab_in_memory one)" "$whole" "... is in memory with its options and names"
is "$(lab_served x.example)" "$(leaf a.example)" "... for these names"
lab_cli "del ssl crt-list $LAB/one.txt $LAB_SSL/a.example.pem" >/dev/null
succeeds "one that was taken out of memory" lab_hook deploy a.example
is "$(lab_in_memory one)" "$whole" "... comes back as it was"

# What HAProxy will not load later (a CA that it has not read) takes a reload.
cp "$LAB/ca/root.pem" "$LAB/clients.pem"
line="$LAB_SSL/b.example.pem [verify required ca-file $LAB/clients.pem] \
b.example"
echo "$line" >>"$LAB/one.txt"
run lab_hook deploy b.example
is "$status" 0 "a line that HAProxy does not take in memory" || diag "$output"
like "$output" 'waits for the reload' "... waits for a reload"
is "$(lab_in_memory one | grep -c b.example)" 0 "... and is nowhere without it"
succeeds "... which post makes" lab_hook post
is "$(lab_in_file one | grep b.example)" "${line#"$LAB_SSL/"}" \
    "... the file is as it was"
is "$(lab_served b.example)" "$(leaf b.example)" "... it is served"
run curl -sk --max-time 9 --resolve "b.example:$LAB_HTTPS:127.0.0.1" \
    "https://b.example:$LAB_HTTPS/"
isnt "$status" 0 "... and wants a client's certificate"

# The file has another name by now, HAProxy not yet.
sed -i "s,x\.example,x.example y.example," "$LAB/one.txt"
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "a line that was edited and is not read yet" || diag "$output"
like "$output" 'one\.txt.*reload it' "... is told"
is "$(lab_served a.example)" "$(leaf a.example)" "... the renewal is served"

# --- asked for once -----------------------------------------------------------
# asked WORD...: how often a run has HAProxy tell all lines of a list.
asked() {
	CERTHAUL_LAB=$LAB strace -qq -f -s 200 -o "$LAB/trace" \
	    -e trace=sendmsg "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" "$@" \
	    >"$LAB/out" 2>&1 || diag_file "$LAB/out"
	grep -c "show ssl crt-list $LAB" "$LAB/trace"
}
lab_lists
printf '%s\n' "$LAB_SSL/a.example.pem [alpn h2] a.example" \
    "$LAB_SSL/b.example.pem" >>"$LAB/one.txt"
succeeds "(two bundles on a list)" lab_hook deploy --all
succeeds "(and the list is as it was read)" lab_haproxy_reload
is "$(asked deploy a.example)" 1 "all lines of a list are asked for"
lab_renew_lineage b.example
is "$(asked deploy b.example)" 0 "... and no more, of a list that agrees"
is "$(lab_served b.example)" "$(leaf b.example)" "... the renewal is served"
is "$(asked deploy --all)" 1 "... but where it is about all bundles"
cp "$LAB_STATE/lists" "$LAB/lists"
succeeds "(a reload)" lab_haproxy_reload
is "$(asked deploy a.example)" 1 "a worker that is new is asked"
is "$(wc -l <"$LAB_STATE/lists")" 1 "... and the old one forgotten"
echo "# edited" >>"$LAB/one.txt"
is "$(asked deploy a.example)" 1 "... and where the file was edited"
is "$(asked deploy a.example)" 0 "... once"
lab_cli "del ssl crt-list $LAB/one.txt $LAB_SSL/b.example.pem" >/dev/null
succeeds "what is lost in memory all the same" lab_hook deploy b.example
is "$(lab_in_memory one)" "a.example.pem [alpn h2 ] a.example
b.example.pem" "... comes back"
is "$(asked deploy a.example)" 0 "(it agrees)"
lab_cli "del ssl crt-list $LAB/one.txt $LAB_SSL/a.example.pem" >/dev/null
lab_cli "add ssl crt-list $LAB/one.txt <<
$LAB_SSL/a.example.pem [alpn h2] z.example
" >/dev/null
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "a line that is another in memory, by somebody's hand" ||
    diag "$output"
like "$output" 'one\.txt.*reload it' "... is seen by the handshake, and told"
is "$(lab_served z.example)" "$(leaf a.example)" "... the renewal is served"

# Moved to another list by somebody's hand: it is entered where its file has it,
# and no renewal goes back for a note that is not so any more.
for enabled in true false; do
	lab_lists
	printf '%s\n' "$LAB_SSL/a.example.pem" "$LAB_SSL/b.example.pem" \
	    >>"$LAB/one.txt"
	succeeds "(two bundles on a list)" lab_hook deploy --all
	succeeds "(and the list is as it was read)" lab_haproxy_reload
	is "$(asked deploy --all)" 1 "(which is noted)"
	lab_cli "add ssl crt-list $LAB/two.txt $LAB_SSL/b.example.pem" \
	    >/dev/null
	lab_cli "del ssl crt-list $LAB/one.txt $LAB_SSL/b.example.pem" \
	    >/dev/null
	lab_conf 'verify.addresses=[]' "verify.enabled=$enabled"
	lab_renew_lineage b.example
	run lab_hook deploy b.example
	is "$status" 0 "one that was moved by hand (verify $enabled)" ||
	    diag "$output"
	is "$(lab_served b.example)" "$(leaf b.example)" "... is served"
done

# --- which list ---------------------------------------------------------------
lab_lists
lab_conf 'verify.addresses=[]' "haproxy.crt_list=\"$LAB/two.txt\""
echo "$LAB_SSL/a.example.pem" >>"$LAB/one.txt"
succeeds "a bundle of one list, and another one for new ones" \
    lab_hook deploy a.example b.example
is "$(lab_in_file one) $(lab_in_file two)" "a.example.pem b.example.pem" \
    "... each is on one"
is "$(lab_served a.example) $(lab_served b.example "127.0.0.1:$lab_two")" \
    "$(leaf a.example) $(leaf b.example)" "... and served there"
echo "$LAB_SSL/a.example.pem [alpn h2] a.example" >>"$LAB/two.txt"
lab_renew_lineage a.example
succeeds "entered by hand into a second list" lab_hook deploy a.example
is "$(lab_in_memory two)" "b.example.pem
a.example.pem [alpn h2 ] a.example" "... it is there, in memory too"
is "$(lab_served a.example "127.0.0.1:$lab_two")" "$(leaf a.example)" \
    "... and served there"
run lab_hook deploy --all
like "$output" '2 up to date' "... and all agrees"

# --- ways back ----------------------------------------------------------------
# A first bundle whose name another one takes: its line is out, but not lost.
lab_make_lineage e.example e.example a.example
lab_lists
for name in a e; do
	echo "$LAB_SSL/$name.example.pem [alpn h2]" >>"$LAB/one.txt"
done
succeeds "(the first)" lab_hook deploy a.example
run lab_hook deploy e.example
is "$status" 4 "a first bundle that is taken back" || diag "$output"
like "$output" "unlisted/e\.example has them" "... and where its lines are"
is "$(lab_in_file one)" "a.example.pem [alpn h2]" \
    "... its line is out of the file"
succeeds "HAProxy would start" "$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg"
lab_renew_lineage e.example e.example
succeeds "the next bundle" lab_hook deploy e.example
is "$(lab_in_file one)" "a.example.pem [alpn h2]
e.example.pem [alpn h2]" "... has its line again, with its options"
is "$(lab_in_memory one)" "a.example.pem [alpn h2 ]
e.example.pem [alpn h2 ]" "... in memory too"
is "$(find "$LAB_STATE/unlisted" -type f)" "" "... and nothing is kept"

# Killed at each rename of a detach: the next run has all as it was, or away.
for ((i = 1; i < 30; i++)); do
	CERTHAUL_LAB=$LAB strace -qq -f -o "$LAB/trace" -e trace=renameat \
	    -e inject=renameat:signal=KILL:when=$i "$LAB_BIN/certhaul-hook" \
	    -c "$LAB_CONF" detach e.example >/dev/null 2>&1 && break
	# The last rename is the record's: it is away by then.
	[ -n "$(find "$LAB_STATE/unlisted" "$LAB_SSL" -name '*e.example*')" ] ||
		break
	run lab_hook deploy a.example e.example
	is "$status $(lab_in_file one)" "0 a.example.pem [alpn h2]
e.example.pem [alpn h2]" "a detach, killed at rename $i: all is as it was" ||
	    diag "$output"
done
[ "$i" -gt 2 ] || not_ok "it was killed: $i"
is "$(lab_in_file one) $(lab_in_memory one)" \
    "a.example.pem [alpn h2] a.example.pem [alpn h2 ]" "... and then it is away"

# --- a list by a relative name ------------------------------------------------
lab_lists
sed -i -e "s,crt-list $LAB/one.txt,crt-list one.txt," \
    -e "0,/^global/s,^global.*,&\n    default-path config," "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
mkdir "$LAB/elsewhere"
echo "another list" >"$LAB/elsewhere/one.txt"
lab_conf 'verify.addresses=[]' "haproxy.crt_list=\"$LAB/one.txt\""
run env -C "$LAB/elsewhere" CERTHAUL_LAB="$LAB" "$LAB_BIN/certhaul-hook" \
    -c "$LAB_CONF" deploy a.example
is "$status" 0 "a list by a relative name" || diag "$output"
is "$(lab_in_file one) $(cat "$LAB/elsewhere/one.txt")" \
    "a.example.pem another list" "... is the one that HAProxy reads"

# --- update = "none" ----------------------------------------------------------
lab_lists 'haproxy.update="none"'
echo "$LAB_SSL/a.example.pem" >>"$LAB/one.txt"
succeeds "update = none" lab_hook deploy a.example
run lab_hook detach a.example
is "$status" 1 "a bundle that a list names is not removed"
like "$output" 'one\.txt names it' "... it is told which"
succeeds "HAProxy would start" "$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg"
sed -i /a.example/d "$LAB/one.txt"
succeeds "without its line it goes" lab_hook detach a.example
done_testing
