#!/usr/bin/env bash
# certhaul-acme is told to end in the middle: what is up comes down, post hooks
# run, nothing is half made, and the next run goes on.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
lab_challenge_hooks
lab_web_start
live=$LAB_LE/live

# challenges: how many are up.
challenges() {
	find "$LAB/web" -path '*acme-challenge/*' | grep -c .
}

# manual NAME: a certificate by hooks that do just their work.
manual() {
	lab_builtin certonly -d "$1" --manual --manual-auth-hook "$LAB/auth" \
	    --manual-cleanup-hook "$LAB/cleanup"
}

# with_hooks ENGINE SIGNAL VERB...: an auth hook whose last act is to tell us to
# end.
with_hooks() {
	local engine=$1 signal=$2
	shift 2
	run "$engine" "$@" --manual \
	    --manual-auth-hook "$LAB/auth && kill -$signal \$PPID" \
	    --manual-cleanup-hook "$LAB/cleanup && echo down >>$LAB/ran" \
	    --pre-hook "echo pre >>$LAB/ran" --post-hook "echo post >>$LAB/ran"
}

for signal in TERM INT HUP; do
	with_hooks lab_certbot "$signal" certonly -d a.example
	theirs=$status
	# What certbot leaves up.
	find "$LAB/web" -path '*acme-challenge/*' -delete
	rm -f "$LAB/ran"
	with_hooks lab_builtin "$signal" certonly -d a.example
	is "$status" "$theirs" "SIG$signal in the middle ends it as certbot"
	like "$output" 'a signal told us to end' "... and says why"
	is "$(paste -sd' ' "$LAB/ran") $(challenges)" "pre down post 0" \
	    "... the cleanup and the post hook have run"
	[ ! -e "$live/a.example" ]
	is $? 0 "... and there is no lineage"
done
is "$(lab_issued)" 0 "the CA has issued nothing"
succeeds "the next run goes on" manual a.example
lab_lineage_is a.example a.example "... to the end"
is "$(find "$LAB/le-work" -name '*.order' | grep -c .)" 0 \
    "... and leaves no order behind"

# --- renew: none after the one that was told ----------------------------------
succeeds "(another lineage)" manual b.example
issued=$(lab_issued)
rm -f "$LAB/ran"
with_hooks lab_builtin TERM renew --force-renewal --no-random-sleep-on-renew
is "$status" 143 "renew that is told to end"
unlike "$output" 'Processing .*b\.example\.conf' "... leaves the others alone"
is "$(paste -sd' ' "$LAB/ran") $(challenges)" "pre down post 0" \
    "... after cleanup and post hook"
is "$(lab_issued)" "$issued" "... and nothing was issued"

# --- killed while a challenge is put up ---------------------------------------
# The order is gone on with, its token too, and the file of it is there already.
web=$LAB/web/c.example
mkdir -p "$web/.well-known/acme-challenge" "$LAB/bin"
cat >"$LAB/bin/certhaul-acme" <<-EOT
	#!/bin/sh
	exec strace -qq -o "$LAB/trace" -e trace=fchmod \\
	    -e inject=fchmod:signal=KILL:when=\$LAB_WHEN \\
	    "$LAB_BIN/certhaul-acme" "\$@"
EOT
chmod 755 "$LAB/bin/certhaul-acme"
export LAB_WHEN
# killed: a run that is, just when the file is made.
killed() {
	for ((LAB_WHEN = 1; LAB_WHEN < 50; LAB_WHEN++)); do
		LAB_BIN=$LAB/bin run lab_builtin certonly -d c.example \
		    --webroot -w "$web" "$@"
		[ "$(challenges)" -eq 0 ] || break
	done
	is "$status $(challenges)" "137 1" "killed while the file is made"
}
killed
succeeds "the next run makes it anew" \
    lab_builtin certonly -d c.example --webroot -w "$web"
is "$(challenges)" 0 "... and takes it down"
[ ! -e "$LAB/le-work/certhaul/webroots" ]
is $? 0 "... and leaves no note of it"

# Whatever the next run is about, and whatever the killed one was.
killed --duplicate
succeeds "a run that has nothing to do" lab_builtin renew
is "$(challenges)" 0 "... takes down what a killed one left"
killed --force-renewal --dry-run
token=$(find "$web" -path '*acme-challenge/*')
mv "$web/.well-known" "$LAB/moved"
mkdir -p "$web/roots"
mv "$LAB/moved/acme-challenge" "$web/roots"
ln -s "$web/roots" "$web/.well-known"
chown -h daemon "$web" "$web/.well-known"
succeeds "a way there that somebody else has turned" lab_builtin renew
like "$output" 'well-known: is a link that user' "... is named"
[ -e "$token" ]
is $? 0 "... and nothing is removed behind it"
succeeds "... once" lab_builtin renew
unlike "$output" 'well-known' "(it is)"

# --- killed between two deploy hooks ------------------------------------------
mkdir -p "$LAB_LE/renewal-hooks/deploy"
cat >"$LAB_LE/renewal-hooks/deploy/10-one" <<-EOT
	#!/bin/sh
	echo "one \$RENEWED_DOMAINS" >>"$LAB/deployed"
	rm "$LAB/kill" 2>/dev/null || exit 0
	pid=\$PPID
	until [ "\$(cat /proc/\$pid/comm)" = certhaul-acme ]; do
		pid=\$(sed -n 's/^PPid:[^0-9]*//p' /proc/\$pid/status)
	done
	kill -KILL \$pid
EOT
cat >"$LAB_LE/renewal-hooks/deploy/20-two" <<-EOT
	#!/bin/sh
	echo "two \$RENEWED_LINEAGE" >>"$LAB/deployed"
EOT
chmod 755 "$LAB_LE/renewal-hooks/deploy"/*

# killed_in_hook VERB...: in the first deploy hook.
killed_in_hook() {
	: >"$LAB/deployed"
	: >"$LAB/kill"
	run lab_builtin "$@"
	is "$status $(cut -d' ' -f1 "$LAB/deployed" | paste -sd' ')" \
	    "137 one" "$1, killed in the first of two deploy hooks"
}
# hooks_are_made_up_for NAME VERB...: by that run, and by it alone.
hooks_are_made_up_for() {
	local generation name=$1
	shift
	generation=$(lab_generation "$name")
	: >"$LAB/deployed"
	succeeds "... $1 after it" lab_builtin "$@"
	like "$output" "$name: an earlier run was killed; the deploy hooks" \
	    "... tells of it"
	is "$(paste -sd, "$LAB/deployed") $(lab_generation "$name")" \
	    "one $name,two $live/$name $generation" "... and runs both, no more"
	is "$(find "$LAB/le-work" -name "$name.order")" "" "... once"
	: >"$LAB/deployed"
	succeeds "the next" lab_builtin renew
	is "$(cat "$LAB/deployed")" "" "... has nothing to run"
}
killed_in_hook renew --cert-name a.example --force-renewal
is "$(lab_generation a.example)" 2 "(the certificate is there)"
run lab_builtin renew --dry-run --no-random-sleep-on-renew --cert-name a.example
is "$(cut -d' ' -f1 "$LAB/deployed")" one "a dry run leaves them alone"
hooks_are_made_up_for a.example renew
new=(-d hooked.example --manual --manual-auth-hook "$LAB/auth"
    --manual-cleanup-hook "$LAB/cleanup")
killed_in_hook certonly "${new[@]}"
hooks_are_made_up_for hooked.example certonly "${new[@]}"
killed_in_hook renew --cert-name hooked.example --force-renewal
: >"$LAB/kill"
run lab_builtin renew
is "$status" 137 "the run after it, killed too"
hooks_are_made_up_for hooked.example renew

# Whoever deletes the lineage or revokes it, and does not know of the order,
# means its key and its certificate, too.
# is_all_new NAME: certonly makes another key and another certificate.
is_all_new() {
	local cert key
	cert=$(openssl x509 -noout -serial <"$LAB/was/cert.pem")
	key=$(openssl x509 -noout -pubkey <"$LAB/was/cert.pem")
	succeeds "... after which certonly" lab_builtin certonly "${new[@]}"
	isnt "$(openssl x509 -noout -serial <"$live/$1/cert.pem")" "$cert" \
	    "... has another certificate"
	isnt "$(openssl x509 -noout -pubkey <"$live/$1/cert.pem")" "$key" \
	    "... and another key"
}
new=(-d gone.example --manual --manual-auth-hook "$LAB/auth"
    --manual-cleanup-hook "$LAB/cleanup")
for ending in delete "revoke --reason keycompromise"; do
	killed_in_hook certonly "${new[@]}"
	is "$(grep -c -e PRIVATE -e '^order https' \
	    "$LAB/le-work/certhaul/gone.example.order")" 0 \
	    "... which keeps neither the key nor the order"
	rm -rf "$LAB/was"
	cp -rL "$live/gone.example" "$LAB/was"
	# shellcheck disable=SC2086 # words
	succeeds "(certbot: $ending)" lab_certbot $ending -n \
	    --cert-name gone.example
	is_all_new gone.example
	succeeds "(it goes)" lab_builtin delete -n --cert-name gone.example
done

# Whoever renews meanwhile runs the hooks, too.
killed_in_hook renew --cert-name a.example --force-renewal
succeeds "(certbot renews)" lab_certbot renew --cert-name a.example \
    --force-renewal
: >"$LAB/deployed"
succeeds "... after which" lab_builtin renew
is "$(cat "$LAB/deployed")" "" "... no hook is owed"
done_testing
