#!/usr/bin/env bash
# certhaul-acme's options: what no other test has a use for; and that each row
# of the table is used by some test.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
acme=$LAB_BIN/certhaul-acme

# --- names -----------------------------------------------------------------
succeeds "--version" "$acme" --version
like "$output" '^certhaul-acme [0-9]' "... is its own"
ln -s "$acme" "$LAB/certbot"
succeeds "--version, called certbot" "$LAB/certbot" --version
like "$output" '^certbot [0-9]+\.[0-9]+\.[0-9]+$' "... as scripts read it"
ends_with 2 "an unknown option" "$acme" certonly --domian a.example
like "$output" '--domain' "... the nearest is named"
ends_with 2 "an abbreviation that is two" "$acme" certonly --manual-
ends_with 2 "a choice that is none" "$acme" certonly --key-type dsa
ends_with 2 "a number that is none" "$acme" certonly --http-01-port x
ends_with 2 "an unknown verb" "$acme" enchant
for option in --nginx --apache "--nginx-server-root x" "--nginx-ctl x" \
    "--apache-server-root x" "--configurator x" \
    "--ip-address 192.0.2.1" "--dns-cloudflare-credentials x" \
    --dns-cloudflare --dns-digitalocean --dns-dnsimple --dns-dnsmadeeasy \
    --dns-gehirn --dns-google --dns-linode --dns-luadns \
    --dns-nsone --dns-ovh --dns-rfc2136 --dns-route53 \
    --dns-sakuracloud; do
	# shellcheck disable=SC2086 # with its value
	run "$acme" certonly $option
	like "$output" "${option%% *}.*certbot" "$option is certbot's alone"
done
for option in --redirect --no-redirect --hsts --no-hsts --uir --no-uir \
    --staple-ocsp --no-staple-ocsp --auto-hsts; do
	run "$acme" $option -d a.example
	like "$status $output" "^1 .*$option.*certbot" \
	    "$option is certbot's alone"
	succeeds "... but certificates does not mind" lab_builtin \
	    certificates "$option"
done

for option in "-a nginx" "-i nginx" "-a dns-cloudflare" "-i apache"; do
	# shellcheck disable=SC2086 # with its value
	run "$acme" certonly $option
	like "$status $output" '^1 .*install certbot' "so is $option"
done

# --- what is wrong with it, in certbot's words and ours --------------------
while read -r option; do
	for engine in certbot "$acme"; do
		# shellcheck disable=SC2086 # words
		run "$engine" $option -n --config-dir "$LAB/none" \
		    --work-dir "$LAB/none" --logs-dir "$LAB/none" \
		    --server https://127.0.0.1:1/dir
		[ "$engine" = "$acme" ] || theirs=$status
	done
	is "$status" "$theirs" "$option: as certbot" || diag "$output"
done <<'END'
certificates -d a.example,,b.example
certificates -d a.example,
certificates -d ,
certificates --preferred-challenges bogus
certificates --preferred-challenges http,bogus
certonly -a foo -d a.example
renew --duplicate
renew --duplicate -d a.example
run --hsts -d a.example
everything --redirect -d a.example
certonly --nginx -d a.example
certonly --apache -d a.example
certonly --nginx-ctl x -d a.example
certificates --nginx
renew --nginx
renew -a nginx
renew -i nginx
renew -a none
renew --dns-route53
certificates --configurator x
certonly --nginx --no-such -d a.example
certonly --dns-cloudflare -d a.example
certonly --dns-clou -d a.example
certonly --dns-cloudflare --dns-cloudflare-credentials x -d a.example
certonly --dns-none -d a.example
show_account --dns-google
certonly --ip-address 192.0.2.1
certonly --rsa-key-size 512 --key-type rsa --standalone -d a.example
certonly --rsa-key-size 512 --key-type rsa --standalone -d a.example --dry-run
certonly --rsa-key-size x -d a.example
certificates --rsa-key-size 512
certificates --rsa-key-size -x
certificates --http-01-port 70000
certificates --http-01-port -0.5
delete --cert-name none --http-01-port -1
renew --rsa-key-size 2050 --http-01-port 0
renew --issuance-timeout 0
certificates --issuance-timeout 100000
certificates --issuance-timeout -5
certificates --max-log-backups 200000
certonly --http-01-port 70000 --standalone -d a.example
certonly --http-01-port x -d a.example
certificates --max-log-backups -1
certificates --max-log-backups x
certificates --https-port x
certificates --checkpoints x
certificates --verbose-level
certificates --force-interactive
renew --force-interactive
certificates --inst
certificates --auth
certificates --installer null
certificates --hel
certificates --he
certificates --h
certificates --vers
certificates --ver
certificates --versions
--vers
certonly --ngin --standalone -d a.example
certonly --apac --standalone -d a.example
certificates --nginx-s x
rollback --checkpoints 1
plugins --installers
rollback
install
enhance
enhance --hsts
config_changes
certificates --deploy-hook true --renew-hook false
certificates --renew-hook true --deploy-hook false
certificates --renew-hook true --renew-hook false
certificates --renew-hook true --renew-hook false --deploy-hook false
certificates --deploy-hook true --deploy-hook false
certificates --deploy-hook true --renew-hook true --deploy-hook false
help
help certonly
certonly help
END
for engine in certbot "$acme"; do
	succeeds "$engine: --force-interactive" "$engine" certificates \
	    --force-interactive --config-dir "$LAB/none" \
	    --work-dir "$LAB/none" --logs-dir "$LAB/none"
	succeeds "$engine: --help of what there is not" "$engine" --help bogus
	like "$output" '-d DOMAIN\]' "... is --help"
done

# --- what certbot 2.1 takes, too -------------------------------------------
taken=(--text -t --no-self-upgrade --no-bootstrap --os-packages-only
    --no-permissions-check --strict-permissions --debug-challenges
    "--user-agent-comment ours/1" "--reason keyCompromise"
    "--reason AFFILIATIONCHANGED" --disable-renew-updates "--https-port=-1"
    "--checkpoints 3" "--verbose-level 1" --init --prepare --authenticators
    --installers)
for option in "${taken[@]}"; do
	# shellcheck disable=SC2086 # with its value
	succeeds "certbot takes $option" lab_certbot certificates $option
	# shellcheck disable=SC2086 # with its value
	succeeds "... and so do we" lab_builtin certificates $option
done
mkdir "$LAB/www"
for option in '{}' '{"a.example,B.example.":"DIR"}' '{"":"DIR"}' '{' '[]' '' \
    '{"a.example":1}' '{"a.example":""}' '{"a.example":"DIR/none"}' \
    '{"a.example":"DIR/none","a.example":"DIR"}' '{"a..example":"DIR"}'; do
	map=${option//DIR/$LAB/www}
	for verb in certificates renew; do
		run lab_certbot "$verb" --webroot-map "$map"
		theirs=$status
		ends_with "$theirs" "$verb --webroot-map $option: as certbot" \
		    lab_builtin "$verb" --webroot-map "$map"
	done
done
for option in "--user-agent-comment (x)" "--reason keyComp" \
    "--key-type RSA"; do
	# shellcheck disable=SC2086 # with its value
	ends_with 2 "certbot: $option" lab_certbot certificates $option
	# shellcheck disable=SC2086 # with its value
	ends_with 2 "... and so do we" lab_builtin certificates $option
done
for engine in lab_certbot lab_builtin; do
	ends_with 1 "$engine: --user-agent of two lines" "$engine" certonly \
	    -d a.example --user-agent $'x\r\nX-More: 1'
done
like "$output" '--user-agent: may contain no control' "... and why"

# --- what it says ----------------------------------------------------------
succeeds "-v, abbreviated names" lab_builtin certonly -v --debug \
    --doma a.example --user-agent "a lab's" --issuance-timeout 60 \
    --max-log-backups 2 -i none --preconfigured-renewal --validate-hooks \
    --directory-hooks --autorenew --pre-hook true --non-interactive \
    --authenticator standalone
like "$output" 'Running pre-hook command: true' "... tells more"
like "$(cat "$LAB/pebble.log")" . "(the CA has a log)"
succeeds "--quiet" lab_builtin certonly --quiet \
    --domains a.example --reinstall
is "$output" "" "... says nothing"
for engine in lab_certbot lab_builtin; do
	for option in --nginx "-a dns-none"; do
		# shellcheck disable=SC2086 # with its value
		succeeds "$engine: renew $option, and nothing is due" \
		    "$engine" renew $option
		# shellcheck disable=SC2086 # with its value
		ends_with 1 "... and something is" "$engine" renew $option \
		    --force-renewal
		like "$output" 'Failed to renew certificate a.example' \
		    "... which fails"
		[ "$option" != --nginx ] || told=$output
	done
	succeeds "$engine: renew -i dns-none" "$engine" renew -i dns-none \
	    --force-renewal
	[ "$engine" = lab_certbot ] ||
	    like "$output" 'installer dns-none is a plugin of certbot' \
		"... warned of"
	succeeds "$engine: -a dns-none, and then another" "$engine" renew \
	    -a dns-none -a standalone --dry-run --server "$LAB_SERVER"
	for verb in certificates plugins; do
		succeeds "$engine: $verb -a dns-none" "$engine" "$verb" \
		    -a dns-none
	done
done
like "$told" '--nginx: asks for a plugin' "... and says why"
run lab_builtin renew -a dns-none --force-renewal
like "$output" '--authenticator dns-none: asks for .* install certbot for it' \
    "... each by its name"
conf=$LAB_LE/renewal/a.example.conf
sed -i "s/^user_agent = .*/user_agent = '''a\\nX-More: 1'''/" "$conf"
for engine in lab_certbot lab_builtin; do
	ends_with 1 "$engine: a conf's user_agent of two lines" "$engine" \
	    renew --force-renewal
done
like "$output" 'user-agent: may contain no control' "... and why"
sed -i "/^user_agent/,/^X-More/d" "$conf"
for _ in 1 2 3 4; do
	lab_builtin certificates --max-log-backups 2 >/dev/null 2>&1
done
is "$(find "$LAB/le-logs" -name 'letsencrypt.log*' | wc -l)" 3 \
    "--max-log-backups 2: the log and two before it"
is "$(stat -c %a "$LAB/le-logs" "$LAB/le-logs/letsencrypt.log" |
    paste -sd' ')" "700 644" "... with certbot's modes"

# --- the server ------------------------------------------------------------
# Nobody whom it trusts has signed the CA's own certificate.
run env REQUESTS_CA_BUNDLE= "$acme" certonly -n --config-dir "$LAB_LE" \
    --work-dir "$LAB/le-work" --logs-dir "$LAB/le-logs" --standalone \
    --http-01-port "$LAB_ACME" --server "$LAB_SERVER" -d b.example
is "$status" 1 "a server that nobody vouches for"
like "$output" '[Cc]ertificate|SSL|TLS' "... says so"
succeeds "--no-verify-ssl" env REQUESTS_CA_BUNDLE= "$acme" certonly -n \
    --config-dir "$LAB_LE" --work-dir "$LAB/le-work" \
    --logs-dir "$LAB/le-logs" --standalone --http-01-port "$LAB_ACME" \
    --server "$LAB_SERVER" -d b.example --no-verify-ssl
succeeds "SSL_CERT_FILE" env -u REQUESTS_CA_BUNDLE -u CURL_CA_BUNDLE \
    SSL_CERT_FILE="$LAB/pebble/ca.pem" "$acme" \
    renew -n --config-dir "$LAB_LE" --work-dir "$LAB/le-work" \
    --logs-dir "$LAB/le-logs" --force-renewal --no-random-sleep-on-renew
ends_with 1 "--test-cert beside --server" lab_builtin certonly --test-cert \
    -d c.example
ends_with 1 "--required-profile, of a CA that has none" lab_builtin certonly \
    -d c.example --required-profile short
succeeds "--preferred-profile" lab_builtin certonly -d c.example \
    --preferred-profile short

# --- cli.ini ---------------------------------------------------------------
mkdir -p "$LAB/xdg/letsencrypt"
printf '# ours\nkey-type = rsa\nrsa-key-size = 3072\ndomains = ini.example\n' \
    >"$LAB/xdg/letsencrypt/cli.ini"
succeeds "cli.ini" lab_builtin certonly
is "$(lab_key ini.example)" "3072 bit" "... is read"
succeeds "the command line over it" lab_builtin certonly -d ini2.example \
    --key-type ecdsa
is "$(lab_key ini2.example)" "256 bit P-256" "... wins"
echo 'domains = other.example' >"$LAB/other.ini"
succeeds "--config" lab_builtin certonly --config "$LAB/other.ini"
is "$(lab_key other.example)" "3072 bit" "... over it, and not in its place"
echo 'no-such = 1' >"$LAB/xdg/letsencrypt/cli.ini"
ends_with 2 "an unknown option in cli.ini" lab_builtin certificates
like "$output" 'no-such' "... is named"
rm "$LAB/xdg/letsencrypt/cli.ini"

# --- the nap of a timer ----------------------------------------------------
CERTHAUL_LAB=$LAB REQUESTS_CA_BUNDLE=$LAB/pebble/ca.pem timeout 3 "$acme" \
    renew --noninteractive --config-dir "$LAB_LE" --work-dir "$LAB/le-work" \
    --logs-dir "$LAB/le-logs" --force-renewal --random-sleep-on-renew \
    --cert-name c.example >"$LAB/out" 2>&1 </dev/null
like "$(cat "$LAB/le-logs/letsencrypt.log")" \
    'Non-interactive renewal: random delay of [0-9]+ seconds' \
    "--random-sleep-on-renew: a timer's run waits"

# --- the name that the CA is told ---------------------------------------------
succeeds "--user-agent-comment" lab_builtin certonly -d b.example \
    --cert-name uac --user-agent-comment ours/1
like "$(tail -1 "$LAB/ca-asked")" ' certhaul-acme/[0-9.]* \(ours/1\)$' \
    "... stands behind our own name"
succeeds "--user-agent" lab_builtin certonly -d c.example --cert-name ua \
    --user-agent-comment ours/1 --user-agent theirs/2
like "$(tail -1 "$LAB/ca-asked")" ' theirs/2$' "... is all of it"

# --- every row -------------------------------------------------------------
# A row counts as used where one of its names stands in a test of
# certhaul-acme, or in the lab that starts it. Rows are those of --help.
cat "$lab_lib"/test_acme_*.sh "$lab_lib"/lab_*.sh \
    "$lab_lib"/../fault/test_acme_*.sh | grep -v '^[[:space:]]*#' \
    >"$LAB/tests"
rows=0
unused=()
while read -r line; do
	used=no
	rows=$((rows + 1))
	for name in $line; do
		grep -qE -- "(^|[^a-zA-Z0-9-])$name([^a-zA-Z0-9-]|\$)" \
		    "$LAB/tests" && used=yes
	done
	[ "$used" = yes ] || unused+=("$line")
done < <("$acme" --help all | sed -n 's/^  \(-[^ ].*\)$/\1/p' |
    sed 's/  .*//; s/,//g; s/ [A-Z][A-Z0-9|]*//g' | grep '^-')
is "${unused[*]-}" "" "each of $rows options is used by a test"
[ "$rows" -gt 70 ] || not_ok "--help all was read" "$rows"
done_testing
