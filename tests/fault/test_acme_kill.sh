#!/usr/bin/env bash
# certhaul-acme is killed in the middle of certonly and of renew, at system
# calls all over the run. After each kill certbot and certhaul-acme must both
# be able to read what is left, the next run must succeed, and a certificate
# that the CA has already issued must not be ordered again.
#
# strace counts each system call by itself. Trying every single one would take
# minutes: those that switch links are all tried, the others in steps.
# shellcheck source-path=SCRIPTDIR source=../integration/lab.sh
. "$(dirname "$0")/../integration/lab.sh"
# shellcheck source=../integration/lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
export LAB_LE
name=a.example
problems=()
# Set by run.
output=

complain() {
	problems+=("$*")
}

# The program under strace, as lab_builtin starts it where it is killed; the
# half that has the network is not traced, and dies with the other.
mkdir "$LAB/bin"
cat >"$LAB/bin/certhaul-acme" <<EOT
#!/bin/sh
exec strace -qq -o "$LAB/trace" -e "trace=\$LAB_CALL" \\
    -e "inject=\$LAB_CALL:signal=KILL:when=\$LAB_WHEN" \\
    "$LAB_BIN/certhaul-acme" "\$@"
EOT
chmod 755 "$LAB/bin/certhaul-acme"

# killed_at CALL N ARGUMENT...: true where the kill came.
killed_at() {
	local status=0
	export LAB_CALL=$1 LAB_WHEN=$2
	shift 2
	LAB_BIN=$LAB/bin lab_builtin "$@" >"$LAB/out" 2>&1 </dev/null ||
	    status=$?
	if [ "$status" -eq 137 ]; then
		# The half that listens dies of the other's end, a moment later.
		lab_wait_for "! lab_listens $LAB_ACME" ||
		    complain "$LAB_CALL $LAB_WHEN: who listens goes on"
		return 0
	fi
	[ "$status" -eq 0 ] ||
	    complain "$LAB_CALL $LAB_WHEN: ended with $status:" \
		"$(cat "$LAB/out")"
	return 1
}

# readable AT [always]: both can read what is left, and certbot finds no fault
# with it; only now and then without `always`, as it takes its time, and mends
# some of it.
readable() {
	local file
	run lab_builtin certificates
	[ "$status" -eq 0 ] || complain "$1: certificates: $output"
	[[ $output != *invalid:* ]] || complain "$1: what is left: $output"
	if [ -n "${2-}" ] || ((kills % 16 == 1)); then
		run lab_certbot certificates
		[ "$status" -eq 0 ] || complain "$1: certbot: $output"
		[[ $output != *[Ii][Nn][Vv][Aa][Ll][Ii][Dd]* ]] ||
		    complain "$1: certbot cannot read what is left: $output"
	fi
	while read -r file; do
		complain "$1: $file may be read by others"
	done < <(find "$LAB_LE" "$LAB/le-work" -perm /077 \
	    \( -name 'privkey[0-9]*' -o -name '*.order*' \))
}

# whole AT: after the next run.
whole() {
	local live=$LAB_LE/live/$name left
	cat "$live/cert.pem" "$live/chain.pem" |
	    cmp -s - "$live/fullchain.pem" ||
	    complain "$1: fullchain is not cert and chain"
	[ "$(openssl pkey -pubout -in "$live/privkey.pem" 2>&1)" = \
	    "$(openssl x509 -noout -pubkey -in "$live/cert.pem" 2>&1)" ] ||
	    complain "$1: key and certificate do not belong together"
	left=$(find "$LAB_LE" "$LAB/le-work" \( -name '.?*' -o -name '*.new' \
	    -o -name '*.order' -o -name 'previous_*' \) ! -name .certbot.lock)
	[ -z "$left" ] || complain "$1: left lying: $left"
}

# steps CALL: by how many to go on.
steps() {
	case $1 in
	rename | symlinkat) echo 1 ;;
	renameat | linkat | unlink) echo 2 ;;
	sendmsg | mkdir) echo 4 ;;
	openat | close | newfstatat) echo 41 ;;
	*) echo 7 ;;
	esac
}
calls=(rename renameat symlinkat linkat unlink unlinkat mkdir fsync write
    sendmsg recvfrom fchmod openat close newfstatat)

# --- certonly --------------------------------------------------------------
# The account is there before: what is killed is about the certificate.
run lab_builtin register --agree-tos -m lab@a.example
[ "$status" -eq 0 ] || bail_out "no account: $output"
cp -a "$LAB_LE" "$LAB/empty"
kills=0
for call in "${calls[@]}"; do
	step=$(steps "$call")
	for ((n = 1; ; n += step)); do
		rm -rf "$LAB_LE" "$LAB/le-work/certhaul"
		cp -a "$LAB/empty" "$LAB_LE"
		before=$(lab_issued)
		killed_at "$call" "$n" certonly -d "$name" || break
		kills=$((kills + 1))
		readable "certonly, $call $n"
		run lab_builtin certonly -d "$name"
		[ "$status" -eq 0 ] ||
		    complain "certonly, $call $n: the next: $output"
		whole "certonly, $call $n"
		issued=$(($(lab_issued) - before))
		[ "$issued" -eq 1 ] ||
		    complain "certonly, $call $n: $issued were issued"
	done
done
diag "certonly: $kills kills, $SECONDS s"
is "$(printf '%s\n' "${problems[@]:-none}")" none \
    "certonly survives every kill ($kills)"
[ "$kills" -gt 30 ] || not_ok "there were kills enough" "$kills"

# --- renew -----------------------------------------------------------------
# What is live is due, and what the CA issues is not.
lab_ca
archive=$LAB_LE/archive/$name
lab_sign "$LAB/due" P-256 20 "/CN=$name" -CA "$LAB/ca/chain.pem" \
    -CAkey "$LAB/ca/chain.key" -addext "subjectAltName=DNS:$name"
cp "$LAB/due.pem" "$archive/cert1.pem"
cp "$LAB/due.key" "$archive/privkey1.pem"
cp "$LAB/ca/chain.pem" "$archive/chain1.pem"
cat "$archive/cert1.pem" "$archive/chain1.pem" >"$archive/fullchain1.pem"
sed -i '1i renew_before_expiry = 30 days' "$LAB_LE/renewal/$name.conf"
cp -a "$LAB_LE" "$LAB/site"
problems=()
kills=0

# renew_killed CALL STEP [always]: at each STEP-th call; certbot then looks at
# what is left (readable), and the next run has what the CA has issued, once.
renew_killed() {
	local call=$1 step=$2 n before at
	for ((n = 1; ; n += step)); do
		rm -rf "$LAB_LE" "$LAB/le-work/certhaul"
		cp -a "$LAB/site" "$LAB_LE"
		before=$(lab_issued)
		killed_at "$call" "$n" renew || break
		kills=$((kills + 1))
		at="renew, $call $n${3+, certbot looks}"
		readable "$at" "${@:3}"
		[ -z "${3-}" ] || [[ $output == *"Name: $name"* ]] ||
		    complain "$at: certbot does not list it: $output"
		run lab_builtin renew
		[ "$status" -eq 0 ] || complain "$at: the next: $output"
		whole "$at"
		[ "$(($(lab_issued) - before))" -eq 1 ] ||
		    complain "$at: $(($(lab_issued) - before)) were issued"
		cmp -s "$archive/cert1.pem" "$LAB_LE/live/$name/cert.pem" &&
		    complain "$at: what was issued is not live"
	done
}
for call in "${calls[@]}"; do
	renew_killed "$call" "$(steps "$call")"
done
for call in rename renameat symlinkat unlinkat; do
	renew_killed "$call" 1 always
done
diag "renew: $kills kills, $SECONDS s"
is "$(printf '%s\n' "${problems[@]:-none}")" none \
    "renew survives every kill ($kills)"
[ "$kills" -gt 30 ] || not_ok "there were kills enough" "$kills"

# --- with fewer names than were asked for ------------------------------------
curl -fsS -o /dev/null "$LAB_DNS/add-a" \
    -d '{"host": "bad.example", "addresses": ["127.0.0.2"]}'
some=(certonly --allow-subset-of-names --cert-name "$name" -d "$name"
    -d bad.example)
problems=()
late=0
for call in fsync rename renameat; do
	for ((n = 1; ; n++)); do
		rm -rf "$LAB_LE" "$LAB/le-work/certhaul"
		cp -a "$LAB/empty" "$LAB_LE"
		before=$(lab_issued)
		killed_at "$call" "$n" "${some[@]}" || break
		[ -e "$LAB_LE/renewal/$name.conf" ] && continue
		late=$((late + $(lab_issued) - before))
		run lab_builtin "${some[@]}"
		[ "$status" -eq 0 ] || complain "$call $n: the next: $output"
		whole "$call $n"
		[ "$(($(lab_issued) - before))" -eq 1 ] ||
		    complain "$call $n: $(($(lab_issued) - before)) were issued"
	done
done
is "$(printf '%s\n' "${problems[@]:-none}")" none \
    "so does --allow-subset-of-names ($late had been issued)"
[ "$late" -gt 0 ] || not_ok "some had been issued"

# --- deleted before the next run -------------------------------------------
# Stored and not yet settled: whoever deletes the lineage by certbot then gets a
# new certificate, and not that one once more.
found=0
for ((n = 1; found == 0; n++)); do
	rm -rf "$LAB_LE" "$LAB/le-work/certhaul"
	cp -a "$LAB/empty" "$LAB_LE"
	before=$(lab_issued)
	killed_at fsync "$n" certonly -d "$name" || break
	[ -e "$LAB_LE/renewal/$name.conf" ] || continue
	found=1
	grep -q '^order https' "$LAB/le-work/certhaul/$name.order" ||
	    not_ok "the order is not settled by then" "fsync $n"
	succeeds "certbot deletes what a killed run has stored" \
	    lab_certbot delete --cert-name "$name"
	succeeds "... and the next run" lab_builtin certonly -d "$name"
	is "$(($(lab_issued) - before))" 2 "... gets another one"
done
[ "$found" -eq 1 ] || not_ok "there was such a moment"
done_testing
