#!/usr/bin/env bash
# certhaul status: every kind of disagreement between the four places, made
# for real, is told in every form; and looking changes nothing.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start

# status OPTION...: as an operator types it.
status_of() {
	CERTHAUL_LAB=$LAB "$LAB_BIN/certhaul" -c "$LAB_CONF" status "$@"
}

# json JQ-LIKE...: one value of --json, by keys and numbers.
json() {
	status_of --json 2>/dev/null | /usr/bin/python3 -c '
import functools, json, sys
step = lambda value, key: value[int(key) if isinstance(value, list) else key]
value = functools.reduce(step, sys.argv[1:], json.load(sys.stdin))
print(json.dumps(value).strip("\""))' "$@"
}

# verdicts NAME: lineage, bundle, memory and wire, as one line.
verdicts() {
	status_of --json 2>/dev/null | /usr/bin/python3 -c '
import json, sys
every = json.load(sys.stdin)["lineages"]
places = {one["name"]: one["places"] for one in every}
for place in "lineage", "bundle", "memory", "wire":
	print(places[sys.argv[1]][place]["verdict"], end=" ")' "$1" |
	    sed 's/ $//'
}

# tree_state: every file of all that is looked at, with what a write changes.
tree_state() {
	find "$LAB_SSL" "$LAB_STATE" "$LAB_LE" \
	    -printf '%p %i %s %T@ %C@ %m\n' | sort
}

# --- nothing yet -------------------------------------------------------------
mkdir "$LAB_LE"
run status_of
is "$status" 0 "without a lineage all is well"
like "$output" '^0 lineages, 0 with a problem' "... and it says so"

lab_make_lineage a.example a.example www.a.example
lab_make_lineage b.example
lab_make_lineage -k rsa2048 c.example
rmdir "$LAB_STATE"
before=$(tree_state 2>/dev/null)
run status_of
is "$status" 1 "lineages that were never deployed are a problem"
like "$output" 'there is no bundle' "... of which it tells the reason"
is "$(tree_state 2>/dev/null)" "$before" "... and no state is made for it"
is "$(verdicts a.example)" "same absent absent unknown" \
    "the lineage is there alone"

# --- all is well -------------------------------------------------------------
succeeds "(a deploy of everything)" lab_hook deploy --all
before=$(tree_state)
run status_of
is "$status" 0 "when all four places agree it ends with 0"
is "$(grep -c '●●●●' <<<"$output")" 3 "... and shows that for each"
like "$output" '3 lineages, 0 with a problem; HAProxy .*1 of 1 socket answers' \
    "the summary has HAProxy"
like "$output" 'engine certbot /' "... and the engine"
is "$(tree_state)" "$before" "no file was touched"
unlike "$output" $'\033' "without a terminal there is no colour"
run status_of --problems
is "$(wc -l <<<"$output")" 1 "--problems leaves the summary"
is "$(json lineages 0 places wire live)" false "the wire is the last proof"

run status_of a.example
is "$status" 0 "a lineage is looked at by name"
like "$output" 'www.a.example' "... with all its names"
like "$output" "wire +● same.*serial $(lab_serial \
    "$LAB_LE/live/a.example/cert.pem"), shaken hands now" \
    "... and a handshake of now"
like "$output" "a.example.pem on $LAB_SOCK: ● same" "... and each socket"
succeeds "--live shakes hands for all" status_of --live

# --- the lock of a deploy does not keep it from looking ----------------------
/usr/bin/python3 - "$LAB" <<-'EOT' &
	import fcntl, os, struct, sys, time
	lab = sys.argv[1]
	fd = os.open(lab + "/certhaul.lock", os.O_RDWR)
	fcntl.fcntl(fd, fcntl.F_OFD_SETLK,
	            struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0))
	open(lab + "/locked", "w").close()
	while not os.path.exists(lab + "/unlock"):
	    time.sleep(0.02)
EOT
holder=$!
lab_wait_for "[ -e '$LAB/locked' ]"
lab_conf lock_wait_ms=0
ends_with 6 "(the lock is held)" lab_hook deploy a.example
ends_with 0 "status works while a deploy is under way" status_of
: >"$LAB/unlock"
wait "$holder"
lab_conf

# --- a terminal --------------------------------------------------------------
# on_terminal COLUMNS ARGUMENT...: status on a pseudo-terminal so wide.
on_terminal() {
	/usr/bin/python3 - "$LAB_BIN/certhaul" "$LAB_CONF" "$@" <<-'EOT'
	import fcntl, os, pty, struct, sys, termios
	program, conf, columns, *rest = sys.argv[1:]
	pid, fd = pty.fork()
	if pid == 0:
	    os.environ["TERM"] = "xterm"
	    os.environ.pop("NO_COLOR", None)
	    while os.get_terminal_size(1).columns != int(columns):
	        pass
	    os.execv(program, [program, "-c", conf, "status"] + rest)
	fcntl.ioctl(fd, termios.TIOCSWINSZ,
	            struct.pack("HHHH", 40, int(columns), 0, 0))
	seen = b""
	while True:
	    try:
	        part = os.read(fd, 65536)
	    except OSError:
	        break
	    if not part:
	        break
	    seen += part
	sys.stdout.write(seen.decode().replace("\r\n", "\n"))
	sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	EOT
}

# widest: the most columns of a line on stdin, without its colours.
widest() {
	sed 's/\x1b\[[0-9;]*m//g' | wc -L
}

for columns in 40 80 200; do
	run on_terminal "$columns"
	is "$status" 0 "a terminal of $columns columns"
	like "$output" $'\033\\[32m●' "... has colours"
	[ "$(widest <<<"$output")" -le "$columns" ]
	is $? 0 "... and no line that is wider"
done

# --- a bundle that is older, and what each form says of it -------------------
# (Two of one second would end together, and neither be older.)
lab_renew_lineage -d 91 b.example
is "$(verdicts b.example)" "same other other other" \
    "a renewal that was not deployed leaves three places behind"
run status_of --problems
is "$status" 1 "... it ends with 1"
like "$output" 'b.example.*the bundle has an older certificate' \
    "... and says what is off"
unlike "$output" 'a\.example' "--problems leaves out who is well"
run status_of --nagios
is "$status" 2 "--nagios ends with 2"
like "$output" '^CERTHAUL CRITICAL - 3 lineages, .*; b.example: the bundle' \
    "... in one line with what is wrong"
like "$output" \
    ' \| lineages=3;;;0 warning=0;;;0 critical=1;;;0 days=[0-9]+$' \
    "... and performance data"
status_of --json >"$LAB/status.json"
run /usr/bin/python3 -W ignore -c '
import json, jsonschema, sys
jsonschema.Draft7Validator.check_schema(json.load(open(sys.argv[1])))
jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))
' "$lab_src/conf/status.schema.json" "$LAB/status.json"
is "$status" 0 "--json is as its schema says" || diag "$output"
is "$(json summary problems) $(json lineages 1 gravity)" "1 critical" \
    "... and has the problem"
status_of --prometheus >"$LAB/metrics"
run /usr/bin/python3 - "$LAB/metrics" <<-'EOT'
	import re, sys
	text = open(sys.argv[1], encoding="utf-8").read()
	assert text.endswith("\n") and "\n\n" not in text
	name = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
	label = r'[a-z]+="(?:[^"\\\n]|\\[\\"n])*"'
	labels = rf"\{{({label}(?:,{label})*)\}}"
	sample = re.compile(rf"({name})(?:{labels})? (-?[0-9]+)")
	family, seen, typed = None, set(), {}
	for line in text[:-1].split("\n"):
	    if line.startswith("# HELP "):
	        family = line.split(" ")[2]
	        assert family not in typed and len(line.split(" ", 3)[3]) > 10
	    elif line.startswith("# TYPE "):
	        assert line.split(" ")[2:] == [family, "gauge"]
	        typed[family] = 0
	    else:
	        match = sample.fullmatch(line)
	        assert match and match[1] == family, line
	        assert match[1, 2] not in seen, line
	        seen.add(match[1, 2])
	        typed[family] += 1
	assert all(typed.values()), typed
	for wanted in "not_after_seconds", "served_ok", "last_success_seconds":
	    assert typed["certhaul_certificate_" + wanted] >= 3
EOT
is "$status" 0 "--prometheus is what the collector reads" || diag "$output"
is "$(sed -n 's/^certhaul_certificate_served_ok{name="b.example"} //p' \
    "$LAB/metrics")" 0 "... b is not served"
end=$(date -ud "$(openssl x509 -noout -enddate \
    <"$LAB_SSL/b.example.pem" | cut -d= -f2)" +%s)
is "$(sed -n 's/.*not_after_seconds{name="b.*memory"} //p' "$LAB/metrics")" \
    "$end" "... and when HAProxy's ends"
ends_with 2 "two forms at once are refused" status_of --json --prometheus
for words in '--json --nagios' '--nagios --problem' '--nagios --sort size'; do
	# shellcheck disable=SC2086 # words
	told=$(status_of $words 2>/dev/null)
	is "$?" 3 "a monitor that asks wrongly ($words) knows nothing"
	like "$told" '^CERTHAUL UNKNOWN - [^'$'\n'']*$' \
	    "... and is told, on one line"
done
run lab_certhaul sttus --nagios
is "$status" 3 "... nor is status what it asks for"
ends_with 2 "... where no monitor asks" lab_certhaul renew --nagios
succeeds "(deployed)" lab_hook deploy --all

# --- held back by rollback ---------------------------------------------------
run status_of b.example
unlike "$output" 'rolled back' "what nobody rolled back is not held"
succeeds "(rolled back)" lab_hook rollback b.example
run status_of
is "$status" 1 "a lineage that is held back is a problem"
like "$output" 'b\.example.*rolled back by hand; held until it is renewed' \
    "... and says so"
is "$(json lineages 1 held) $(json lineages 0 held)" "true false" \
    "... in JSON"
like "$(status_of --nagios)" '^CERTHAUL WARNING .*rolled back by hand' \
    "... and a warning to a monitor"
like "$(status_of b.example)" "wire +≠ other" \
    "... as is what a handshake shows, which is looked at"
mv "$LAB_SSL/b.example.pem" "$LAB/b.held"
like "$(status_of --nagios)" \
    '^CERTHAUL CRITICAL .*b\.example: there is no bundle' \
    "a bundle that is gone is graver"
run lab_certhaul deploy
is "$status" 0 "... and a deploy puts that one back" || diag "$output"
succeeds "... as it was" cmp -s "$LAB_SSL/b.example.pem" "$LAB/b.held"
like "$(status_of --nagios)" '^CERTHAUL WARNING .*rolled back by hand' \
    "... and it is held"
lab_renew_lineage b.example
unlike "$(status_of b.example)" 'rolled back' \
    "a renewal ends it: what is off is that it waits for a deploy"
succeeds "(deployed)" lab_hook deploy b.example
is "$(status_of --problems | wc -l)" 1 "... and then all is well"

# --- memory that somebody changed --------------------------------------------
lab_set() {
	{
		printf 'set ssl cert %s <<\n' "$LAB_SSL/$1.pem"
		cat "$2"
		echo
	} | timeout 20 socat -t 20 - "UNIX-CONNECT:$LAB_SOCK" >/dev/null
	lab_cli "commit ssl cert $LAB_SSL/$1.pem" >/dev/null
}
lab_set b.example "$LAB_SSL/a.example.pem"
is "$(verdicts b.example)" "same same other same" "memory that was changed"
run status_of b.example
like "$output" "wire +≠ other.*serial $(lab_serial "$LAB/default.pem")" \
    "... is seen on the wire: no certificate of the name is left"
lab_set b.example "$LAB_SSL/b.example.pem"
is "$(verdicts b.example)" "same same same same" "(put right)"

# --- the wire alone: two bundles for one name (hazard H4) --------------------
lab_make_lineage a0.example b.example
cat "$LAB_LE/live/a0.example/fullchain.pem" \
    "$LAB_LE/live/a0.example/privkey.pem" >"$LAB_SSL/a0.by-hand.pem"
rm -rf "$LAB_LE/live/a0.example" "$LAB_LE/archive/a0.example" \
    "$LAB_LE/renewal/a0.example.conf"
lab_haproxy_reload
run status_of b.example
is "$status" 1 "a name that a bundle by hand has taken"
like "$output" 'memory +● same' "... is right in memory"
like "$output" 'problem +the handshake has another' "... and not on the wire"
rm "$LAB_SSL/a0.by-hand.pem"
lab_haproxy_reload

# --- gone --------------------------------------------------------------------
lab_make_lineage d.example
succeeds "(deployed)" lab_hook deploy d.example
rm -rf "$LAB_LE/live/d.example" "$LAB_LE/archive/d.example" \
    "$LAB_LE/renewal/d.example.conf"
run status_of
is "$status" 1 "a lineage that is gone is a problem"
like "$output" 'd\.example .*the lineage is gone' "... and is told"
is "$(json lineages 3 gone)" true "... in JSON"
is "$(verdicts d.example)" "absent other other other" \
    "... with what is left of it"
succeeds "(detached)" lab_hook deploy --all
unlike "$(status_of)" 'd\.example' "... and what was detached is forgotten"

# What of it certhaul may not remove is no more than waiting for a deploy.
lab_make_lineage d.example
succeeds "(deployed)" lab_hook deploy d.example
echo "# note" >>"$LAB_SSL/d.example.pem"
rm -rf "$LAB_LE/live/d.example" "$LAB_LE/archive/d.example" \
    "$LAB_LE/renewal/d.example.conf"
ends_with 1 "(a deploy that may not remove it)" lab_hook deploy --all
like "$(status_of --nagios)" 'CRITICAL .*d\.example: failed 1 time: .*changed' \
    "what is left of one that is gone, and cannot be removed, is grave"
rm "$LAB_SSL/d.example.pem"
lab_haproxy_reload
succeeds "(removed)" lab_hook deploy --all

# --- a name that certhaul does not take --------------------------------------
odd=$'a "q|\\\n\xff'
mkdir "$LAB_LE/live/$odd"
touch "$LAB_LE/renewal/$odd.conf"
run status_of
is "$status" 1 "a lineage with an odd name is a problem"
like "$output" $'\n'"a \"q.*certhaul takes no lineage of such a name" \
    "... and told"
is "$(json lineages 0 gravity) $(json lineages 0 served)" "critical false" \
    "... in JSON"
like "$(status_of --nagios)" \
    'CRITICAL - 4 lineages.*; a "q/.*: certhaul takes no .*\| lineages=4' \
    "... to a monitor"
like "$(status_of --prometheus)" \
    'certhaul_certificate_problem\{name="a \\"q\|\\\\[^"]*"\} 2' \
    "... and to Prometheus"
rm -r "$LAB_LE/live/$odd" "$LAB_LE/renewal/$odd.conf"

# --- a failure is told until it is mended ------------------------------------
lab_renew_lineage c.example
printf 'garbage\n' >"$LAB_LE/archive/c.example/chain2.pem"
ends_with 3 "(a deploy that validation refuses)" lab_hook deploy c.example
run status_of
like "$output" 'c.example.*failed 1 time: ' "a failure is told"
is "$(json lineages 2 failure attempts)" 1 "... in JSON"
cat "$LAB/ca/chain.pem" >"$LAB_LE/archive/c.example/chain2.pem"
succeeds "(mended)" lab_hook deploy c.example
unlike "$(status_of)" 'failed' "... and forgotten when it is mended"

# --- a lineage that cannot be read, and a bundle -----------------------------
mv "$LAB_LE/live/c.example/privkey.pem" "$LAB/away"
is "$(verdicts c.example)" "broken other other other" "a link that is missing"
mv "$LAB/away" "$LAB_LE/live/c.example/privkey.pem"
cp -p "$LAB_SSL/c.example.pem" "$LAB/c.pem"
echo garbage >"$LAB_SSL/c.example.pem"
is "$(verdicts c.example)" "same broken same same" "a bundle that is garbage"
cat "$LAB/c.pem" >"$LAB_SSL/c.example.pem"

# --- detached by hand ---------------------------------------------------------
succeeds "(detached)" lab_hook detach c.example
run status_of c.example
like "$output" 'detached by hand.*deploy c\.example' "a lineage that is out"
is "$(json lineages 2 detached)" true "... and in JSON"
succeeds "(deployed by name)" lab_hook deploy c.example
is "$(json lineages 2 detached)" false "... until it is in again"

# --- time --------------------------------------------------------------------
lab_renew_lineage -d 1 c.example
succeeds "(one with a day left)" lab_hook deploy --force c.example
like "$(status_of --sort expiry | sed -n 2p)" '^c.example .* 2?[0-9] h ' \
    "--sort expiry has the first to expire in front"
sed -i 's/^\[renewalparams\]/&\nautorenew = False/' \
    "$LAB_LE/renewal/c.example.conf"
is "$(json lineages 2 renewal automatic)" false "autorenew = False is seen"

# --- what certbot's renew fails on, or does not see ---------------------------
account=$LAB_LE/accounts/127.0.0.1:1/dir/00000000000000000000000000000000
rmdir "$account"
like "$(json lineages 0 renewal obstacle)" \
    "^the account .* not there: $account; .*--cert-name a.example" \
    "an account that is not there is an obstacle, as check has it"
is "$(json lineages 0 gravity)" warning "... which is a problem"
is "$(json lineages 2 renewal obstacle)" null \
    "... but where nobody is to renew with it"
run status_of --nagios
like "$output" 'a.example: it cannot be renewed: the account' \
    "... to a monitor"
like "$(status_of --prometheus)" 'certificate_problem\{name="a.example"\} 1' \
    "... in a metric"
like "$(status_of --problems)" 'a.example.* cannot be renewed: the account' \
    "... and in the list"
mkdir "$account"
is "$(json lineages 0 renewal obstacle)" null "(it is there again)"
# At Let's Encrypt certbot takes those of its first protocol, too.
conf=$LAB_LE/renewal/a.example.conf
cp "$conf" "$LAB/a.conf"
le=acme-v02.api.letsencrypt.org/directory
sed -i "s,^server = .*,server = https://$le," "$conf"
like "$(json lineages 0 renewal obstacle)" "not there: $LAB_LE/accounts/$le/" \
    "an account at another server is none"
old=$LAB_LE/accounts/${le/v02/v01}
mkdir -p "$old/${account##*/}"
is "$(json lineages 0 renewal obstacle)" null \
    "... but one of Let's Encrypt's earlier directory will do"
rm -r "$old"
cp "$LAB/a.conf" "$conf"
mv "$LAB_LE/renewal" "$LAB/confs"
mkdir "$LAB_LE/renewal"
like "$(json lineages 0 renewal obstacle)" '^there is no renewal/a.example' \
    "without a renewal conf there is an obstacle"
is "$(json lineages 0 gravity)" warning "... which is a problem"
run status_of --nagios
like "$output" 'a.example: it cannot be renewed: there is no renewal/a.ex' \
    "... to a monitor"
like "$(status_of --prometheus)" 'certificate_problem\{name="a.example"\} 1' \
    "... in a metric"
like "$(status_of a.example)" 'renewal   fails: there is no renewal/' \
    "... and in the long text"
# Each word of it, however long the name is.
long=$(printf 'x%.0s' {1..60})
long=$long.$long.$long.example
lab_make_lineage "$long"
rm "$LAB_LE/renewal/$long.conf"
for form in '' --json; do
	# shellcheck disable=SC2086 # none, or one
	run lab_certhaul status $form "$long"
	like "$output" \
	    "renewal/$long.conf; put it .* archive/$long and request it again" \
	    "... whole, with a long name $form"
done
rm -r "$LAB_LE/live/$long" "$LAB_LE/archive/$long"
head -c 300 /dev/zero >"$LAB_LE/renewal/a.example.conf"
like "$(json lineages 0 problem)" 'cannot be renewed: .*/a.example.conf: ' \
    "a garbled one is an obstacle"
: >"$LAB_LE/renewal/a.example.conf"
like "$(json lineages 0 problem)" 'a.example.conf names no authenticator' \
    "an empty one is"
cp "$LAB/confs"/*.conf "$LAB_LE/renewal"
is "$(json lineages 0 renewal obstacle)" null "(all are there again)"
cp "$LAB/confs/a.example.conf" "$LAB_LE/renewal/e.example.conf"
is "$(json lineages 3 name) $(json lineages 3 gravity)" "e.example warning" \
    "a renewal conf without a lineage is listed"
run status_of e.example
is "$status" 1 "... and found by its name"
like "$output" 'all that is left is renewal/e.example.conf.*certhaul delete' \
    "... with what to do"
status_of --json >"$LAB/status.json"
run /usr/bin/python3 -W ignore -c '
import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))
' "$lab_src/conf/status.schema.json" "$LAB/status.json"
is "$status" 0 "... as the schema has it" || diag "$output"
rm "$LAB_LE/renewal/e.example.conf"

# --- HAProxy -----------------------------------------------------------------
lab_haproxy_reload
is "$(verdicts a.example)" "same same same unknown" \
    "after somebody's reload the last proof holds no more"
# No memory is read: what was proved last, unless that was never.
cp "$LAB_CONF" "$LAB/whole.conf"
# told: served, gravity and metric of a.example, as one line.
told() {
	echo "$(json lineages 0 served) $(json lineages 0 gravity)" \
	    "$(status_of --prometheus |
		sed -n 's/.*_served_ok{name="a.example"} //p')"
}
# level FROM TO: of the socket.
level() {
	sed -i "s,\($LAB_SOCK .*\)level $1,\1level $2," "$LAB/haproxy.cfg"
	lab_haproxy_reload
}
for way in '[]' "[ \"$LAB_SOCK\" ]"; do
	lab_conf 'haproxy.update="reload"' "haproxy.sockets=$way"
	[ "$way" = '[]' ] || level admin operator
	is "$(told)" "true ok 1" "memory is not read, sockets = $way"
	mv "$LAB_STATE/lineages/a.example" "$LAB/record"
	is "$(told)" "false warning 0" "... never proved"
	like "$(status_of)" 'a.example .*not known to be served' "... told"
	mv "$LAB/record" "$LAB_STATE/lineages/a.example"
done
level operator admin
cp "$LAB/whole.conf" "$LAB_CONF"
# A monitor gives up after ten seconds, most of the time.
worker=$(lab_worker_pid)
kill -STOP "$worker"
begin=$SECONDS
ends_with 2 "--nagios, and the worker hangs" status_of --nagios
like "$((SECONDS - begin))" '^[3-6]$' "... waits a little, and not for long"
kill -CONT "$worker"
lab_haproxy_stop
run status_of
is "$status" 1 "a HAProxy that is down is a problem"
like "$output" '0 of 1 socket.*is it running' "... with what to look at"
is "$(verdicts a.example)" "same same unknown unknown" \
    "... and what it held is not known"
run status_of --nagios
is "$status" 2 "--nagios tells it, too"
like "$output" ' critical=1;' "... also in its performance data"

# --- others reload HAProxy ---------------------------------------------------
lab_haproxy_start -dW || bail_out "HAProxy does not start"
lab_conf 'haproxy.update="none"'
lab_renew_lineage a.example
run lab_certhaul renew
is "$status" 0 "renew with update = none" || diag "$output"
like "$output" '1 installed \(HAProxy is not told: haproxy\.update\)' \
    "... says what it did not do"
is "$(verdicts a.example)" "same same unknown unknown" \
    "... and nothing is known of what others do"
run status_of a.example
is "$status" 1 "one that is named is shaken hands for"
like "$output" 'wire +≠ other.*shaken hands now' "... and is another"
like "$output" 'problem +not served yet: HAProxy is not told' "... as is told"
lab_haproxy_reload
run status_of a.example
is "$status" 0 "until HAProxy was reloaded" || diag "$output"
like "$output" 'wire +● same' "... and then it is served"
lab_haproxy_stop
like "$(status_of a.example)" 'wire +\? unknown' \
    "an HAProxy that is elsewhere is no problem"
lab_conf

# --- wrong names -------------------------------------------------------------
run status_of a.exampel
is "$status" 1 "a name that is none"
like "$output" 'no such lineage in .*; did you mean "a\.example"' \
    "... gets the nearest"
ends_with 2 "a path is no name" status_of ../etc
lab_conf letsencrypt.config_dir='"/nonexistent"'
run status_of
is "$status" 1 "without certbot's directory there is nothing to show"
like "$output" '/nonexistent' "... and it says which"
run status_of --nagios
is "$status" 3 "... which is UNKNOWN to a monitor"
like "$output" '^CERTHAUL UNKNOWN - ' "... in its line"
run status_of --prometheus
is "$status" 1 "... and to Prometheus"
like "$output" $'(^|\n)certhaul_up 0(\n|$)' "... a gauge of 0"
echo 'no such key = 1;' >>"$LAB_CONF"
like "$(status_of --prometheus 2>/dev/null)" $'\ncerthaul_up 0$' \
    "... also where the configuration cannot be read"
ends_with 2 "a configuration that is wrong" status_of --json
run status_of --nagios
is "$status" 3 "... is UNKNOWN to a monitor, too"
like "$output" "^CERTHAUL UNKNOWN - .*${LAB_CONF##*/}" "... in one line"
is "$(wc -l <<<"$output")" 1 "... and in no other"

# What the manual says of the metrics is what is printed.
manual=$(grep -o '^\.It Li certhaul_.*' "$CERTHAUL_SRCDIR/man/certhaul.8" |
    sed 's/^.It Li //; s/ , /\n/g' | sort)
lab_conf
is "$(status_of --prometheus | sed -n 's/^# TYPE \([^ ]*\).*/\1/p' | sort)" \
    "$manual" "the manual has every metric"
done_testing
