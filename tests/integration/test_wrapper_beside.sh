#!/usr/bin/env bash
# HAProxy has the lineages' certificates already, as a script made them: what
# certhaul init says of that is done, and renewals go through.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start
mkdir "$LAB/cron"

init() {
	lab_certhaul init --cron-dir "$LAB/cron" "$@"
}
# lineage FILE: what such a script writes into it.
lineage() {
	(umask 077 && cat "$LAB_LE/live/a.example/fullchain.pem" \
	    "$LAB_LE/live/a.example/privkey.pem" >"$1")
}
# loads WORD...: the line for https has these; nothing is deployed yet.
loads() {
	rm -rf "$LAB_SSL" "$LAB/old" "$LAB_STATE"
	mkdir -m 700 "$LAB_SSL" "$LAB/old" "$LAB_STATE"
	sed "s,ssl crt .* alpn,ssl $* alpn," "$LAB/good.cfg" \
	    >"$LAB/haproxy.cfg"
}
# renewed WHAT: the next renewal is served.
renewed() {
	lab_renew_lineage a.example
	succeeds "$1" lab_certhaul deploy a.example
	is "$(lab_served a.example)" \
	    "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" "... and served"
}
reload() {
	lab_haproxy_reload || bail_out "HAProxy does not reload"
}
# somebodys KEY NAME...: into site.pem, of nobody's lineage.
somebodys() {
	local sans
	sans=$(printf ',DNS:%s' "${@:2}")
	lab_sign "$LAB/made" "$1" 90 "/CN=$2" \
	    -addext "subjectAltName=${sans#,}"
	cat "$LAB/made.pem" "$LAB/made.key" >"$LAB/site.pem"
}

lab_make_lineage a.example
cp "$LAB/haproxy.cfg" "$LAB/good.cfg"
at=$LAB/haproxy.cfg:$(grep -n 'ssl crt' "$LAB/good.cfg" | cut -d: -f1)
default=$LAB/default.pem
succeeds "(hooks and the cron file)" init

# --- a file -------------------------------------------------------------------
lineage "$LAB/site.pem"
loads "crt $LAB/site.pem"
run init --write
like "$output" "next: after the deploy, put .crt $default. in place of .crt \
$LAB/site.pem. at $at, and reload HAProxy: $LAB/site.pem has a.example" \
    "a file with a lineage's certificate: how it is to go"
like "$output" "next: certhaul deploy .*next: after" "... behind the deploy"
reload
succeeds "(a deploy)" lab_certhaul deploy a.example
run init
like "$output" "next: put .crt $default. in place of .crt $LAB/site.pem. at" \
    "... which each run tells"
lab_renew_lineage a.example
run init
like "$output" 'reload HAProxy \(then: certhaul deploy\)' \
    "... also of what was renewed since"
sed -i "s,crt $LAB/site.pem,crt $default," "$LAB/haproxy.cfg"
reload
run init
is "$output" "nothing to do" "... until that is done"
renewed "... and a renewal is deployed then"

# Another certificate than the lineage's, with another name.
somebodys P-256 a.example m.example
loads "crt $default crt $LAB/site.pem crt $LAB_SSL/"
run init
like "$output" "next: write fullchain.pem and privkey.pem of lineage \
a.example into $LAB/site.pem and reload HAProxy, or the deploy is rolled back" \
    "a file with another certificate"
like "$output" "once a lineage has m.example, too, .* take .crt \
$LAB/site.pem. off $at, and" "... that has another name"
somebodys rsa2048 a.example
run init
is "$output" "nothing to do" "one with an RSA key is a pair"
somebodys P-256 a.example
sed -i "s, crt $LAB_SSL/,," "$LAB/haproxy.cfg"
run init
unlike "$output" "loads $LAB/site.pem before" "one that is told of next ..."
somebodys P-256 other.example
run init
like "$output" "loads $LAB/site.pem before .* take it off that line" \
    "... is not told of as one that has none of the names"

# --- a directory --------------------------------------------------------------
loads "crt $LAB/old/"
lineage "$LAB/old/a.example.pem"
cp "$LAB/haproxy.cfg" "$LAB/was.cfg"
rm "$LAB/cron/certhaul" "$LAB_LE/renewal-hooks/deploy/certhaul-hook"
cp "$LAB_CONF" "$LAB/was.conf"
run init
like "$output" "$at loads $LAB/old/, where a.example.pem is for lineage \
a.example already: before anything else, haproxy.bundle_dir is to be" \
    "a directory with bundles: it is to be bundle_dir"
unlike "$output" "next: " "... before a deploy"
run init --write --dry-run
like "$output" "would: change $LAB_CONF" "... which --write would put in"
is "$(cat "$LAB_CONF")" "$(cat "$LAB/was.conf")" "... and has not yet"
sed -i "s,^.*bind .*ssl crt.*,bind 127.0.0.1:$(lab_free_port) ssl crt \
$default\n&," "$LAB/haproxy.cfg"
cp "$LAB/haproxy.cfg" "$LAB/two.cfg"
run init --write
like "$output" "where a.example.pem is for lineage" "... nor to a line ahead"
is "$(cat "$LAB/haproxy.cfg")" "$(cat "$LAB/two.cfg")" "... of that one"
cp "$LAB/was.cfg" "$LAB/haproxy.cfg"
# Only looked at: the default is no directory of the lab.
sed -i 's/^ *bundle_dir = /# &/' "$LAB_CONF"
run init --write --dry-run
like "$output" "would: change $LAB_CONF" "... where it is but a comment, too"
# In whatever words it stands there; where that is too much, it is said so.
# put LINE: init --write with this line for those of bundle_dir and
# master_socket.
put() {
	lab_conf
	sed -i "/^ *master_socket/d; s|^ *bundle_dir = .*|$1|" "$LAB_CONF"
	run init --write
}
dir="bundle_dir = \"$LAB_SSL\";"
while IFS='|' read -r what text; do
	put "$text"
	like "$output" "next: run init again, now that .* $LAB/old" \
	    "... put in: $what"
	like "$(cat "$LAB_CONF")" "bundle_dir = \"$LAB/old\";" \
	    "... in its place"
done <<-EOT
	a slash at its end|bundle_dir = "$LAB_SSL/";
	a comment beside it|$dir /* was "$LAB_SSL" */
	a comment in front of it|/* bundle_dir = "$LAB_SSL/"; */ $dir
	signs of a comment in a string|master_socket = "/r//x#y"; $dir
EOT
put "bundle_dir = \"${LAB_SSL%?}\" \"${LAB_SSL: -1}\";"
like "$output" "$LAB_CONF could not be changed: put it in yourself: .*/old\"" \
    "... else it is said that it is not"
unlike "$output" "now that haproxy.bundle_dir" "... nor told as done"
lab_conf
sed -i "s,^haproxy: {,# bundle_dir = \"$LAB_SSL\"\n&," "$LAB_CONF"
rm -f "$LAB_CONF".certhaul-*
cp "$LAB_CONF" "$LAB/was.conf"
run init --write
like "$output" "next: run init again, now that .*bundle_dir is $LAB/old" \
    "... --write puts it in"
is "$(cat "$LAB/haproxy.cfg")" "$(cat "$LAB/was.cfg")" \
    "... and no second one is put beside it"
is "$(diff "$LAB/was.conf" "$LAB_CONF" | grep '^>')" \
    ">     bundle_dir = \"$LAB/old\";" "... changed is that line alone"
is "$(cat "$LAB_CONF".certhaul-*)" "$(cat "$LAB/was.conf")" "... with a copy"
succeeds "... with that, init goes on" init --write
reload
succeeds "(a deploy)" lab_certhaul deploy a.example
run init
is "$output" "nothing to do" "... and has no more to say"
renewed "... a renewal is deployed"

# bundle_dir was another one before.
loads "crt $default crt $LAB/old/ crt $LAB_SSL/"
lineage "$LAB_SSL/a.example.pem"
run init
like "$output" "next: after the deploy, take .crt $LAB_SSL. off $at" \
    "an earlier bundle_dir is to go"
unlike "$output" "bundle_dir" "... and not to be it again"
cp "$default" "$LAB_SSL/other.pem"
run init
like "$output" "next: after the deploy, move $LAB_SSL/a.example.pem out of" \
    "... the bundle alone, where it has others"
loads "crt $default crt $LAB/old/"
lineage "$LAB/old/site.pem"
lineage "$LAB/old/site2.pem"
run init
like "$output" "next: after the deploy, move $LAB/old/site2?.pem \\(and 1 \
more\\) out of" "other files of bundle_dir, by what is in them"
lab_conf

# --- a crt-list ---------------------------------------------------------------
lineage "$LAB/site.pem"
loads "crt-list $LAB/list.txt"
printf '%s\n' "# a comment" "$LAB/site.pem a.example" >"$LAB/list.txt"
reload
run init
like "$output" "next: after the deploy, put $default in place of \
$LAB/site.pem at $LAB/list.txt:2, and reload" "an entry of a crt-list"
succeeds "(a deploy)" lab_certhaul deploy a.example
sed -i "2s,.*,$default," "$LAB/list.txt"
reload
run init
is "$output" "nothing to do" "... until it is gone"
renewed "... and a renewal is deployed then"
somebodys P-256 a.example other.example
printf '%s\n' "$default" "$LAB/site.pem other.example" \
    "$LAB_SSL/a.example.pem" >"$LAB/list.txt"
run init
is "$output" "nothing to do" "one that is shown for other names is none"
sed -i 's/ other.example/ *.example/' "$LAB/list.txt"
run init
like "$output" "next: once a lineage has other.example, too, take \
$LAB/site.pem off $LAB/list.txt:2, and reload" \
    "... for a wildcard that has the lineage's, it is"

# --- keys of several kinds ----------------------------------------------------
lineage "$LAB/site.pem"
mv "$LAB/site.pem" "$LAB/site.pem.ecdsa"
loads "crt $default crt $LAB/site.pem crt $LAB_SSL/"
reload
succeeds "(a deploy)" lab_certhaul deploy a.example
run init
like "$output" "next: take .crt $LAB/site.pem. off $at, and reload HAProxy: \
$LAB/site.pem.ecdsa has a.example" "a file by another end is found"
somebodys rsa2048 a.example
mv "$LAB/site.pem" "$LAB/site.pem.rsa"
reload
run init
like "$output" "next: move $LAB/site.pem.ecdsa away, which $at loads with" \
    "... beside one that is to stay"
lab_renew_lineage a.example
run lab_certhaul deploy a.example
like "$output" "rolled back: .* $LAB/site.pem.ecdsa has that certificate" \
    "... for which a renewal is rolled back"
run lab_certhaul check
like "$output" "a.example .in a.example and $LAB/site.pem.ecdsa.: one bind" \
    "... which check tells, too"
rm "$LAB/site.pem.ecdsa"
reload
run init
is "$output" "nothing to do" "... until that is done"
renewed "... and a renewal is deployed then"
rm "$LAB/site.pem.rsa"

# --- a crt-store, which this HAProxy may not know -----------------------------
lineage "$LAB/site.pem"
loads "crt $default crt @web/site crt $LAB_SSL/"
lab_certhaul deploy a.example >/dev/null 2>&1
printf '%s\n' "crt-store web" "	load crt $LAB/site.pem alias site" \
    >>"$LAB/haproxy.cfg"
run init
like "$output" "next: .*take .crt @web/site. off $at, and reload HAProxy.*: \
$LAB/site.pem has a.example" "one that a crt-store has for the line"
printf '%s\n' "$default" "@web/site" >"$LAB/list.txt"
sed -i "s,crt @web/site,crt-list $LAB/list.txt," "$LAB/haproxy.cfg"
run init
like "$output" "next: .*take @web/site off $LAB/list.txt:2, and .*: \
$LAB/site.pem has a.example" "... or for a crt-list"
printf '%s\n' "# a comment" "@web/site" >"$LAB/list.txt"
sed -i "s,crt $default crt-list,crt-list," "$LAB/haproxy.cfg"
run init
like "$output" "next: .*put $default in place of @web/site at \
$LAB/list.txt:2, and" "... which has no other before it"
done_testing
