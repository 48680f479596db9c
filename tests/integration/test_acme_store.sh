#!/usr/bin/env bash
# certhaul-acme's files are certbot's: what each of the two writes, the other
# reads, renews and deletes; their locks exclude each other; a switch of links
# that was killed at any point is mended.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
umask 022
lab_start --pebble --no-haproxy
# Nothing is in front of certbot here.
LAB_ACME=$LAB_HTTP
tool=$LAB_BIN/tests/tools/storetool
ours=$LAB/ours
mkdir "$ours"

# tree TOP: names, kinds, modes and links of what both write.
tree() {
	(cd "$1/le" && find archive live renewal renewal-hooks \
	    -printf '%m %y %p %l\n' | LC_ALL=C sort -k3)
}
# conf TOP NAME: the renewal conf, wherever TOP is.
# Each certbot writes its own version, and means nothing by it.
conf() {
	sed "s|$1/|TOP/|g; s|^version = .*|version = N|" \
	    "$1/le/renewal/$2.conf"
}
# ours_certbot VERB ARGUMENT...: certbot on the directories that we write.
ours_certbot() {
	local top=$LAB
	local LAB=$top/ours LAB_LE=$top/ours/le
	mkdir -p "$LAB/pebble"
	cp "$top/pebble/ca.pem" "$LAB/pebble/ca.pem"
	lab_certbot "$@"
}
# number TOP NAME: the N of the four links, or each of them.
number() {
	local kind all=()
	for kind in cert privkey chain fullchain; do
		all+=("$(readlink "$1/le/live/$2/$kind.pem")")
		all[-1]=${all[-1]##*/"$kind"}
	done
	printf '%s\n' "${all[@]%.pem}" | sort -u | paste -sd ' '
}

# --- what is written --------------------------------------------------------

hook='sh -c "echo a, b" # c'
succeeds "certbot makes a lineage" lab_certbot certonly -d a.example \
    -d www.a.example --deploy-hook "$hook"
mkdir "$LAB/pem"
for kind in cert chain fullchain privkey; do
	cp -L "$LAB_LE/live/a.example/$kind.pem" "$LAB/pem"
done
id=$(ls "$LAB_LE/accounts/"*/*)
succeeds "so do we" "$tool" "$ours" create a.example "$LAB/pem" \
    account="$id" http01_port="$LAB_ACME" http01_address=127.0.0.1 \
    pref_challs=http-01 renew_hook="$hook" config_dir="$ours/le" \
    work_dir="$ours/le-work" logs_dir="$ours/le-logs" \
    server="$LAB_SERVER" authenticator=standalone key_type=ecdsa
is "$(tree "$ours")" "$(tree "$LAB")" "names, kinds, modes, links are certbot's"
is "$(conf "$ours" a.example)" "$(conf "$LAB" a.example)" "so is the conf"
for file in live/README live/a.example/README \
    archive/a.example/{cert,chain,fullchain,privkey}1.pem; do
	succeeds "so is every byte of $file" \
	    cmp "$LAB_LE/$file" "$ours/le/$file"
done
is "$(stat -c %a "$ours" "$ours/le" "$ours/le-work" "$ours/le-logs" |
    paste -sd ' ')" "755 755 755 700" "so are the modes of the directories"

# --- each reads, renews and deletes the other's -----------------------------

cp -a "$LAB_LE/accounts" "$ours/le"
run ours_certbot certificates
like "$output" "Certificate Name: a.example" "certbot lists ours"
like "$output" "Domains: a.example www.a.example" "with its names"
unlike "$output" "invalid|could not be parsed|broken" "and finds no fault"
succeeds "certbot renews ours" ours_certbot renew --force-renewal
is "$(number "$ours" a.example)" 2 "its links are on 2"
is "$("$tool" "$ours" read a.example)" "2 a.example www.a.example" \
    "we read what certbot has renewed"
chmod 640 "$ours/le/archive/a.example/privkey2.pem"
is "$("$tool" "$ours" renew a.example "$LAB/pem")" 3 "we renew it"
is "$(stat -c %a "$ours/le/archive/a.example/privkey3.pem")" 640 \
    "the key's mode is carried over"
before=$(conf "$ours" a.example)
is "$before" "$(conf "$LAB" a.example)" "the conf is as certbot had it"
succeeds "certbot renews it again" ours_certbot renew --force-renewal
is "$(number "$ours" a.example)" 4 "its links are on 4"
is "$(conf "$ours" a.example)" "$before" "certbot changes nothing in the conf"
for n in 5 6 7 8; do
	run "$tool" "$ours" renew a.example "$LAB/pem"
done
is "$(cd "$ours/le/archive/a.example" && printf '%s ' cert*)" \
    "cert3.pem cert4.pem cert5.pem cert6.pem cert7.pem cert8.pem " \
    "the newest and five before it are kept"
# What a kill has left in the archive counts for nothing.
for n in 9 10 11 12; do
	cp "$ours/le/archive/a.example/privkey8.pem" \
	    "$ours/le/archive/a.example/privkey$n.pem"
done
is "$("$tool" "$ours" renew a.example "$LAB/pem")" 13 "with keys left alone"
is "$(cd "$ours/le/archive/a.example" && printf '%s ' cert*)" \
    "cert13.pem cert4.pem cert5.pem cert6.pem cert7.pem cert8.pem " \
    "... those that are whole are kept"

# full: a renewal for which there is no room, after the first file.
full() {
	trap '' XFSZ
	ulimit -f 1
	"$tool" "$ours" renew a.example "$LAB/pem"
}
whole=$(cd "$ours/le/archive/a.example" && ls -a)
for n in 1 2; do
	run eval '(full)'
	isnt "$status" 0 "no room"
	is "$(cd "$ours/le/archive/a.example" && ls -a)" "$whole" \
	    "... and nothing of it stays"
done
is "$("$tool" "$ours" renew a.example "$LAB/pem")" 14 "with room again"
succeeds "certbot deletes ours" ours_certbot delete --cert-name a.example
is "$(cd "$ours/le" && find live archive renewal | sort | paste -sd ' ')" \
    "archive live live/README renewal" "nothing of it is left"

succeeds "a second lineage of certbot's" lab_certbot certonly -d b.example
is "$("$tool" "$LAB" names | paste -sd ' ')" "a.example b.example" \
    "we list certbot's"
is "$("$tool" "$LAB" renew b.example "$LAB/pem")" 2 "we renew certbot's"
run lab_certbot certificates
unlike "$output" "invalid|could not be parsed|broken" "certbot reads that"
is "$("$tool" "$LAB" new-name b.example)" b.example-0001 \
    "a second of that name gets certbot's number"
succeeds "we delete certbot's" "$tool" "$LAB" delete b.example
is "$(cd "$LAB_LE" && find live archive renewal -name '*b.example*')" "" \
    "nothing of it is left"
ends_with 1 "what is gone is not deleted again" "$tool" "$LAB" delete b.example
succeeds "certbot makes it anew" lab_certbot certonly -d b.example

# --- accounts ---------------------------------------------------------------

like "$("$tool" "$LAB" account "$LAB_SERVER")" \
    "^$id https://[^ ]+ 20[0-9-]+T[0-9:]+Z [^ ]+$" "we read certbot's account"
for kind in rsa2048 P-256; do
	made=$("$tool" "$LAB/$kind" account-add https://ca.example/a/dir \
	    "$kind" https://ca.example/acct/1)
	own=$LAB/$kind/le/accounts/ca.example/a/dir/$made
	is "$(/usr/bin/python3 - "$own" <<-'EOT'
	import sys
	import josepy
	from acme import messages
	from certbot._internal.account import Account
	def text(name):
	    return open(sys.argv[1] + "/" + name).read()
	account = Account(
	    messages.RegistrationResource.json_loads(text("regr.json")),
	    josepy.JWK.json_loads(text("private_key.json")),
	    Account.Meta.json_loads(text("meta.json")))
	print(account.id, account.regr.uri)
	EOT
	)" "$made https://ca.example/acct/1" "certbot reads our account: $kind"
	is "$(cd "$LAB/$kind/le" && find accounts -printf '%m %y\n' | sort |
	    uniq -c | tr -s ' ' | paste -sd ,)" \
	    " 1 400 f, 2 644 f, 5 700 d" "with certbot's modes"
	succeeds "and it goes" "$tool" "$LAB/$kind" account-remove \
	    https://ca.example/a/dir "$made"
	is "$(cd "$LAB/$kind/le" && find accounts)" accounts "with its parents"
done

# Those of Let's Encrypt's first protocol are used where certbot does, which
# makes a link.
for pair in acme-v01:acme-v02 acme-staging:acme-staging-v02; do
	own=$LAB/${pair%:*}
	end=.api.letsencrypt.org/directory
	made=$("$tool" "$own" account-add "https://${pair%:*}$end" \
	    rsa2048 https://ca.example/acct/1)
	like "$("$tool" "$own" account "https://${pair#*:}$end")" "^$made " \
	    "an account of ${pair%:*} is ${pair#*:}'s"
	is "$(find "$own/le/accounts" -name "${pair#*:}.*")" "" \
	    "... with nothing written"
	is "$(/usr/bin/python3 - "$own/le" "https://${pair#*:}$end" "$made" \
	    <<-'EOT'
	import argparse, sys
	from certbot import configuration
	from certbot._internal import account
	top = sys.argv[1]
	config = configuration.NamespaceConfig(argparse.Namespace(
	    config_dir=top, work_dir=top, logs_dir=top, server=sys.argv[2],
	    http01_port=80, https_port=443, domains=[],
	    strict_permissions=False))
	print(account.AccountFileStorage(config).load(sys.argv[3]).id)
	EOT
	)" "$made" "... as it is for certbot"
	like "$("$tool" "$own" account "https://${pair#*:}$end")" "^$made " \
	    "... and is by certbot's link"
done

# --- locks ------------------------------------------------------------------

mkfifo "$LAB/hold" "$LAB/wait"
lab_spawn "$LAB/lock.log" bash -c '"$1" "$2" lock <"$3"' - \
    "$tool" "$LAB" "$LAB/hold"
locker=$lab_pid
exec {hold}>"$LAB/hold"
lab_wait_for "grep -q locked '$LAB/lock.log'" ||
    not_ok "we take certbot's locks" "$(cat "$LAB/lock.log")"
ends_with 1 "certbot is kept out by us" lab_certbot certificates
like "$output" "Another instance of Certbot is already running" "and says why"
ends_with 1 "so are we by ourselves" "$tool" "$LAB" lock
exec {hold}>&-
lab_wait_for "! lab_alive $locker"
is "$(find "$LAB_LE" "$LAB/le-work" "$LAB/le-logs" -name .certbot.lock)" "" \
    "no lock is left"
lab_spawn "$LAB/certbot.log" bash -c '. "$1"; LAB=$2; LAB_LE=$LAB/le; shift 2
    lab_certbot renew --force-renewal --cert-name b.example "$@"' - \
    "$lab_lib/lab_acme.sh" "$LAB" \
    --pre-hook "touch '$LAB/there'; cat '$LAB/wait'"
holder=$lab_pid
lab_wait_for "[ -e '$LAB/there' ]" || not_ok "certbot runs" \
    "$(cat "$LAB/certbot.log")"
ends_with 1 "we are kept out by certbot" "$tool" "$LAB" lock
like "$output" "Another instance of Certbot is already running" "and say why"
echo >"$LAB/wait"
lab_wait_for "! lab_alive $holder" 60
succeeds "both are gone: the locks are free" "$tool" "$LAB" lock

# --- a switch of certbot's that was killed ----------------------------------

# switch STEPS: the first so many steps of certbot's switch from 1 to 2.
switch() {
	local steps=$1 kind live=$ours/le/live/c.example
	local archive=$ours/le/archive/c.example
	local -a todo=()
	for kind in cert privkey chain fullchain; do
		todo+=("ln -s $archive/${kind}1.pem $live/previous_$kind.pem")
	done
	for kind in cert privkey chain fullchain; do
		todo+=("rm $live/$kind.pem" "ln -s \
		    ../../archive/c.example/${kind}2.pem $live/$kind.pem")
	done
	for kind in cert privkey chain fullchain; do
		todo+=("rm $live/previous_$kind.pem")
	done
	steps_all=${#todo[@]}
	for ((i = 0; i < steps; i++)); do
		${todo[i]}
	done
}
# fresh: c.example on 1, with all of 2 in the archive.
fresh() {
	local kind
	rm -rf "$ours/le/live/c.example" "$ours/le/archive/c.example" \
	    "$ours/le/renewal/c.example.conf"
	"$tool" "$ours" create c.example "$LAB/pem" server=x &&
	    "$tool" "$ours" renew c.example "$LAB/pem" >/dev/null || return 1
	for kind in cert privkey chain fullchain; do
		ln -sfn "../../archive/c.example/${kind}1.pem" \
		    "$ours/le/live/c.example/$kind.pem"
	done
}
steps_all=1
wrong=
for ((step = 0; step <= steps_all; step++)); do
	fresh || bail_out "no lineage"
	switch "$step"
	run "$tool" "$ours" repair c.example
	[ "$status" -eq 0 ] && [ "$(number "$ours" c.example)" = 2 ] &&
	    [ -z "$(find "$ours/le/live" -name 'previous_*')" ] ||
	    wrong+="after $step steps: $output "
	run "$tool" "$ours" repair c.example
	[ "$output" = well ] || wrong+="after $step steps, again: $output "
done
is "$wrong" "" "each of $steps_all steps of certbot's switch is mended"
fresh
head -c 100 "$LAB/pem/cert.pem" >"$ours/le/archive/c.example/cert2.pem"
switch 7
run "$tool" "$ours" repair c.example
is "$(number "$ours" c.example)" 1 "back to 1 where 2 is not whole"
run ours_certbot certificates
like "$output" "Certificate Name: c.example" "and certbot reads that"

# --- renewal confs ----------------------------------------------------------

mkdir "$LAB/confs"
run /usr/bin/python3 "$lab_src/tests/tools/confcheck.py" "$tool" "$LAB/confs"
like "$output" '^[0-9]+$' "ConfigObj writes and reads what we do ($output)"
cp "$LAB_LE/renewal/a.example.conf" "$LAB/mine.conf"
cat >>"$LAB/mine.conf" <<-'EOT'
	# ours
	[certhaul]
	  since  =  'x'   # kept

	[[deeper]]
	k = """a
	b"""
EOT
succeeds "a conf with a section of others" "$tool" "$LAB" conf-set \
    "$LAB/mine.conf" "$LAB/new.conf" renewalparams key_type rsa
is "$(diff "$LAB/mine.conf" "$LAB/new.conf" | grep '^[<>]')" \
    $'< key_type = ecdsa\n> key_type = rsa' "nothing else has changed"

# --- the order's file -------------------------------------------------------

mkdir "$LAB/bin"
cat >"$LAB/bin/certhaul-acme" <<-EOT
	#!/bin/sh
	exec strace -qq -o "$LAB/trace" -e trace=/^rename \\
	    "$LAB_BIN/certhaul-acme" "\$@"
EOT
chmod 755 "$LAB/bin/certhaul-acme"
# written ARGUMENT...: how often, for a renewal.
written() {
	LAB_BIN=$LAB/bin lab_builtin renew --cert-name o.example \
	    --force-renewal "$@" >"$LAB/out" 2>&1 || diag_file "$LAB/out"
	grep -c '"o\.example\.order"' "$LAB/trace"
}
succeeds "(a lineage)" lab_builtin certonly -d o.example
is "$(written)" 2 "an order is written with its key and what it gave"
is "$(written --deploy-hook true)" 3 "... and once more where a hook is owed"
printf '#!/bin/sh\n' >"$LAB_LE/renewal-hooks/deploy/x"
chmod 755 "$LAB_LE/renewal-hooks/deploy/x"
sed -i '/^renew_hook/d' "$LAB_LE/renewal/o.example.conf"
is "$(written)" 3 "... in the directory, too"
is "$(written --no-directory-hooks)" 2 "... but where that is not looked at"
done_testing
