#!/bin/bash
# The main job, on real parts on loopback, told step by step: a certificate is
# requested, hauled into a running HAProxy and shown by a handshake; then
# renewed, while clients keep asking. Run by ./quickstart; ends with a status
# other than 0 if anything is off.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"

# shellcheck source=story.sh
. "$lab_lib/story.sh"

# said: what certhaul-hook said, out of certbot's account.
said() {
	grep -E "^ *(certhaul-hook: )?$name:|up to date|deployed" "$LAB/out" |
	    sed 's/^ */   | /'
}

echo "certhaul: the main job, on real parts, all on loopback"

opening
hook=$(lab_hook_command deploy)
step "certbot requests a certificate, and its deploy hook hauls it"
echo "   certbot certonly --standalone -d $name -d www.$name \\"
echo "       --deploy-hook '${hook% }'"
timed lab_certbot certonly -d "$name" -d "www.$name" --deploy-hook "$hook" ||
    give_up "certbot certonly" "$LAB/out"
said
fact "certbot, with the hook" "$spent"
agree || give_up "the four places do not agree" "$LAB/out"
same "worker process (no reload)" "$(lab_worker_pid)" "$worker"
before=$(lab_serial "$LAB_LE/live/$name/cert.pem")

step "Two clients keep asking: one on one connection, one on new ones"
must "the client gets no answer" lab_keepreq "$name"
kept=$lab_pid
must "the client gets no answer" lab_keepreq -c "$name"
anew=$lab_pid
fact "their processes" "$kept $anew"

step "certbot renews, with the hook that it remembers"
echo "   certbot renew --force-renewal"
timed lab_certbot renew --force-renewal || give_up "certbot renew" "$LAB/out"
said
fact "certbot, with the hook" "$spent"
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
client "on one connection" "$kept"
client "on new connections" "$anew"
same "certificates that clients saw" \
    "$(lab_keepreq_saw "$anew" certificates)" 2

step "A second deploy finds nothing to do"
was=$(stat -c '%i %Y %Z' "$LAB_SSL/$name.pem")
timed lab_hook deploy --all || give_up "certhaul-hook deploy" "$LAB/out"
said
fact "certhaul-hook deploy --all" "$spent"
[ "$(stat -c '%i %Y %Z' "$LAB_SSL/$name.pem")" = "$was" ] ||
	give_up "the bundle was written again"
fact "the bundle" "not touched"
ls -A "$LAB_SSL" >"$LAB/out"
same "files in the crt directory" "$(tr '\n' ' ' <"$LAB/out")" "$name.pem "

ending "requested, hauled, served, renewed; no request failed, no reload"
