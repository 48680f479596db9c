#!/usr/bin/env bash
# A certbot that is no package: the snap's, with its own timer, and pip's in
# /opt; where both are found, and what is to be done for them. And what a snap
# leaves in the environment of its hooks.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start
mkdir "$LAB/cron" "$LAB/tree"
lab_make_lineage a.example

# apart: runs its arguments where there is no certbot but what $LAB/place puts
# below $tree: this machine's directories in a root of its own, and a systemd
# that is said to run.
cat >"$LAB/apart" <<EOT
#!/bin/sh
tree=$LAB/tree
mount -t tmpfs none \$tree || exit 99
for dir in /*; do
	case \$dir in
	/run | /snap | /opt | /lost+found) continue ;;
	esac
	if [ -L "\$dir" ]; then
		cp -P "\$dir" \$tree
	elif [ -d "\$dir" ]; then
		mkdir "\$tree\$dir"
		mount --rbind "\$dir" "\$tree\$dir" || exit 99
	fi
done
mkdir -p \$tree/run/systemd/system \$tree/snap/bin \$tree/opt
mount -t tmpfs none \$tree/etc/systemd || exit 99
mount -t tmpfs none \$tree/usr/local/bin || exit 99
wants=\$tree/etc/systemd/system/timers.target.wants
mkdir -p \$wants
for file in $(type -aP certbot | sort -u | grep -v '^/usr/local/bin/' |
    paste -sd' '); do
	mount --bind /dev/null "\$tree\$file" || exit 99
done
. $LAB/place
exec chroot \$tree "\$@"
EOT
chmod 755 "$LAB/apart"
# placed TEXT: what $LAB/place does; certbot FILE makes one there.
placed() {
	cat >"$LAB/place" <<-'EOT'
	certbot() {
		mkdir -p "$tree${1%/*}"
		printf '#!/bin/sh\necho certbot 4.1.0\n' >"$tree$1"
		chmod 755 "$tree$1"
	}
	EOT
	echo "$1" >>"$LAB/place"
}
apart() {
	local -a enter=(unshare --mount)
	[ "$(id -u)" -eq 0 ] || enter=(unshare --map-root-user --mount)
	CERTHAUL_LAB=$LAB "${enter[@]}" "$LAB/apart" "$LAB_BIN/certhaul" \
	    -c "$LAB_CONF" "$@"
}

placed 'certbot /snap/bin/certbot; certbot /opt/certbot/bin/certbot
: >$wants/snap.certbot.renew.timer'
run apart status
like "$output" 'engine certbot /snap/bin/certbot' "the snap's certbot is found"
run apart check
like "$output" 'good +engine .*/snap/bin/certbot \(found where it usually is' \
    "... check says so"
like "$output" 'hint +timers .*only certbot.s: .*/snap.certbot.renew.timer' \
    "... and finds its timer"
run apart init --dry-run --cron-dir "$LAB/cron"
like "$output" 'snap.certbot.renew.timer goes on renewing as it does' \
    "... as init does"
unlike "$output" 'snap.conf' "... a cron file has no walls"
run apart init --dry-run
like "$output" 'closed to what snapd does for /snap/bin/certbot: .*snap.conf' \
    "... and the service's are told of before it is enabled"

link='certbot /snap/bin/certbot
ln -s /snap/bin/certbot $tree/usr/local/bin/certbot
: >$wants/certhaul.timer'
placed "$link"
run env "PATH=/usr/local/bin:$PATH" bash -c "$(declare -f apart)
LAB=$LAB LAB_BIN=$LAB_BIN LAB_CONF=$LAB_CONF; apart check"
like "$output" 'bad +timers .*does for /usr/local/bin/certbot: .*snap.conf' \
    "a link to it is known as the snap's"
placed "$link; mkdir \$tree/etc/systemd/system/certhaul.service.d
: >\$tree/etc/systemd/system/certhaul.service.d/snap.conf"
run apart check
unlike "$output" 'snap.conf' "... with the drop-in all is well"

placed 'certbot /opt/certbot/bin/certbot'
run apart status
like "$output" 'engine certbot /opt/certbot/bin/certbot' \
    "pip's in /opt is found"

# certbot takes its libraries out again, not the rest of what a snap sets.
cat >"$LAB/told" <<EOT
#!/bin/sh
env >"$LAB/env"
exec "$LAB_HAPROXY" "\$@"
EOT
chmod 755 "$LAB/told"
lab_conf 'haproxy.update="reload"' "haproxy.program=\"$LAB/told\""
# snapped KIND: the hook, as the snap's certbot runs it.
snapped() {
	local snap=/snap/certbot/4482
	RENEWED_LINEAGE=$LAB_LE/live/a.example RENEWED_DOMAINS=a.example \
	    SNAP=$snap CERTBOT_SNAPPED=True SNAP_NAME=certbot \
	    PYTHONHOME=$snap/usr PYTHONPATH=$snap/lib/python3.12 \
	    LD_LIBRARY_PATH=$snap/usr/lib OPENSSL_CONF=$snap/openssl.cnf \
	    OPENSSL_MODULES=$snap/ossl-modules SSL_CERT_FILE=$snap/ca.pem \
	    CERTBOT_AUGEAS_PATH=$snap/usr/lib/libaugeas.so.0 \
	    PATH=$snap/bin:$PATH lab_hook "$1"
}
for kind in pre deploy post; do
	succeeds "$kind, run by the snap's certbot" snapped "$kind"
done
is "$(lab_served a.example)" "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" \
    "... it is served"
is "$(grep -c /snap/certbot "$LAB/env")" 0 \
    "... and what the hook runs knows of no snap" || diag_file "$LAB/env"
done_testing
