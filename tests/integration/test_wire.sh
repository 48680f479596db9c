#!/usr/bin/env bash
# Success is what a handshake shows. What shows something else is put back.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start

leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}

# H4: two bundles for one name. HAProxy says Success! and serves the first.
lab_make_lineage a.example
succeeds "the first bundle" lab_hook deploy a.example
lab_make_lineage b.example b.example a.example
run lab_hook deploy b.example
is "$status" 4 "a second bundle for the same name is rolled back"
like "$output" "$LAB_SSL/a.example.pem" "... the taker of the name is told"
is "$(lab_served a.example)" "$(leaf a.example)" "the first is served"
is "$(ls "$LAB_SSL")" "a.example.pem" "the second is not on disk"
is "$(lab_memory b.example)" "" "... nor in memory"
succeeds "HAProxy would start" "$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg"

# The same with an earlier bundle to go back to.
lab_renew_lineage b.example b.example
succeeds "without the name in question it is deployed" lab_hook deploy b.example
old=$(leaf b.example)
lab_renew_lineage b.example b.example a.example
run lab_hook deploy b.example
is "$status" 4 "a renewed one that is not shown is rolled back"
is "$(lab_leaf "$LAB_SSL/b.example.pem")" "$old" "... on disk"
is "$(lab_served b.example)" "$old" "... and in memory"
is "$(find "$LAB_STATE/generations/b.example" -type f 2>/dev/null)" "" \
    "... and is no generation any more"
like "$(cat "$LAB_STATE/lineages/b.example")" 'failed yes' "it is kept in mind"
run lab_hook deploy --all
is "$status" 4 "... and tried again by the next run"
lab_renew_lineage b.example b.example
succeeds "... until it succeeds" lab_hook post

# An RSA and an ECDSA bundle for one name are two certificates, not a clash.
lab_make_lineage -k rsa2048 c.example
succeeds "the RSA bundle of a name" lab_hook deploy c.example
lab_make_lineage -k P-256 c.example-ecdsa c.example
succeeds "... and the ECDSA bundle of the same name" \
    lab_hook deploy c.example-ecdsa
lab_renew_lineage -k rsa2048 c.example
succeeds "... and the RSA one again" lab_hook deploy c.example

# A wildcard is tried with a made-up label.
lab_make_lineage w.example '*.w.example' w.example
succeeds "a wildcard" lab_hook deploy w.example
is "$(lab_served anything.w.example)" "$(leaf w.example)" "... is served"

# A stray process shares the port: some handshakes reach it, be the name the
# only one. (One deploy in a thousand is lucky; two of them are not.)
old=$(lab_served a.example)
lab_stray "$LAB_HTTPS"
stray=$lab_pid
lab_wait_for '[ "$(lab_served a.example)" != "$old" ]' ||
    bail_out "the stray process is never reached"
for _ in 1 2; do
	old=$(lab_leaf "$LAB_SSL/a.example.pem")
	lab_renew_lineage a.example
	run lab_hook deploy a.example
	[ "$status" = 0 ] || break
done
is "$status" 4 "a stray process on the port is noticed"
like "$output" 'default\.pem, the default of .*another process shares' \
    "... and what it may be is told"
is "$(lab_leaf "$LAB_SSL/a.example.pem")" "$old" "... and all goes back"
lab_kill "$stray"
succeeds "without it, all is well" lab_hook post
is "$(lab_served a.example)" "$(leaf a.example)" "a.example is served"

# A certificate with a common name alone is found by that: in front, it is what
# takes the name, not the default that shows where there is none.
cp "$LAB/haproxy.cfg" "$LAB/good.cfg"
lab_sign "$LAB/cn" P-256 90 /CN=D.example
cat "$LAB/cn.key" >>"$LAB/cn.pem"
sed -i "s,crt $LAB/default.pem,crt $LAB/cn.pem," "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
lab_make_lineage d.example
run lab_hook deploy d.example
is "$status" 4 "a name that is another's by its common name"
like "$output" "$LAB/cn.pem has that certificate, and .* loads it, too" \
    "... is told so"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "... and is served without that" lab_hook deploy d.example

# Nothing to shake hands with is not a success either.
lab_renew_lineage a.example
port=$(lab_free_port)
lab_conf "verify.addresses=[\"127.0.0.1:$port\"]"
run lab_hook deploy a.example
is "$status" 5 "no handshake: installed, not proved to be served"
is "$(lab_served a.example)" "$(leaf a.example)" "... it is in memory"
like "$(cat "$LAB_STATE/lineages/a.example")" 'failed yes' "... and in mind"
lab_conf
succeeds "with the right address it is proved" lab_hook post

# The default certificate: shown without SNI, it must follow too (the bundle
# is what the first bind line names).
sed -i "s,crt $LAB/default.pem ,crt $LAB_SSL/a.example.pem ," \
    "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
is "$(lab_served "")" "$(leaf a.example)" "(a.example is the default)"
lab_renew_lineage a.example
succeeds "the default certificate is renewed" lab_hook deploy a.example
is "$(lab_served "")" "$(leaf a.example)" "... and shown without SNI"

# haproxy.cfg is to have another bind line by the next reload: what that shows
# until then is no reason to take a renewal back.
lab_wait_for '[ "$(lab_cli "show info" |
    sed -n "s/^Uptime_sec: //p")" -ge 3 ]'
other=$(lab_free_port)
cat >"$LAB/before.cfg" <"$LAB/haproxy.cfg"
sed -i "s,^\(frontend https\)\$,&\n\tbind 127.0.0.1:$other ssl crt \
$LAB/default.pem crt $LAB_SSL/," "$LAB/haproxy.cfg"
lab_stray "$other"
stray=$lab_pid
lab_conf 'haproxy.update="runtime"'
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 5 "a bind line that HAProxy has not read yet" || diag "$output"
like "$output" 'haproxy.cfg was changed since HAProxy read it: reload' \
    "... is told"
is "$(lab_served a.example)" "$(leaf a.example)" "... the renewal stays"
lab_conf
lab_kill "$stray"
# Nor is it one to reload: what else was edited would go live with it.
worker=$(lab_worker_pid)
run lab_hook deploy a.example
is "$status" 0 "... and where nobody answers there is no need of one" ||
    diag "$output"
like "$output" "nobody listens at .*:$other, and .*haproxy\\.cfg was changed" \
    "... which is told"
succeeds "... nothing waits for a reload" lab_hook post
is "$(lab_worker_pid)" "$worker" "... and there was none"
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "... by the operator's own it is seen" lab_hook deploy --all
is "$(lab_served a.example "127.0.0.1:$other")" "$(leaf a.example)" \
    "... there, too"
cp "$LAB/before.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"

# Bind lines at which HAProxy does not listen, or may not.
for n in 1 2 3; do
	printf 'frontend off%d\n' "$n"
	[ "$n" != 1 ] || printf '\tdisabled\n'
	printf '\tbind unix@%s/off%d\n' "$LAB" "$n"
	[ "$n" != 2 ] || printf '.if 0\n'
	[ "$n" != 3 ] || printf '.if defined(HAPROXY_NO)\n'
	printf '\tbind 127.0.0.1:%d ssl crt %s crt %s\n' "$(lab_free_port)" \
	    "$LAB/default.pem" "$LAB_SSL/"
	[ "$n" = 1 ] || printf '.endif\n'
	printf '\thttp-request return status 200\n'
done >"$LAB/off.cfg"
cat "$LAB/off.cfg" >>"$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "bind lines that HAProxy does not listen on" || diag "$output"
like "$output" 'nobody listens at 127\.0\.0\.1:[0-9]*, of a bind line in' \
    "... what is not certain is told"
like "$output" 'a\.example: deployed and seen in a handshake' \
    "... where it does, it was seen"
run lab_certhaul status a.example
is "$status" 0 "... status agrees" || diag "$output"

# One bundle on such lines alone, and one that is a server's.
mkdir -m 700 "$LAB/apart"
for name in off.example server.example; do
	lab_make_lineage "$name"
	(umask 077 && cat "$LAB_LE/live/$name/fullchain.pem" \
	    "$LAB_LE/live/$name/privkey.pem" >"$LAB/apart/$name.pem")
done
{
	cat "$LAB/before.cfg"
	printf 'frontend off\n\tdisabled\n\tbind 127.0.0.1:%d ssl crt %s\n' \
	    "$(lab_free_port)" "$LAB/apart/off.example.pem"
	printf 'backend apart\n\tserver s 127.0.0.1:%d ssl verify none' \
	    "$LAB_ORIGIN"
	printf ' crt %s\n' "$LAB/apart/server.example.pem"
} >"$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
lab_conf "haproxy.bundle_dir=\"$LAB/apart\"" 'haproxy.update="runtime"'
for name in off.example server.example; do
	lab_renew_lineage "$name"
	run lab_hook deploy "$name"
	is "$status" 0 "a bundle that no address shows: $name" || diag "$output"
	like "$output" "$name: HAProxy shows it at no address" "... is told"
	unlike "$output" 'seen in a handshake' "... and was not seen"
done
sha1=$(openssl x509 -noout -fingerprint -sha1 \
    -in "$LAB_LE/live/server.example/cert.pem" | sed 's/.*=//; s/://g')
like "$(lab_cli "show ssl cert $LAB/apart/server.example.pem")" "$sha1" \
    "... a server's is in memory"
run lab_hook deploy --all
unlike "$output" '(off|server)\.example: ' "... once"
cp "$LAB/before.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
lab_conf

# A bundle that no bind line loads.
sed -i "s, crt $LAB_SSL/ , ," "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
lab_make_lineage d.example
run lab_hook deploy d.example
is "$status" 5 "a bundle that no bind line loads is not served"
like "$output" "crt $LAB_SSL/" "... the line to add is told"
done_testing
