#!/bin/bash
# The second way: the same without certbot. certhaul requests a certificate by
# its own ACME client, deploys it, and renews it while a client keeps asking;
# and certbot could take over at once. Run by ./quickstart, like job.sh.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=story.sh
. "$lab_lib/story.sh"

echo "certhaul: the second way, without certbot"
opening

step "certhaul.conf has the CA and the client; init does what is missing"
lab_conf 'engine="builtin"' "account.server=\"$LAB_SERVER\"" \
    account.agree_tos=true 'account.email="lab@a.example"'
mkdir "$LAB/cron"
echo "   certhaul init"
timed lab_certhaul init --cron-dir "$LAB/cron" ||
    give_up "certhaul init" "$LAB/out"
sed -nE 's/^(link|make|write) /   | &/p' "$LAB/out"
timed lab_certhaul status || give_up "certhaul status" "$LAB/out"
same "engine" "$(sed -n 's/.*engine \([^ ]*\) .*/\1/p' "$LAB/out")" \
    certhaul-acme

step "certhaul requests a certificate, deploys it, and looks at a handshake"
echo "   certhaul request $name www.$name"
timed lab_certhaul request "$name" "www.$name" ||
    give_up "certhaul request" "$LAB/out"
sed -n "/^$name\$/,\$s/^/   | /p" "$LAB/out"
fact "certhaul request, whole" "$spent"
agree
same "worker process (no reload)" "$(lab_worker_pid)" "$worker"
before=$(lab_serial "$LAB_LE/live/$name/cert.pem")

step "A client keeps asking, on new connections"
must "the client gets no answer" lab_keepreq -c "$name"
anew=$lab_pid
fact "its process" "$anew"

step "certhaul renews"
echo "   certhaul renew --force"
timed lab_certhaul renew --force || give_up "certhaul renew" "$LAB/out"
sed -n '$s/^/   | /p' "$LAB/out"
fact "certhaul renew, whole" "$spent"
# The witness must have seen the new certificate, and have asked on after it.
lab_wait_for "[ \$(grep -c ^certificate '$LAB/keepreq.$anew') -eq 2 ]" ||
    give_up "no client was shown the new certificate" "$LAB/keepreq.$anew" \
    "$LAB/out"
agree
after=$(lab_serial "$LAB_LE/live/$name/cert.pem")
fact "serial number before" "$before"
fact "serial number now" "$after"
[ "$before" != "$after" ] || give_up "it is the old certificate"
same "worker process (no reload)" "$(lab_worker_pid)" "$worker"
client "on new connections" "$anew"

step "certbot, should it take over, finds a lineage like its own"
echo "   certbot certificates"
timed lab_certbot certificates || give_up "certbot certificates" "$LAB/out"
sed -nE 's/^ *(Certificate Name|Serial Number|Domains): /   | &/p' "$LAB/out"
serial=$(sed -n 's/^ *Serial Number: //p' "$LAB/out" | tr 'a-f' 'A-F')
# It is a number there: without zeros in front.
same "serial number, as certbot reads it" "${serial#0}" "${after#0}"

ending "requested, served, renewed, without certbot; no request failed"
