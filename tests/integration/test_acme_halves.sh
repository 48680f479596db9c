#!/usr/bin/env bash
# The half with the network dies over one lineage: the others have another one,
# which knows as little and may as little.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
lab_challenge_hooks
lab_web_start
[ "$(id -u)" -eq 0 ] || bail_out "this is about what root gives up: run as root"

for name in a.example b.example c.example; do
	succeeds "($name)" lab_builtin certonly -d "$name" --manual \
	    --manual-auth-hook "$LAB/auth" --manual-cleanup-hook "$LAB/cleanup"
done

# A hook of a.example that kills what lets it ask the CA; one of b.example that
# looks at the half that came after it.
cat >"$LAB/hook" <<'EOT'
#!/bin/sh
"$LAB/auth" || exit
# The shell that certbot gives a hook to may lie between.
front=$PPID
[ "$(cat "/proc/$front/comm")" = certhaul-acme ] ||
	front=$(sed 's/.*) . \([0-9]*\).*/\1/' "/proc/$front/stat")
client=$(pgrep -P "$front" -x certhaul-acme) || exit
case $CERTBOT_DOMAIN in
a.example) kill -KILL "$client" ;;
b.example)
	{
		grep -E '^(Uid|NoNewPrivs|Seccomp|CapEff):' \
		    "/proc/$client/status"
		tr '\0' ' ' <"/proc/$client/cmdline"
		tr '\0' '\n' <"/proc/$client/environ" | grep _TOKEN=
		echo
		ls -l "/proc/$client/fd" | sed -n 's/.* -> //p' |
		    sed 's/:.*//' | sort | uniq -c | tr -s ' '
	} >"$LAB/seen"
	python3 "$LAB/holds.py" "$client" "$LAB/account" >>"$LAB/seen"
	python3 "$LAB/holds.py" "$front" "$LAB/account" >"$LAB/front"
	;;
esac
EOT
chmod 755 "$LAB/hook"
# How often the account's private number is in the memory of a process.
cat >"$LAB/holds.py" <<'EOT'
import base64, json, sys
pid = sys.argv[1]
with open(sys.argv[2]) as file:
    d = json.load(file)["d"]
raw = base64.urlsafe_b64decode(d + "=" * (-len(d) % 4))
found = 0
with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as m:
    for line in maps:
        if line.split()[1].startswith("rw"):
            start, end = (int(n, 16) for n in line.split()[0].split("-"))
            m.seek(start)
            memory = m.read(end - start)
            # OpenSSL has numbers in words, the lowest first.
            for text in d.encode(), raw, raw[::-1]:
                found += memory.count(text)
print("account's key:", "there" if found else "not there")
EOT
export LAB DNS_TOKEN=of-a-hook
cp "$(find "$LAB_LE/accounts" -name private_key.json)" "$LAB/account"
issued=$(lab_issued)
# What the CA is believed by is root's alone to read, and named from here.
mkdir -m 700 "$LAB/private"
install -m 600 "$LAB/pebble/ca.pem" "$LAB/private/ca.pem"
cd "$LAB" || bail_out "no $LAB"
cat >"$LAB/believing" <<EOT
#!/bin/sh
REQUESTS_CA_BUNDLE=private/ca.pem exec "$LAB_BIN/certhaul-acme" "\$@"
EOT
chmod 755 "$LAB/believing"
sed -i "s,^manual_auth_hook = .*,manual_auth_hook = $LAB/hook," \
    "$LAB_LE"/renewal/*.conf
run lab_engine "$LAB/believing" renew --force-renewal \
    --no-random-sleep-on-renew
is "$status" 1 "renew, and one loses its network half" || diag "$output"
like "$output" 'a\.example.*the network half.* has died' "... it is told which"
like "$output" '1 renew failure' "... as one failure"
is "$(($(lab_issued) - issued))" 2 "... and the other two are renewed"
for name in b.example c.example; do
	is "$(readlink "$LAB_LE/live/$name/cert.pem")" \
	    "../../archive/$name/cert2.pem" "... $name"
done
nobody=$(id -u nobody)
like "$(tr '\t' ' ' <"$LAB/seen")" "Uid: $nobody $nobody $nobody $nobody" \
    "the next half is nobody, too"
like "$(tr '\t' ' ' <"$LAB/seen")" "CapEff: 0000000000000000" \
    "... without a right"
like "$(tr '\t' ' ' <"$LAB/seen")" "NoNewPrivs: 1" "... for ever"
like "$(tr '\t' ' ' <"$LAB/seen")" "Seccomp: 2" "... behind its filter"
unlike "$(cat "$LAB/seen")" "$LAB_LE" "... it has no file of certbot's open"
unlike "$(cat "$LAB/seen")" "DNS_TOKEN" "... nor what hooks sign in with"
like "$(cat "$LAB/front")" "key: there" "the account's key is in one half"
like "$(cat "$LAB/seen")" "key: not there" "... and not in the other" ||
    diag_file "$LAB/seen"
succeeds "the one that failed goes on the next time" \
    lab_builtin renew --cert-name a.example --force-renewal \
    --manual-auth-hook "$LAB/auth" --no-random-sleep-on-renew
lab_lineage_is a.example a.example "... to the end"
done_testing
