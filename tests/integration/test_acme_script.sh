#!/usr/bin/env bash
# A script that was written for certbot reads from certhaul-acme's stdout what
# it reads from certbot's, line by line, and gets the same exit status.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
lab_web_start
web=$LAB/web
mkdir -p "$web/a.example" "$web/b.example" "$web/c.example" "$LAB/nowhere"

# plain: what differs from run to run, and (behind the day on which it expires)
# what certbot says of itself. It reads to the end: a writer whose reader has
# gone has failed.
plain() {
	sed -e 's#\(acme-challenge/\)[A-Za-z0-9_-]*#\1TOKEN#; s/ *$//' \
	    -e '/^This certificate expires on/,$ { /^This cert.* on/!d }'
}

# listed: the plugins without their descriptions, which certbot's versions write
# in words of their own.
listed() {
	case $(certbot --version) in
	'certbot 2.1.'*) cat ;;
	*) grep -e '^\*' -e '^Interfaces' ;;
	esac
}

# certbot_2: what certbot 4 says otherwise, or has no more, is as 2 has it.
certbot_2() {
	[[ $(certbot --version) == 'certbot 2.'* ]]
}

# again: the site as it was.
again() {
	rm -rf "$LAB_LE" "$LAB/le-work" "$LAB/ran"
	[ ! -e "$LAB/site" ] || cp -a "$LAB/site" "$LAB_LE"
}

# same ARGUMENT...: by both, from the same site.
same() {
	local engine
	for engine in lab_certbot lab_builtin; do
		again
		"$engine" "$@" </dev/null 2>"$LAB/$engine.err" |
		    "${words_of:-plain}" >"$LAB/$engine.out"
		echo "exit ${PIPESTATUS[0]}" >>"$LAB/$engine.out"
	done
	lab_same "$LAB/lab_certbot.out" "$LAB/lab_builtin.out" "$*"
}

# in_its_words: why it came to nothing, on stderr.
in_its_words() {
	succeeds "... in certbot's words" grep -qF -- "$(grep -v \
	    '^Saving debug\|^Ask for help' "$LAB/lab_certbot.err")" \
	    "$LAB/lab_builtin.err"
}

# --- nothing there ----------------------------------------------------------
same certificates
same renew
same renew -q
same delete --cert-name none
same delete
same delete -q
in_its_words
same renew -d a.example
in_its_words
same register
in_its_words
same revoke
in_its_words
same renew --cert-name none
in_its_words
same renew --force-renewal --keep-until-expiring
same revoke --cert-name none
in_its_words
for verb in update_account "update_account -m b@a.example" show_account \
    unregister; do
	# shellcheck disable=SC2086 # words
	same $verb --server "$LAB_SERVER"
	in_its_words
done
same certonly --webroot -w "$web/a.example" -d a.example

succeeds "(a lineage)" lab_certbot certonly --webroot -w "$web/a.example" \
    -d a.example
succeeds "(another)" lab_certbot certonly --webroot -w "$web/b.example" \
    -d b.example
mv "$LAB_LE" "$LAB/site"

# --- who answers ------------------------------------------------------------
for words in "" --authenticators --installers "--installers --authenticators" \
    -q; do
	# shellcheck disable=SC2086 # words
	words_of=listed same plugins $words
done

# --- certonly ---------------------------------------------------------------
hooks=(--pre-hook 'echo before' --post-hook 'echo after'
    --deploy-hook 'echo new; echo aloud >&2')
same certonly --webroot -w "$web/a.example" -d a.example --keep-until-expiring
same certonly --webroot -w "$web/a.example" -d a.example -q
same certonly --webroot -w "$web/a.example" -d a.example --force-renewal \
    "${hooks[@]}"
same certonly --webroot -w "$web/a.example" -d a.example --force-renewal -q
same certonly --webroot -w "$web/c.example" -d c.example --dry-run
same certonly --webroot -w "$LAB/nowhere" -d c.example
like "$(cat "$LAB/lab_builtin.err")" 'Some challenges have failed\.' \
    "... is told on stderr"
like "$(cat "$LAB/lab_builtin.err")" "See the logfile $LAB/le-logs/lets" \
    "... and where there is more"
same certonly --webroot -w "$LAB/nowhere" -d c.example -q
same certonly --webroot -w "$web/c.example" -d a.example -d c.example
same certonly --webroot -w "$web/c.example" --cert-name some -d c.example \
    -d d.example --allow-subset-of-names
same certonly --webroot -w "$web/c.example" --cert-name some -d c.example \
    -d d.example --allow-subset-of-names -q
is "$(cat "$LAB/lab_builtin.err")" "" "... says nothing on stderr"
same certonly --manual --manual-auth-hook true -d c.example
same certonly --manual --manual-auth-hook true -d c.example \
    --preferred-challenges dns
lab_web_stop
same certonly -d c.example
lab_web_start

same certonly -d a.example -d a.example
same certonly -d ''
same certonly -d a..b
same certonly -d 1.2.3.4
same certonly -d '*.a.example'
same certonly --csr "$LAB/none"
same certonly --webroot -w "$web/a.example" --expand --duplicate -d a.example
same certonly --webroot -w "$web/a.example" --expand -d a.example -d b.example
same renew --force-renewal --keep-until-expiring
verbs=("update_account -m b@a.example")
! certbot_2 || verbs+=(show_account update_account)
for verb in "${verbs[@]}"; do
	# shellcheck disable=SC2086 # words
	same $verb --server "$LAB_SERVER"
done
for verb in renew revoke delete; do
	same "$verb" --cert-name none
	in_its_words
done

# --- who is told what -------------------------------------------------------
for words in "" -q "--cert-name a.example" "--cert-name none" "-d b.example" \
    "-d none.example"; do
	# shellcheck disable=SC2086 # words
	same certificates $words
	is "$(cat "$LAB/lab_builtin.err")" "$(cat "$LAB/lab_certbot.err")" \
	    "... stderr as well"
done
# What cannot be written is not taken for said.
for engine in lab_certbot lab_builtin; do
	"$engine" certificates >/dev/full 2>/dev/null
	isnt $? 0 "$engine: certificates, and the disk is full"
done

# --- how much ---------------------------------------------------------------
# steps ENGINE: what -v tells of the challenges, on stderr.
steps() {
	grep -E '^(Plugins|Performing|http-01|Waiting|Challenge|Running)' \
	    "$LAB/$1.err" | awk '!told[$0]++'
}
for words in -v -vv "-v -q"; do
	# shellcheck disable=SC2086 # words
	same renew --cert-name b.example --force-renewal $words "${hooks[@]}"
	is "$(steps lab_builtin)" "$(steps lab_certbot)" "... stderr as well"
done
requests='POST https://127.*: status 200'
same renew --cert-name b.example --force-renewal -v
unlike "$(<"$LAB/lab_builtin.err")" "$requests" "-v tells no request"
like "$(<"$LAB/le-logs/letsencrypt.log")" ":DEBUG:certhaul-acme:$requests" \
    "... which is in the log"
same renew --cert-name b.example --force-renewal -vv
like "$(<"$LAB/lab_builtin.err")" "$requests" "-vv does, on stderr"
same certonly --webroot -w "$LAB/nowhere" -d c.example -v
is "$(steps lab_builtin)" "$(steps lab_certbot)" "-v of what failed"

# --- renew ------------------------------------------------------------------
for words in "" -q --force-renewal "--force-renewal -q" \
    "--cert-name b.example --force-renewal" "--cert-name none"; do
	# shellcheck disable=SC2086 # words
	same renew "${hooks[@]}" $words
done
same register
in_its_words
sed -i '/^authenticator/d' "$LAB/site/renewal/b.example.conf"
same renew
like "$(cat "$LAB/lab_builtin.err")" \
    'b.example.conf does not specify an authenticator. Skipping\.' \
    "... says of which conf"
like "$(<"$LAB/lab_builtin.err")" "See the logfile $LAB/le-logs/lets" \
    "... and where there is more"
echo garbage >"$LAB/site/renewal/c.example.conf"
same renew
same renew -q
same certificates
like "$(cat "$LAB/lab_builtin.err")" 'c.example.conf produced an unexpected' \
    "... says of which conf"
rm "$LAB/site/renewal/c.example.conf"

# --- an archive that was moved ----------------------------------------------
# links: where they lead.
links() {
	(cd "$LAB_LE/live" && readlink -v -- */*.pem 2>&1)
}
# moved DIRECTORY: the archive of a.example.
moved() {
	again
	rm -rf "$LAB/away"
	mv "$LAB_LE/archive/a.example" "$1"
	sed -i "s,^archive_dir = .*/a.example,archive_dir = $1," \
	    "$LAB_LE/renewal/a.example.conf"
}
# mended ENGINE: what update_symlinks makes of that.
mended() {
	"$1" update_symlinks 2>"$LAB/$1.err"
	echo "exit $?"
	links
	lab_certbot certificates 2>/dev/null
}
for where in "$LAB_LE/archive/elsewhere" "$LAB/away" "lost"; do
	for engine in lab_certbot lab_builtin; do
		moved "${where/lost/$LAB_LE/archive/elsewhere}"
		[ "$where" != lost ] || rm "$LAB_LE/live/a.example/cert.pem"
		mended "$engine" >"$LAB/$engine.out"
	done
	! certbot_2 || lab_same "$LAB/lab_certbot.out" "$LAB/lab_builtin.out" \
	    "update_symlinks, ${where#"$LAB"/}"
done
like "$(<"$LAB/lab_builtin.err")" 'Expected cert.pem to be a symlink' \
    "... says what is missing"
moved "$LAB/away"
engine=lab_builtin
! certbot_2 || engine=lab_certbot
succeeds "(links to an archive elsewhere)" "$engine" update_symlinks
before=$(links)
succeeds "renew, where nothing is due" lab_builtin renew \
    --cert-name a.example
is "$(links)" "$before" "... leaves them as they are"
succeeds "renew, where it is" lab_builtin renew --force-renewal \
    --cert-name a.example
like "$(links)" '\.\./away/cert2.pem' "... makes such links, too"
before=$(links)
rm "$LAB/away/chain2.pem"
ends_with 1 "update_symlinks, and a file is gone" lab_builtin update_symlinks
like "$output" 'target .*/chain2.pem of symlink chain.pem does not exist' \
    "... says which"
is "$(links)" "$before" "... and changes nothing"

# --- its end ----------------------------------------------------------------
same delete --cert-name a.example
same delete --cert-name a.example -q
same delete
# Whoever has been revoked already is not revoked once more, so each has one.
for engine in lab_certbot lab_builtin; do
	again
	lab_certbot renew --cert-name a.example --force-renewal -q
	"$engine" revoke --cert-name a.example 2>/dev/null >"$LAB/$engine.out"
	echo "exit $?" >>"$LAB/$engine.out"
done
lab_same "$LAB/lab_certbot.out" "$LAB/lab_builtin.out" revoke
done_testing
