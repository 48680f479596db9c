#!/usr/bin/env bash
# Where memory will not do: deploy queues, one checked reload for all, and what
# HAProxy refuses is put back.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start
names=(a.example b.example c.example)

# leaf NAME: what the lineage has.
leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}

for name in "${names[@]}"; do
	lab_make_lineage "$name"
done
lab_conf 'haproxy.update="reload"'
worker=$(lab_worker_pid)
for name in "${names[@]}"; do
	run lab_hook deploy "$name"
	is "$status" 0 "update = reload: $name is queued"
	like "$output" 'reload' "... and says so"
done
is "$(lab_worker_pid)" "$worker" "deploy itself reloads nothing"
succeeds "post" lab_hook post
isnt "$(lab_worker_pid)" "$worker" "post reloaded"
is "$(lab_master 'show proc' | sed -n 's/.* master  *\([0-9]*\) .*/\1/p')" 1 \
    "... once" || diag "$(lab_master 'show proc')"
like "$output" 'reloaded for 3 bundles' "... for all three at once"
for name in "${names[@]}"; do
	is "$(lab_served "$name")" "$(leaf "$name")" "$name is served"
done
worker=$(lab_worker_pid)
succeeds "a second post" lab_hook post
is "$(lab_worker_pid)" "$worker" "... reloads nothing"

for name in "${names[@]}"; do
	lab_renew_lineage "$name"
done
succeeds "deploy --all" lab_hook deploy --all
isnt "$(lab_worker_pid)" "$worker" "... reloads at its end"
for name in "${names[@]}"; do
	is "$(lab_served "$name")" "$(leaf "$name")" "$name is served"
done

lab_renew_lineage b.example
succeeds "one of three, by deploy --all" lab_hook deploy --all
is "$(lab_served b.example)" "$(leaf b.example)" "b.example is served"

# By the configured command, where no master answers.
lab_conf 'haproxy.update="reload"' 'haproxy.master_socket=""'
lab_renew_lineage a.example
worker=$(lab_worker_pid)
succeeds "deploy and post by the reload command" \
    sh -c "'$LAB_BIN/certhaul-hook' -c '$LAB_CONF' deploy a.example &&
    '$LAB_BIN/certhaul-hook' -c '$LAB_CONF' post"
isnt "$(lab_worker_pid)" "$worker" "it reloaded"
is "$(lab_served a.example)" "$(leaf a.example)" "a.example is served"

# update = runtime never reloads.
lab_conf 'haproxy.update="runtime"'
lab_renew_lineage a.example
worker=$(lab_worker_pid)
succeeds "update = runtime" lab_hook deploy a.example
is "$(lab_served a.example)" "$(leaf a.example)" "... is served"
is "$(lab_worker_pid)" "$worker" "... by the same worker"

# update = none leaves HAProxy alone.
lab_conf 'haproxy.update="none"'
lab_renew_lineage a.example
old=$(lab_served a.example)
succeeds "update = none" lab_hook deploy a.example
is "$(lab_served a.example)" "$old" "... leaves HAProxy as it is"
is "$(lab_leaf "$LAB_SSL/a.example.pem")" "$(leaf a.example)" \
    "... and installs"
lab_conf
succeeds "auto brings it into memory then" lab_hook deploy --all
is "$(lab_served a.example)" "$(leaf a.example)" "a.example is served"

# H3: a bundle over the payload limit takes the way of the reload by itself.
many=(big.example)
for ((i = 0; i < 700; i++)); do
	many+=("name-$i-of-a-very-long-list.big.example")
done
lab_make_lineage big.example "${many[@]}"
lab_conf verify.attempts=1
worker=$(lab_worker_pid)
run lab_hook deploy big.example
is "$status" 0 "a bundle over tune.bufsize is queued"
like "$output" 'bufsize' "... and the reason is told"
is "$(lab_worker_pid)" "$worker" "... HAProxy survives (H3)"
succeeds "post brings it in" lab_hook post
is "$(lab_served big.example)" "$(leaf big.example)" "big.example is served"
lab_conf verify.attempts=1 "haproxy.sockets=[\"$LAB_SOCK\",
	\"$LAB/second.sock\"]"
lab_renew_lineage big.example "${many[@]}"
run lab_hook deploy --all
is "$status" 5 "... and another socket is silent" || diag "$output"
like "$output" 'reloaded for 1 bundle.*second\.sock: HAProxy does not listen' \
    "... a reload does not hide that"

# A configuration that HAProxy refuses, whatever the bundles are: nothing is
# reloaded, they stay, and it is said in HAProxy's words.
lab_conf 'haproxy.update="reload"'
lab_renew_lineage a.example
lab_make_lineage new.example
old=$(lab_served a.example)
succeeds "deploy queues" lab_hook deploy a.example new.example
cp "$LAB/haproxy.cfg" "$LAB/good.cfg"
printf 'frontend broken\n\tbogus-directive here\n' >>"$LAB/haproxy.cfg"
worker=$(lab_worker_pid)
for i in first second; do
	run lab_hook post
	is "$status" 5 "a configuration that is refused: $i post, status 5"
	like "$output" 'a\.example: .*keyword.*mend that' \
	    "... in HAProxy's words"
	is "$(lab_worker_pid)" "$worker" "... nothing was reloaded"
	is "$(lab_leaf "$LAB_SSL/a.example.pem")" "$(leaf a.example)" \
	    "... the new bundle waits"
	is "$(lab_leaf "$LAB_SSL/new.example.pem")" "$(leaf new.example)" \
	    "... and the first one of another lineage"
	is "$(lab_served a.example)" "$old" "... and the old one is served"
done
ends_with 1 "pre warns of the configuration" lab_hook pre
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
succeeds "once it is mended, post tries again" lab_hook post
for name in a.example new.example; do
	is "$(lab_served "$name")" "$(leaf "$name")" "... $name is served"
done
succeeds "pre has nothing to say" lab_hook pre

# The configuration is good, and the new worker cannot start (a port that
# another process has): the bundles are not to blame, and stay.
lab_renew_lineage a.example
succeeds "(one more renewal)" lab_hook deploy a.example
taken=$(lab_free_port)
lab_spawn "$LAB/taken.log" /usr/bin/python3 -c "
import socket, time
s = socket.create_server(('127.0.0.1', $taken))
time.sleep(600)"
lab_wait_for "lab_listens $taken"
sed -i "s,^frontend https.*,&\n    bind 127.0.0.1:$taken," "$LAB/haproxy.cfg"
run lab_hook post
is "$status" 5 "a reload that fails, of a good configuration" || diag "$output"
is "$(lab_leaf "$LAB_SSL/a.example.pem")" "$(leaf a.example)" \
    "... takes no bundle back"
lab_kill "$lab_pid"
succeeds "... and the next one brings it in" lab_hook post
is "$(lab_served a.example)" "$(leaf a.example)" "... a.example is served"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"

# A complaint that names no file, and one bundle is to blame (a stand-in for
# HAProxy, which names it): it goes back.
lab_renew_lineage a.example
cat >"$LAB/haproxy" <<EOT
#!/bin/sh
[ "\$1" = -v ] || ! cmp -s "$LAB_SSL/a.example.pem" "$LAB/bad.pem" || {
	echo "[ALERT] (1) : config : something is wrong"
	exit 1
}
exec "$LAB_HAPROXY" "\$@"
EOT
chmod 755 "$LAB/haproxy"
lab_conf 'haproxy.update="reload"' "haproxy.program=\"$LAB/haproxy\""
old=$(lab_served a.example)
succeeds "(another renewal)" lab_hook deploy a.example
cp "$LAB_SSL/a.example.pem" "$LAB/bad.pem"
run lab_hook post
is "$status" 4 "a bundle without which HAProxy has nothing to complain of"
like "$output" 'something is wrong' "... in its words"
is "$(lab_leaf "$LAB_SSL/a.example.pem")" "$old" "... goes back"
rm "$LAB/bad.pem"
succeeds "(mended)" lab_hook post
is "$(lab_served a.example)" "$(leaf a.example)" "... a.example is served"

# Another bundle has the name: HAProxy is reloaded for it and back, and then no
# more, until something about it is another.
lab_conf 'haproxy.update="reload"'
lab_make_lineage z.example z.example a.example
worker=$(lab_worker_pid)
ends_with 4 "a name that another bundle has" lab_hook deploy --all
isnt "$(lab_worker_pid)" "$worker" "... is seen after a reload"
worker=$(lab_worker_pid)
run lab_hook deploy --all --dry-run
like "$output" 'z\.example: .*a\.example\.pem has one of its names' \
    "... a dry run tells"
for command in "deploy --all" post; do
	read -ra words <<<"$command"
	run lab_hook "${words[@]}"
	is "$status" 4 "... it is still so ($command)"
	like "$output" 'z\.example: .*a\.example\.pem has one of its names' \
	    "... and told" || diag "$output"
	is "$(lab_worker_pid)" "$worker" "... without a reload"
done
is "$(find "$LAB_SSL" -name 'z.example*')" "" "... nothing of it is there"
ends_with 4 "it is tried all the same" lab_hook deploy --all --force
isnt "$(lab_worker_pid)" "$worker" "... where --force says so"
worker=$(lab_worker_pid)
touch "$LAB/haproxy.cfg"
ends_with 4 "... where the configuration is another" lab_hook deploy --all
isnt "$(lab_worker_pid)" "$worker" "... by a reload"
rm -r "$LAB_LE/live/a.example" "$LAB_LE/archive/a.example" \
    "$LAB_LE/renewal/a.example.conf"
succeeds "... where the other is gone" lab_hook deploy --all
is "$(lab_served a.example)" "$(leaf z.example)" "... it has the name"
lab_make_lineage a.example
lab_renew_lineage z.example z.example
succeeds "(each has its own)" lab_hook deploy --all

# The one that has the name gives it up in the same run.
lab_make_lineage k.example k.example m.example
succeeds "(another pair)" lab_hook deploy --all
lab_make_lineage m.example
ends_with 4 "its name is the other's" lab_hook deploy --all
lab_renew_lineage k.example k.example
succeeds "... until the other is renewed without it" lab_hook deploy --all
is "$(lab_served m.example)" "$(leaf m.example)" "... it is served at once"

# A file of a configuration directory that had the name is removed.
mkdir "$LAB/conf.d"
cat "$LAB_LE/live/m.example/fullchain.pem" \
    "$LAB_LE/live/m.example/privkey.pem" >"$LAB/front.pem"
{
	printf 'frontend front\n\tmode http\n\thttp-request return\n'
	printf '\tbind 127.0.0.1:%d ssl crt %s crt %s\n' "$(lab_free_port)" \
	    "$LAB/front.pem" "$LAB_SSL/"
} >"$LAB/conf.d/front.cfg"
echo 'backend more' >"$LAB/conf.d/more.cfg"
touch "$LAB/haproxy.cfg"
lab_haproxy_stop
lab_haproxy_start -f "$LAB/conf.d" || bail_out "HAProxy does not start"
lab_conf 'haproxy.update="reload"' \
    "haproxy.config=[\"$LAB/haproxy.cfg\", \"$LAB/conf.d\"]"
lab_renew_lineage m.example
succeeds "(one more renewal)" lab_hook deploy m.example
ends_with 4 "a name that a file in front has" lab_hook post
worker=$(lab_worker_pid)
run lab_hook post
like "$output" 'm\.example: .*front\.pem has one of its names' "... is told"
is "$(lab_worker_pid)" "$worker" "... without a reload"
# What expired meanwhile does not stay in its place.
bash "$lab_src/tests/data/copy-lineages.sh" "$LAB/data" >"$LAB/data.log" 2>&1 ||
    bail_out "make-lineages.sh failed"
expired=$(dirname "$(find "$LAB/data" -path '*/live/bad-expired/cert.pem')")
cat "$expired/fullchain.pem" "$expired/privkey.pem" >"$LAB_SSL/m.example.pem"
run lab_hook deploy --all
is "$status" 5 "the one that is there has expired" || diag "$output"
like "$output" 'm\.example: .*; not rolled back: .* has expired' \
    "... it is no way back"
isnt "$(lab_worker_pid)" "$worker" "... there was a reload"
is "$(lab_leaf "$LAB_SSL/m.example.pem")" "$(leaf m.example)" \
    "... the new one is there"
worker=$(lab_worker_pid)
ends_with 5 "... the same again" lab_hook post
is "$(lab_worker_pid)" "$worker" "... without another reload"
rm "$LAB/conf.d/front.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
succeeds "... until that is not loaded any more" lab_hook post
is "$(lab_served m.example)" "$(leaf m.example)" "... it is served"
lab_haproxy_stop
lab_haproxy_start || bail_out "HAProxy does not start again"
lab_conf 'haproxy.update="reload"'
succeeds "(all is well)" lab_hook deploy --all

# A bundle that was never shown waits behind another one of the same kind, and
# HAProxy refuses its configuration for reasons of its own.
cp "$LAB/haproxy.cfg" "$LAB/before.cfg"
lab_make_lineage n.example
lab_conf 'verify.addresses=["127.0.0.1:9"]'
ends_with 5 "a bundle that is not shown" lab_hook deploy n.example
lab_conf 'haproxy.update="reload"'
lab_renew_lineage n.example
succeeds "(its renewal)" lab_hook deploy n.example
echo nonsense >>"$LAB/haproxy.cfg"
run lab_hook post
is "$status" 5 "with and without it HAProxy would not start" || diag "$output"
like "$output" 'with the earlier bundles, too' "... is told"
is "$(grep -c BEGIN "$LAB_SSL/n.example.pem")" \
    "$(cat "$LAB_LE/live/n.example/"{fullchain,privkey}.pem | grep -c BEGIN)" \
    "... one bundle is there, with one key"
is "$(lab_leaf "$LAB_SSL/n.example.pem")" "$(leaf n.example)" "... the new one"
# A file that is not what was installed, though all that is noted of it agrees.
cat "$LAB_LE/archive/n.example/"{fullchain1,privkey1}.pem \
    "$LAB_SSL/n.example.pem" >"$LAB/two"
cat "$LAB/two" >"$LAB_SSL/n.example.pem"
now=$(stat -c '%s' "$LAB_SSL/n.example.pem"; stat -c '%.9Y %.9Z' \
    "$LAB_SSL/n.example.pem" | tr -d .)
awk -v now="${now//$'\n'/ }" '$1 == "bundle" { $0 = $1 " " $2 " " $3 " " now }
    { print }' "$LAB_STATE/lineages/n.example" >"$LAB/record"
cat "$LAB/record" >"$LAB_STATE/lineages/n.example"
cp "$LAB/before.cfg" "$LAB/haproxy.cfg"
run lab_hook deploy n.example --dry-run
like "$output" 'replace the bundle' "after a failure the file itself is read"
succeeds "... and mended" lab_hook deploy n.example
succeeds "... post reloads" lab_hook post
is "$(lab_served n.example)" "$(leaf n.example)" "... it is served"

# All connections of the worker's socket are taken, by clients that ask for
# nothing: the master is asked, and the new worker has its own.
lab_conf
lab_renew_lineage a.example
cat >"$LAB/idle.py" <<-'EOT'
	import signal, socket, sys
	held = []
	for _ in range(12):
	    held.append(socket.socket(socket.AF_UNIX))
	    held[-1].connect(sys.argv[1])
	    held[-1].send(b"prompt\n")
	print("taken", flush=True)
	signal.pause()
EOT
lab_spawn "$LAB/idle.log" /usr/bin/python3 "$LAB/idle.py" "$LAB_SOCK"
lab_wait_for 'grep -q taken "$LAB/idle.log"' || bail_out "nobody is idle"
run lab_hook deploy a.example
is "$status" 0 "a worker's socket that is taken up" || diag "$output"
like "$output" 'waits for the reload' "... a reload is due"
run lab_hook post
is "$status" 0 "... which the master makes" || diag "$output"
is "$(lab_served a.example)" "$(leaf a.example)" "... it is served"
lab_kill "$lab_pid"

# HAProxy is not there at all.
lab_renew_lineage a.example
lab_haproxy_stop
lab_conf 'haproxy.reload_command=["/bin/false"]'
run lab_hook deploy --all
is "$status" 5 "HAProxy is down: installed, not proved to be served"
is "$(lab_leaf "$LAB_SSL/a.example.pem")" "$(leaf a.example)" \
    "... it is on disk"
ends_with 5 "... and is not forgotten" lab_hook post
lab_haproxy_start || bail_out "HAProxy does not start again"
succeeds "HAProxy is back: all is well" lab_hook post
is "$(lab_served a.example)" "$(leaf a.example)" "a.example is served"
done_testing
