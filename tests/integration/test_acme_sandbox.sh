#!/usr/bin/env bash
# The half of certhaul-acme that has the network, looked at from outside while
# it works: who it is, what it may do, what it holds open. A hook that waits,
# and a CA that never answers, hold it still.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --no-haproxy --pebble
[ "$(id -u)" -eq 0 ] || bail_out "this is about what root gives up: run as root"

# A sanitizer's report must be seen, wherever it goes.
stderr=/dev/null
file_size=' 0 '
nm "$LAB_BIN/certhaul-acme" | grep -q __asan_init && {
	stderr=$LAB/out
	file_size=' unlimited '
}

# The two halves' pids.
front=
client=

# status_of FIELD: of the client.
status_of() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$client/status" |
	    tr -s '[:space:]' ' ' | sed 's/ $//'
}
# begin ARGUMENT...: certhaul-acme in the background; front and client.
begin() {
	lab_builtin certonly -d a.example "$@" >"$LAB/out" 2>&1 </dev/null \
	    {tap_out}>&- &
	runner=$!
}
# find_halves: $front and $client, once there are both.
find_halves() {
	lab_wait_for '
	front=$(pgrep -x certhaul-acme -P "$runner" || pgrep -x \
	    certhaul-acme -P "$(pgrep -P "$runner" | head -n 1)")
	front=${front%%$'"'\n'"'*}
	client=$(pgrep -P "$front" -x certhaul-acme)
	[ -n "$client" ]' || bail_out "no client: $(cat "$LAB/out")"
}
# is_shut_in WHEN
is_shut_in() {
	local nobody zero=0000000000000000
	nobody=$(id -u nobody)
	is "$(status_of Uid)" "$nobody $nobody $nobody $nobody" \
	    "$1: it is nobody"
	is "$(status_of Gid)" "$(for _ in 1 2 3 4; do
		id -g nobody
	done | paste -sd' ')" "... and of nobody's group"
	is "$(status_of Groups)" "" "... and of no other"
	is "$(status_of NoNewPrivs)" 1 "... and cannot become anybody"
	is "$(status_of Seccomp)" 2 "... its system calls are filtered"
	is "$(status_of CapPrm) $(status_of CapEff) $(status_of CapInh)" \
	    "$zero $zero $zero" "... no capability"
	is "$(find -L "/proc/$client/fd" -type f -printf '%l\n' 2>/dev/null |
	    grep -c "$LAB/le")" 0 "... no file of certbot's open"
	is "$(readlink "/proc/$client/fd"/* |
	    grep -v "^socket:\|^pipe:\|^anon_inode:\|^/dev/null$\|^$stderr$" |
	    paste -sd' ')" "" "... nothing else open, either"
	is "$(readlink "/proc/$client/fd"/[0-2] | paste -sd' ')" \
	    "/dev/null /dev/null $stderr" "... not what root reads and writes"
	isnt "$(ps -o sid= -p "$client")" "$(ps -o sid= -p "$front")" \
	    "... it is not of root's session, and so has no terminal"
	like "$(grep '^Max file size' "/proc/$client/limits")" "$file_size" \
	    "... and may write no file that it would have"
	is "$(sed -n 's/^Uid:[[:space:]]*\([0-9]*\).*/\1/p' \
	    "/proc/$front/status")" 0 "... the other half is root"
	is "$(find "/proc/$front/fd" -printf '%l\n' | grep -c 'socket:')" 1 \
	    "... and has no socket but the pair"
}

# What hooks of the operator's sign in with.
token=ZnJvbS10aGUtZW52aXJvbm1lbnQ
word=b24tdGhlLWNvbW1hbmQtbGluZQ
# holds PID TEXT: how often it is in the memory of that process.
holds() {
	/usr/bin/python3 - "$@" <<-'EOT'
	import sys
	pid, text = sys.argv[1], sys.argv[2].encode()
	found = 0
	with open(f"/proc/{pid}/maps") as maps, \
	        open(f"/proc/{pid}/mem", "rb", 0) as memory:
	    for line in maps:
	        if line.split()[1].startswith("rw"):
	            span = line.split()[0].split("-")
	            start, end = (int(n, 16) for n in span)
	            memory.seek(start)
	            found += memory.read(end - start).count(text)
	print(found)
	EOT
}

# --- while a hook works ----------------------------------------------------
cat >"$LAB/hook" <<'EOT'
#!/bin/sh
touch "$1.there"
while [ ! -e "$1.go" ]; do sleep 0.05; done
EOT
chmod 755 "$LAB/hook"
NO_PROXY=127.0.0.1 DNS_TOKEN=$token begin --manual \
    --manual-auth-hook "$LAB/hook $LAB/hook $word"
lab_wait_for "[ -e $LAB/hook.there ]" || bail_out "no hook: $(cat "$LAB/out")"
find_halves
is_shut_in "in a hook"
for text in "$token" "$word"; do
	isnt "$(holds "$front" "$text")" 0 "the front has what a hook needs"
	is "$(holds "$client" "$text")" 0 "... the other half has not"
done
is "$(tr '\0' '\n' <"/proc/$client/environ" | sed 's/=.*//' |
    grep -x 'NO_PROXY\|REQUESTS_CA_BUNDLE\|PATH\|DNS_TOKEN' | sort |
    paste -sd' ')" "NO_PROXY REQUESTS_CA_BUNDLE" \
    "it keeps what curl, the resolver and TLS look at"
is "$(tr -d '\0' <"/proc/$client/cmdline")" "$LAB_BIN/certhaul-acme" \
    "... and of the command line the program's name"
# What it may not have, it may not have by way of its own /proc either.
for path in "$LAB_LE/accounts" "$LAB_LE/archive" "$LAB/le-logs" /root; do
	run setpriv --reuid nobody --regid nogroup --clear-groups ls "$path"
	isnt "$status" 0 "nobody cannot look into $path"
done
touch "$LAB/hook.go"
wait "$runner"
lab_wait_for "! lab_alive $client" || not_ok "the client stays"
ok "it goes with the other half"

# --- while a CA is silent, and the other half is killed --------------------
hole=$(lab_free_port)
lab_spawn "$LAB/hole.log" /usr/bin/python3 -c "
import socket, time
s = socket.create_server(('127.0.0.1', $hole))
held = []
while True:
    held.append(s.accept())
"
lab_wait_for "lab_listens $hole"
mkdir -p "$LAB/xdg/letsencrypt"
secret=c2VjcmV0LW9mLXRoZS1DQS1mb3ItdXMtYWxvbmU
printf '%s\n' "eab-kid = us" "eab-hmac-key = $secret" \
    >"$LAB/xdg/letsencrypt/cli.ini"
chmod 600 "$LAB/xdg/letsencrypt/cli.ini"
begin --server "https://127.0.0.1:$hole/dir"
find_halves
is_shut_in "before a silent CA"
isnt "$(holds "$front" "$secret")" 0 "the front has the CA's secret"
is "$(holds "$client" "$secret")" 0 "... the half with the network has not"
kill -KILL "$front"
lab_wait_for "! lab_alive $client"
is $? 0 "the other half is killed: it dies, too"
wait "$runner"
done_testing
