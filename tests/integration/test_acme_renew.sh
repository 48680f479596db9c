#!/usr/bin/env bash
# certhaul-acme renew beside certbot renew: from the same site, the same hooks
# in the same order with the same environment, the same lines, the same exit
# status.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
export LAB_LE
live=$LAB_LE/live
renewal=$LAB_LE/renewal

# --- the site --------------------------------------------------------------
# make NAME ARGUMENT...
make_one() {
	local name=$1
	shift
	run lab_builtin certonly -d "$name" "$@"
	[ "$status" -eq 0 ] || bail_out "no $name: $output"
}
# due NAME...: their renewal is due, whatever their life.
due() {
	local name
	for name; do
		sed -i '1i renew_before_expiry = 100 years' \
		    "$renewal/$name.conf"
	done
}
# Run from the site's own directory of hooks, with their names.
tell=$(lab_tell "$LAB/hooks.log" own)
tell=${tell% own}
make_one a.example --deploy-hook "$tell deploy-a" \
    --pre-hook "$tell pre" --post-hook "$tell post"
make_one b.example -d www.b.example --pre-hook "$tell pre" \
    --post-hook "$tell post-b"
make_one early.example --deploy-hook "$tell never" --pre-hook "$tell never"
make_one gone.example --post-hook "$tell post"
make_one kept.example --no-autorenew
due a.example b.example gone.example kept.example
echo 'not a configuration' >"$renewal/broken.example.conf"
rm -f "$LAB/hooks.log"
for kind in pre deploy post; do
	hooks=$LAB_LE/renewal-hooks/$kind
	mkdir -p "$hooks"
	for name in 10-first 20-second .hidden backup~ not-executable; do
		printf '#!/bin/sh\n%s %s\necho said by %s\n' "$tell" \
		    "dir-$kind-$name" "$name" >"$hooks/$name"
		chmod 755 "$hooks/$name"
	done
	chmod 644 "$hooks/not-executable"
done
printf '#!/bin/sh\necho it fails >&2\nexit 3\n' \
    >"$LAB_LE/renewal-hooks/deploy/30-fails"
chmod 755 "$LAB_LE/renewal-hooks/deploy/30-fails"
run curl -fsS "$LAB_DNS/add-a" \
    -d '{"host": "gone.example", "addresses": ["127.0.0.2"]}'
cp -a "$LAB_LE" "$LAB/site"

# again: the site as it was.
again() {
	rm -rf "$LAB_LE" "$LAB/hooks.log"
	cp -a "$LAB/site" "$LAB_LE"
}
# both FILE ARGUMENT...: certbot renew and then certhaul-acme renew, from the
# same site; what each says is in FILE.theirs and FILE.ours, how each ended
# in $theirs and $ours.
both() {
	local file=$LAB/$1
	shift
	again
	lab_certbot renew "$@" >"$file.theirs" 2>"$file.theirs.err" </dev/null
	theirs=$?
	mv "$LAB/hooks.log" "$file.theirs.hooks" 2>/dev/null
	again
	lab_builtin renew "$@" >"$file.ours" 2>"$file.ours.err" </dev/null
	ours=$?
	mv "$LAB/hooks.log" "$file.ours.hooks" 2>/dev/null
}
# same_lines FILE: but for tokens, and for spaces at the ends of lines.
same_lines() {
	sed -i 's/ *$//; s#\(acme-challenge/\)[A-Za-z0-9_-]*#\1TOKEN#' \
	    "$1.theirs" "$1.ours"
	for file in "$1.theirs" "$1.ours"; do
		cat -s "$file" >"$file.lines"
	done
	lab_same "$1.theirs.lines" "$1.ours.lines" "stdout, line by line"
}
# without_post FILE...: what post hooks are told of names is newer than 2.1.
without_post() {
	local file
	for file; do
		awk '/^==/ { post = /post/ }
		    !post || !/_DOMAINS=/' "$file" >"$file.old"
		mv "$file.old" "$file"
	done
}

# --- one fails, one is broken, two are renewed -----------------------------
both mixed
is "$ours" 1 "one failed and one is broken: ends with 1"
is "$theirs" "$ours" "... as certbot"
# Which names became what is told to post hooks as by certbot 4.2 and later.
is "$(sed -n '/^== post$/,/^==/s/_DOMAINS//p' "$LAB/mixed.ours.hooks")" \
    "FAILED=gone.example
RENEWED=a.example b.example www.b.example" "post hooks are told which"
without_post "$LAB/mixed.theirs.hooks" "$LAB/mixed.ours.hooks"
lab_same "$LAB/mixed.theirs.hooks" "$LAB/mixed.ours.hooks" \
    "hooks: order, how often, environment"
same_lines "$LAB/mixed"
like "$(cat "$LAB/mixed.ours")" 'Hint: The Certificate Authority failed' \
    "(what to look at is told)"
failed="Failed to renew certificate gone.example with error: \
Some challenges have failed\."
for line in "$failed" \
    'The following renewals failed:' \
    "  $live/gone.example/fullchain.pem (failure)" \
    '1 renew failure(s), 1 parse failure(s)' \
    'Renewal configuration file .*broken.example.conf.*' \
    "Hook 'deploy-hook' reported error code 3" ' it fails'; do
	is "$(grep -c "^$line" "$LAB/mixed.ours.err")" \
	    "$(grep -c "^$line" "$LAB/mixed.theirs.err")" "stderr: $line"
done
is "$(lab_generation a.example) $(lab_generation b.example) $(lab_generation \
    early.example) $(lab_generation gone.example) $(lab_generation \
    kept.example)" "2 2 1 1 1" "the right ones were renewed"

# --- nothing is due --------------------------------------------------------
rm "$LAB/site/renewal/broken.example.conf"
sed -i '/renew_before_expiry/d' "$LAB"/site/renewal/*.conf
both none --deploy-hook "$tell never"
is "$theirs $ours" "0 0" "nothing is due: ends with 0"
same_lines "$LAB/none"
[ ! -e "$LAB/none.ours.hooks" ] || not_ok "no hook is run"

# --- options ---------------------------------------------------------------
again
succeeds "--no-directory-hooks" lab_builtin renew --force-renewal \
    --cert-name a.example --no-directory-hooks
is "$(grep '^==' "$LAB/hooks.log" | paste -sd' ')" \
    "== pre == deploy-a == post" "... the conf's own alone"
again
succeeds "hooks on the command line" lab_builtin renew --force-renewal \
    --cert-name a.example --no-directory-hooks --pre-hook "$tell cli-pre" \
    --post-hook "$tell cli-post" --renew-hook "$tell cli-deploy"
is "$(grep '^==' "$LAB/hooks.log" | paste -sd' ')" \
    "== cli-pre == cli-deploy == cli-post" "... take the place of the conf's"
like "$(cat "$renewal/a.example.conf")" 'renew_hook = .*cli-deploy' \
    "... also from now on"
again
succeeds "--dry-run" lab_builtin renew --dry-run --server "$LAB_SERVER" \
    --cert-name a.example --no-directory-hooks
is "$(grep '^==' "$LAB/hooks.log" | paste -sd' ')" "== pre == post" \
    "... no deploy hook"
like "$output" $'all simulated renewals succeeded: \n' "... told, as certbot"
is "$(lab_generation a.example)" 1 "... nothing is kept"
again
succeeds "--run-deploy-hooks" lab_builtin renew --dry-run \
    --server "$LAB_SERVER" --cert-name a.example --no-directory-hooks \
    --run-deploy-hooks
is "$(grep '^==' "$LAB/hooks.log" | paste -sd' ')" \
    "== pre == deploy-a == post" "... in a dry run, too"
is "$(sed -n 's/^RENEWED_LINEAGE=//p' "$LAB/hooks.log" | sort -u)" \
    LE/live/a.example "... with the lineage as it is"
again
succeeds "-q" lab_builtin renew -q --force-renewal --cert-name a.example \
    --no-directory-hooks
is "$output" "" "... says nothing"
ends_with 1 "-q, and it fails" lab_builtin renew -q --force-renewal \
    --cert-name gone.example --no-directory-hooks
like "$output" 'gone.example' "... says so"
ends_with 1 "a name that is none" lab_builtin renew --cert-name no.example
like "$output" 'No certificate found with name no\.example' "... named"
ends_with 1 "renew -d" lab_builtin renew -d a.example
ends_with 1 "a hook that is no program" lab_builtin renew \
    --deploy-hook /nonexistent/hook
like "$output" '/nonexistent/hook' "... is told though nothing is due"

# Another server than the conf's has another account.
again
sed -i 's/^account = .*/account = 0123456789abcdef0123456789abcdef/' \
    "$renewal/a.example.conf"
ends_with 1 "an account that is not there" lab_builtin renew \
    --cert-name a.example --force-renewal --no-directory-hooks
for words in --dry-run --force-renewal; do
	succeeds "... is not looked for with --server and $words" \
	    lab_builtin renew --server "$LAB_SERVER" --cert-name a.example \
	    --no-directory-hooks "$words"
done

# reconfigure: what is said there counts for renewals from now on.
again
succeeds "reconfigure" lab_builtin reconfigure --cert-name a.example \
    --deploy-hook "$tell reconfigured" --server "$LAB_SERVER" \
    --no-directory-hooks
like "$(cat "$renewal/a.example.conf")" 'renew_hook = .*reconfigured' \
    "... is in the conf"
is "$(lab_generation a.example)" 1 "... with the certificate as it was"

# A run that was killed between two links: certonly, too, goes on with it before
# it looks at what there is, and a dry run leaves it.
again
succeeds "(a second generation)" lab_builtin renew -q --force-renewal \
    --cert-name early.example --no-directory-hooks
for how in "-d early.example" "--cert-name early.example"; do
	ln -sfn ../../archive/early.example/chain1.pem \
	    "$live/early.example/chain.pem"
	read -ra arguments <<<"$how"
	succeeds "a dry run" lab_builtin renew --dry-run \
	    --server "$LAB_SERVER" --cert-name early.example
	is "$(readlink "$live/early.example/chain.pem")" \
	    ../../archive/early.example/chain1.pem "... leaves half a switch"
	: >"$LAB/hooks.log"
	succeeds "certonly $how" lab_builtin certonly "${arguments[@]}" \
	    --no-directory-hooks
	like "$output" 'early.example: an earlier run was killed' \
	    "... goes on with it"
	like "$output" 'not yet due' "... and has nothing to do then"
	is "$(readlink "$live/early.example/chain.pem")" \
	    ../../archive/early.example/chain2.pem "... the link is switched"
	is "$(grep '^==' "$LAB/hooks.log")" "== never" \
	    "... the deploy hook is told"
done
done_testing
