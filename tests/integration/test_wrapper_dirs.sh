#!/usr/bin/env bash
# certhaul init and its directories: those that lead to them, and those that are
# links.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --no-haproxy
mkdir "$LAB/cron"

init() {
	lab_certhaul init --cron-dir "$LAB/cron" "$@"
}
modes() {
	stat -c %a "$@" | paste -sd' '
}

# A group that is to read the bundles comes to them.
group=$(id -gn)
[ "$(id -u)" -ne 0 ] || group=daemon
was=$(umask)
umask 077
lab_conf "haproxy.bundle_dir=\"$LAB/way/to/ssl/\"" \
    "haproxy.bundle_group=\"$group\"" 'haproxy.bundle_mode="0640"'
run init
umask "$was"
is "$(modes "$LAB/way" "$LAB/way/to")" "755 755" \
    "the directories on the way may be passed, whatever the umask"
if [ "$(id -u)" -eq 0 ]; then
	is "$(stat -c '%a %G' "$LAB/way/to/ssl")" "750 daemon" \
	    "... and the last one by the group"
fi
lab_conf

# What a link leads to is what is used, and mended.
rm -r "$LAB_STATE"
mv "$LAB_SSL" "$LAB/real"
ln -s "$LAB/real" "$LAB_SSL"
mkdir "$LAB/state.real"
ln -s state.real "$LAB_STATE"
chmod 2777 "$LAB/real" "$LAB/state.real"
run init --dry-run
like "$output" "would: take from others .* to $LAB_SSL" \
    "a directory that is a link is looked at"
is "$(modes "$LAB/real" "$LAB/state.real")" "2777 2777" "... by --dry-run only"
run init
is "$(modes "$LAB/real" "$LAB/state.real")" "2755 2755" "... and is mended"
is "$(stat -c %F "$LAB_SSL" "$LAB_STATE" | sort -u)" "symbolic link" \
    "... and stays a link"
run init
unlike "$output" 'take from|failed|cannot' "... and is well then"
if [ "$(id -u)" -eq 0 ]; then
	lab_conf 'haproxy.bundle_owner="daemon"'
	chown daemon: "$LAB/real"
	run init
	is "$(stat -c '%U %a' "$LAB/real")" "root 2755" \
	    "one that belongs to the owner of the bundles is taken back"
fi
rm "$LAB_SSL"
ln -s "$LAB/haproxy.cfg" "$LAB_SSL"
run init
like "$output" "$LAB_SSL: it is no directory" "a link to a file is none"
done_testing
