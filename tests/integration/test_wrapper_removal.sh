#!/usr/bin/env bash
# certhaul revoke and delete where others are at the same certificate, or do
# not do what they are told: what is said is what is so.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lives.sh
. "$lab_lib/lives.sh"
lab_start --pebble

# One removal at a time: the second finds none of what the first is about.
new
for second in revoke delete; do
	held "$LAB/engine" revoke "$(command -v certbot)"
	lab_conf "engine_program=\"$LAB/engine\"" lock_wait_ms=100
	old=$(leaf a.example)
	begin revoke a.example --yes
	lab_wait_for '[ -e "$LAB/engine.began" ]' || bail_out "no engine"
	ends_with 6 "$second, while a revoke is at work" \
	    lab_certhaul "$second" a.example --yes
	like "$output" "another revoke or delete is at work \\($LAB_STATE.*\
nothing was done" "... says so"
	is "$(cat "$LAB_STATE/removal.lock")" "$lab_pid" "... and whose it is"
	lab_mood revoked_unsaid
	touch "$LAB/engine.go"
	ended
	is "$status" 1 "... and the first ends as if it were alone"
	like "$output" 'is not certain' "... with what it knows"
	is "$(ca_status "$LAB/a.pem")" Revoked "(the CA has revoked it)"
	stays_out
	lab_mood none
	succeeds "... which is settled when it has ended" \
	    lab_certhaul revoke a.example --yes
	is_gone a.example "$old"
	new
done
lab_conf

# interposed BEFORE [AFTER]: the engine, with shell commands before and behind
# its revoke.
interposed() {
	cat >"$LAB/engine" <<-EOT
	#!/bin/sh
	case " \$* " in
	*" revoke "*)
		$1
		$engine "\$@"
		status=\$?
		${2:-:}
		exit \$status
		;;
	esac
	exec $engine "\$@"
	EOT
	chmod 755 "$LAB/engine"
	lab_conf "engine_program=\"$LAB/engine\""
}

# Somebody else's delete comes between: that it is gone does not say that the
# CA has revoked it.
delete="certbot delete -n --config-dir $LAB_LE --work-dir $LAB/le-work \
--logs-dir $LAB/else-logs --cert-name a.example"
for engine in "$(command -v certbot)" "$LAB_BIN/certhaul-acme"; do
	old=$(leaf a.example)
	interposed "$delete"
	ends_with 1 "${engine##*/}: another deletes it before" \
	    lab_certhaul revoke a.example --yes
	like "$output" "it was deleted meanwhile; that the CA has revoked it \
is not known \\(serial number $(lab_serial "$LAB/a.pem")\\).*\
certbot revoke --cert-path FILE --server https://" "... is told"
	unlike "$output" '^a\.example: revoked' "... and nothing else"
	is "$(ca_status "$LAB/a.pem")" Valid "(the CA has not)"
	is_gone a.example "$old"
	is "$(ls "$LAB_STATE/lineages")" "" "... nor is there a record"
	new

	# The CA's answer is in the log, whatever the engine ends with.
	old=$(leaf a.example)
	interposed : "$delete; status=1"
	succeeds "${engine##*/}: revoked, and another deletes it" \
	    lab_certhaul revoke a.example --yes
	unlike "$output" 'before|not known' "... it is done, by this run"
	is_gone a.example "$old"
	new
done
lab_conf

# The answer is lost, and a timer renews it before it is asked for again: that
# one is nobody's to revoke.
new
engine=$(command -v certbot)
interposed : "$engine renew -q --config-dir $LAB_LE --work-dir $LAB/le-work \
--logs-dir $LAB/else-logs --cert-name a.example --force-renewal \
--no-random-sleep-on-renew"
lab_mood revoked_unsaid
ends_with 1 "renewed between two tries" lab_certhaul revoke a.example --yes
like "$output" 'a\.example: .*it was renewed meanwhile; the earlier .*cert' \
    "... is told"
like "$output" 'HAProxy serves it as renewed' "... with what is served"
isnt "$(leaf a.example)" "$(lab_leaf "$LAB/a.pem")" "(it was renewed)"
stays a.example
is "$(ca_status "$LAB_LE/live/a.example/cert.pem")" Valid "... and is valid"
lab_conf
new

# With files alone HAProxy goes on showing it, until somebody tells it.
untold='reload HAProxy: it is not told \(haproxy\.update\)'
for verify in true false; do
	lab_conf 'haproxy.update="none"' "verify.enabled=$verify"
	status=$([ "$verify" = true ] && echo 5 || echo 0)
	ends_with "$status" "revoke, HAProxy not told, enabled = $verify" \
	    lab_certhaul revoke a.example --yes
	like "$output" "a\\.example: its bundle was removed; HAProxy is not \
told \\(haproxy\\.update\\)" "... its bundle is gone"
	unlike "$output" "detached from HAProxy" "... and no more is said"
	if [ "$verify" = true ]; then
		like "$output" "a\\.example: the certificate is still served: \
a handshake with .* shows it; $untold" "... it is looked for"
	else
		like "$output" "a\\.example: $untold" "... it is not known"
	fi
	is "$(lab_served a.example)" "$(lab_leaf "$LAB/a.pem")" "(it is served)"
	lab_conf
	lab_haproxy_reload || bail_out "no reload"
	isnt "$(lab_served a.example)" "$(lab_leaf "$LAB/a.pem")" \
	    "... until it is reloaded"
	new
done

# The hook fails behind its work: it is out, and comes back.
mkdir "$LAB/bin"
cp "$LAB_BIN/certhaul" "$LAB/bin"
cat >"$LAB/bin/certhaul-hook" <<EOT
#!/bin/sh
"$LAB_BIN/certhaul-hook" "\$@" || exit
case " \$* " in
*" --for "*) exit 1 ;;
esac
EOT
chmod 755 "$LAB/bin/certhaul-hook"
for verb in revoke delete; do
	ends_with 1 "$verb, the hook fails when it is out" \
	    env CERTHAUL_LAB="$LAB" "$LAB/bin/certhaul" -c "$LAB_CONF" \
	    "$verb" a.example --yes
	like "$output" "a\\.example: nothing was ${verb}d" "... nothing is done"
	unlike "$output" 'it stays in HAProxy' "... it did not stay"
	like "$output" 'HAProxy serves it as before' "... and is brought back"
	stays a.example
done

# Out, and its record could not be saved then: any converge brings it back.
cp "$LAB_STATE/lineages/a.example" "$LAB/record"
succeeds "(out)" lab_hook detach a.example
cp "$LAB/record" "$LAB_STATE/lineages/a.example"
interposed 'exit 2'
ends_with 1 "revoke of what is to be in, refused" \
    lab_certhaul revoke a.example --yes
like "$output" 'HAProxy serves it as before' "... is brought in"
stays a.example
is "$(ca_status "$LAB/a.pem")" Valid "... and was never revoked"
lab_conf

# What a rollback has served is what comes back, and what is kept stays.
generations() {
	find "$LAB_STATE/generations/a.example" -type f -printf '%f\n' \
	    2>"$LAB/out" | sort
}
first=$(leaf a.example)
succeeds "(renewed)" lab_certbot renew --force-renewal --cert-name a.example
succeeds "(deployed)" lab_certhaul deploy a.example
succeeds "(held)" lab_certhaul rollback a.example
is "$(lab_served a.example)" "$first" "(held is the first)"
kept=$(generations)
like "$kept" '1\.pem' "(there are generations)"
for verb in revoke delete; do
	interposed 'exit 2'
	sed -i 's/" revoke "/" revoke "* | *" delete "/' "$LAB/engine"
	ends_with 1 "$verb of what is held, which comes to nothing" \
	    lab_certhaul "$verb" a.example --yes
	like "$output" 'HAProxy serves it as before' "... says so"
	is "$(lab_served a.example)" "$first" "... and does"
	is "$(generations)" "$kept" "... all generations are kept"
	lab_conf
	succeeds "... it stays held" lab_certhaul renew --quiet
	is "$(lab_served a.example)" "$first" "... it does"
done
succeeds "... and when it is done" lab_certhaul revoke a.example --yes
is "$(generations)" "" "... they are gone"

# ... be it of a lineage that nobody can read any more.
new
succeeds "(renewed)" lab_certbot renew --force-renewal --cert-name a.example
succeeds "(deployed)" lab_certhaul deploy a.example
isnt "$(generations)" "" "(there is an earlier one)"
old=$(leaf a.example)
rm "$LAB_LE"/archive/a.example/chain*.pem
succeeds "delete of what cannot be read" lab_certhaul delete a.example --yes
is_gone a.example "$old"
is "$(generations)" "" "... they are gone"

# A script that hides how the engine ended is not believed against its log.
new
interposed "export REQUESTS_CA_BUNDLE=/dev/null" "status=0"
ends_with 1 "an engine that hides that the CA was not asked" \
    lab_certhaul revoke a.example --yes
unlike "$output" '^a\.example: revoked' "... is found out"
is "$(ca_status "$LAB/a.pem")" Valid "(the CA was not asked)"
stays a.example
lab_conf

# What ends a whole process group, as the terminal's ^C does, does not end what
# has to come to its end: it is revoked by then.
new
old=$(leaf a.example)
# (Not sh: dash takes what is held back from it.)
cat >"$LAB/engine" <<EOT
#!/usr/bin/env bash
for word; do
	shift
	[ "\$word" != --delete-after-revoke ] || word=--no-delete-after-revoke
	set -- "\$@" "\$word"
done
case " \$* " in
*" delete "*)
	touch "$LAB/began"
	until [ -e "$LAB/go" ]; do
		sleep 0.02
	done
	;;
esac
exec certbot "\$@"
EOT
chmod 755 "$LAB/engine"
lab_conf "engine_program=\"$LAB/engine\""
begin revoke a.example --yes
lab_wait_for '[ -e "$LAB/began" ]' ||
    bail_out "no delete: $(cat "$LAB/said")"
is "$(ca_status "$LAB/a.pem")" Revoked "(revoked, and not deleted)"
kill -TERM "-$lab_pid"
touch "$LAB/go"
ended
like "$output" 'a\.example: revoked and deleted' \
    "revoke, its process group told to end: is brought to an end"
is_gone a.example "$old"
lab_conf
done_testing
