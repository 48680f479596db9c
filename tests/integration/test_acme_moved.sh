#!/usr/bin/env bash
# A hook has files renamed over those that a resolver and TLS read, as a VPN,
# a DHCP client and `sed -i` do: the half with the network reads the new ones.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
[ "$(id -u)" -eq 0 ] || bail_out "this wants another /etc: run as root"

# --- certificates to believe -------------------------------------------------
cp "$LAB/pebble/ca.pem" "$LAB/believed.pem"
cat >"$LAB/believing" <<EOT
#!/bin/sh
REQUESTS_CA_BUNDLE=$LAB/believed.pem exec "$LAB_BIN/certhaul-acme" "\$@"
EOT
chmod 755 "$LAB/believing"
succeeds "the CA's root is renamed over by a hook" \
    lab_engine "$LAB/believing" certonly -d a.example --pre-hook \
    "cp $LAB/pebble/ca.pem $LAB/new.pem; mv $LAB/new.pem $LAB/believed.pem"
lab_lineage_is a.example a.example "... and read anew"

# --- names of hosts ----------------------------------------------------------
# In a namespace of its own /etc is a copy, where the CA has a name.
cp -a /etc "$LAB/etc"
cat >"$LAB/apart" <<EOT
#!/bin/sh
mount --bind "$LAB/etc" /etc && exec "$LAB_BIN/certhaul-acme" "\$@"
EOT
cat >"$LAB/unshared" <<EOT
#!/bin/sh
exec unshare --mount "$LAB/apart" "\$@"
EOT
# It writes nowhere but where /etc is that copy.
cat >"$LAB/network" <<EOT
#!/bin/sh
[ /etc -ef "$LAB/etc" ] || exit 1
{ cat /etc/hosts; echo "127.0.0.1 ca.lab"; } >/etc/hosts.new
mv /etc/hosts.new /etc/hosts
EOT
chmod 755 "$LAB/apart" "$LAB/unshared" "$LAB/network"
LAB_SERVER=${LAB_SERVER/127.0.0.1/ca.lab}
run lab_engine "$LAB/unshared" certonly -d b.example --no-verify-ssl
isnt "$status" 0 "(the CA's name is not known)"
like "$output" "resolve host" "... that is why"
# The account is made before any hook runs, as certbot has it.
cp -a "$LAB/etc/hosts" "$LAB/hosts"
echo "127.0.0.1 ca.lab" >>"$LAB/etc/hosts"
succeeds "(it is, and there is an account)" lab_engine "$LAB/unshared" \
    certonly -d a.example --cert-name known --no-verify-ssl
cp -a "$LAB/hosts" "$LAB/etc/hosts"
succeeds "a hook makes it known" lab_engine "$LAB/unshared" certonly \
    -d b.example --no-verify-ssl --pre-hook "$LAB/network"
lab_lineage_is b.example b.example "... and it is found"

# --- while the CA is spoken to -----------------------------------------------
# An auth hook brings up what leads on: the order is finalized at late.lab.
lab_challenge_hooks
lab_web_start
cat >"$LAB/late" <<EOT
#!/bin/sh
[ /etc -ef "$LAB/etc" ] || exit 1
cp /etc/hosts /etc/hosts.new && mv /etc/hosts.new /etc/hosts
echo once >>"$LAB/late.ran"
grep -q "127.0.0.1 \$1" /etc/hosts || echo "127.0.0.1 \$1" >>/etc/hosts
exec "$LAB/auth"
EOT
chmod 755 "$LAB/late"
cat >"$LAB/early" <<EOT
#!/bin/sh
echo down >>"$LAB/late.ran"
exec "$LAB/cleanup"
EOT
chmod 755 "$LAB/early"
# lately MOOD HOST ARGUMENT...: a hook makes HOST known.
lately() {
	local host=$2
	rm -f "$LAB/late.ran"
	lab_mood "$1"
	shift 2
	lab_engine "$LAB/unshared" certonly --no-verify-ssl --manual \
	    --manual-auth-hook "$LAB/late $host" \
	    --manual-cleanup-hook "$LAB/early" "$@"
}
ends_with 1 "a hook that has hosts written anew, and in vain" \
    lately late other.lab -d c.example
like "$output" "replaced meanwhile: once more.*late.lab.*resolve host" \
    "... has another half look"
is "$(lab_asked '/order-plz 201') $(grep -c once "$LAB/late.ran")" "1 1" \
    "... once, for the order that there is"
cp -a "$LAB/etc/hosts" "$LAB/hosts"
succeeds "one that makes the host known" lately late late.lab -d d.example
is "$(lab_asked '/order-plz 201') $(grep -c once "$LAB/late.ran")" "1 1" \
    "... has the order gone on with"
lab_lineage_is d.example d.example "... to the end"
is "$(paste -sd' ' "$LAB/late.ran")" "once down" "(nothing stays up)"
cp -a "$LAB/hosts" "$LAB/etc/hosts"
# It has the file renamed over each time; so it is not to run twice.
succeeds "one that is needed while the CA looks" lately late_once x.lab \
    -d e.example
is "$(lab_asked '/order-plz 201') $(paste -sd' ' "$LAB/late.ran")" \
    "1 once down" "... has what it put up stay there"
done_testing
