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
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
lab_conf haproxy.bundle_dir="\"$LAB/site.pem\""
ends_with 1 "haproxy.bundle_dir is a file" init --dry-run
like "$output" "$LAB/site.pem: it is no directory" "... is told so"
unlike "$output" 'mend owner' "... and is not for mending"
lab_conf
done_testing
