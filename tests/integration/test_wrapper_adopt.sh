#!/usr/bin/env bash
# certhaul init and check beside a HAProxy that works already: what it shows
# stays, and what certhaul does not read is told of.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start
mkdir "$LAB/cron"

init() {
	lab_certhaul init --cron-dir "$LAB/cron" "$@"
}
# bundle FILE SUBJECT OPTION...: somebody's certificate and key.
bundle() {
	lab_sign "$LAB/made" P-256 90 "$2" "${@:3}"
	cat "$LAB/made.pem" "$LAB/made.key" >"$1"
}
# shown: what who asks without SNI gets.
shown() {
	lab_handshake "" | lab_subject
}

# --- the default certificate -------------------------------------------------
lab_ca
bundle "$LAB_SSL/corp.pem" /CN=corp.example \
    -addext subjectAltName=DNS:corp.example
bundle "$LAB_SSL/other.pem" /CN=other.example
mkdir "$LAB_SSL/a.dir"
echo nothing >"$LAB_SSL/a.pem.key"
cp "$LAB/haproxy.cfg" "$LAB/good.cfg"
sed -i "s,crt $LAB/default.pem ,," "$LAB/haproxy.cfg"
cp "$LAB/haproxy.cfg" "$LAB/alone.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
is "$(shown)" CN=corp.example "(the first of the directory is shown)"
succeeds "init --write on a directory with somebody's certificate" init --write
like "$(cat "$LAB/haproxy.cfg")" \
    "ssl crt $LAB_SSL/corp.pem crt $LAB_SSL/ " "... puts that in front"
lab_haproxy_reload || bail_out "HAProxy does not reload"
is "$(shown)" CN=corp.example "... nothing changes for who asks without SNI"
run init
is "$output" "nothing to do" "... and nothing is lacking then"
lab_make_lineage a.example
succeeds "(a deploy)" lab_hook deploy a.example
lab_haproxy_reload || bail_out "HAProxy does not reload"
is "$(shown)" CN=corp.example "... nor by a lineage that comes before it"
is "$(lab_served a.example)" "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" \
    "... which is served"

cp "$LAB/alone.cfg" "$LAB/haproxy.cfg"
run init
like "$output" "without SNI gets $LAB_SSL/a.example.pem there so far, and gets \
$LAB/default.pem from now on" "where a lineage's was shown, the change is told"
like "$output" "\\+.*ssl crt $LAB/default.pem crt $LAB_SSL/ " \
    "... as that comes and goes"

# --- what a bind line has already --------------------------------------------
cp "$LAB_SSL/corp.pem" "$LAB/site.pem"
mkdir "$LAB/old"
cp "$LAB_SSL/corp.pem" "$LAB/old"
sed "s,crt $LAB/default.pem crt $LAB_SSL/,crt $LAB/site.pem crt $LAB/old/," \
    "$LAB/good.cfg" >"$LAB/haproxy.cfg"
run init
like "$output" "loads $LAB/site.pem before .* take it off that line" \
    "a file before the bundles is to be taken off"
unlike "$(grep site.pem <<<"$output")" bundle_dir \
    "... and is nothing for haproxy.bundle_dir"
like "$output" "loads $LAB/old before .*set haproxy.bundle_dir to it" \
    "a directory may be"
sed "s,crt $LAB/default.pem crt $LAB_SSL/,crt $LAB/site.pem & crt $LAB/old/," \
    "$LAB/good.cfg" >"$LAB/haproxy.cfg"
run init
is "$output" "nothing to do" \
    "beside the bundles, they hide no lineage's name"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
lab_conf haproxy.bundle_dir="\"$LAB/site.pem\""
ends_with 1 "haproxy.bundle_dir is a file" init --dry-run
like "$output" "$LAB/site.pem: it is no directory" "... is told so"
unlike "$output" 'right to write' "... and is not for mending"
lab_conf

# --- what HAProxy refuses already ---------------------------------------------
: >"$LAB_SSL/empty.pem"
sed -i '/hard-stop-after/d' "$LAB/haproxy.cfg"
cp "$LAB/haproxy.cfg" "$LAB/was.cfg"
ends_with 1 "init --write where HAProxy refuses what is there" init --write
like "$output" 'as it is, and nothing was changed; mend this .*empty.pem' \
    "... says that it does"
unlike "$(grep 'mend this' <<<"$output")" '\.certhaul-' \
    "... by the file's own name"
is "$(cat "$LAB/haproxy.cfg")" "$(cat "$LAB/was.cfg")" "... (nothing)"
rm "$LAB_SSL/empty.pem"
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"

# --- files that HAProxy has and certhaul does not read ------------------------
lab_haproxy_stop
mkdir "$LAB/started"
cp "$LAB/good.cfg" "$LAB/started/haproxy.cfg"
{
	echo 'frontend more'
	printf '\tmode http\n\tbind 127.0.0.1:%s\n' "$(lab_free_port)"
} >"$LAB/started/10-http.cfg"
# with_more: HAProxy with both, by relative names.
with_more() {
	(cd "$LAB/started" && exec env CERTHAUL_LAB="$LAB" "$LAB_HAPROXY" \
	    -W -S "$LAB_MASTER,mode,600" -f haproxy.cfg -f 10-http.cfg \
	    >>"$LAB/haproxy.log" 2>&1 </dev/null {tap_out}>&-) &
	lab_haproxy_pid=$!
	lab_wait_for lab_worker_pid || bail_out "HAProxy does not start"
}
with_more
lab_conf haproxy.config="[ \"$LAB/started/haproxy.cfg\" ]"
run init
like "$output" "$LAB/started/10-http.cfg: HAProxy was started with this file" \
    "a file with a relative name that is not read is told of"
unlike "$output" "started/haproxy.cfg: HAProxy was" \
    "... one that is read is not"
sed -i '/hard-stop-after/d' "$LAB/started/haproxy.cfg"
ends_with 1 "... nothing is written beside it" init --write
unlike "$(cat "$LAB/started/haproxy.cfg")" hard-stop-after "... (nothing)"
run lab_certhaul check
like "$output" "was started with $LAB/started/10-http.cfg" "... check says so"
lab_conf haproxy.config="[ \"$LAB/haproxy.cfg\" ]"
run init
like "$output" "$LAB/started/haproxy.cfg: HAProxy was started" \
    "one of the same name in another directory is not read"
# Where it works is gone: the names alone are left to go by.
lab_conf haproxy.config="[ \"$LAB/haproxy.cfg\" ]"
mv "$LAB/started" "$LAB/moved"
mv "$LAB/moved/10-http.cfg" "$LAB/moved/haproxy.cfg" "$LAB/old"
run init
like "$output" '^certhaul: (warning: )?10-http.cfg: HAProxy was' \
    "where it cannot be looked for, its name tells" || diag "$output"
unlike "$output" 'haproxy.cfg: HAProxy was started' "... that of another, too"

# The port that HAProxy has by such a file is not somebody else's.
# held COMMAND...: where port 80 has a listener.
held() {
	unshare --net /usr/bin/python3 -c '
import socket, subprocess, sys
s = socket.socket()
s.bind(("", 80))
s.listen()
sys.exit(subprocess.call(sys.argv[1:]))' "$@"
}
sed '/^frontend/,$d' "$LAB/good.cfg" >"$LAB/haproxy.cfg"
lab_conf 'account.agree_tos=true' 'account.email="lab@a.example"'
unread='10-http.cfg: HAProxy was started with this file'
run lab_certhaul request --dry-run a.example
like "$output" "no-frontend.*$unread" \
    "no frontend in what is read: the preflight says that it is not all"
unlike "$output" 'frontend acme|http_addresses' "... and proposes nothing"
run held "$LAB_BIN/certhaul" -c "$LAB_CONF" init --cron-dir "$LAB/cron"
like "$output" "$unread" "... init says so"
unlike "$output" 'is held by' "... and nothing of who holds the port"
lab_haproxy_stop
run held "$LAB_BIN/certhaul" -c "$LAB_CONF" init --cron-dir "$LAB/cron"
like "$output" 'port 80 is held by python3' "... which it does without HAProxy"
done_testing
