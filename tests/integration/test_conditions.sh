#!/usr/bin/env bash
# What haproxy.cfg says in an `.if`, and what it says that HAProxy has not read
# yet: none of it is taken for what HAProxy runs with, but for what is certain.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start
cp "$LAB/haproxy.cfg" "$LAB/before.cfg"

leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}

# into_global LINE...: haproxy.cfg as it was, with LINEs in its global section.
into_global() {
	printf '    %s\n' "$@" >"$LAB/lines"
	sed "/^global/r $LAB/lines" "$LAB/before.cfg" >"$LAB/haproxy.cfg"
}

reload() {
	lab_haproxy_reload || bail_out "HAProxy does not reload"
}

# grown_up: what is changed from now on is certainly not what HAProxy has read.
grown_up() {
	lab_wait_for '[ "$(lab_cli "show info" |
	    sed -n "s/^Uptime_sec: //p")" -ge 3 ]'
}

# H3: a limit that HAProxy may not have.
many=(big.example)
for ((i = 0; i < 700; i++)); do
	many+=("name-$i-of-a-very-long-list.big.example")
done
lab_make_lineage a.example
lab_make_lineage big.example "${many[@]}"
lab_conf verify.attempts=1
succeeds "a large bundle" lab_hook deploy --all
for condition in 0 'version_atleast(9.0)' none; do
	reload
	grown_up
	if [ "$condition" = none ]; then
		into_global 'tune.bufsize 131072'
	else
		into_global ".if $condition" 'tune.bufsize 131072' .endif
		reload
		grown_up
	fi
	worker=$(lab_worker_pid)
	lab_renew_lineage big.example
	run lab_hook deploy big.example
	is "$status" 0 "tune.bufsize that HAProxy has not ($condition)" ||
	    diag "$output"
	like "$output" 'waits for the reload.*bufsize' "... waits for a reload"
	is "$(lab_worker_pid)" "$worker" "... and the worker lives"
	succeeds "... which post makes" lab_hook post
	is "$(lab_served big.example)" "$(leaf big.example)" "... it is served"
done
into_global 'tune.bufsize 131072'
reload
lab_renew_lineage big.example
worker=$(lab_worker_pid)
run lab_hook deploy big.example
is "$(lab_served big.example)" "$(leaf big.example)" \
    "once HAProxy has read it, it is sent at once" || diag "$output"
succeeds "(the rest)" lab_hook post
is "$(lab_worker_pid)" "$worker" "... to the same worker"

# A link that is turned to an older file.
mv "$LAB/haproxy.cfg" "$LAB/large.cfg"
ln -s "$LAB/large.cfg" "$LAB/haproxy.cfg"
lab_cfg_over 2
ln -sfn "$LAB/before.cfg" "$LAB/haproxy.cfg"
reload
grown_up
ln -sfn "$LAB/large.cfg" "$LAB/haproxy.cfg"
lab_renew_lineage big.example
run lab_hook deploy big.example
is "$status" 0 "tune.bufsize of an older file" || diag "$output"
like "$output" 'waits for the reload.*bufsize' "... waits for a reload"
succeeds "... which post makes" lab_hook post
is "$(lab_served big.example)" "$(leaf big.example)" "... it is served"
rm "$LAB/haproxy.cfg"

# Facts of a branch that is false.
into_global "crt-base $LAB_SSL" '.if 0' 'crt-base /nonexistent' .endif
sed -i "s,crt $LAB_SSL/ ,crt a.example.pem ," "$LAB/haproxy.cfg"
reload
lab_renew_lineage a.example
succeeds "a crt-base in an .if 0" lab_hook deploy a.example
is "$(lab_served a.example)" "$(leaf a.example)" "... is not taken"
into_global "setenv DIR $LAB_SSL" '.if 0' 'setenv DIR /nonexistent' .endif
sed -i "s,crt $LAB_SSL/ ,crt \"\${DIR}\" ," "$LAB/haproxy.cfg"
reload
lab_renew_lineage a.example
succeeds "a setenv in an .if 0" lab_hook deploy a.example
is "$(lab_served a.example)" "$(leaf a.example)" "... is not taken"

# A bundle on such lines alone.
mkdir -m 700 "$LAB/apart"
lab_make_lineage off.example
(umask 077 && cat "$LAB_LE/live/off.example/fullchain.pem" \
    "$LAB_LE/live/off.example/privkey.pem" >"$LAB/apart/off.example.pem")
apart=$(lab_free_port)
set_apart() {
	{
		cat "$LAB/before.cfg"
		printf '.if %s\nfrontend off\n\thttp-request return\n' "$1"
		printf '\tbind 127.0.0.1:%d ssl crt %s\n.endif\n' \
		    "$apart" "$LAB/apart/off.example.pem"
	} >"$LAB/haproxy.cfg"
}
apart_deploy() {
	set_apart "$1"
	shift
	lab_cfg_over
	reload
	lab_conf "haproxy.bundle_dir=\"$LAB/apart\"" "$@"
	worker=$(lab_worker_pid)
	lab_renew_lineage off.example
	run lab_hook deploy off.example
}
no_reload() {
	run lab_hook post
	is "$(lab_worker_pid)" "$worker" "... is no reason to reload"
}
certain=(0 'defined(CERTHAUL_TEST)')
version=$("$LAB_HAPROXY" -v | sed -n 's/^HA-*Proxy version \([0-9.]*\).*/\1/p')
# (2.4, which has no -cc, has one call a condition, and no `!`.)
if "$LAB_HAPROXY" -cc 1 >/dev/null 2>&1; then
	certain+=("!version_atleast($version)"
	    'defined(PATH) && streq("x$CERTHAUL_TEST",y) # no')
fi
for condition in "${certain[@]}"; do
	apart_deploy "$condition"
	is "$status" 5 "on an .if $condition alone nothing loads it" ||
	    diag "$output"
	like "$output" 'no bind line .* loads .*off\.example' "... told"
	no_reload
done

# maybe WHAT: the last one was on lines of which HAProxy has not told.
maybe() {
	is "$status" 0 "a bundle on lines that are passed over: $1" ||
	    diag "$output"
	like "$output" 'nobody listens at' "... is told"
	no_reload
}
apart_deploy 'defined(HAPROXY_CERTHAUL)'
maybe "HAProxy's own variable"

# What HAProxy was built with is not ours to know, and its program is not run
# for it: it may have been replaced, and not started anew since.
printf '#!/bin/sh\n: >%s\nexec %s "$@"\n' "$LAB/ran" "$LAB_HAPROXY" \
    >"$LAB/program"
chmod 755 "$LAB/program"
apart_deploy 'feature(CERTHAUL)' "haproxy.program=\"$LAB/program\""
maybe "what HAProxy was built with"
[ ! -e "$LAB/ran" ]
is "$?" 0 "... its program is not run"

# Two of different versions.
cat >"$LAB/relay" <<-EOT
	#!/bin/sh
	socat -t 80 - "UNIX-CONNECT:$LAB_SOCK" |
	    sed 's/^Version: .*/Version: 2.3/'
EOT
chmod 700 "$LAB/relay"
lab_spawn "$LAB/relay.log" socat -t 80 \
    "UNIX-LISTEN:$LAB/relay.sock,fork,mode=600" "EXEC:$LAB/relay"
lab_wait_for '[ -S "$LAB/relay.sock" ]' || bail_out "no relay"
apart_deploy "version_before($version)" \
    "haproxy.sockets=[\"$LAB_SOCK\",\"$LAB/relay.sock\"]"
maybe "HAProxys of two versions"

# A worker that was taken over may say any version; that of the program on the
# disk has to be the same.
apart_deploy 'version_before(2.4)' "haproxy.sockets=[\"$LAB/relay.sock\"]" \
    'haproxy.master_socket=""'
maybe "a HAProxy that says another version than its program"
lab_conf "haproxy.bundle_dir=\"$LAB/apart\""
lab_kill "$lab_pid"

# The same, changed in the second in which HAProxy started.
started() {
	lab_cli 'show info' | sed -n 's/^Start_time_sec: //p'
}
until [ "$(stat -c %Z "$LAB/haproxy.cfg")" = "$(started)" ]; do
	cp "$LAB/before.cfg" "$LAB/haproxy.cfg"
	reload
	set_apart 'version_atleast(2.4)'
done
lab_renew_lineage off.example
run lab_hook deploy off.example
is "$status" 0 "lines that HAProxy may not have read" || diag "$output"
like "$output" 'waits for the reload.*older configuration' "... are told"
succeeds "... post reloads" lab_hook post
is "$(lab_served off.example "127.0.0.1:$apart")" "$(leaf off.example)" \
    "... and the bundle is served"
lab_conf

# A bind line in an .if that is true, which HAProxy has not read yet.
cp "$LAB/before.cfg" "$LAB/haproxy.cfg"
reload
succeeds "(all agrees)" lab_hook deploy --all
grown_up
other=$(lab_free_port)
{
	cat "$LAB/before.cfg"
	printf '.if version_atleast(2.4)\nfrontend other\n'
	printf '\tbind 127.0.0.1:%d ssl crt %s crt %s\n' "$other" \
	    "$LAB/default.pem" "$LAB_SSL/"
	printf '\thttp-request return status 200\n.endif\n'
} >"$LAB/haproxy.cfg"
# HAProxy has the renewal in its memory and shows it, so what else was edited
# does not go live by a reload of ours.
worker=$(lab_worker_pid)
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "a bind line in an .if that HAProxy has not read" ||
    diag "$output"
like "$output" 'nobody listens at .*haproxy\.cfg was changed' "... is told"
is "$(lab_served a.example)" "$(leaf a.example)" "... the renewal is served"
succeeds "... nothing waits for a reload" lab_hook post
is "$(lab_worker_pid)" "$worker" "... and there was none"
reload
is "$(lab_served a.example "127.0.0.1:$other")" "$(leaf a.example)" \
    "... the next one brings it there, too"

# A section that may be disabled, by a line before its bind line.
{
	cat "$LAB/before.cfg"
	printf 'frontend other\n.if !defined(HAPROXY_NO)\n\tdisabled\n'
	printf '.endif\n\tbind 127.0.0.1:%d ssl crt %s crt %s\n' "$other" \
	    "$LAB/default.pem" "$LAB_SSL/"
	printf '\thttp-request return status 200\n'
} >"$LAB/haproxy.cfg"
reload
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "a section that may be disabled" || diag "$output"
like "$output" "nobody listens at 127\\.0\\.0\\.1:$other" "... is told"

# Another file had the name, by a line that is mended and not read yet; that a
# line for another address loads the file, too, changes nothing about it.
lab_ca
lab_sign "$LAB/front" P-256 90 /CN=a.example -CA "$LAB/ca/chain.pem" \
    -CAkey "$LAB/ca/chain.key" -addext subjectAltName=DNS:a.example
cat "$LAB/front.key" >>"$LAB/front.pem"
{
	cat "$LAB/before.cfg"
	printf 'frontend other\n\tmode http\n\thttp-request return\n'
	printf '\tbind 127.0.0.1:%d ssl crt %s\n' "$other" "$LAB/front.pem"
} >"$LAB/after.cfg"
sed "s,crt $LAB_SSL/ ,crt $LAB/front.pem &," "$LAB/after.cfg" \
    >"$LAB/haproxy.cfg"
reload
lab_renew_lineage a.example
ends_with 4 "a file in front has the name" lab_hook deploy a.example
grown_up
ln -sfn "$LAB/after.cfg" "$LAB/haproxy.cfg"
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "... not by the line that HAProxy is to read" || diag "$output"
like "$output" 'waits for the reload.*haproxy\.cfg was changed' \
    "... which is waited for"
succeeds "... post reloads" lab_hook post
is "$(lab_served a.example)" "$(leaf a.example)" "... and it is served"

# The same by a file of a directory, which is removed.
rm "$LAB/haproxy.cfg"
mkdir "$LAB/haproxy.cfg"
cp "$LAB/before.cfg" "$LAB/haproxy.cfg/a.cfg"
{
	printf 'frontend other\n\tmode http\n\thttp-request return\n'
	printf '\tbind 127.0.0.1:%d ssl crt %s\n' "$other" "$LAB/front.pem"
} >"$LAB/haproxy.cfg/b.cfg"
reload
lab_conf "verify.addresses=[\"127.0.0.1:$LAB_HTTPS\",\"127.0.0.1:$other\"]"
lab_renew_lineage a.example
ends_with 4 "a file of a directory has the name" lab_hook deploy a.example
rm "$LAB/haproxy.cfg/b.cfg"
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "... which is gone by now" || diag "$output"
like "$output" 'waits for the reload.*haproxy\.cfg was changed' \
    "... that is waited for"
done_testing
