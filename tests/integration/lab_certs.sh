# shellcheck shell=bash
# lab_certs.sh: what tests of certhaul-acme look at: certificates, lineages,
# hooks that say what they see. Sourced after lab.sh.

# Set by lab.sh, which sources this.
: "${lab_src:?}" "${lab_pid=}"

# lab_names FILE: the names of the certificate, with spaces between, sorted.
lab_names() {
	openssl x509 -noout -ext subjectAltName -in "$1" |
	    grep -o 'DNS:[^,]*' | cut -d: -f2 | sort | paste -sd' '
}

# lab_lineage_is NAME NAMES WHAT: the lineage is whole (certificate and key
# belong together, fullchain is both others), and for just these names.
lab_lineage_is() {
	local live=$LAB_LE/live/$1 public
	public=$(openssl pkey -pubout -in "$live/privkey.pem" 2>/dev/null)
	if [ -z "$public" ] || [ "$public" != \
	    "$(openssl x509 -noout -pubkey -in "$live/cert.pem")" ]; then
		not_ok "$3" "key and certificate do not belong together"
	elif ! cat "$live/cert.pem" "$live/chain.pem" |
	    cmp -s - "$live/fullchain.pem"; then
		not_ok "$3" "fullchain is not cert and chain"
	else
		is "$(lab_names "$live/cert.pem")" "$2" "$3"
	fi
}

# lab_key NAME: what kind of key the lineage has, and in which file.
lab_key() {
	openssl pkey -noout -text -in "$LAB_LE/live/$1/privkey.pem" |
	    sed -n 's/^Private-Key: (\([0-9]* bit\).*/\1/p
		s/^NIST CURVE: //p' |
	    paste -sd' '
}

# lab_generation NAME: to which generation the live links point.
lab_generation() {
	readlink "$LAB_LE/live/$1/fullchain.pem" | tr -dc '0-9\n' |
	    sed 's/^.*\(.\)$/\1/'
}

# lab_issued: how many certificates the CA has issued.
lab_issued() {
	grep -c 'Issued certificate serial' "$LAB/pebble.log"
}

# lab_tell FILE NAME: a hook's command that appends its name and what it sees
# of the environment to FILE, without what differs from run to run.
lab_tell() {
	cat >"$LAB/tell" <<-'EOT'
	#!/bin/sh
	# Tokens and their digests are told by their length alone. A CA may
	# have the names in any order: it is told that a challenge is for the
	# one whose turn it is.
	{
		echo "== $2"
		left=${CERTBOT_REMAINING_CHALLENGES:-0}
		turn=$(echo "${CERTBOT_ALL_DOMAINS-}" | tr , '\n' |
		    tail -n "$((left + 1))" | head -n 1)
		all=$(echo "${CERTBOT_ALL_DOMAINS-}" | tr , '\n' | sort |
		    paste -sd,)
		env | grep -E '^(CERTBOT|RENEWED|FAILED)_' | sort |
		    sed "s,$LAB_LE,LE,
			s/^\(CERTBOT_ALL_[A-Z]*\)=.*/\1=$all/
			/^CERTBOT_DOMAIN=/s/$turn/TURN/
			/^CERTBOT_IDENTIFIER=/s/$turn/TURN/
			/^CERTBOT_AUTH_OUTPUT=/s/$turn/TURN/" |
		    awk -F= '$1 ~ /_(TOKEN|VALIDATION)$/ { $2 = length($2) }
			{ print $1 "=" $2 }'
	} >>"$1"
	EOT
	chmod 755 "$LAB/tell"
	printf '%q %q %q' "$LAB/tell" "$1" "$2"
}

# lab_same ONE OTHER WHAT: two files are the same.
lab_same() {
	if diff -u "$1" "$2" >"$LAB/diff"; then
		ok "$3"
	else
		not_ok "$3" "$(cat "$LAB/diff")"
	fi
}

# lab_challenge_hooks: hooks that answer http-01 through lab_web_start's server
# and dns-01 through Pebble's own DNS: $LAB/auth and $LAB/cleanup.
lab_challenge_hooks() {
	cat >"$LAB/auth" <<-'EOT'
	#!/bin/sh
	if [ -n "$CERTBOT_TOKEN" ]; then
		dir=$LAB/web/$CERTBOT_DOMAIN/.well-known/acme-challenge
		mkdir -p "$dir"
		printf %s "$CERTBOT_VALIDATION" >"$dir/$CERTBOT_TOKEN"
	else
		curl -fsS -o /dev/null "$LAB_DNS/set-txt" -d "{
		    \"host\": \"_acme-challenge.$CERTBOT_DOMAIN.\",
		    \"value\": \"$CERTBOT_VALIDATION\" }"
	fi
	echo "up: $CERTBOT_DOMAIN"
	EOT
	cat >"$LAB/cleanup" <<-'EOT'
	#!/bin/sh
	if [ -n "$CERTBOT_TOKEN" ]; then
		cd "$LAB/web/$CERTBOT_DOMAIN/.well-known/acme-challenge" &&
		    rm -- "$CERTBOT_TOKEN"
	else
		curl -fsS -o /dev/null "$LAB_DNS/clear-txt" -d "{
		    \"host\": \"_acme-challenge.$CERTBOT_DOMAIN.\" }"
	fi
	EOT
	chmod 755 "$LAB/auth" "$LAB/cleanup"
	# Hooks read it.
	export LAB LAB_LE
}

# lab_web_start: a web server where Pebble asks, each host from $LAB/web/HOST.
lab_web_start() {
	mkdir -p "$LAB/web"
	lab_spawn "$LAB/web.log" /usr/bin/python3 \
	    "$lab_src/tests/tools/webroots.py" "$LAB/web" "$LAB_ACME"
	lab_web_pid=$lab_pid
	lab_wait_for "lab_listens $LAB_ACME"
}

lab_web_stop() {
	lab_kill "$lab_web_pid"
}
