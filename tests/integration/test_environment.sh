#!/usr/bin/env bash
# Variables that only HAProxy's own environment has (EnvironmentFile= of its
# unit): certbot, and so the hook, was started without them.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start
cp "$LAB/haproxy.cfg" "$LAB/before.cfg"

leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}

# start VARIABLE=VALUE...: HAProxy, with those in its environment.
start() {
	lab_haproxy_stop
	export "${@?}"
	lab_haproxy_start -dW || bail_out "HAProxy does not start"
	unset "${@%%=*}"
}

sed "s,bind 127.0.0.1:$LAB_HTTPS ,bind \"127.0.0.1:\${TEST_PORT}\" ,
    s,crt $LAB_SSL/ ,crt \"\${TEST_DIR}/\" ," "$LAB/before.cfg" \
    >"$LAB/haproxy.cfg"
start TEST_PORT="$LAB_HTTPS" TEST_DIR="$LAB_SSL"
lab_make_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "a port and a directory of HAProxy's environment" ||
    diag "$output"
like "$output" 'seen in a handshake' "... are known"
is "$(lab_served a.example)" "$(leaf a.example)" "... it is served"
run lab_hook pre
is "$status" 0 "... pre finds nothing" || diag "$output"
run lab_certhaul status a.example
is "$status" 0 "... nor does status" || diag "$output"

# haproxy -c has to know them, too.
lab_conf 'haproxy.update="reload"'
lab_renew_lineage a.example
succeeds "by reload" lab_hook deploy a.example
run lab_hook post
is "$status" 0 "... which is checked before" || diag "$output"
is "$(lab_served a.example)" "$(leaf a.example)" "... it is served"
lab_conf

# ... and those that no reader sees: HAProxy expands an address that is not in
# double quotes, and Lua asks by itself. (Nothing else here has a variable.)
cp "$LAB/haproxy.cfg" "$LAB/quoted.cfg"
echo 'if not os.getenv("TEST_KEY") then error("no TEST_KEY") end' \
    >"$LAB/key.lua"
sed "s,\(server site1\) [^ ]*,\1 \${TEST_ORIGIN},
    /^global/a\\	lua-load $LAB/key.lua" "$LAB/before.cfg" \
    >"$LAB/haproxy.cfg"
grep -q 'site1 ${TEST_ORIGIN}' "$LAB/haproxy.cfg" || bail_out "no site1"
start TEST_KEY=1 TEST_ORIGIN="127.0.0.1:$LAB_ORIGIN" LANG=C
run lab_hook pre
is "$status" 0 "variables that are seen by HAProxy alone" || diag "$output"
lab_conf 'haproxy.update="reload"'
lab_renew_lineage a.example
run lab_hook deploy --all
is "$status" 0 "... a reload with them" || diag "$output"
is "$(lab_served a.example)" "$(leaf a.example)" "... it is served"
lab_conf
run lab_hook detach a.example
is "$status" 0 "... and a detach" || diag "$output"
succeeds "... (and back)" lab_hook deploy a.example
cp "$LAB/quoted.cfg" "$LAB/haproxy.cfg"
start TEST_PORT="$LAB_HTTPS" TEST_DIR="$LAB_SSL"

# What it was started with is a fact; what we were started with may be anything.
lab_renew_lineage a.example
run env TEST_PORT=9 TEST_DIR=/nowhere "$LAB_BIN/certhaul-hook" \
    -c "$LAB_CONF" deploy a.example
is "$status" 0 "our own environment has others of those names" ||
    diag "$output"
like "$output" 'seen in a handshake' "... HAProxy's count"
cp "$LAB/haproxy.cfg" "$LAB/after.cfg"
sed "s,\${TEST_PORT},${LAB_HTTPS%?}\${TEST_LAST-${LAB_HTTPS: -1}}," \
    "$LAB/after.cfg" >"$LAB/haproxy.cfg"
start TEST_DIR="$LAB_SSL"
lab_renew_lineage a.example
run env TEST_LAST=x "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" deploy a.example
is "$status" 0 "... one that HAProxy has not is not set" || diag "$output"

# From 3.1 on a worker opens the socket: behind a reload that one is gone.
start TEST_PORT="$LAB_HTTPS" TEST_DIR="$LAB_SSL"
cp "$LAB/after.cfg" "$LAB/haproxy.cfg"
succeeds "HAProxy reloads" lab_haproxy_reload
lab_conf haproxy.master_socket='""'
run lab_hook pre
is "$status" 0 "... its environment is known as before" || diag "$output"
lab_conf

# A preset is for where there is no other value.
sed '/^global/a\	presetenv TEST_PORT 9' "$LAB/after.cfg" \
    >"$LAB/haproxy.cfg"
start TEST_PORT="$LAB_HTTPS" TEST_DIR="$LAB_SSL"
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "presetenv, and HAProxy's environment has another" ||
    diag "$output"
sed "s,{TEST_DIR},{TEST_SET},
    /^global/a\\	presetenv TEST_SET \"$LAB_SSL\"" "$LAB/after.cfg" \
    >"$LAB/haproxy.cfg"
start TEST_PORT="$LAB_HTTPS"
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "... and where it has none" || diag "$output"

# An `.if` asks for one that stands nowhere else.
{
	printf '.if !defined(TEST_SITE)\n.alert "no site"\n.endif\n'
	printf '.if strneq("$TEST_KIND",big)\n.alert "not big"\n.endif\n'
	cat "$LAB/before.cfg"
} >"$LAB/haproxy.cfg"
start TEST_SITE= TEST_KIND=big
run lab_hook pre
is "$status" 0 "an .if about what HAProxy was started with" || diag "$output"
lab_haproxy_stop
run lab_hook pre
like "$output" 'no site.*variable TEST_SITE, which it uses, is unknown' \
    "... is told where nobody knows it"

# What answers on the socket may be a worker that was taken over. (The relay
# stands for it: all but the variables is the real one's answer.)
mkdir "$LAB/good" && cp /dev/null "$LAB/good/map"
rule='http-request deny if { src,map("${TEST_GOOD}/map") -m found }'
sed "/^frontend /a\\	$rule" "$LAB/after.cfg" >"$LAB/haproxy.cfg"
cat >"$LAB/relay" <<-EOT
	#!/bin/sh
	said=\$(cat)
	case \$said in
	*'show env TEST_GOOD'*) printf 'TEST_GOOD=%s\n\n' "$LAB/evil" ;;
	*) printf '%s\n' "\$said" | socat -t 80 - "UNIX-CONNECT:$LAB_SOCK" ;;
	esac
EOT
chmod 700 "$LAB/relay"
lab_spawn "$LAB/relay.log" socat -t 80 \
    "UNIX-LISTEN:$LAB/relay.sock,fork,mode=600" "EXEC:$LAB/relay"
start TEST_PORT="$LAB_HTTPS" TEST_DIR="$LAB_SSL" TEST_GOOD="$LAB/good"
lab_wait_for '[ -S "$LAB/relay.sock" ]' || bail_out "no relay"
lab_conf haproxy.sockets="[ \"$LAB/relay.sock\" ]"
run lab_hook pre
is "$status" 0 "a worker that lies of its environment is not believed" ||
    diag "$output"
lab_conf haproxy.sockets="[ \"$LAB/relay.sock\" ]" haproxy.master_socket='""'
run lab_hook pre
is "$status" 0 "... its pid is, where root's master is behind it" ||
    diag "$output"

# A socket that is silent costs its time once, and not once more for this.
cat >"$LAB/mute.py" <<-'EOT'
	import socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.bind(sys.argv[1])
	s.listen(50)
	held = []
	while True:
	    held.append(s.accept()[0])
	    said = held[-1].recv(4096)
	    if said:
	        print(said.decode().strip(), flush=True)
EOT
lab_spawn "$LAB/mute.log" /usr/bin/python3 "$LAB/mute.py" "$LAB/mute.sock"
lab_wait_for '[ -S "$LAB/mute.sock" ]' || bail_out "nobody is mute"
lab_conf haproxy.sockets="[ \"$LAB/mute.sock\", \"$LAB_SOCK\" ]"
run lab_hook pre
unlike "$output" TEST_ "a socket is silent: variables are another's"
is "$(cat "$LAB/mute.log")" "@1 show info" "... it is asked once"
lab_conf

# One process that is no longer root's has memory of its own.
if [ "$(id -u)" -eq 0 ]; then
	lab_haproxy_stop
	TEST_PORT=$LAB_HTTPS TEST_DIR=$LAB_SSL TEST_GOOD=$LAB/good \
	    lab_spawn "$LAB/single.log" "$LAB_HAPROXY" -db \
	    -f "$LAB/haproxy.cfg"
	single=$lab_pid
	lab_wait_for lab_worker_pid || bail_out "no single process"
	run lab_hook pre
	like "$output" 'variable TEST_[A-Z]*, which it uses, is unknown' \
	    "a process that became another user tells nothing"
	run env TEST_PORT="$LAB_HTTPS" TEST_DIR="$LAB_SSL" \
	    TEST_GOOD="$LAB/good" "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" pre
	is "$status" 0 "... ours may" || diag "$output"
	run lab_hook deploy a.example
	is "$status" 1 "... which is compared with what HAProxy says"
	like "$output" 'TEST_[A-Z]*: HAProxy says that .* here it is unset' \
	    "... and told where it differs"
	lab_kill "$single"

	# A socket may be of a level that tells nothing.
	socket="stats socket $LAB/user.sock mode 600 level user"
	sed "s,crt $LAB_SSL/ ,crt \"\${TEST_DIR-$LAB_SSL}/\" ,
	    /^global/a\\	$socket" "$LAB/before.cfg" >"$LAB/haproxy.cfg"
	lab_spawn "$LAB/single.log" "$LAB_HAPROXY" -db -f "$LAB/haproxy.cfg"
	single=$lab_pid
	lab_wait_for lab_worker_pid || bail_out "no single process"
	lab_conf haproxy.sockets="[ \"$LAB/user.sock\", \"$LAB_SOCK\" ]" \
	    haproxy.master_socket='""'
	lab_renew_lineage a.example
	run lab_hook deploy a.example
	is "$status" 0 "a socket of level user: another is asked" ||
	    diag "$output"
	run env TEST_DIR=/nowhere "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" \
	    deploy a.example
	like "$output" 'TEST_DIR: HAProxy says that' "... and compared with"
	lab_conf haproxy.sockets="[ \"$LAB/user.sock\" ]" \
	    haproxy.master_socket='""'
	lab_renew_lineage a.example
	run lab_hook deploy a.example
	is "$status" 0 "... none may tell: as if there were none" ||
	    diag "$output"
	lab_conf
	lab_kill "$single"
fi

# Nor may certhaul.service look at the master.
if [ "$(id -u)" -eq 0 ]; then
	caps=+chown,+dac_override,+fowner,+kill,+net_bind_service
	sandboxed() {
		setpriv --bounding-set="-all,$caps,+setgid,+setuid" \
		    --inh-caps=-all --no-new-privs env CERTHAUL_LAB="$LAB" "$@"
	}
	hook=("$LAB_BIN/certhaul-hook" -c "$LAB_CONF")
	mkdir "$LAB/other"
	: >"$LAB/other/my.list"
	: >"$LAB/my.list"
	said='http-response set-header x-kind "${TEST_KIND-none}"'
	sed "s,crt $LAB_SSL/ ,crt-list \"\${TEST_DIR-$LAB/other}/my.list\" ,
	    /^frontend /a\\	$said" "$LAB/before.cfg" >"$LAB/haproxy.cfg"
	start TEST_DIR="$LAB" TEST_KIND=big
	lab_make_lineage b.example
	run sandboxed "${hook[@]}" deploy b.example
	is "$status" 1 "a list by a variable that we have not: refused" ||
	    diag "$output"
	like "$output" "TEST_DIR: HAProxy says that .* '$LAB', .* unset" \
	    "... by its name"
	is "$(cat "$LAB/other/my.list")" "" "... the default's is not edited"
	is "$(find "$LAB_SSL" -name 'b.example*')" "" "... nothing is installed"
	run sandboxed "${hook[@]}" pre
	like "$output" "TEST_DIR: HAProxy says" "... pre warns of it"
	run sandboxed "$LAB_BIN/certhaul" -c "$LAB_CONF" check
	like "$output" \
	    'bad +environment .*TEST_DIR: HAProxy says.*EnvironmentFile' \
	    "... check, too, with what to do"
	run sandboxed TEST_DIR="$LAB" "$LAB_BIN/certhaul" -c "$LAB_CONF" check
	like "$output" 'good +environment ' "... which helps"
	run sandboxed TEST_DIR="$LAB/other" "${hook[@]}" deploy b.example
	is "$status" 1 "... we have another: refused"
	run sandboxed TEST_DIR="$LAB" "${hook[@]}" deploy b.example
	is "$status" 0 "... we have the same: it is served" || diag "$output"
	like "$(cat "$LAB/my.list")" b.example.pem "... by the right list"
	unlike "$output" TEST_KIND "... one that decides nothing is not asked"
	lab_haproxy_stop
	mv "$LAB/my.list" "$LAB/other/my.list"
	lab_haproxy_start -dW || bail_out "HAProxy does not start"
	lab_renew_lineage b.example
	run sandboxed "${hook[@]}" deploy b.example
	is "$status" 0 "... neither has one: the default holds" ||
	    diag "$output"

	# It is set by the file, where HAProxy has none.
	{
		printf 'global\n.if !defined(TEST_DIR)\n'
		printf 'setenv TEST_DIR %s\n.endif\n' "$LAB/other"
		sed "s,crt $LAB_SSL/ ,crt-list \"\${TEST_DIR}/my.list\" ," \
		    "$LAB/before.cfg"
	} >"$LAB/haproxy.cfg"
	mv "$LAB/other/my.list" "$LAB/my.list"
	: >"$LAB/other/my.list"
	start TEST_DIR="$LAB"
	lab_renew_lineage b.example
	lab_make_lineage e.example
	run sandboxed "${hook[@]}" deploy e.example
	is "$status" 1 "a variable that an .if sets: refused" || diag "$output"
	like "$output" "TEST_DIR: HAProxy says .* '$LAB', .* '$LAB/other'" \
	    "... by its name"
	is "$(cat "$LAB/other/my.list")" "" "... that list is not edited"
	run sandboxed TEST_DIR="$LAB" "$LAB_BIN/certhaul" -c "$LAB_CONF" check
	like "$output" 'good +environment ' "... we have it, too"
	run sandboxed TEST_DIR="$LAB" "${hook[@]}" deploy b.example
	is "$(lab_served b.example)" "$(leaf b.example)" "... it is served" ||
	    diag "$output"
	lab_haproxy_stop
	run lab_hook deploy e.example
	like "$output" 'variable TEST_DIR, which it uses, is unknown' \
	    "... HAProxy is down, and we have not"
	is "$(cat "$LAB/other/my.list")" "" "... that list is not edited"
	rm -r "$LAB_LE"/*/e.example "$LAB_LE/renewal/e.example.conf"
fi

# Of two the first has the word: what it has not is not set.
lab_haproxy_stop
sed "s,127.0.0.1:$LAB_HTTPS ,\"127.0.0.1:\${TEST_PORT-$LAB_HTTPS}\" ," \
    "$LAB/before.cfg" >"$LAB/haproxy.cfg"
lab_haproxy_start -dW || bail_out "HAProxy does not start"
TEST_PORT=9 lab_proxy second "127.0.0.1:$(lab_free_port)"
lab_conf haproxy.sockets="[ \"$LAB_SOCK\", \"$LAB/second.sock\" ]"
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "a variable that only the second of two was started with" ||
    diag "$output"
lab_kill "$lab_pid"
lab_conf
lab_haproxy_stop
cp "$LAB/after.cfg" "$LAB/haproxy.cfg"

# HAProxy is down: what it starts with is not known, so no list is edited, and
# nothing is taken away.
rm -rf "$LAB/other"
mkdir "$LAB/other"
: >"$LAB/other/my.list"
: >"$LAB/my.list"
sed "s,crt $LAB_SSL/ ,crt-list \"\${TEST_DIR-$LAB/other}/my.list\" ," \
    "$LAB/before.cfg" >"$LAB/haproxy.cfg"
start TEST_DIR="$LAB"
lab_make_lineage c.example
run lab_hook deploy c.example
is "$status" 0 "a list by a variable that HAProxy has" || diag "$output"
lab_haproxy_stop
lab_make_lineage d.example
run lab_hook deploy --dry-run d.example
like "$output" "install the new bundle; not enter it into $LAB/other/my.list" \
    "... HAProxy is down, and we have not: a new bundle's line would wait"
run lab_hook deploy d.example
is "$status" 5 "... and it does" || diag "$output"
like "$output" 'TEST_DIR: here this variable is unset' "... by its name"
is "$(cat "$LAB/other/my.list")" "" "... the default's list is not edited"
like "$(ls "$LAB_SSL")" 'd\.example\.pem' "... the bundle is there"
start TEST_DIR="$LAB"
run lab_hook deploy d.example
is "$status" 0 "... once HAProxy is up it is served" || diag "$output"
like "$(cat "$LAB/my.list")" 'd\.example\.pem' "... by the right list"
lab_haproxy_stop
run lab_hook detach c.example
is "$status" 1 "... HAProxy is down, and we have not: no detach" ||
    diag "$output"
like "$output" 'TEST_DIR: here this variable is unset' "... by its name"
run lab_certhaul check
like "$output" 'bad +environment .*TEST_DIR: here .* is unset' \
    "... check tells it"
rm -rf "$LAB_LE"/*/c.example "$LAB_LE/renewal/c.example.conf"
run lab_hook deploy --all
like "$output" 'TEST_DIR: here this variable is unset' \
    "... nor is a lineage that is gone followed"
like "$(ls "$LAB_SSL")" 'c\.example\.pem' "... its bundle stays"
like "$(cat "$LAB/my.list")" 'c\.example\.pem' "... and its line"
run env TEST_DIR="$LAB" "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" deploy --all
unlike "$(ls "$LAB_SSL")" 'c\.example\.pem' "... we have: it goes" ||
    diag "$output"
unlike "$(cat "$LAB/my.list")" 'c\.example\.pem' "... with its line"
cp "$LAB/after.cfg" "$LAB/haproxy.cfg"

# Nobody tells: so it is said which one lacks.
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 5 "HAProxy is down, and nobody knows them" || diag "$output"
like "$output" 'variable TEST_[A-Z]*, which it uses, is unknown' "... is told"
run lab_hook pre
like "$output" 'configuration.*variable TEST_[A-Z]*, which it uses' \
    "... by pre, too"
sed "s,\${TEST_DIR},$LAB_SSL," "$LAB/after.cfg" >"$LAB/haproxy.cfg"
run lab_hook deploy a.example
like "$output" 'no address.*variable TEST_PORT, which it uses, is unknown' \
    "... where there is no address without it"
# A name of ours that means something to programs is not handed on.
sed "s,\${TEST_DIR},\${MALLOC_TEST}," "$LAB/after.cfg" >"$LAB/haproxy.cfg"
run env TEST_PORT="$LAB_HTTPS" MALLOC_TEST="$LAB_SSL" \
    "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" pre
like "$output" 'variable MALLOC_TEST, which it uses' \
    "a name of ours that is for libraries is not handed to HAProxy"
done_testing
