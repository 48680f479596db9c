#!/usr/bin/env bash
# Addresses of haproxy.cfg at which somebody else answers than the HAProxy that
# was updated, or nobody: what is seen there is not its fault.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start
cp "$LAB/haproxy.cfg" "$LAB/before.cfg"

leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}

reload() {
	lab_haproxy_reload || bail_out "HAProxy does not reload"
}

# frontend NAME BIND...: such a section, for haproxy.cfg.
frontend() {
	printf 'frontend %s\n\thttp-request return status 200\n' "$1"
	printf '\tbind %s\n' "${@:2}"
}

# Another process is where HAProxy may listen, by a block that it skips; or it
# is itself, with other certificates, by the other branch.
lab_make_lineage a.example
succeeds "a bundle" lab_hook deploy a.example
other=$(lab_free_port)
bind="127.0.0.1:$other ssl crt $LAB/default.pem"
for way in auto runtime else; do
	lab_conf
	stray=
	{
		cat "$LAB/before.cfg"
		echo '.if defined(HAPROXY_NO)'
		frontend other "$bind crt $LAB_SSL/"
		if [ "$way" = else ]; then
			echo .else
			frontend other "$bind"
		fi
		echo .endif
	} >"$LAB/haproxy.cfg"
	if [ "$way" != else ]; then
		lab_conf "haproxy.update=\"$way\""
		lab_stray "$other"
		stray=$lab_pid
	fi
	reload
	worker=$(lab_worker_pid)
	lab_renew_lineage a.example
	run lab_hook deploy a.example
	is "$status" 0 "another one at an address of an .if ($way)" ||
	    diag "$output"
	like "$output" "warning: .* 127\\.0\\.0\\.1:$other: shows .*default" \
	    "... what it shows is told"
	like "$output" 'in an \.if block.* shows the bundle elsewhere' \
	    "... and what that means"
	unlike "$output" 'first on its bind line' "... and nothing else"
	is "$(lab_served a.example)" "$(leaf a.example)" "... it is served"
	run env CERTHAUL_LAB="$LAB" strace -qq -f -o "$LAB/trace" \
	    -e trace=connect "$LAB_BIN/certhaul-hook" -c "$LAB_CONF" \
	    deploy --all
	is "$status" 0 "... it is proved" || diag "$output"
	like "$(grep -c "htons($other)" "$LAB/trace")" '^([1-9]|[123].)$' \
	    "... by two looks at it, not as long as patience lasts"
	succeeds "... nothing is left" lab_hook post
	is "$(lab_worker_pid)" "$worker" "... no reload"
	run lab_certhaul status a.example
	is "$status" 0 "... status has no problem with it" || diag "$output"
	like "$output" "in an \\.if block .* 127\\.0\\.0\\.1:$other: shows" \
	    "... and shows it"
	run lab_certhaul status
	is "$status" 0 "... nor has that of all"
	like "$output" "in an \\.if block .* 127\\.0\\.0\\.1:$other" \
	    "... which shows it, too" || diag "$output"
	[ -n "$stray" ] || continue
	lab_kill "$stray"
	succeeds "... once it has ended" lab_hook deploy --all
	run lab_certhaul status
	unlike "$output" 'in an \.if block' "... nothing is shown of it"
done

# On such lines alone, which are not read.
lab_conf
mkdir -m 700 "$LAB/apart"
lab_make_lineage off.example
{
	cat "$LAB/before.cfg"
	echo '.if defined(HAPROXY_NO)'
	frontend other "$bind crt $LAB/apart/"
	echo .endif
} >"$LAB/haproxy.cfg"
lab_cfg_over
reload
lab_stray "$other"
stray=$lab_pid
lab_conf "haproxy.bundle_dir=\"$LAB/apart\""
run lab_hook deploy off.example
is "$status" 0 "HAProxy has it nowhere, another process is there" ||
    diag "$output"
like "$output" 'in an \.if block.* does not hold it' "... is told"
unlike "$output" 'seen in a handshake' "... it was not seen"
lab_kill "$stray"
lab_conf

# On such lines alone, which are read: then HAProxy is to blame.
lab_ca
lab_sign "$LAB/front" P-256 90 /CN=a.example -CA "$LAB/ca/chain.pem" \
    -CAkey "$LAB/ca/chain.key" -addext subjectAltName=DNS:a.example
cat "$LAB/front.key" >>"$LAB/front.pem"
{
	sed "s, crt $LAB_SSL/,," "$LAB/before.cfg"
	echo '.if version_atleast(2.4)'
	frontend other "$bind crt $LAB/front.pem crt $LAB_SSL/"
	echo .endif
} >"$LAB/haproxy.cfg"
reload
old=$(lab_leaf "$LAB_SSL/a.example.pem")
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 4 "a name that is taken, on lines in an .if that are read" ||
    diag "$output"
is "$(lab_leaf "$LAB_SSL/a.example.pem")" "$old" "... it goes back"

# Beside a certain line that shows the bundle the same; but not where the file
# may be there by another branch's line.
for way in one else; do
	{
		cat "$LAB/before.cfg"
		echo '.if feature(OPENSSL)'
		[ "$way" = one ] || echo '.if defined(HAPROXY_NO)'
		frontend other "$bind crt $LAB/front.pem crt $LAB_SSL/"
		if [ "$way" = else ]; then
			echo .else
			frontend other "$bind crt $LAB/front.pem"
			echo .endif
		fi
		echo .endif
	} >"$LAB/haproxy.cfg"
	reload
	lab_renew_lineage a.example
	run lab_hook deploy a.example
	if [ "$way" = one ]; then
		is "$status" 4 "a name that is taken on one of them" ||
		    diag "$output"
		like "$output" \
		    'front\.pem has that .*haproxy\.cfg:[0-9]+ loads it' \
		    "... by whom is told"
		is "$(lab_leaf "$LAB_SSL/a.example.pem")" "$old" \
		    "... it goes back"
	else
		is "$status" 0 "a name that another branch's line has" ||
		    diag "$output"
		like "$output" 'line of another branch' "... is told"
		is "$(lab_served a.example)" "$(leaf a.example)" \
		    "... it is served"
	fi
done
cp "$LAB/before.cfg" "$LAB/haproxy.cfg"
reload
run lab_hook deploy --all
run lab_certhaul status a.example
unlike "$output" 'in an \.if block' "once it is gone nothing is shown of it"

# A certain line that shows it for none of its names proves nothing about it.
echo "$LAB_SSL/a.example.pem !a.example" >"$LAB/list"
list="crt-list $LAB/list"
{
	sed "s, crt $LAB_SSL/,," "$LAB/before.cfg"
	frontend none \
	    "127.0.0.1:$(lab_free_port) ssl crt $LAB/default.pem $list"
	echo '.if defined(HAPROXY_NO)'
	frontend other "$bind crt $LAB_SSL/"
	echo .else
	frontend other "$bind crt $LAB/front.pem"
	echo .endif
} >"$LAB/haproxy.cfg"
# HAProxy 3.2 warns of such a filter.
lab_haproxy_stop
lab_haproxy_start || bail_out "HAProxy does not start"
old=$(lab_leaf "$LAB_SSL/a.example.pem")
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 4 "a name that no address shows" || diag "$output"
is "$(lab_leaf "$LAB_SSL/a.example.pem")" "$old" "... it goes back"

# A configuration that is prepared, and not read: HAProxy listens at none of its
# addresses, and has the bundle. The operator's edit is left to the operator.
cp "$LAB/before.cfg" "$LAB/haproxy.cfg"
reload
succeeds "(all agrees)" lab_hook deploy --all
lab_wait_for '[ "$(lab_cli "show info" |
    sed -n "s/^Uptime_sec: //p")" -ge 3 ]'
sed "s,127.0.0.1:$LAB_HTTPS ,127.0.0.1:$other ," "$LAB/before.cfg" \
    >"$LAB/haproxy.cfg"
worker=$(lab_worker_pid)
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "a bind line that is moved, and not read" || diag "$output"
like "$output" "nobody listens at 127\\.0\\.0\\.1:$other, and .*next reload" \
    "... is told"
unlike "$output" 'seen in a handshake' "... nothing was seen"
is "$(lab_served a.example)" "$(leaf a.example)" "... it is served"
succeeds "... nothing waits for a reload" lab_hook post
is "$(lab_worker_pid)" "$worker" "... and there was none"
reload
run lab_hook deploy --all --dry-run
like "$output" 'a\.example: shake hands' "... after the operator's it is due"
succeeds "... and proved" lab_hook deploy --all

# What HAProxy does not have at all takes one all the same.
rm -rf "$LAB_STATE/lineages/off.example" "$LAB/apart/off.example.pem"
cp "$LAB/default.pem" "$LAB/apart/default.pem"
lab_wait_for '[ "$(lab_cli "show info" |
    sed -n "s/^Uptime_sec: //p")" -ge 3 ]'
{
	cat "$LAB/before.cfg"
	frontend other "127.0.0.1:$other ssl crt $LAB/apart/"
} >"$LAB/haproxy.cfg"
lab_conf "haproxy.bundle_dir=\"$LAB/apart\""
run lab_hook deploy off.example
is "$status" 0 "a bind line that is written for it" || diag "$output"
like "$output" 'waits for the reload' "... takes a reload"
succeeds "... which post makes" lab_hook post
is "$(lab_served off.example "127.0.0.1:$other")" "$(leaf off.example)" \
    "... and it is served"

# The passive node of a pair: its addresses are on another machine. (192.0.2.0
# is for documents: RFC 5737.) Only root may bind to those.
lab_conf
if [ "$(id -u)" = 0 ]; then
	sed "s,bind 127.0.0.1:$LAB_HTTPS ,bind 192.0.2.77:443 transparent ," \
	    "$LAB/before.cfg" >"$LAB/haproxy.cfg"
	reload
	lab_renew_lineage a.example
	run lab_hook deploy a.example
	is "$status" 0 "on an address of another machine" || diag "$output"
	like "$output" 'a\.example: .* at no address of this machine' \
	    "... there is no handshake, as is told"
	want=$(openssl x509 -noout -fingerprint -sha1 \
	    -in "$LAB_LE/live/a.example/cert.pem")
	want=${want##*=}
	is "$(lab_memory a.example)" "${want//:/}" "... memory has it"
	succeeds "... and nothing is left" lab_hook post
	run lab_certhaul status a.example
	is "$status" 0 "... status has nothing to tell" || diag "$output"
	lab_conf "verify.addresses=[\"127.0.0.1:$(lab_free_port)\"]"
	ends_with 5 "... where an address is given it is asked" \
	    lab_hook deploy a.example
fi
done_testing
