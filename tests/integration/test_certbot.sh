#!/usr/bin/env bash
# Real certbot calls certhaul-hook: as --deploy-hook, as a link in
# renewal-hooks, as pre and post, and as the manual hooks that answer http-01
# inside HAProxy.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --pebble

leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}
worker=$(lab_worker_pid)

# Standalone behind HAProxy, with the hooks on the command line.
succeeds "certbot certonly --deploy-hook" lab_certbot certonly -d a.example \
    --deploy-hook "$(lab_hook_command deploy)"
is "$(lab_served a.example)" "$(leaf a.example)" "a.example is served"
old=$(leaf a.example)
succeeds "certbot renew" lab_certbot renew --force-renewal
isnt "$(leaf a.example)" "$old" "(it was renewed)"
is "$(lab_served a.example)" "$(leaf a.example)" "the renewed one is served"

# http-01 inside HAProxy: no listener.
succeeds "certbot --manual with auth and cleanup" lab_certbot certonly \
    --manual --preferred-challenges http -d b.example -d www.a.example \
    --manual-auth-hook "$(lab_hook_command auth)" \
    --manual-cleanup-hook "$(lab_hook_command cleanup)" \
    --deploy-hook "$(lab_hook_command deploy)"
is "$(lab_served b.example)" "$(leaf b.example)" "b.example is served"
is "$(lab_cli "show map $LAB/acme.map")" "" "the map is empty again"

# As links in renewal-hooks, without an argument; the configuration then
# comes from the environment.
export CERTHAUL_CONF=$LAB_CONF
for kind in pre deploy post; do
	mkdir -p "$LAB_LE/renewal-hooks/$kind"
	ln -s "$LAB_BIN/certhaul-hook" \
	    "$LAB_LE/renewal-hooks/$kind/certhaul-hook"
done
sed -i '/^renew_hook/d' "$LAB_LE"/renewal/*.conf
old=$(lab_served a.example)
run lab_certbot renew --force-renewal
is "$status" 0 "certbot renew with links in renewal-hooks"
unlike "$output" 'error output|WARNING' "... and no hook complained" ||
    diag "$output"
isnt "$(lab_served a.example)" "$old" "a.example is another"
for name in a.example b.example; do
	is "$(lab_served "$name")" "$(leaf "$name")" "$name is served"
done
is "$(lab_worker_pid)" "$worker" "all of it without a reload"

# With update = reload: two lineages, two deploys, one reload, by post.
lab_conf 'haproxy.update="reload"'
succeeds "certbot renew, with reloads" lab_certbot renew --force-renewal
isnt "$(lab_worker_pid)" "$worker" "there was a reload"
is "$(grep -c 'forked' "$LAB/haproxy.log")" 2 "... just one" ||
    diag_file "$LAB/haproxy.log"
for name in a.example b.example; do
	is "$(lab_served "$name")" "$(leaf "$name")" "$name is served"
done
lab_conf

# The hook fails, certbot does not: the failure is kept, and mended by a run
# that nobody told of it.
rm "$LAB_LE"/renewal-hooks/*/certhaul-hook
lab_haproxy_stop
lab_conf 'haproxy.reload_command=["/bin/false"]'
# (HAProxy is down, so the challenge cannot be answered: renewed by hand.)
lab_haproxy_start || bail_out "HAProxy does not start"
succeeds "certbot renew with no hook at all" \
    lab_certbot renew --force-renewal --no-directory-hooks
isnt "$(lab_served a.example)" "$(leaf a.example)" "(it is not served)"
succeeds "deploy --all" lab_hook deploy --all
is "$(lab_served a.example)" "$(leaf a.example)" "it is served"

# certbot delete, then a converge.
succeeds "certbot delete" lab_certbot delete --cert-name b.example
run lab_hook deploy --all
is "$status" 0 "deploy --all after it"
is "$(find "$LAB_SSL" -name 'b.example*')" "" "the bundle is gone"

# Tokens are checked before they come near HAProxy.
for token in 'x' '../../../etc/passwd0123456789' 'abc;show env0123456789abc' \
    $'abcdefghijklmnopqrstuvw\nshow env'; do
	run env CERTBOT_DOMAIN=a.example CERTBOT_TOKEN="$token" \
	    CERTBOT_VALIDATION="$token.abcdefghijklmnopqrstuvwxyz" \
	    "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" auth
	is "$status" 2 "a bad token is refused"
done
is "$(lab_cli "show map $LAB/acme.map")" "" "the map is still empty"
done_testing
