#!/usr/bin/env bash
# certhaul-hook is killed at the file-system and socket calls that it makes, one
# after the other, until a run completes; after each kill the crash table of
# cert/install.h must hold: the bundle is the old one or the new one, whole;
# HAProxy would start; no key is readable by others; the next deploy converges.
#
# strace counts each system call by itself, so the calls are gone through one
# by one: the first, the second, ... until the call is made no more. Between two
# calls that change something, a kill leaves the same behind wherever it comes:
# of those that only look, every nineteenth is enough. CERTHAUL_KILL_ALL=1
# takes each of them.
# shellcheck source-path=SCRIPTDIR source=../integration/lab.sh
. "$(dirname "$0")/../integration/lab.sh"
lab_start

calls=(openat connect socket sendto sendmsg recvfrom recvmsg shutdown poll
    read write pwrite64 close fchown fchmod fsync syncfs linkat renameat
    renameat2 unlinkat mkdirat mkdir fcntl fstat newfstatat readlinkat
    getdents64)

# Of those, what changes something: for the rounds that come and go.
steps=(connect sendmsg write fsync linkat renameat unlinkat)
[ -z "${CERTHAUL_KILL_ALL:-}" ] || steps=("${calls[@]}")

# The two versions between which the lineage goes back and forth.
name=a.example
lab_make_lineage "$name"
lab_conf verify.attempts=1 'haproxy.generations=2'
succeeds "the first version" lab_hook deploy "$name"
first=$(sha256sum <"$LAB_SSL/$name.pem")
lab_renew_lineage "$name"
succeeds "the second version" lab_hook deploy "$name"
second=$(sha256sum <"$LAB_SSL/$name.pem")
isnt "$first" "$second" "they differ"

# by CALL: by how many to go on.
by() {
	case ${CERTHAUL_KILL_ALL:-}$1 in
	openat) echo 5 ;; # it may make a file
	close | poll | read | recvfrom | recvmsg | fcntl | fstat | \
	    newfstatat | readlinkat | getdents64) echo 19 ;;
	*) echo 1 ;;
	esac
}

# point GENERATION: what certbot does at its end.
point() {
	local kind links=$LAB/points/$name$1
	if [ ! -d "$links" ]; then
		mkdir -p "$links"
		for kind in cert chain fullchain privkey; do
			ln -s "../../archive/$name/$kind$1.pem" \
			    "$links/$kind.pem"
		done
	fi
	cp -d --remove-destination "$links"/*.pem "$LAB_LE/live/$name/"
}

# killed_at CALL N: true where the kill came; the output is in $LAB/out.
killed_at() {
	local status=0
	CERTHAUL_LAB=$LAB strace -qq -o "$LAB/trace" -e "trace=$1" \
	    -e "inject=$1:signal=KILL:when=$2" \
	    "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" "${killed[@]}" \
	    >"$LAB/out" 2>&1 || status=$?
	[ "$status" -eq 137 ] && return 0
	[ "$status" -eq 0 ] ||
	    complain "$1 $2: ended with $status: $(cat "$LAB/out")"
	return 1
}

complain() {
	problems+=("$*")
}

# check_disk CALL N SUM...: the bundle is one of these, or, for "none", absent.
check_disk() {
	local at="$1 $2" sum=none file
	shift 2
	[ ! -e "$LAB_SSL/$name.pem" ] || sum=$(sha256sum <"$LAB_SSL/$name.pem")
	case " $* " in
	*" $sum "*) ;;
	*) complain "$at: the bundle is neither the old nor the new one" ;;
	esac
	while read -r file; do
		complain "$at: $file may be read by others"
	done < <(find "$LAB_SSL" "$LAB_STATE" -type f -perm /077)
	while read -r file; do
		complain "$at: $file is visible to HAProxy"
	done < <(find "$LAB_SSL" -type f ! -name '.*' \
	    ! -name '[ab].example.pem')
	"$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg" >"$LAB/check" 2>&1 ||
	    complain "$at: haproxy -c: $(tail -n 3 "$LAB/check")"
	[ "$(lab_worker_pid)" = "$worker" ] || complain "$at: HAProxy died"
}

# converges CALL N: the next run puts all right, and leaves nothing lying.
converges() {
	local status=0 output
	run lab_hook deploy --force "${what[@]}"
	[ "$status" -eq 0 ] ||
	    complain "$1 $2: the next run ended with $status: $output"
	[ -z "$(find "$LAB_SSL" -name '.*' -type f)" ] ||
	    complain "$1 $2: something is left staged"
}

# A renewed lineage: both versions by turns.
worker=$(lab_worker_pid)
what=("$name")
killed=(deploy --force "$name")
at=2
problems=()
kills=0
for call in "${calls[@]}"; do
	for ((n = 1; ; n += $(by "$call"))); do
		at=$((3 - at))
		point "$at"
		killed_at "$call" "$n" 2>/dev/null || break
		kills=$((kills + 1))
		check_disk "$call" "$n" "$first" "$second"
		converges "$call" "$n"
		if [ "$at" -eq 1 ]; then want=$first; else want=$second; fi
		[ "$(sha256sum <"$LAB_SSL/$name.pem")" = "$want" ] ||
		    complain "$call $n: the next run did not converge"
		[ "$(lab_served "$name")" = \
		    "$(lab_leaf "$LAB_SSL/$name.pem")" ] ||
		    complain "$call $n: what is served is not what is on disk"
	done
done
diag "renewed: $kills kills, $SECONDS s"
is "${problems[*]:-none}" none "a renewal survives every kill ($kills)"
[ "$kills" -gt 80 ] || not_ok "there were kills enough" "$kills"

# A new one, and one that is gone: from nothing to a bundle and back.
lab_leave() {
	mkdir -p "$LAB/away"
	mv "$LAB_LE/live/$name" "$LAB/away/live"
	mv "$LAB_LE/renewal/$name.conf" "$LAB/away/conf"
}
lab_return() {
	mv "$LAB/away/live" "$LAB_LE/live/$name"
	mv "$LAB/away/conf" "$LAB_LE/renewal/$name.conf"
}
what=(--all)
killed=(deploy --force --all)
problems=()
kills=0
for call in "${steps[@]}"; do
	for ((n = 1; ; n++)); do
		if [ -e "$LAB_SSL/$name.pem" ]; then
			lab_leave
		else
			lab_return
		fi
		killed_at "$call" "$n" 2>/dev/null || {
			[ -d "$LAB_LE/live/$name" ] || lab_return
			run lab_hook deploy --force --all
			break
		}
		kills=$((kills + 1))
		check_disk "$call" "$n" none "$first" "$second"
		converges "$call" "$n"
		if [ -d "$LAB_LE/live/$name" ]; then
			[ "$(lab_served "$name")" = \
			    "$(lab_leaf "$LAB_SSL/$name.pem")" ] ||
			    complain "$call $n: the new one is not served"
		elif [ -e "$LAB_SSL/$name.pem" ] ||
		    [ -n "$(lab_memory "$name")" ]; then
			complain "$call $n: the one that is gone is still there"
		fi
	done
done
diag "new and gone: $kills kills, $SECONDS s"
is "${problems[*]:-none}" none "coming and going survive every kill ($kills)"

# An operator goes back, and back again: what was published stays, what was
# not is the one that was there, or is completed.
point 1
succeeds "(the first version)" lab_hook deploy --force "$name"
point 2
succeeds "(and the second)" lab_hook deploy --force "$name"
killed=(rollback "$name")
problems=()
kills=0
for call in "${steps[@]}"; do
	for ((n = 1; ; n++)); do
		before=$(sha256sum <"$LAB_SSL/$name.pem")
		killed_at "$call" "$n" 2>/dev/null || break
		kills=$((kills + 1))
		check_disk "$call" "$n" "$first" "$second"
		after=$(sha256sum <"$LAB_SSL/$name.pem")
		converges "$call" "$n"
		now=$(sha256sum <"$LAB_SSL/$name.pem")
		[ "$after" = "$before" ] || [ "$now" = "$after" ] ||
		    complain "$call $n: what was gone back to did not stay"
		case $now in
		"$first" | "$second") ;;
		*) complain "$call $n: the bundle is neither of the two" ;;
		esac
		[ "$(lab_served "$name")" = \
		    "$(lab_leaf "$LAB_SSL/$name.pem")" ] ||
		    complain "$call $n: what is served is not what is on disk"
	done
done
diag "rollback: $kills kills, $SECONDS s"
is "${problems[*]:-none}" none "a rollback survives every kill ($kills)"
[ "$kills" -gt 30 ] || not_ok "there were kills enough" "$kills"

# Two in one batch: what they set out to do is in one file for both. A record
# that is as new as its bundle, or an intent, must be there after each kill.
[ -d "$LAB_LE/live/$name" ] || lab_return
pair=(a.example b.example)
declare -A sums
lab_make_lineage b.example
succeeds "a second lineage" lab_hook deploy --force --all
lab_renew_lineage b.example
succeeds "its second version" lab_hook deploy --force --all
problems=()
kills=0

# known CALL N: the bundle on disk is one that the record or an intent knows.
known() {
	local sum
	sum=$(sha256sum <"$LAB_SSL/$name.pem")
	grep -qs "${sum%% *}" "$LAB_STATE/lineages/$name" \
	    "$LAB_STATE/lineages/.intents" ||
	    complain "$1 $2: nothing on disk knows the bundle of $name"
}

for name in "${pair[@]}"; do
	for at in 1 2; do
		point "$at"
		succeeds "$name, version $at" lab_hook deploy --force --all
		sums[$name$at]=$(sha256sum <"$LAB_SSL/$name.pem")
	done
done
for call in write fsync syncfs renameat unlinkat sendmsg; do
	for ((n = 1; ; n++)); do
		at=$((3 - at))
		for name in "${pair[@]}"; do point "$at"; done
		killed_at "$call" "$n" 2>/dev/null || break
		kills=$((kills + 1))
		for name in "${pair[@]}"; do
			check_disk "$call" "$n" "${sums[${name}1]}" \
			    "${sums[${name}2]}"
			known "$call" "$n"
		done
		converges "$call" "$n"
		for name in "${pair[@]}"; do
			[ "$(sha256sum <"$LAB_SSL/$name.pem")" = \
			    "${sums[$name$at]}" ] ||
			    complain "$call $n: $name did not converge"
			[ "$(lab_served "$name")" = \
			    "$(lab_leaf "$LAB_SSL/$name.pem")" ] ||
			    complain "$call $n: $name is not served"
		done
		[ ! -e "$LAB_STATE/lineages/.intents" ] ||
		    complain "$call $n: intents are left over"
	done
done
diag "a batch: $kills kills, $SECONDS s"
is "${problems[*]:-none}" none "a batch survives every kill ($kills)"
[ "$kills" -gt 20 ] || not_ok "there were kills enough" "$kills"
done_testing
