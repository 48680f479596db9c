#!/usr/bin/env bash
# What goes wrong is kept, mended by the next run, and takes nothing with it
# that is not its own.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start

leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}

# A dry run on a new machine makes nothing.
lab_make_lineage a.example
rmdir "$LAB_STATE"
succeeds "a dry run" lab_hook deploy --all --dry-run
is "$(ls -A "$LAB_SSL")$(ls "$LAB_STATE" 2>/dev/null)" "" "... makes nothing"
is "$(find "$LAB" -path "$LAB_STATE")" "" "... not even a directory"

# A failure before there is a record to keep it in.
chmod 775 "$LAB_SSL"
run lab_hook deploy a.example
is "$status" 1 "a directory that others may write is refused"
like "$output" 'chmod' "... and it is told what to do"
chmod 700 "$LAB_SSL"
succeeds "post makes up for it" lab_hook post
is "$(lab_served a.example)" "$(leaf a.example)" "a.example is served"

# A note that is none stops nobody.
(umask 077 && mkdir -p "$LAB_STATE/missed")
(umask 077 && : >"$LAB_STATE/missed/zz.example" &&
    echo "/etc/shadow-like" >"$LAB_STATE/missed/zy.example")
succeeds "bad notes stop nobody" lab_hook deploy --all
is "$(ls "$LAB_STATE/missed")" "" "... and are gone"

# A configuration that cannot be read: certbot will not call again, so there is
# a note, and the journal knows.
lab_renew_lineage a.example
cp -p "$LAB_CONF" "$LAB/good.conf"
echo 'no_such_key = 1;' >>"$LAB_CONF"
run strace -qq -f -o "$LAB/trace" -e trace=connect env \
    RENEWED_LINEAGE="$LAB_LE/live/a.example" RENEWED_DOMAINS=a.example \
    "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" deploy
is "$status" 2 "a configuration that cannot be read"
like "$output" 'no_such_key' "... is told"
is "$(grep -c '/dev/log' "$LAB/trace")" 1 "... to the journal, too" ||
    diag_file "$LAB/trace"
is "$(ls "$LAB_STATE/missed")" a.example "... and there is a note"
cp -p "$LAB/good.conf" "$LAB_CONF"
succeeds "once it is mended, post makes up for it" lab_hook post
is "$(lab_served a.example)" "$(leaf a.example)" "... a.example is served"

# A lineage of a name that is none of ours is not passed over in silence; what
# certbot does not renew is no lineage.
mkdir "$LAB_LE/live/*.odd.example" "$LAB_LE/live/a copy"
touch "$LAB_LE/renewal/*.odd.example.conf"
run lab_hook deploy --all
is "$status" 1 "a lineage of a name that certhaul cannot take"
like "$output" 'live/\*\.odd\.example: .*--cert-name' "... is told"
unlike "$output" 'a copy' "... and what is no lineage is not"
rm -r "$LAB_LE/live/*.odd.example" "$LAB_LE/live/a copy" \
    "$LAB_LE/renewal/*.odd.example.conf"
succeeds "... and all is well without it" lab_hook deploy --all

# Whoever reads our output may leave.
lab_make_lineage b.example
lab_make_lineage c.example
lab_hook deploy --all | true
for name in b.example c.example; do
	is "$(lab_served "$name")" "$(leaf "$name")" \
	    "$name is served, though nobody read on"
done

# The operator's own bundle, and a run that was killed before it replaced it.
lab_make_lineage own.example
cat "$LAB/default.pem" >"$LAB_SSL/own.example.pem"
strace -qq -o "$LAB/trace" -e trace=fsync -e inject=fsync:signal=KILL:when=1 \
    "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" deploy own.example \
    >/dev/null 2>&1
rm -r "$LAB_LE/live/own.example" "$LAB_LE/renewal/own.example.conf"
run lab_hook deploy --all
is "$(lab_leaf "$LAB_SSL/own.example.pem")" "$(lab_leaf "$LAB/default.pem")" \
    "a bundle that we meant to replace and did not is not ours to remove"
rm "$LAB_SSL/own.example.pem"
lab_hook deploy --all >/dev/null 2>&1
succeeds "all is well" lab_hook deploy --all

# Published by an earlier run, found out by a later one: the way back is the
# bundle that was served before, on disk and in memory.
lab_conf 'haproxy.update="none"'
old=$(lab_served b.example)
lab_renew_lineage b.example b.example a.example
succeeds "update = none publishes without a look" lab_hook deploy b.example
lab_conf
run lab_hook deploy b.example
is "$status" 4 "the next run finds that a name of it is another's"
is "$(lab_leaf "$LAB_SSL/b.example.pem")" "$old" "... disk goes back"
is "$(lab_served b.example)" "$old" "... and memory"
lab_renew_lineage b.example b.example
succeeds "a good one is taken then" lab_hook deploy b.example

# update = "runtime" never reloads.
many=(big.example)
for ((i = 0; i < 700; i++)); do
	many+=("name-$i-of-a-very-long-list.big.example")
done
lab_make_lineage big.example "${many[@]}"
lab_conf 'haproxy.update="runtime"'
worker=$(lab_worker_pid)
run lab_hook deploy big.example
is "$status" 1 "update = runtime refuses what only a reload could do"
is "$(find "$LAB_SSL" -name 'big*')" "" "... and installs nothing"
is "$(lab_worker_pid)" "$worker" "... nor reloads"
rm -r "$LAB_LE/live/big.example" "$LAB_LE/renewal/big.example.conf"
lab_conf
succeeds "all is well" lab_hook deploy --all

# HAProxy refuses one of three bundles at a reload. (What HAProxy refuses does
# not pass our validation, so its check is played here.)
cat >"$LAB/picky" <<EOT
#!/bin/sh
case " \$* " in
*" -c "*)
	for name in \$(cat "$LAB/dislikes" 2>/dev/null); do
		if grep -qxF "\$(sed -n 2p "$LAB_SSL/\$name.pem")" \
		    "$LAB/disliked" 2>/dev/null; then
			echo "[ALERT]    (1) : config : parsing : 'bind': \
unable to load '$LAB_SSL/\$name.pem'." >&2
			exit 1
		fi
	done
	;;
esac
exec "$LAB_HAPROXY" "\$@"
EOT
chmod 700 "$LAB/picky"
lab_conf 'haproxy.update="reload"' "haproxy.program=\"$LAB/picky\""
names=(a.example b.example c.example)
for name in "${names[@]}"; do
	lab_renew_lineage "$name"
done
old=$(lab_served b.example)
echo b.example >"$LAB/dislikes"
sed -n 2p "$LAB_LE/live/b.example/fullchain.pem" >"$LAB/disliked"
lab_hook deploy "${names[@]}" >/dev/null || bail_out "they were not queued"
# ... and one more before the reload: the way back is not the one in between.
lab_renew_lineage b.example
sed -n 2p "$LAB_LE/live/b.example/fullchain.pem" >>"$LAB/disliked"
succeeds "four deploys are queued" lab_hook deploy b.example
run lab_hook post
is "$status" 4 "post: one bundle is refused"
for name in a.example c.example; do
	is "$(lab_served "$name")" "$(leaf "$name")" "$name has its reload"
done
is "$(lab_served b.example)" "$old" "b.example is served as before"
is "$(lab_leaf "$LAB_SSL/b.example.pem")" "$old" \
    "... and on disk is what was served, not what was queued in between"
succeeds "HAProxy would start" "$LAB/picky" -c -f "$LAB/haproxy.cfg"
rm "$LAB/dislikes"
succeeds "once it is accepted, post brings it in" lab_hook post
is "$(lab_served b.example)" "$(leaf b.example)" "b.example is served"
lab_conf

# A lineage that is gone and whose bundle is a bind line's default.
sed -i "s,crt $LAB/default.pem crt ,crt ," "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
rm -r "$LAB_LE/live/a.example" "$LAB_LE/archive/a.example" \
    "$LAB_LE/renewal/a.example.conf"
run lab_hook deploy --all
is "$status" 0 "the default certificate of a directory goes, too" ||
    diag "$output"
is "$(find "$LAB_SSL" -name 'a.example*')$(lab_memory a.example)" "" \
    "... from disk, and from memory by a reload"
is "$(lab_served b.example)" "$(leaf b.example)" "b.example is served on"

# Two lineages of one name in two places.
mkdir -p "$LAB/other"
cp -a "$LAB_LE/." "$LAB/other/"
for i in 1 2; do
	run env RENEWED_LINEAGE="$LAB/other/live/b.example" \
	    RENEWED_DOMAINS=b.example \
	    "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" deploy
	is "$status" 1 "another lineage of the same name is refused ($i)"
done
succeeds "... and the rightful one is not" lab_hook deploy b.example
done_testing
