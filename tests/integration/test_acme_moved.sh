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
done_testing
