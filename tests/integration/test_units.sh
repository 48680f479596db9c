#!/usr/bin/env bash
# The units, as `make install` puts them: whole for systemd, closed, and open
# enough for certbot, its hooks and HAProxy's sockets.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --pebble
root=$LAB/root
succeeds "make install, with DESTDIR" env -u MAKEFLAGS -u MFLAGS \
    -u MAKELEVEL make -C "$LAB_BIN" install DESTDIR="$root"
service=$(find "$root" -name certhaul.service)
timer=$(find "$root" -name certhaul.timer)
isnt "$service" "" "the service is installed" ||
    bail_out "without it there is nothing to look at"
is "${service%/*}" "${timer%/*}" "... and the timer beside it"

# setting NAME: what the service gives it, a word a line.
setting() {
	sed -n "s/^$1=//p" "$service" | tr ' ' '\n'
}

program=$(setting ExecStart | head -n1)
is "$(setting ExecStart | paste -sd' ')" "$program renew --quiet" \
    "it renews, and says nothing where nothing is wrong"
like "$program" '^/.*/bin/certhaul$' "... by the whole path"
is "$(find "$root" -path "*$program" -perm -u=x)" "$root$program" \
    "... of what is installed"
while IFS='()' read -r name section; do
	isnt "$(find "$root" -path "*/man$section/$name.$section")" "" \
	    "the page that it names is installed: $name($section)"
done < <(setting Documentation | sed 's/^man://')
cron=$(find "$root" -name certhaul.cron)
like "$(grep -v '^#' "$cron")" "-d /run/systemd/system .*$program renew" \
    "the cron file runs the same, where systemd does not"
# cron passes over the rest of a file with a line that it does not take.
is "$(grep -cE '^[0-9]+ [0-9,]+ \* \* \* root [^%]+$' "$cron")" 1 \
    "... in a line that cron takes"
unlike "$(cat "$cron")" '@' "... with everything filled in"
is "$(grep -cvE '^(#.*|[A-Z]+=[^ ]+|[0-9].*|)$' "$cron")" 0 \
    "... and nothing else"

# Nothing is executed for this; the paths are made those below DESTDIR.
units=$LAB/units
mkdir -p "$units/certhaul.service.d"
sed "s,^ExecStart=/,ExecStart=$root/," "$service" >"$units/certhaul.service"
cp "$timer" "$units"
run systemd-analyze verify --man=no "$units/certhaul.timer" \
    "$units/certhaul.service"
is "$status:$output" "0:" "systemd-analyze verify has nothing to say"
succeeds "it is closed: an exposure of less than 3.0" systemd-analyze \
    security --no-pager --offline=true --threshold=29 \
    "$units/certhaul.service"
like "$output" 'Overall exposure level' "... as systemd sees it"
diag "$(tail -n1 <<<"$output")"
cp "$(find "$root" -name snap.conf)" "$units/certhaul.service.d"
run systemd-analyze verify --man=no "$units/certhaul.service"
is "$status:$output" "0:" "... nor with the drop-in for the snap"

# A real life, with the service's capabilities and no new privileges; who is
# not root has none of them anyway.
narrow=(setpriv --no-new-privs)
if [ "$(id -u)" -eq 0 ]; then
	caps=$(setting CapabilityBoundingSet | tr 'A-Z\n' 'a-z,' |
	    sed 's/cap_/+/g; s/,$//')
	narrow+=(--bounding-set "-all,$caps" --inh-caps -all)
fi
trace=$LAB/trace

# confined WHAT COMMAND...: succeeds so, with its system calls in $trace.
confined() {
	local what=$1
	shift
	# shellcheck disable=SC2016 # for the inner shell
	succeeds "$what" strace -f -qq -o "$trace.$((++traces))" \
	    -e signal=none "${narrow[@]}" "$BASH" -c '
		lab_src=$1 LAB_BIN=$2
		shift 2
		. "$lab_src/tests/integration/tap.sh"
		. "$lab_src/tests/integration/lab_acme.sh"
		"$@"' bash "$lab_src" "$LAB_BIN" "$@"
}
traces=0
export LAB LAB_CONF LAB_LE LAB_SERVER LAB_ACME
hooks=(--deploy-hook "$(lab_hook_command deploy)"
    --post-hook "$(lab_hook_command post)")
confined "certbot issues and deploys, standalone" \
    lab_certbot certonly "${hooks[@]}" -d a.example
is "$(lab_served a.example)" "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" \
    "... and it is served"
confined "certbot renews and deploys, through the map" \
    lab_certbot certonly --force-renewal --manual "${hooks[@]}" \
    --manual-auth-hook "$(lab_hook_command auth)" \
    --manual-cleanup-hook "$(lab_hook_command cleanup)" -d a.example
is "$(lab_served a.example)" "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" \
    "... and it is served"
lab_conf 'haproxy.update="reload"' 'haproxy.master_socket=""'
confined "certbot renews, and the reload command is run" \
    lab_certbot renew --force-renewal
is "$(lab_served a.example)" "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" \
    "... and it is served"

# What the filter lets through, of what was called.
filter=$(setting SystemCallFilter)
esc=$'\e' # systemd 255 colours the names of sets whatever it is told
# calls NAME...: sets of systemd's among them, as system calls.
calls() {
	local name
	for name; do
		case $name in
		@*)
			# shellcheck disable=SC2046 # words
			calls $(systemd-analyze syscall-filter --no-pager \
			    "$name" | sed -n "s/$esc\[[0-9;]*m//g
			    s/^    \([-@a-z0-9_]*\)$/\1/p")
			;;
		*) echo "$name" ;;
		esac
	done
}
# shellcheck disable=SC2046 # words
allowed=$(comm -23 <(calls $(grep -v '^~' <<<"$filter") | sort -u) \
    <(calls $(sed -n 's/^~//p' <<<"$filter") | sort -u))
like "$allowed" $'\n''openat'$'\n' "the filter names system calls"
called=$(cat "$trace".* | sed -nE 's/^[0-9]+ +([a-z_0-9]+)\(.*/\1/p' |
    sort -u)
like "$called" $'\n''connect'$'\n' "system calls were seen"
is "$(comm -13 <(echo "$allowed") <(echo "$called"))" "" \
    "every system call of these is one that the service may make"
is "$(sed -nE 's/.*socket\((AF_[A-Z0-9]+),.*/\1/p' "$trace".* | sort -u |
    comm -23 - <(setting RestrictAddressFamilies | sort))" "" \
    "... and every socket of a family that it may use"
done_testing
