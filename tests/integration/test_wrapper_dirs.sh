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
done_testing
