#!/usr/bin/env bash
# HAProxy names a store by the configuration's text: one file may be several
# stores, on several bind lines, lists and processes; each is found and updated.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --no-haproxy

leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}
ports=()
for i in 1 2 3 4; do
	ports[i]=$(lab_free_port)
done

end_proxy() {
	lab_kill "$lab_pid"
}

# One file, three spellings: a directory, the same by a link, and the file.
lab_make_lineage a.example
lab_conf 'haproxy.update="none"'
succeeds "(the file is there before HAProxy)" lab_hook deploy a.example
ln -s "$LAB_SSL" "$LAB/link"
lab_conf "haproxy.config=[\"$LAB/three.cfg\"]" \
    "haproxy.sockets=[\"$LAB/three.sock\"]" 'haproxy.master_socket=""'
lab_proxy three "127.0.0.1:${ports[1]} ssl crt $LAB_SSL/" \
    "127.0.0.1:${ports[2]} ssl crt $LAB/link/" \
    "127.0.0.1:${ports[3]} ssl crt $LAB_SSL/../ssl/a.example.pem"
lab_renew_lineage a.example
succeeds "one file that is three stores" lab_hook deploy a.example
for i in 1 2 3; do
	is "$(lab_served a.example "127.0.0.1:${ports[i]}")" \
	    "$(leaf a.example)" "... spelling $i serves the renewed one"
done
lab_make_lineage b.example
lab_conf "haproxy.config=[\"$LAB/three.cfg\"]" \
    "haproxy.sockets=[\"$LAB/three.sock\"]" 'haproxy.master_socket=""' \
    'verify.addresses=[]'
succeeds "a new one on the two directories" lab_hook deploy b.example
for i in 1 2; do
	is "$(lab_served b.example "127.0.0.1:${ports[i]}")" \
	    "$(leaf b.example)" "... spelling $i serves it"
done
end_proxy

# A crt-list: the entry is made in memory and in the file.
cat >"$LAB/list.txt" <<EOT
# the operator's own remark
$LAB/default.pem [alpn h2]

$LAB_SSL/a.example.pem [ssl-min-ver TLSv1.2] a.example
EOT
lab_conf "haproxy.config=[\"$LAB/list.cfg\"]" \
    "haproxy.sockets=[\"$LAB/list.sock\"]" 'haproxy.master_socket=""'
lab_proxy list "127.0.0.1:${ports[1]} ssl crt-list $LAB/list.txt"
lab_renew_lineage a.example
succeeds "an entry of a crt-list" lab_hook deploy a.example
is "$(lab_served a.example "127.0.0.1:${ports[1]}")" "$(leaf a.example)" \
    "... is served"
cp "$LAB/list.txt" "$LAB/list.before"
lab_make_lineage c.example
succeeds "a new entry of a crt-list" lab_hook deploy c.example
is "$(lab_served c.example "127.0.0.1:${ports[1]}")" "$(leaf c.example)" \
    "... is served"
is "$(diff "$LAB/list.before" "$LAB/list.txt")" "4a5
> $LAB_SSL/c.example.pem" "... and is one line more in the file" ||
    diag_file "$LAB/list.txt"
succeeds "the others are entered too" lab_hook deploy --all
before=$(stat -c '%i %Z' "$LAB/list.txt")
succeeds "again" lab_hook deploy --all
is "$(stat -c '%i %Z' "$LAB/list.txt")" "$before" "... leaves the file alone"
succeeds "HAProxy would start from it" "$LAB_HAPROXY" -c -f "$LAB/list.cfg"
end_proxy

# Several processes, one of them by its master's socket alone.
lab_conf "haproxy.config=[\"$LAB/one.cfg\",\"$LAB/two.cfg\"]" \
    "haproxy.sockets=[\"$LAB/one.sock\",\"$LAB/two.master\"]" \
    'haproxy.master_socket=""'
lab_proxy one "127.0.0.1:${ports[1]} ssl crt $LAB/default.pem crt $LAB_SSL/"
one=$lab_pid
lab_proxy two "127.0.0.1:${ports[2]} ssl crt $LAB/default.pem crt $LAB_SSL/"
for name in a.example b.example c.example; do
	lab_renew_lineage "$name"
done
lab_make_lineage e.example
succeeds "two processes, a worker's and a master's socket" \
    lab_hook -v deploy --all
for socket in one.sock two.master; do
	like "$output" "e\\.example: $LAB/$socket: updated" \
	    "... what was done at $socket"
done
for name in a.example b.example c.example e.example; do
	for i in 1 2; do
		is "$(lab_served "$name" "127.0.0.1:${ports[i]}")" \
		    "$(leaf "$name")" "$name is served by process $i"
	done
done
lab_kill "$one"
lab_renew_lineage a.example
lab_conf "haproxy.config=[\"$LAB/two.cfg\"]" "haproxy.sockets=[
	\"$LAB/one.sock\",\"$LAB/two.master\",\"$LAB/none.sock\"]" \
    'haproxy.master_socket=""'
run lab_hook deploy a.example
is "$status" 5 "two of three sockets are silent: status 5"
like "$output" 'served: .*none\.sock: .*one\.sock: ' "... they are told"
is "$(lab_served a.example "127.0.0.1:${ports[2]}")" "$(leaf a.example)" \
    "... the other one was updated"
end_proxy

# Two processes with another spelling of one directory each: neither has what
# the other has, and no reload would change that.
[ -e "$LAB/link" ] || ln -s "$LAB_SSL" "$LAB/link"
lab_proxy one "127.0.0.1:${ports[1]} ssl crt $LAB/default.pem crt $LAB_SSL/"
one=$lab_pid
lab_proxy two "127.0.0.1:${ports[2]} ssl crt $LAB/default.pem crt $LAB/link/"
printf '#!/bin/sh\nkill -USR2 %d %d && echo >>%s\n' "$one" "$lab_pid" \
    "$LAB/reloads" >"$LAB/reload"
chmod 755 "$LAB/reload"
lab_conf "haproxy.config=[\"$LAB/one.cfg\",\"$LAB/two.cfg\"]" \
    "haproxy.sockets=[\"$LAB/one.sock\",\"$LAB/two.sock\"]" \
    'haproxy.master_socket=""' "haproxy.reload_command=[\"$LAB/reload\"]"
lab_hook deploy --all >"$LAB/out" 2>&1
: >"$LAB/reloads"
run lab_hook deploy --all
is "$status" 0 "two spellings in two processes" || diag "$output"
is "$(wc -l <"$LAB/reloads")" 0 "... are not reloaded for ever"
end_proxy
lab_kill "$one"

# Three sockets of one process, one of them its master's: it is updated once.
lab_proxy twin "127.0.0.1:${ports[1]} ssl crt $LAB/default.pem crt $LAB_SSL/"
end_proxy
sed -i '/stats socket/{p;s/twin.sock/twin2.sock/;}' "$LAB/twin.cfg"
lab_spawn "$LAB/twin.log" "$LAB_HAPROXY" -W -S "$LAB/twin.master,mode,600" \
    -f "$LAB/twin.cfg"
lab_wait_for "echo 'show info' |
    socat -t 20 - 'UNIX-CONNECT:$LAB/twin2.sock' | grep -q ^Pid:"
lab_conf "haproxy.config=[\"$LAB/twin.cfg\"]" 'haproxy.update="runtime"' \
    'haproxy.master_socket=""' "haproxy.sockets=[\"$LAB/twin.sock\",
	\"$LAB/twin2.sock\",\"$LAB/twin.master\"]"
lab_renew_lineage a.example
lab_make_lineage t.example
succeeds "three sockets of one process" lab_hook deploy --all
for name in a.example t.example; do
	is "$(lab_served "$name" "127.0.0.1:${ports[1]}")" "$(leaf "$name")" \
	    "... $name is served"
done
succeeds "... again" lab_hook deploy --all
end_proxy

# A socket whose level is too low is told as such; a reload does without it.
conf_low() {
	lab_conf "haproxy.config=[\"$LAB/low.cfg\"]" \
	    "haproxy.sockets=[\"$LAB/low.sock\"]" 'haproxy.master_socket=""' \
	    "haproxy.reload_command=[\"$LAB/reload\"]" "$@"
}
conf_low 'haproxy.update="runtime"'
lab_proxy low "127.0.0.1:${ports[1]} ssl crt $LAB/default.pem crt $LAB_SSL/"
end_proxy
sed -i '/stats socket/{p;s/low.sock/high.sock/;}' "$LAB/low.cfg"
sed -i '/low.sock/s/ level admin/ level operator/' "$LAB/low.cfg"
lab_spawn "$LAB/low.log" "$LAB_HAPROXY" -W -f "$LAB/low.cfg"
printf '#!/bin/sh\nkill -USR2 %d && echo >>%s\n' "$lab_pid" "$LAB/reloads" \
    >"$LAB/reload"
lab_wait_for "echo 'show info' |
    socat -t 20 - 'UNIX-CONNECT:$LAB/low.sock' | grep -q ^Pid:"
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 1 "a socket without the level admin"
like "$output" 'level admin' "... the level that is needed is told"
conf_low 'haproxy.reload_command=[]'
run lab_hook deploy a.example
is "$status" 1 "... nor is there a way to reload"
conf_low
: >"$LAB/reloads"
succeeds "... where there is one" lab_hook deploy --all
like "$output" 'low.sock: .*needs `level admin`; until then' "... it is told"
is "$(lab_served a.example "127.0.0.1:${ports[1]}")" "$(leaf a.example)" \
    "... and served"
is "$(wc -l <"$LAB/reloads")" 1 "... after one reload"
succeeds "... again" lab_hook deploy --all
is "$(wc -l <"$LAB/reloads")" 1 "... there is nothing to reload for"
succeeds "... out of HAProxy" lab_hook detach a.example
isnt "$(lab_served a.example "127.0.0.1:${ports[1]}")" "$(leaf a.example)" \
    "... it goes in the same way"
conf_low "haproxy.sockets=[\"$LAB/low.sock\",\"$LAB/high.sock\"]"
: >"$LAB/reloads"
run lab_hook deploy a.example
is "$status" 0 "another socket of the worker has the level" || diag "$output"

unlike "$output" 'level admin' "... nothing is told"
is "$(lab_served a.example "127.0.0.1:${ports[1]}")" "$(leaf a.example)" \
    "... it is served"
is "$(wc -l <"$LAB/reloads")" 0 "... with no reload"
end_proxy

# Beside another HAProxy, whose socket has it, no reload is known to reach it.
lab_spawn "$LAB/low.log" "$LAB_HAPROXY" -W -f "$LAB/low.cfg"
low_pid=$lab_pid
lab_proxy beside \
    "127.0.0.1:${ports[2]} ssl crt $LAB/default.pem crt $LAB_SSL/"
conf_low "haproxy.config=[\"$LAB/low.cfg\",\"$LAB/beside.cfg\"]" \
    "haproxy.sockets=[\"$LAB/low.sock\",\"$LAB/beside.sock\"]"
lab_wait_for "echo 'show info' |
    socat -t 20 - 'UNIX-CONNECT:$LAB/low.sock' | grep -q ^Pid:"
lab_renew_lineage a.example
: >"$LAB/reloads"
begin=$SECONDS
ends_with 5 "one of two HAProxys without the level" lab_hook deploy a.example
like "$output" 'low.sock.*needs `level admin`' "... is told"
like "$((SECONDS - begin))" '^[0-9]$' "... in moments"
is "$(lab_served a.example "127.0.0.1:${ports[2]}")" "$(leaf a.example)" \
    "... the other one is updated"
is "$(wc -l <"$LAB/reloads")" 0 "... with no reload"
end_proxy
lab_kill "$low_pid"

# A bind line that names the file alone: nothing can be added in memory.
lab_make_lineage f.example
rm -r "$LAB_STATE"
cp "$LAB/default.pem" "$LAB_SSL/f.example.pem"
lab_conf "haproxy.config=[\"$LAB/file.cfg\"]" \
    "haproxy.sockets=[\"$LAB/file.sock\"]" \
    "haproxy.master_socket=\"$LAB/file.master\""
lab_proxy file "127.0.0.1:${ports[1]} ssl crt $LAB_SSL/f.example.pem"
succeeds "crt FILE is updated in memory" lab_hook deploy f.example
is "$(lab_served f.example "127.0.0.1:${ports[1]}")" "$(leaf f.example)" \
    "... and served"
lab_make_lineage g.example
sed -i "s,crt $LAB_SSL/f.example.pem,& crt $LAB_SSL/g.example.pem," \
    "$LAB/file.cfg"
run lab_hook deploy g.example
like "$output" 'reload' "a crt FILE that HAProxy did not load is queued"
succeeds "... which post makes" lab_hook post
is "$(lab_served g.example "127.0.0.1:${ports[1]}")" "$(leaf g.example)" \
    "... and it is served"
lab_kill "$lab_pid"
done_testing
