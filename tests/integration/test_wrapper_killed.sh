#!/usr/bin/env bash
# certhaul init --write after a run that was killed: what that has left half
# done is completed, what it has staged goes away.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --no-haproxy
mkdir "$LAB/cron" "$LAB/own"
# Others may use it, so certhaul gets one of its own.
sed -i "s,stats socket .*,stats socket $LAB_SOCK mode 666 level operator," \
    "$LAB/haproxy.cfg"

init() {
	lab_certhaul init --cron-dir "$LAB/cron" "$@"
}

# Between haproxy.cfg and certhaul.conf.
run init
cp -p "$LAB_CONF" "$LAB/was.conf"
run init --write
changed=$(<"$LAB_CONF")
like "$changed" "\"$LAB/certhaul.sock\"" "(certhaul.conf names the new socket)"
cp -p "$LAB/was.conf" "$LAB_CONF"
rm "$LAB_CONF".certhaul-*
cp "$LAB/haproxy.cfg" "$LAB/was.cfg"
run init
is "$(grep -c "sockets = \[ \"$LAB/certhaul.sock" <<<"$output")" 1 \
    "what certhaul.conf does not name yet is told, once"
run init --dry-run --write
like "$output" "would: change $LAB_CONF" "--dry-run --write: ... it would be"
is "$(<"$LAB_CONF")" "$(<"$LAB/was.conf")" "... and is not"
cp "$LAB_CONF" "$LAB/own/c.conf"
before=$(stat -c %z "$LAB/own")
CERTHAUL_LAB=$LAB run "$LAB_BIN/certhaul" -c "$LAB/own/c.conf" init --dry-run \
    --write --cron-dir "$LAB/cron"
like "$output" "would: change $LAB/own/c.conf" "... in whatever directory"
is "$(stat -c %z "$LAB/own")" "$before" "... where nothing was staged"
run init --write
like "$output" "change $LAB_CONF" "--write: it is"
like "$output" "next: reload HAProxy .* not the socket $LAB/certhaul.sock" \
    "... and what was not said is"
is "$(<"$LAB_CONF")" "$changed" "... as the first run would have done it"
is "$(<"$LAB/haproxy.cfg")" "$(<"$LAB/was.cfg")" "haproxy.cfg has its line"
run init --write
unlike "$output" "change|sockets" "then nothing is lacking of it"

# What it has staged.
staged=$LAB/.certhaul-killed
touch "$staged"
run init --dry-run --write
is "$(ls -A "$staged")" "$staged" "--dry-run leaves what was staged"
lab_spawn "$LAB/lock.log" /usr/bin/python3 -c '
import fcntl, signal, sys
lock = open(sys.argv[1], "a+")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held", flush=True)
signal.pause()' "$LAB/certhaul.lock"
lab_wait_for "grep -q held '$LAB/lock.log'" || bail_out "no lock is held"
run init
is "$(ls -A "$staged")" "$staged" "so does who has not the lock"
like "$output" . "... and does the rest"
lab_conf lock_wait_ms=0
ends_with 1 "... and with --write it says that" init --write
like "$output" "$LAB/certhaul.lock.*process" "... and who has it"
is "$(ls -A "$staged")" "$staged" "... and leaves it"
lab_kill "$lab_pid"
mkdir "$LAB/.certhaul-dir"
ln -s was.cfg "$LAB/.certhaul-link"
chmod 777 "$LAB"
run init
is "$(ls -A "$staged")" "$staged" \
    "in a directory that others may write to it stays"
chmod 700 "$LAB"
run init
like "$output" "remove what a killed run left in $LAB" "else it is told of"
is "$(cd "$LAB" && echo .certhaul-*)" ".certhaul-dir .certhaul-link" \
    "... and is away, while what is no file stays"
run init
unlike "$output" "killed" "... once"
done_testing
