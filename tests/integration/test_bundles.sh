#!/usr/bin/env bash
# What a leaf alone does not tell: a bundle that differs in its chain only, the
# names that a crt-list line is for, and what is shown without a name.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --no-haproxy

leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}
port=$(lab_free_port)
at=127.0.0.1:$port

# proxy BIND: a HAProxy with this bind line at $at.
proxy() {
	lab_proxy one "$at ssl $1"
}

# chain NAME: how many certificates are sent behind the leaf.
chain() {
	timeout 20 openssl s_client -connect "$at" -servername "$1" \
	    -showcerts </dev/null 2>/dev/null | grep -c 'BEGIN CERT' |
	    awk '{ print $1 - 1 }'
}

# conf SETTING...: of this lab.
conf() {
	lab_conf "haproxy.config=[\"$LAB/one.cfg\"]" \
	    "haproxy.sockets=[\"$LAB/one.sock\"]" \
	    "haproxy.master_socket=\"$LAB/one.master\"" \
	    'verify.addresses=[]' "$@"
}

# bare NAME: the bundle as a script wrote it, that forgot the chain.
bare() {
	cat "$LAB_LE/live/$1/cert.pem" "$LAB_LE/live/$1/privkey.pem" \
	    >"$LAB_SSL/$1.pem"
}

# --- the chain ----------------------------------------------------------------
lab_make_lineage a.example
lab_make_lineage b.example
bare a.example
bare b.example
conf
proxy "crt $LAB_SSL/"
is "$(chain a.example)" 0 "(HAProxy was started with a bundle without chain)"
worker=$(echo 'show info' | socat - "UNIX-CONNECT:$LAB/one.sock" |
    sed -n 's/^Pid: //p')
run lab_hook deploy --dry-run a.example
like "$output" "update $LAB_SSL/a.example.pem on" \
    "one that differs in its chain is to be updated in memory"
succeeds "... and is" lab_hook deploy a.example
is "$(chain a.example)" 1 "... and sent with its chain"
run lab_hook deploy a.example
like "$output" 'up to date' "... once"

# HAProxy has read an older file than the one there is: no leaf tells.
conf 'haproxy.update="none"'
succeeds "(the bundle is on disk alone)" lab_hook deploy b.example
is "$(chain b.example)" 0 "(HAProxy has the one without chain)"
conf
succeeds "a handshake that lacks the chain" lab_hook deploy b.example
is "$(chain b.example)" 1 "... has it sent anew"
is "$(echo 'show info' | socat - "UNIX-CONNECT:$LAB/one.sock" |
    sed -n 's/^Pid: //p')" "$worker" "... without a reload"

# Where only a reload can do it, it is queued.
bare a.example
lab_kill "$lab_pid"
proxy "crt $LAB_SSL/"
conf 'haproxy.update="reload"'
run lab_hook deploy a.example
like "$output" 'waits for the reload' "by reload: one is due"
succeeds "... which post makes" lab_hook post
is "$(chain a.example)" 1 "... and the chain is sent"
conf 'haproxy.update="none"'
bare b.example
lab_kill "$lab_pid"
proxy "crt $LAB_SSL/"
succeeds "(on disk alone)" lab_hook deploy b.example
conf 'haproxy.update="reload"'
run lab_hook deploy b.example
like "$output" 'waits for the reload' \
    "by reload, and only the handshake tells: one is due"
succeeds "... which post makes" lab_hook post
is "$(chain b.example)" 1 "... and the chain is sent"
lab_kill "$lab_pid"

# --- the names of a crt-list line ---------------------------------------------
conf
lab_make_lineage f.example f.example g.example other.f.example
lab_make_lineage h.example h.example f.example
lab_make_lineage w.example '*.w.example' w.example
cat >"$LAB/list.txt" <<EOT
$LAB/default.pem
$LAB_SSL/f.example.pem [alpn h2] f.example
$LAB_SSL/h.example.pem h.example
$LAB_SSL/w.example.pem [alpn h2] *.w.example !no.w.example
$LAB_SSL/f.example.pem extra.example
$LAB_SSL/b.example.pem !*
EOT
for name in f.example h.example w.example; do
	cp "$LAB/default.pem" "$LAB_SSL/$name.pem"
done
proxy "crt-list $LAB/list.txt"
three=(f.example h.example w.example)
succeeds "lines with names of their own" lab_hook deploy "${three[@]}"
for name in "${three[@]}"; do
	lab_renew_lineage "$name"
done
run lab_hook deploy -v "${three[@]}"
is "$status" 0 "... renewed" || diag "$output"
is "$(lab_served f.example "$at") $(lab_served extra.example "$at")" \
    "$(leaf f.example) $(leaf f.example)" "... served for each of them"
is "$(lab_served h.example "$at")" "$(leaf h.example)" "... and the second"
is "$(lab_served x.w.example "$at") $(lab_served w.example "$at")" \
    "$(leaf w.example) $(lab_leaf "$LAB/default.pem")" \
    "... a wildcard, and the name that is left out"

# A name of the line that another bundle takes: that is one.
sed -i "2i $LAB_SSL/h.example.pem extra.example" "$LAB/list.txt"
echo reload | socat - "UNIX-CONNECT:$LAB/one.master" >/dev/null
lab_wait_for "[ \"\$(lab_served extra.example $at)\" = $(leaf h.example) ]"
lab_renew_lineage f.example
before=$(lab_leaf "$LAB_SSL/f.example.pem")
run lab_hook deploy f.example
is "$status" 4 "a name that another line takes is a mismatch"
like "$output" 'extra\.example at .*h\.example\.pem has that certificate' \
    "... and told"
is "$(lab_leaf "$LAB_SSL/f.example.pem")" "$before" "... and rolled back"

# For no name at all.
lab_renew_lineage b.example
run lab_hook deploy b.example
is "$status" 5 "what no name asks for, and no default is, cannot be proved" ||
    diag "$output"
is "$(lab_leaf "$LAB_SSL/b.example.pem")" "$(leaf b.example)" \
    "... and stays installed"
lab_kill "$lab_pid"

# --- what stood on the bind line before ---------------------------------------
mkdir -m 700 "$LAB/certs"
cat "$LAB_LE/live/a.example/fullchain.pem" \
    "$LAB_LE/live/a.example/privkey.pem" >"$LAB/certs/a.example.pem"
proxy "crt $LAB/certs/ crt $LAB_SSL/"
succeeds "(the same certificate in both)" lab_hook deploy a.example
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 4 "a directory that goes before ours"
like "$output" \
    'certs/a\.example\.pem has that certificate, .*one\.cfg:9 loads it' \
    "... and the file in it is told"
# A script that goes on beside us has written to it since HAProxy read it.
cat "$LAB_LE/live/a.example/fullchain.pem" \
    "$LAB_LE/live/a.example/privkey.pem" >"$LAB/certs/a.example.pem"
run lab_hook deploy a.example
is "$status" 4 "... one that has another certificate by now"
like "$output" "now, but $LAB/certs/a\.example\.pem, which .*one\.cfg:9 loads, \
has a name of ours" "... is told, too"
lab_kill "$lab_pid"

# --- without a name -----------------------------------------------------------
rm -r "$LAB_SSL" "$LAB_STATE"
mkdir -m 700 "$LAB_SSL"
cp "$LAB/default.pem" "$LAB_SSL/default.pem"
proxy "crt $LAB_SSL/"
run lab_hook deploy a.example
is "$status" 0 "a bundle before what HAProxy took for the default" ||
    diag "$output"
like "$output" "no name.* at $at shows .*reload it" "... is told"
echo reload | socat - "UNIX-CONNECT:$LAB/one.master" >/dev/null
lab_wait_for "[ \"\$(lab_served '' $at)\" = $(leaf a.example) ]"
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "after a reload it is the default itself" || diag "$output"
unlike "$output" 'no name' "... and there is nothing to tell"
is "$(lab_served '' "$at")" "$(leaf a.example)" "... the new one, too"
lab_kill "$lab_pid"
done_testing
