#!/usr/bin/env bash
# What must not be deployed is refused, nothing is changed by it, it is kept in
# mind until a later run succeeds, and each way to end has its own status.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start

lab_make_lineage a.example a.example www.a.example
succeeds "a good lineage is deployed" lab_hook deploy a.example
good=$(lab_served a.example)

# refused STATUS WHAT PATTERN: deploying ends so, and the old one stays.
refused() {
	run lab_hook deploy a.example
	is "$status" "$1" "$2: status $1" || diag "$output"
	like "$output" "$3" "$2: it says why"
	unlike "$output" 'BEGIN|PRIVATE KEY-' "$2: and shows no key"
	is "$(lab_served a.example)" "$good" "$2: the old one is served"
	is "$(lab_leaf "$LAB_SSL/a.example.pem")" "$good" \
	    "$2: the old one is on disk"
}

# An expired one comes from the data, which has its own authority.
bash "$lab_src/tests/data/copy-lineages.sh" "$LAB/data" >"$LAB/data.log" 2>&1 ||
    bail_out "make-lineages.sh failed"
expired=$(find "$LAB/data" -path '*/live/bad-expired/cert.pem')
# expire: puts the expired pair in place of the lineage's newest.
expire() {
	local kind
	lab_renew_lineage a.example
	for kind in cert chain fullchain privkey; do
		cat "${expired%/*}/$kind.pem" >"$(readlink -f \
		    "$LAB_LE/live/a.example/$kind.pem")"
	done
}
expire
refused 3 "an expired certificate" 'expired'
like "$(cat "$LAB_STATE"/lineages/a.example)" 'failed yes' \
    "the failure is in the state directory"

lab_renew_lineage -k rsa1024 a.example 2>/dev/null
refused 3 "a key of 1024 bits" '1024'

lab_renew_lineage a.example
key=$LAB_LE/live/a.example/privkey.pem
openssl ecparam -name prime256v1 -genkey -noout >"$LAB/other.key"
cat "$LAB/other.key" >"$(readlink -f "$key")"
refused 3 "a key that does not match" 'is not that of the certificate'

lab_renew_lineage a.example
openssl pkcs8 -topk8 -passout pass:x -in "$key" -out "$LAB/enc.key"
cat "$LAB/enc.key" >"$(readlink -f "$key")"
refused 3 "an encrypted key" 'encrypted'

lab_renew_lineage a.example
chain=$(readlink -f "$LAB_LE/live/a.example/chain.pem")
full=$(readlink -f "$LAB_LE/live/a.example/fullchain.pem")
cat "$LAB/other.key" >>"$chain"
cat "$LAB/other.key" >>"$full"
refused 3 "a key in the chain" 'only certificates'

lab_renew_lineage a.example
chmod 666 "$(readlink -f "$key")"
refused 1 "a key that others may write" 'writ'
chmod 600 "$(readlink -f "$key")"

lab_renew_lineage a.example
run env RENEWED_LINEAGE="$LAB_LE/live/a.example" \
    RENEWED_DOMAINS="a.example other.example" \
    "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" deploy
is "$status" 3 "a certificate that lacks a renewed name is refused"
like "$output" 'other\.example' "... and the name is told"

# Everything at once is told, not only the first thing.
expire
run env RENEWED_LINEAGE="$LAB_LE/live/a.example" RENEWED_DOMAINS="a.example" \
    "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" deploy
like "$output" 'expired.*a\.example|a\.example.*expired' \
    "all findings are told at once"

# A name that is lost: a warning that lists it, or a refusal.
lab_renew_lineage a.example a.example
lab_conf 'validate.lost_names="refuse"'
refused 3 "a lost name, where that is refused" 'www\.a\.example'
lab_conf
run lab_hook deploy a.example
is "$status" 0 "a lost name is else a warning"
like "$output" 'warning.*www\.a\.example' "... that lists it"
unlike "$(cat "$LAB_STATE"/lineages/a.example)" 'failed' \
    "a success ends the failure"

# Older, and staging: only by force.
n=$(readlink "$LAB_LE/live/a.example/cert.pem")
n=${n##*cert}
for kind in cert chain fullchain privkey; do
	ln -sfn "../../archive/a.example/${kind}1.pem" \
	    "$LAB_LE/live/a.example/$kind.pem"
done
refused_older() {
	run lab_hook deploy "$@" a.example
}
sleep_free=$(lab_leaf "$LAB_LE/live/a.example/cert.pem")
refused_older
if [ "$status" -eq 0 ]; then
	# Both were made within one second: then neither is the older one.
	is "$(lab_served a.example)" "$sleep_free" "an equally old one is taken"
else
	is "$status" 3 "an older one is refused"
	succeeds "... and taken by force" lab_hook deploy --force a.example
fi

# Another CA dates back further: what certbot has renewed is no older for that.
succeeds "(the newest once more)" lab_renew_lineage a.example
later() { # is it a second later than the newest certificate?
	[ "$(date +%s)" -gt "$(date +%s -d "$(openssl x509 -noout -startdate \
	    -in "$LAB_LE/live/$1/cert.pem" | cut -d= -f2)")" ]
}
lab_wait_for 'later a.example'
lab_renew_lineage a.example
succeeds "a renewal is deployed" lab_hook deploy a.example
last=$(readlink "$LAB_LE/live/a.example/cert.pem")
last=${last##*cert}
last=${last%.pem}
# point N: the links at that generation.
point() {
	local kind
	for kind in cert chain fullchain privkey; do
		ln -sfn "../../archive/a.example/$kind$1.pem" \
		    "$LAB_LE/live/a.example/$kind.pem"
	done
}
point "$((last - 1))"
ends_with 3 "the generation before is older" lab_hook deploy a.example
for kind in cert chain fullchain privkey; do
	file=$LAB_LE/archive/a.example/$kind
	cp -p "$file$((last - 1)).pem" "$file$((last + 1)).pem"
done
point "$((last + 1))"
succeeds "the next generation is not, though dated back a little" \
    lab_hook deploy a.example
is "$(lab_served a.example)" \
    "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" "... it is served"

# Deleted, and made anew on the same day by a CA that dates back: the number
# begins again, but it ends later.
lab_make_lineage c.example
lab_generation c.example 1 P-256 91 c.example
cp -r "$LAB_LE/archive/c.example" "$LAB/anew"
lab_wait_for 'later c.example'
lab_renew_lineage c.example
succeeds "(another one)" lab_hook deploy c.example
rm "$LAB_LE/archive/c.example/"*
cp -p "$LAB/anew/"*1.pem "$LAB_LE/archive/c.example/"
for kind in cert chain fullchain privkey; do
	ln -sfn "../../archive/c.example/${kind}1.pem" \
	    "$LAB_LE/live/c.example/$kind.pem"
done
succeeds "a lineage that is made anew" lab_hook deploy c.example
is "$(lab_served c.example)" \
    "$(lab_leaf "$LAB_LE/live/c.example/cert.pem")" "... it is served"

# A stand-in, made after the CA's date, so that HAProxy starts with the file.
lab_make_lineage b.example
lab_wait_for 'later b.example'
lab_self_signed "$LAB_SSL/b.example.pem"
ends_with 0 "a self-signed stand-in is never newer" lab_hook deploy b.example
is "$(lab_leaf "$LAB_SSL/b.example.pem")" \
    "$(lab_leaf "$LAB_LE/live/b.example/cert.pem")" "... its place is taken"

# The ways to call it wrongly.
ends_with 2 "no command" lab_hook
ends_with 2 "an unknown command" lab_hook deplyo a.example
ends_with 2 "an unknown option" lab_hook deploy --frobnicate
ends_with 2 "deploy of nothing" lab_hook deploy
ends_with 1 "a lineage that is not there" lab_hook deploy nosuch.example
is "$(find "$LAB_STATE" -name 'nosuch*')" "" "... is not kept in mind"
ends_with 0 "help" lab_hook --help
like "$(lab_hook --version)" '^certhaul-hook [0-9]' "it tells its version"

lab_conf 'haproxy.bundel_dir="/x"'
run lab_hook deploy a.example
is "$status" 2 "an unknown key in the configuration"
like "$output" "$LAB_CONF:[0-9]+.*bundel_dir.*bundle_dir" \
    "... with file, line, key and the nearest one"
lab_conf 'verify.attempts=1000'
run lab_hook deploy a.example
is "$status" 2 "a value out of bounds"
like "$output" 'attempts.*20' "... tells the bound"
lab_conf 'verify.attempts="three"'
ends_with 2 "a wrong type" lab_hook deploy a.example
lab_conf
chmod 666 "$LAB_CONF"
ends_with 2 "a configuration that others may write" lab_hook deploy a.example
chmod 600 "$LAB_CONF"
ends_with 2 "a configuration that is not there" \
    "$LAB_BIN/certhaul-hook" -c "$LAB/nowhere.conf" deploy a.example
for wrong in 'verify.addresses=["localhost"]' \
    'haproxy.config=["/nowhere/haproxy.cfg"]' \
    'haproxy.bundle_owner="no-such-user"' 'haproxy.bundle_mode="0644"'; do
	lab_conf "$wrong"
	ends_with 2 "$wrong" lab_hook deploy a.example
done
lab_conf "haproxy.bundle_dir=\"$LAB/nowhere\""
run lab_hook deploy a.example
is "$status" 1 "a bundle directory that is not there"
like "$output" 'install -d' "... tells how to make it"
lab_conf

# Whoever closed stdin, stdout and stderr: no file of ours gets their numbers,
# to be written into by what is told.
CERTHAUL_LAB=$LAB strace -qq -y -o "$LAB/trace" -e trace=write \
    "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" deploy nosuch.example <&- >&- 2>&-
is $? 1 "with everything closed it ends as ever"
like "$(grep '^write(2' "$LAB/trace")" '^write\(2</dev/null.*nosuch' \
    "... and tells nobody"

# The lock: whoever does not get it leaves a note, and post makes up for it.
lab_conf lock_wait_ms=100
lab_renew_lineage a.example
lab_spawn "$LAB/lock.log" /usr/bin/python3 -c '
import fcntl, struct, sys, time
f = open(sys.argv[1], "a+")
fcntl.fcntl(f, 37, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0))
print("locked", flush=True)
time.sleep(600)' "$LAB/certhaul.lock"
holder=$lab_pid
lab_wait_for 'grep -q locked "$LAB/lock.log"' || bail_out "no lock"
run lab_hook deploy a.example
is "$status" 6 "without the lock it ends with 6"
ends_with 1 "... pre warns of it" lab_hook pre
run lab_hook -v pre
like "$output" 'sockets: good' "... and looks at the rest"
like "$output" 'certificates in the configuration: not looked at' \
    "... as far as it may"
lab_haproxy_stop
run lab_hook -v pre
like "$output" 'certhaul\.lock.*admin\.sock' "... a silent HAProxy, too"
unlike "$output" 'sockets: ' "... is not good"
lab_haproxy_start || bail_out "HAProxy does not start again"
lab_kill "$holder"
isnt "$(lab_served a.example)" \
    "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" "(it was not deployed)"
succeeds "the next post makes up for it" lab_hook post
is "$(lab_served a.example)" \
    "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" "... on the wire"
done_testing
