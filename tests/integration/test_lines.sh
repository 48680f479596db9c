#!/usr/bin/env bash
# Lines of crt-lists, one by one: each name that the file has is served, none is
# lost by a way back, and what one line breaks is no other bundle's harm.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start
# shellcheck source=lab_lists.sh
. "$lab_lib/lab_lists.sh"

leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}
list_of() {
	printf '%s\n' "${@/#/$LAB_SSL/}" >>"$LAB/one.txt"
}

# --- each line ----------------------------------------------------------------
lab_make_lineage e.example e.example x.example
lab_lists
for n in {1..40}; do
	list_of "e.example.pem n$n.example"
done
succeeds "forty lines of one bundle" lab_hook deploy e.example
is "$(lab_in_memory one | wc -l)" 40 "... are all in memory"
succeeds "... and leave it" lab_hook detach e.example
is "$(lab_in_memory one | wc -l) $(lab_in_file one | wc -l)" "0 0" \
    "... and the file, all of them"

# killed N WORD...: at the Nth command; true where the kill came.
killed() {
	local at=$1
	shift
	CERTHAUL_LAB=$LAB strace -qq -f -o "$LAB/trace" -e trace=sendmsg \
	    -e inject=sendmsg:signal=KILL:when="$at" "$LAB_BIN/certhaul-hook" \
	    -c "$LAB_CONF" "$@" >"$LAB/out" 2>&1
	[ "$?" -eq 137 ]
}
# unserved AT: what the next run does not put right.
unserved() {
	local name
	lab_hook deploy e.example >"$LAB/out" 2>&1 ||
	    echo "killed at $1: ended with $?"
	for name in e x; do
		[ "$(lab_served "$name.example")" = "$(leaf e.example)" ] ||
		    echo "killed at $1: $name.example"
	done
}
lab_lists
list_of "e.example.pem [alpn h2] e.example" \
    "e.example.pem [ssl-min-ver TLSv1.2] x.example"
cp "$LAB/one.txt" "$LAB/one.both"
kills=0 wrong=
for ((at = 4; at < 30; at++)); do
	lab_haproxy_reload
	lab_hook deploy e.example >"$LAB/out" 2>&1
	killed "$at" detach e.example 2>/dev/null || break
	kills=$((kills + 1))
	wrong+=$(unserved "$at")
done
is "${wrong:-none}" none "a detach that is killed: both lines are back"
like "$kills" '^([5-9]|1.)$' "(it was killed often enough)"
kills=0 wrong=
for ((at = 4; at < 30; at++)); do
	lab_lists
	cp "$LAB/one.both" "$LAB/one.txt"
	killed "$at" deploy e.example 2>/dev/null || break
	kills=$((kills + 1))
	wrong+=$(unserved "$at")
done
is "${wrong:-none}" none "a first deploy that is killed: both lines are there"
like "$kills" '^([5-9]|1.)$' "(it was killed often enough)"
lab_lists
list_of e.example.pem
succeeds "(a line)" lab_hook deploy e.example
list_of "e.example.pem [alpn h2] more.example"
succeeds "a line more, and HAProxy has not read it" lab_hook deploy e.example
is "$(lab_served more.example)" "$(leaf e.example)" "... is there"
many=$(printf ' name%04d.e.example' {1..1200})
list_of "e.example.pem$many"
run lab_hook deploy e.example
like "$output" 'over HAProxy.s limit' "a line too long for the socket" ||
    diag "$output"
succeeds "... waits for a reload" lab_hook post
is "$(lab_served name1200.e.example)" "$(leaf e.example)" "... that does it"
lab_lists
list_of "e.example.pem [ca-file $LAB/ca-acme verify optional]"
cp "$LAB/ca/root.pem" "$LAB/ca-acme"
lab_hook deploy e.example >"$LAB/out" 2>&1
succeeds "an option that ends in acme" lab_hook post
is "$(lab_served e.example)" "$(leaf e.example)" "... is no sign of an ACME"

# --- many lists ---------------------------------------------------------------
lab_make_lineage a.example
lab_lists
for n in {1..20}; do
	printf '%s\n' "$LAB/default.pem" "$LAB_SSL/e.example.pem" \
	    >"$LAB/t$n.txt"
	printf 'frontend t%d\n\tbind unix@%s/t%d ssl crt-list %s\n' "$n" \
	    "$LAB" "$n" "$LAB/t$n.txt" >>"$LAB/haproxy.cfg"
	printf '\thttp-request return status 200\n' >>"$LAB/haproxy.cfg"
done
list_of a.example.pem
for name in a e; do
	(umask 077 && cat "$LAB_LE/live/$name.example/fullchain.pem" \
	    "$LAB_LE/live/$name.example/privkey.pem" \
	    >"$LAB_SSL/$name.example.pem")
done
lab_haproxy_reload || bail_out "HAProxy does not reload"
lab_renew_lineage a.example
lab_renew_lineage e.example e.example x.example
run lab_hook deploy --all
is "$status" 0 "a bundle on twenty lists" || diag "$output"
is "$(lab_served a.example)" "$(leaf a.example)" "... is no other's trouble"

# --- a name that another bundle has -------------------------------------------
lab_make_lineage b.example b.example a.example
lab_lists
list_of a.example.pem "b.example.pem [alpn h2]"
succeeds "(the one that has the name)" lab_hook deploy a.example
for try in 1 2 3; do
	run lab_hook deploy b.example
	is "$status" 4 "its first bundle is rolled back ($try)" ||
	    diag "$output"
	unlike "$output" 'too: |would not start' "... without trouble"
done
# The operator's file is another by now, and its last line has no end.
printf '# why\n# how\n%s\n%s' "$LAB/default.pem" "$LAB_SSL/a.example.pem" \
    >"$LAB/one.txt"
lab_renew_lineage b.example b.example
succeeds "one that is good at last" lab_hook deploy b.example
is "$(cat "$LAB/one.txt")" "# why
# how
$LAB/default.pem
$LAB_SSL/a.example.pem
$LAB_SSL/b.example.pem [alpn h2]" "... has its line where it stood, whole"

# It is overtaken by somebody's reload while it is being rolled back.
lab_lists
list_of a.example.pem "b.example.pem [alpn h2]"
lab_make_lineage b.example b.example a.example
succeeds "(the one that has the name)" lab_hook deploy a.example
lab_hook deploy b.example >"$LAB/out" 2>&1 &
hook=$!
lab_wait_for "[ -n \"\$(lab_memory b.example)\" ]" 10
lab_haproxy_reload
wait "$hook"
is "$(cat "$LAB/one.txt" "$LAB_STATE"/unlisted/* | grep -c 'alpn h2')" 1 \
    "a reload in the middle: the line is kept" || diag_file "$LAB/out"
# ... until nothing of it is wanted.
rm -r "$LAB_LE/live/b.example" "$LAB_LE/archive/b.example" \
    "$LAB_LE/renewal/b.example.conf"
lab_hook detach b.example >"$LAB/out" 2>&1
is "$(find "$LAB_STATE/unlisted" -name b.example)" "" "... and not for ever"

# --- detached, and back -------------------------------------------------------
lab_lists "haproxy.crt_list=\"$LAB/one.txt\""
list_of "e.example.pem [ssl-min-ver TLSv1.2] e.example"
succeeds "(a line with an option)" lab_hook deploy e.example
succeeds "... is detached" lab_hook detach e.example
lab_renew_lineage e.example e.example x.example
succeeds "... and renewed" lab_hook deploy --all
is "$(lab_in_file one | grep e.example)" \
    "e.example.pem [ssl-min-ver TLSv1.2] e.example" "... with its option"
# What somebody asks for by name is not to stay out, whatever becomes of it.
wrong='' kills=0
for ((at = 1; at < 20; at++)); do
	lab_hook detach e.example >"$LAB/out" 2>&1
	CERTHAUL_LAB=$LAB strace -qq -f -o "$LAB/trace" -e trace=renameat \
	    -e inject=renameat:signal=KILL:when="$at" \
	    "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" deploy e.example \
	    >"$LAB/out" 2>&1
	[ "$?" -eq 137 ] || break
	kills=$((kills + 1))
	lab_hook deploy --all >"$LAB/out" 2>&1
	have="$(find "$LAB_SSL" -name e.example.pem)$(lab_memory e.example)"
	if grep -q 'stays out' "$LAB/out"; then
		[ -z "$have" ] || wrong+=" $at: it is in"
	elif [ "$(lab_served e.example)" != "$(leaf e.example)" ]; then
		wrong+=" $at: it is not served"
	fi
done 2>/dev/null
is "${wrong:-none}" none \
    "a deploy of what is out, killed: in or out, as is said"
like "$kills" '^[2-9]' "(it was killed often enough)"
succeeds "(out)" lab_hook detach e.example
key=$(readlink -f "$LAB_LE/live/e.example/privkey.pem")
chmod 666 "$key"
isnt "$(lab_hook deploy e.example >"$LAB/out" 2>&1; echo $?)" 0 \
    "one that cannot be deployed by its name"
chmod 600 "$key"
succeeds "... is tried again" lab_hook post
is "$(lab_served e.example)" "$(leaf e.example)" "... and is served"

# --- a default certificate ----------------------------------------------------
# What HAProxy does not let go of on one list keeps its place on the others.
lab_lists 'haproxy.update="runtime"'
list_of e.example.pem a.example.pem
printf '%s\n' "$LAB_SSL/e.example.pem" "$LAB/default.pem" >"$LAB/two.txt"
for name in a e; do
	(umask 077 && cat "$LAB_LE/live/$name.example/fullchain.pem" \
	    "$LAB_LE/live/$name.example/privkey.pem" \
	    >"$LAB_SSL/$name.example.pem")
done
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "(the default of one of two lists)" lab_hook deploy e.example
ends_with 1 "... cannot be detached in memory" lab_hook detach e.example
is "$(lab_in_memory one)" "e.example.pem
a.example.pem" "... and is in its place on the other"

# --- a line that HAProxy refuses ----------------------------------------------
lab_lists 'haproxy.update="reload"'
list_of a.example.pem
lab_hook deploy a.example >"$LAB/out" 2>&1
succeeds "(a good one)" lab_hook post
list_of "e.example.pem [verify required ca-file $LAB/missing.pem]"
lab_renew_lineage a.example
run lab_hook deploy --all
is "$status" 4 "a first bundle with a line that is refused goes back"
is "$(lab_served a.example)" "$(leaf a.example)" \
    "... and a renewal beside it is served" || diag "$output"
done_testing
