#!/usr/bin/env bash
# A lineage into a running HAProxy: new, renewed, unchanged, all at once; in
# memory, without a reload, shown by a handshake.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start
worker=$(lab_worker_pid)

# tree_state: every file of bundles and state, with all that a write changes.
tree_state() {
	find "$LAB_SSL" "$LAB_STATE" -type f -printf '%p %i %s %T@ %C@ %m\n' |
	    sort
}

lab_make_lineage a.example a.example www.a.example
run lab_hook deploy --dry-run a.example
is "$status" 0 "a dry run ends with 0"
like "$output" 'install the new bundle' "... and tells the plan"
is "$(find "$LAB_SSL" -type f)" "" "... and writes no bundle"

succeeds "a new lineage is deployed" lab_hook deploy a.example
want=$(lab_leaf "$LAB_LE/live/a.example/cert.pem")
is "$(lab_served a.example)" "$want" "it is served for its first name"
is "$(lab_served www.a.example)" "$want" "... and for its second"
is "$(stat -c '%a %U %G' "$LAB_SSL/a.example.pem")" "600 root root" \
    "the bundle has the configured mode and owner"
is "$(grep -c '^-----BEGIN CERT' "$LAB_SSL/a.example.pem")" 2 \
    "it has leaf and intermediate"
is "$(grep -nE '^$|'$'\r' "$LAB_SSL/a.example.pem")" "" \
    "it has neither blank lines nor CRLF"
is "$(find "$LAB_SSL" -name '.*' -type f)" "" "nothing is left staged"

before=$(tree_state)
run lab_hook deploy a.example
is "$status" 0 "deploying again ends with 0"
like "$output" 'up to date' "... says that nothing was to do"
is "$(tree_state)" "$before" "... and touched no file"
run lab_hook deploy --all
is "$(tree_state)" "$before" "deploy --all touched no file either"

lab_renew_lineage a.example
old=$want
want=$(lab_leaf "$LAB_LE/live/a.example/cert.pem")
run env RENEWED_LINEAGE="$LAB_LE/live/a.example" \
    RENEWED_DOMAINS="a.example www.a.example" \
    "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" deploy
is "$status" 0 "a renewed lineage is deployed as certbot calls for it"
is "$(lab_served a.example)" "$want" "the renewed one is served"
isnt "$want" "$old" "... which is another than before"
is "$(find "$LAB_STATE/generations/a.example" -name '*.pem' | wc -l)" 1 \
    "the earlier bundle is kept as a generation"
is "$(lab_leaf "$(find "$LAB_STATE/generations" -name '*.pem')")" "$old" \
    "... and is the one that was served before"
is "$(stat -c %a "$LAB_STATE" "$LAB_STATE/generations" \
    "$LAB_STATE/generations/a.example" | sort -u)" 700 \
    "the state is closed to others"

# What somebody else's timer renewed is found without an event.
for name in c.example b.example; do
	lab_make_lineage "$name"
done
lab_renew_lineage a.example
run lab_hook deploy --all
is "$status" 0 "deploy --all ends with 0"
like "$output" '3 lineages: 3 deployed' "... and tells what it did"
for name in a.example b.example c.example; do
	is "$(lab_served "$name")" \
	    "$(lab_leaf "$LAB_LE/live/$name/cert.pem")" "$name is served"
done

# Disk and memory that somebody changed are brought back.
cp -p "$LAB_SSL/b.example.pem" "$LAB/b.pem"
cat "$LAB_LE/live/c.example/fullchain.pem" \
    "$LAB_LE/live/c.example/privkey.pem" >"$LAB_SSL/b.example.pem"
succeeds "a bundle that was overwritten is put right" lab_hook deploy --all
is "$(lab_leaf "$LAB_SSL/b.example.pem")" "$(lab_leaf "$LAB/b.pem")" \
    "... on disk"
chmod 644 "$LAB_SSL/b.example.pem"
succeeds "a bundle that others may read is put right" lab_hook deploy --all
is "$(stat -c %a "$LAB_SSL/b.example.pem")" 600 "... it is 600 again"
{
	echo "set ssl cert $LAB_SSL/b.example.pem <<"
	cat "$LAB_SSL/c.example.pem"
	echo
} | socat -t 20 - "UNIX-CONNECT:$LAB_SOCK" >/dev/null
lab_cli "commit ssl cert $LAB_SSL/b.example.pem" >/dev/null
isnt "$(lab_served b.example)" "$(lab_leaf "$LAB/b.pem")" \
    "(somebody changed HAProxy's memory)"
succeeds "memory that was changed is put right" lab_hook deploy --all
is "$(lab_served b.example)" "$(lab_leaf "$LAB/b.pem")" "... on the wire"

# The other kinds of key.
for kind in rsa2048 rsa4096 P-384 ed25519; do
	lab_renew_lineage -k "$kind" c.example
	succeeds "a key of the kind $kind is deployed" \
	    lab_hook deploy c.example
done

is "$(lab_worker_pid)" "$worker" "no reload was needed for any of it"
succeeds "HAProxy would start from the directory" \
    "$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg"
done_testing
