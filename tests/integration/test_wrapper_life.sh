#!/usr/bin/env bash
# certhaul revoke and delete, deploy and rollback: nothing is revoked that
# nobody confirmed or that HAProxy cannot do without; what is gone is gone from
# HAProxy first, and what the CA refuses is served as before.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lives.sh
. "$lab_lib/lives.sh"
lab_start --pebble

for name in a.example b.example c.example; do
	issue "$name"
done
worker=$(lab_worker_pid)
cp "$LAB_LE/live/a.example/cert.pem" "$LAB/a.pem"
old=$(leaf a.example)

# Asked, and not answered with yes.
run lab_certhaul revoke a.example
is "$status" 8 "revoke without a terminal is refused"
like "$output" 'give --yes' "... and it is told what to give"
stays a.example
run lab_certhaul delete a.example
is "$status" 8 "delete without a terminal is refused"
for answer in n '' yikes; do
	run lab_certhaul_tty "${answer:- }" revoke a.example
	is "$status" 8 "revoke, answered with \"$answer\""
	like "$output" 'revoke it .*\[y/N\]' "... was asked"
	like "$output" 'nothing was done' "... does nothing"
	stays a.example
done
# What is said goes into a pipe, as with `2>&1 | tee FILE`.
mkdir "$LAB/piped"
cat >"$LAB/piped/certhaul" <<-EOT
	#!/bin/bash
	"$LAB_BIN/certhaul" "\$@" 2>&1 | tee "$LAB/said" >/dev/null
	exit "\${PIPESTATUS[0]}"
EOT
chmod 755 "$LAB/piped/certhaul"
LAB_BIN=$LAB/piped run lab_certhaul_tty n revoke a.example
is "$status" 8 "revoke, both outputs a pipe and stdin a terminal"
like "$output" 'revoke it .*\[y/N\]' "... asks on the terminal"
like "$(cat "$LAB/said")" 'nothing was done' "... and takes no for no"
stays a.example
is "$(ca_status "$LAB/a.pem")" Valid "... and the CA was not asked"

# Wrong inputs.
run lab_certhaul revoke a.exampel --yes
is "$status" 1 "a name that is no lineage is refused"
like "$output" 'did you mean "a\.example"' "... with the nearest"
run lab_certhaul revoke --yes
is "$status" 2 "no name is refused"
run lab_certhaul revoke a.example b.example --yes
is "$status" 2 "two names are refused"
run lab_certhaul revoke a.example --yes --reason superceded
is "$status" 2 "a reason that is none is refused"
like "$output" 'did you mean "superseded"' "... with the nearest"
stays a.example

# Answered with yes.
run lab_certhaul_tty y revoke a.example
is "$status" 0 "revoke, answered with y" || diag "$output"
is_gone a.example "$old"
is "$(ca_status "$LAB/a.pem")" Revoked "... and revoked at the CA"
stays b.example
is "$(lab_worker_pid)" "$worker" "... without a reload"

# With --yes and a reason.
cp "$LAB_LE/live/b.example/cert.pem" "$LAB/b.pem"
old=$(leaf b.example)
succeeds "revoke --yes --reason" lab_certhaul revoke b.example --yes \
    --reason superseded
like "$output" 'b\.example: revoked and deleted' "... says so"
is_gone b.example "$old"
lab_fetch "$LAB_PEBBLE_MGMT/cert-status-by-serial/$(lab_serial \
    "$LAB/b.pem")" >"$LAB/status"
like "$(cat "$LAB/status")" '"Reason": *4' "... for that reason"

# Where there is no HAProxy, the engine does it alone.
for verb in delete revoke; do
	lab_certbot certonly -d d.example >"$LAB/out" 2>&1 ||
	    bail_out "certbot: $(cat "$LAB/out")"
	cp "$LAB_LE/live/d.example/cert.pem" "$LAB/d.pem"
	mv "$LAB/haproxy.cfg" "$LAB/away.cfg"
	ends_with 2 "$verb without a haproxy.cfg" \
	    lab_certhaul $verb d.example --yes
	like "$output" "without $LAB/haproxy.cfg, so nothing was ${verb}d; \
where there is no HAProxy: " "... is told"
	mv "$LAB/away.cfg" "$LAB/haproxy.cfg"
	way=$(sed -n 's/.*where there is no HAProxy: //p' <<<"$output")
	like "$way" "certbot $verb .*--config-dir $LAB_LE" "... and the way out"
	succeeds "... which is one" env \
	    REQUESTS_CA_BUNDLE="$LAB/pebble/ca.pem" bash -c "$way -n"
	is "$(find "$LAB_LE/live" -name d.example)" "" "... (it is gone)"
done
is "$(ca_status "$LAB/d.pem")" Revoked "... and the last one revoked"

# HAProxy has it as another file, too: by its memory, and by a handshake.
cp "$LAB/haproxy.cfg" "$LAB/good.cfg"
# copied: b.example, and HAProxy with a copy of its bundle.
copied() {
	cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
	lab_haproxy_reload || bail_out "HAProxy does not reload"
	issue b.example
	cp -p "$LAB_SSL/b.example.pem" "$LAB/copy.pem"
	sed "s,crt $LAB/default.pem,& crt $LAB/copy.pem," "$LAB/good.cfg" \
	    >"$LAB/haproxy.cfg"
	lab_haproxy_reload || bail_out "HAProxy does not reload"
}
copied
run lab_certhaul revoke b.example --yes --reason keycompromise
is "$status" 5 "revoke of what HAProxy has by another file, too"
like "$output" "b.example: .*still served: .*has it as $LAB/copy.pem;" \
    "... names the file"
copied
lab_conf 'haproxy.update="reload"' 'haproxy.sockets=[ ]'
run lab_certhaul delete b.example --yes
is "$status" 0 "delete of such a one"
like "$output" "b.example: .*still served: a handshake with 127.* for b.exam" \
    "... warns of it, also where no socket is asked"
lab_conf
cp "$LAB/good.cfg" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"

# What the CA has seen revoked before is done.
issue b.example
old=$(leaf b.example)
lab_certbot revoke --cert-name b.example --no-delete-after-revoke \
    >"$LAB/out" 2>&1 || bail_out "certbot: $(cat "$LAB/out")"
succeeds "revoke what is revoked already" lab_certhaul revoke b.example --yes
like "$output" 'had revoked it before' "... says so"
is_gone b.example "$old"

# Of several accounts, the one that the lineage has is taken.
issue b.example
old=$(leaf b.example)
account=$(sed -n 's/^account = //p' "$LAB_LE/renewal/b.example.conf")
cp -a "$LAB_LE"/accounts/*/*/"$account" "$LAB/account"
rm -r "$LAB_LE"/accounts/*/*/"$account"
issue a.example
mv "$LAB/account" "$(echo "$LAB_LE"/accounts/*/*)/$account"
succeeds "revoke, with several accounts" lab_certhaul revoke b.example --yes
is_gone b.example "$old"
# (certbot asks which one for a new lineage.)
rm -r "$LAB_LE"/accounts/*/*/"$account"

# The CA's answer is lost on its way (certbot, and then a failure that is not
# its own): it is asked for once more.
issue a.example
issue b.example
old=$(leaf b.example)
cp "$LAB_LE/live/b.example/cert.pem" "$LAB/b.pem"
cat >"$LAB/lost" <<EOT
#!/bin/sh
case " \$* " in
*" revoke "*)
	/usr/bin/certbot "\$@" --no-delete-after-revoke || exit
	echo "Remote end closed connection"
	exit 1
	;;
esac
exec /usr/bin/certbot "\$@"
EOT
chmod 755 "$LAB/lost"
cp "$LAB_CONF" "$LAB/conf.was"
echo "engine_program = \"$LAB/lost\";" >>"$LAB_CONF"
run lab_certhaul revoke b.example --yes
is "$status" 0 "revoke, and the CA's answer is lost" || diag "$output"
is "$(ca_status "$LAB/b.pem")" Revoked "... it was revoked"
is_gone b.example "$old"
# ... for good: nobody knows, and it stays out.
issue b.example
sed -i 's,^	/usr/bin/certbot .*,:,' "$LAB/lost"
run lab_certhaul revoke b.example --yes
is "$status" 1 "revoke, and no answer comes at all"
like "$output" 'not certain.*stays out of HAProxy: .*deploy b\.example' \
    "... says so, and the two ways"
isnt "$(lab_served b.example)" "$(leaf b.example)" "... it stays out"
lab_hook deploy --all >"$LAB/out" 2>&1
isnt "$(lab_served b.example)" "$(leaf b.example)" \
    "... also when the timer comes"
cp "$LAB/conf.was" "$LAB_CONF"
succeeds "... until it is deployed" lab_certhaul deploy b.example
succeeds "(away)" lab_certhaul delete b.example --yes

# Revoked, and the deletion fails: nothing brings that back, least of all a
# delete that fails, too.
issue b.example
cp "$LAB_LE/live/b.example/cert.pem" "$LAB/b.pem"
cat >"$LAB/stuck" <<EOT
#!/bin/sh
case " \$* " in
*" delete "*) echo "Read-only file system" >&2; exit 1 ;;
*" revoke "*) exec /usr/bin/certbot "\$@" --no-delete-after-revoke ;;
esac
exec /usr/bin/certbot "\$@"
EOT
chmod 755 "$LAB/stuck"
echo "engine_program = \"$LAB/stuck\";" >>"$LAB_CONF"
run lab_certhaul revoke b.example --yes
is "$status" 1 "revoke, and the deletion fails"
is "$(ca_status "$LAB/b.pem")" Revoked "... it is revoked"
like "$output" 'not deleted, and stays out of HAProxy.*delete b\.example' \
    "... what became of it is told"
run lab_certhaul delete b.example --yes
is "$status" 1 "delete of that fails, too"
unlike "$output" 'as before' "... and brings nothing back"
like "$output" 'not deleted; HAProxy did not have it' "... says so"
run lab_certhaul status b.example
like "$output" 'revoked, and not deleted: "certhaul delete b\.example"' \
    "... status says what it is, and what to do"
run lab_certhaul deploy b.example
is "$status" 3 "deploy by its name refuses it"
like "$output" 'the CA has revoked it: certhaul delete b' "... and why"
is "$(lab_memory b.example)" "" "... it is not in HAProxy"
succeeds "... the timer's run has nothing to do" lab_certhaul deploy
like "$output" 'is revoked, and stays out.*certhaul delete b' "... and says so"
is "$(lab_memory b.example)" "" "... and leaves it out"
succeeds "... --force has it served" lab_certhaul deploy b.example --force
is "$(lab_served b.example)" "$(leaf b.example)" "... indeed"
# ... where it was not revoked, but detached by hand.
succeeds "(out by hand)" lab_hook detach b.example
run lab_certhaul delete b.example --yes
is "$status" 1 "a delete that fails of what was detached before"
is "$(lab_memory b.example)" "" "... leaves it out"
cp "$LAB/conf.was" "$LAB_CONF"
succeeds "(renewed)" lab_certbot renew --force-renewal --cert-name b.example
succeeds "... and another certificate is deployed" lab_certhaul deploy
is "$(lab_served b.example)" "$(leaf b.example)" "... and served"
succeeds "(away)" lab_certhaul delete b.example --yes
is "$(grep -c 'no bundle of it' <<<"$output")" 0 \
    "... without a word on the second look"

# The CA is not there: it is served as before.
issue b.example
lab_pebble_stop
run lab_certhaul revoke b.example --yes
is "$status" 1 "revoke fails where the CA cannot be reached"
like "$output" 'HAProxy serves it as before' "... and says what became of it"
stays b.example
# ... and to delete needs no CA. What others put beside the lineage stays.
touch "$LAB_LE/live/b.example/haproxy.pem"
old=$(leaf b.example)
run lab_certhaul_tty n delete b.example
is "$status" 8 "delete, answered with n"
stays b.example
run lab_certhaul_tty yes delete b.example
is "$status" 0 "delete, answered with yes" || diag "$output"
like "$output" 'without revoking' "... was asked"
like "$output" 'b\.example: deleted' "... says so"
like "$output" 'live/b\.example is left.*private key' "... and what is left"
is "$(find "$LAB_LE/live/b.example" -type f)" \
    "$LAB_LE/live/b.example/haproxy.pem" "... a file of somebody else's"
succeeds "... which is no lineage" lab_certhaul deploy
unlike "$output" 'b\.example' "... and no word is lost on it"
rm -r "$LAB_LE/live/b.example"
is_gone b.example "$old"

# The engine ends with 0 and leaves everything.
printf '#!/bin/sh\nexit 0\n' >"$LAB/fake"
chmod 755 "$LAB/fake"
lab_conf "engine_program=\"$LAB/fake\""
run lab_certhaul delete a.example --yes
is "$status" 1 "an engine that deletes nothing and ends with 0 is found out"
stays a.example
lab_conf "engine_program=\"$LAB/no-such-program\""
run lab_certhaul revoke a.example --yes
is "$status" 1 "no engine"
like "$output" 'engine_program' "... it is told"
unlike "$output" 'as before' "... before anything was touched"
stays a.example
lab_conf

# A lineage whose renewal conf is gone cannot be revoked by name.
mv "$LAB_LE/renewal/a.example.conf" "$LAB/"
for verb in revoke delete; do
	run lab_certhaul "$verb" a.example --yes
	is "$status" 1 "no renewal conf to $verb by"
	like "$output" 'no .*renewal/a\.example\.conf; .*remove .*detach a' \
	    "... it is named"
	unlike "$output" 'as before' "... before anything was touched"
	stays a.example
done
# ... nor by one that is garbage: certbot would remove that, and no more.
head -c 300 /dev/zero >"$LAB_LE/renewal/a.example.conf"
run lab_certhaul delete a.example --yes
is "$status" 1 "a renewal conf that cannot be read"
like "$output" \
    'cannot read .*renewal/a\.example\.conf: .*remove that.*live/a.*detach a' \
    "... what to do is told"
unlike "$output" 'as before' "... before anything was touched"
stays a.example
mv "$LAB/a.example.conf" "$LAB_LE/renewal/"

# What certbot could not do is told before anything is touched.
mv "$LAB_LE/accounts" "$LAB/accounts"
run lab_certhaul revoke a.example --yes
is "$status" 1 "no account to revoke with"
like "$output" 'account .* is not there; .*--key-path' "... it is told"
stays a.example
mv "$LAB/accounts" "$LAB_LE/accounts"
mv "$LAB_LE/live/a.example/cert.pem" "$LAB/link"
run lab_certhaul revoke a.example --yes
is "$status" 1 "no certificate to revoke"
isnt "$(lab_memory a.example)" "" "... it is in memory"
mv "$LAB/link" "$LAB_LE/live/a.example/cert.pem"
stays a.example

# HAProxy cannot start without it: nothing is revoked.
succeeds "delete c.example" lab_certhaul delete c.example --yes
sed -i "s,crt $LAB/default.pem crt ,crt ," "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
run lab_certhaul delete a.example --yes
isnt "$status" 0 "the last one of a directory stays"
like "$output" 'stays in HAProxy, so nothing was deleted' "... and why is told"
stays a.example
sed -i "s,crt $LAB_SSL,crt $LAB/default.pem crt $LAB_SSL," "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"

# deploy and rollback are certhaul-hook's.
succeeds "deploy" lab_certhaul deploy
lab_ca
old=$(leaf a.example)
lab_renew_lineage a.example a.example
succeeds "deploy --dry-run" lab_certhaul deploy a.example --dry-run
is "$(lab_served a.example)" "$old" "... changes nothing"
succeeds "deploy NAME" lab_certhaul deploy a.example
stays a.example
run lab_certhaul deploy nothing.like.it
is "$status" 1 "deploy of what is no lineage passes the hook's status on"
succeeds "rollback" lab_certhaul rollback a.example --force
is "$(lab_served a.example)" "$old" "... the one before is served"
run lab_certhaul revoke a.example </dev/null
is "$status" 8 "revoke of what a rollback holds back"
like "$output" \
    "serves another .*number $(lab_serial "$LAB_SSL/a.example.pem")" \
    "... says what is served"
run lab_certhaul rollback a.example --to 0
is "$status" 2 "rollback --to 0 is refused"
done_testing
