#!/usr/bin/env bash
# What certhaul-acme writes into renewal/NAME.conf is what certbot writes there
# for the same command line: which options, how they are spelt, in which order.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
lab_web_start
web=$LAB/web
ini=$LAB/xdg/letsencrypt/cli.ini
mkdir -p "$web/a.example" "$web/b.example" "${ini%/*}"

# again: the site as it was.
again() {
	rm -rf "$LAB_LE" "$LAB/le-work"
	[ ! -e "$LAB/site" ] || cp -a "$LAB/site" "$LAB_LE"
}

# What a later certbot than 2.1 does not write.
later=
case $(certbot --version) in
*" 2.1."*) ;;
*) later='/^installer = None$/d' ;;
esac

# confs: of the site, without what differs from run to run, or by version.
confs() {
	tail -n +1 "$LAB_LE"/renewal/*.conf |
	    sed -e '/^account = /d' -e '/^version = /d' -e "$later"
}

# same ARGUMENT...: by both, from the same site.
same() {
	local engine
	for engine in lab_certbot lab_builtin; do
		again
		"$engine" "$@" </dev/null >"$LAB/$engine.out" 2>&1 ||
			diag_file "$LAB/$engine.out"
		confs >"$LAB/$engine.conf"
	done
	[ -s "$LAB/lab_certbot.conf" ] || not_ok "certbot writes one"
	lab_same "$LAB/lab_certbot.conf" "$LAB/lab_builtin.conf" "$*"
}

# --- a new one --------------------------------------------------------------
site=(certonly --webroot -w "$web/a.example" -d a.example)
hook="mkdir -p $web/a.example/.well-known/acme-challenge && \
echo \$CERTBOT_VALIDATION >$web/a.example/.well-known/acme-challenge/\
\$CERTBOT_TOKEN"
same "${site[@]}"
same "${site[@]}" --user-agent 'an agent/1, "quoted"' --debug --no-verify-ssl \
    --max-log-backups 3
same "${site[@]}" --user-agent "" --user-agent-comment mine -i None
same "${site[@]}" --config-dir "$LAB/xdg/../le/" -i none --must-staple
same "${site[@]}" --key-type rsa --rsa-key-size 2048 --preferred-chain some \
    --http-01-port 80 --http-01-address "" -i null
same "${site[@]}" --elliptic-curve secp384r1 --key-type ecdsa --reuse-key \
    --allow-subset-of-names --preferred-challenges http,dns
same "${site[@]}" --pre-hook true --post-hook "" --deploy-hook "echo 'x # y'" \
    --manual-auth-hook true --no-reuse-key
same "${site[@]}" --renew-hook 'echo a, b' --no-autorenew --cert-name other
same certonly -a webroot -w "$web/a.example" -d a.example \
    -w "$web/b.example" -d b.example
same certonly --webroot --webroot-map "{\"a.example\":\"$web/a.example\"}" \
    -w "$web/b.example" -d b.example
same certonly --manual --manual-auth-hook "$hook" --manual-cleanup-hook true \
    -d a.example
printf '%s\n' 'user-agent = ini/1' 'key-type = rsa' \
    'rsa-key-size = 3072' >"$ini"
same "${site[@]}"
same "${site[@]}" --user-agent cli/1
rm "$ini"

# --- one that there is ------------------------------------------------------
again
succeeds "(a lineage)" lab_certbot "${site[@]}" --user-agent old/1 \
    --pre-hook true
mv "$LAB_LE" "$LAB/site"
same "${site[@]}" --force-renewal
same certonly --webroot -w "$web/b.example" -d b.example \
    --cert-name a.example --renew-with-new-domains
for engine in lab_certbot lab_builtin; do
	again
	ends_with 1 "$engine: certonly --webroot, and no directory" "$engine" \
	    certonly --webroot -d a.example --force-renewal
	like "$output" webroot "... is asked for"
done
same renew --force-renewal
like "$(tail -n 1 "$LAB/ca-asked")" ' old/1$' "... the CA is told the same name"
same renew --force-renewal --user-agent new/1 --post-hook true --key-type rsa \
    --work-dir "$LAB/other-work"
same renew --force-renewal --logs-dir "$LAB/other-logs" --webroot \
    -w "$web/a.example"

# --- one that the operator has put in order -----------------------------------
# Upside down, and with notes.
conf=$LAB/site/renewal/a.example.conf
{
	sed '/^\[renewalparams\]/q' "$conf"
	sed '1,/^\[renewalparams\]/d; /^\[\[/,$d' "$conf" | tac |
	    sed 's/^server = .*/# where\n&/
		s/^authenticator = .*/\n# how\n&/'
	sed -n '/^\[\[/,$p' "$conf"
	printf '%s\n' '[ours]' '# of ours' 'b = 1' 'a = 2'
} >"$LAB/conf"
mv "$LAB/conf" "$conf"
sed '/^pre_hook/d; /^user_agent/d; /^version/d' "$conf" >"$LAB/wanted"
same "${site[@]}" --force-renewal
sed '/^version/d' "$LAB_LE/renewal/a.example.conf" >"$LAB/seen"
lab_same "$LAB/wanted" "$LAB/seen" "... it stays as it was but for what goes"
same "${site[@]}" --force-renewal --user-agent new/1 --post-hook true \
    --key-type rsa --cert-name a.example
same certonly --manual --manual-auth-hook "$hook" -d a.example --force-renewal
same certonly --webroot -w "$web/b.example" -d b.example \
    --cert-name a.example --renew-with-new-domains

# --- what of it counts ------------------------------------------------------
sed -i "s|^config_dir = .*|config_dir = $LAB/nowhere|" \
    "$LAB/site/renewal/a.example.conf"
again
lab_builtin renew --force-renewal --debug --user-agent now/1 >"$LAB/out" 2>&1
like "$?$(cat "$LAB_LE/renewal/a.example.conf")" '^0.*user_agent = now/1' \
    "a conf that was made elsewhere"
[ ! -e "$LAB/nowhere" ] || not_ok "... nothing is made there"

# --- long ones ----------------------------------------------------------------
long=$(printf 'agent/%.0s' {1..600})
succeeds "certbot, --user-agent of 3,600 bytes" lab_certbot "${site[@]}" \
    --cert-name long --user-agent "$long"
succeeds "... is renewed" lab_builtin renew --force-renewal --cert-name long
succeeds "--user-agent-comment of as many" lab_builtin "${site[@]}" \
    --cert-name long --force-renewal --user-agent-comment "$long"
succeeds "--preferred-profile of as many" lab_builtin "${site[@]}" \
    --cert-name long --force-renewal --preferred-profile "$long"
ends_with 1 "--user-agent of 18,000 bytes" lab_builtin "${site[@]}" \
    --user-agent "$long$long$long$long$long"
like "$output" '--user-agent: has 16384 bytes or more' "... is told of"

# --- what refers to what is elsewhere, and what is no number ------------------
rm -rf "$LAB_LE"
succeeds "(a lineage)" lab_certbot "${site[@]}" --cert-name refer
cp "$LAB_LE/renewal/refer.conf" "$LAB/refer.conf"
for engine in lab_certbot lab_builtin; do
	# has LINE: the conf has one more, in [renewalparams].
	has() {
		sed "/^account/i $1" "$LAB/refer.conf" \
		    >"$LAB_LE/renewal/refer.conf"
	}
	rm -f "$LAB/told"
	has "renew_hook = echo %(server)s %(archive_dir)s >$LAB/told"
	succeeds "$engine: a hook that refers to keys" "$engine" renew \
	    --force-renewal
	is "$(cat "$LAB/told")" "$LAB_SERVER $LAB_LE/archive/refer" \
	    "... has what they say"
	for words in "renew_hook = echo %(nobody)s" "http01_port = abc" \
	    "rsa_key_size = 2k"; do
		has "$words"
		ends_with 1 "$engine: $words" "$engine" renew --force-renewal
		like "$output" '0 renew failure\(s\), 1 parse failure\(s\)' \
		    "... is no conf that can be read"
		ends_with 1 "... due or not" "$engine" renew
	done
	ends_with 1 "... nor with another port" "$engine" renew \
	    --force-renewal --http-01-port "$LAB_ACME"
	has "http01_port = abc"
	succeeds "... unless that is what it lacks" "$engine" renew \
	    --force-renewal --http-01-port "$LAB_ACME"
done
done_testing
