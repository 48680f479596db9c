#!/usr/bin/env bash
# certhaul-acme's store is killed at every call by which it changes the disk,
# one after the other; after each kill the table of acme/store.h must hold:
# certbot reads what is left (its own code, see certbotread.py), no key is
# readable by others, and the next run of ours comes to its end and leaves
# nothing lying.
# shellcheck source-path=SCRIPTDIR source=../integration/lab.sh
. "$(dirname "$0")/../integration/lab.sh"
umask 022
lab_dir
tool=$LAB_BIN/tests/tools/storetool
name=a.example
lab_ca
mkdir "$LAB/pem"
lab_sign "$LAB/pem/cert" P-256 90 "/CN=$name" -CA "$LAB/ca/chain.pem" \
    -CAkey "$LAB/ca/chain.key" -addext "subjectAltName=DNS:$name"
mv "$LAB/pem/cert.key" "$LAB/pem/privkey.pem"
cp "$LAB/ca/chain.pem" "$LAB/pem/chain.pem"
cat "$LAB/pem/cert.pem" "$LAB/pem/chain.pem" >"$LAB/pem/fullchain.pem"

# Those that change something: before and after the others the disk is as it is
# before the next of these.
calls=(openat write fchown fchmod fsync linkat rename renameat unlinkat unlink
    mkdir rmdir symlink symlinkat)

coproc eyes { CERTHAUL_LAB=$LAB /usr/bin/python3 \
    "$lab_src/tests/tools/certbotread.py" {tap_out}>&-; }
lab_pids+=("$eyes_PID")
exec {ask}>&"${eyes[1]}" {told}<&"${eyes[0]}"

# certbot_sees: what certbot makes of the lineage, in $seen.
certbot_sees() {
	echo "$LAB $name" >&"$ask"
	read -r -t 60 -u "$told" seen || bail_out "certbot's eyes are shut"
}

# killed_at CALL N COMMAND...: true where the kill came.
killed_at() {
	local call=$1 n=$2 status=0
	shift 2
	# Built with sanitizers it would look for leaks, by ptrace as well.
	ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$LAB/trace" \
	    -e "trace=$call" \
	    -e "inject=$call:signal=KILL:when=$n" "$tool" "$LAB" "$@" \
	    >"$LAB/out" 2>&1 || status=$?
	[ "$status" -eq 137 ] && return 0
	[ "$status" -eq 0 ] ||
	    complain "$call $n: ended with $status: $(cat "$LAB/out")"
	return 1
}

complain() {
	problems+=("$*"$'\n')
}

# check AT SEEN...: certbot sees one of these, and no key is open.
check() {
	local at=$1 want file
	shift
	certbot_sees
	while read -r file; do
		complain "$at: $file may be read by others"
	done < <(find "$LAB_LE" -name '*privkey*' -type f -perm /077)
	for want; do
		# shellcheck disable=SC2053 # a pattern is meant
		[[ $seen != $want ]] || return 0
	done
	complain "$at: certbot sees: $seen"
}

# settled AT: all is whole, and nothing lies about.
settled() {
	local at=$1 left
	certbot_sees
	[[ $seen == "ok "* ]] || complain "$at, next: certbot sees: $seen"
	[[ $("$tool" "$LAB" read "$name") == "${seen#ok } $name" ]] ||
	    complain "$at, next: we see another: $("$tool" "$LAB" read "$name")"
	left=$(find "$LAB_LE" -name '*certhaul*' -o -name '*.new' \
	    -o -name 'previous_*')
	[ -z "$left" ] || complain "$at: left lying: $left"
}

# go_on AT NEXT: our next run.
go_on() {
	local status output
	run $2
	[ "$status" -eq 0 ] || complain "$1, next: $output"
	settled "$1"
}

# each WHAT BEFORE NEXT SEEN... -- COMMAND...: kill COMMAND at each call, with
# BEFORE run before it, and NEXT after it; once more with NEXT, where certbot,
# which mends some of it, has not looked.
each() {
	local what=$1 before=$2 next=$3 call n kills=0
	local -a seen_well=()
	shift 3
	while [ "$1" != -- ]; do
		seen_well+=("$1")
		shift
	done
	shift
	problems=()
	for call in "${calls[@]}"; do
		for ((n = 1; ; n++)); do
			run $before
			killed_at "$call" "$n" "$@" 2>/dev/null || break
			kills=$((kills + 1))
			rm -rf "$LAB/left"
			cp -a "$LAB_LE" "$LAB/left"
			check "$call $n" "${seen_well[@]}"
			go_on "$call $n" "$next"
			rm -rf "$LAB_LE"
			mv "$LAB/left" "$LAB_LE"
			go_on "$call $n, at once" "$next"
		done
	done
	is "${problems[*]:-none}" none "$what survives every kill ($kills)"
	[ "$kills" -gt 20 ] || not_ok "there were kills enough" "$kills"
}

gone() {
	rm -rf "$LAB_LE"
	mkdir "$LAB_LE"
}
made() {
	rm -rf "$LAB_LE"
	cp -a "$LAB/made" "$LAB_LE"
}
# A run that was killed behind its last step has left a whole lineage.
make_or_keep() {
	[ -e "$LAB_LE/renewal/$name.conf" ] ||
	    "$tool" "$LAB" create "$name" "$LAB/pem" server=x
}
# ... and deleting goes on to its end, before there is a new one.
delete_and_make() {
	local left
	if [ -e "$LAB_LE/renewal/$name.conf" ] ||
	    [ -e "$LAB_LE/renewal/.$name.conf.certhaul" ]; then
		"$tool" "$LAB" delete "$name" || return 1
	fi
	left=$(find "$LAB_LE" -path "*/$name*")
	if [ -n "$left" ]; then
		echo "left: $left"
		return 1
	fi
	"$tool" "$LAB" create "$name" "$LAB/pem" server=x
}
renew() {
	"$tool" "$LAB" renew "$name" "$LAB/pem"
}
each "a new lineage" gone make_or_keep none "ok 1" -- \
    create "$name" "$LAB/pem" server=x
gone
succeeds "a lineage to begin with" make_or_keep
cp -a "$LAB_LE" "$LAB/made"
each "a renewal" made renew "ok *" -- renew "$name" "$LAB/pem"
# certbot's switch was killed between two links.
half() {
	local kind live=$LAB_LE/live/$name
	made
	renew >/dev/null
	for kind in cert privkey chain fullchain; do
		ln -s "$LAB_LE/archive/$name/${kind}1.pem" \
		    "$live/previous_$kind.pem"
	done
	ln -sfn "../../archive/$name/fullchain1.pem" "$live/fullchain.pem"
	rm "$live/chain.pem"
}
each "mending" half renew "ok *" -- repair "$name"
each "deleting" made delete_and_make none "ok 1" -- delete "$name"
exec {ask}>&-
done_testing
