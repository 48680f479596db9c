# shellcheck shell=bash
# lab_lists.sh: an HAProxy with two crt-lists, one.txt at $LAB_HTTPS and two.txt
# at $lab_two. Sourced after lab_start.
lab_two=$(lab_free_port)
cp "$LAB/haproxy.cfg" "$LAB/haproxy.plain"

# lab_lists SETTING...: HAProxy anew, each list with nothing but the default
# certificate, and no bundle deployed yet.
lab_lists() {
	rm -rf "$LAB_SSL" "$LAB_STATE"
	mkdir -m 700 "$LAB_SSL"
	printf '%s\n' "$LAB/default.pem" >"$LAB/one.txt"
	printf '%s\n' "$LAB/default.pem" >"$LAB/two.txt"
	sed "s,ssl crt .*,ssl crt-list $LAB/one.txt," "$LAB/haproxy.plain" \
	    >"$LAB/haproxy.cfg"
	cat >>"$LAB/haproxy.cfg" <<-EOT
	frontend two
	    mode http
	    bind 127.0.0.1:$lab_two ssl crt-list $LAB/two.txt
	    http-request return status 200
	EOT
	lab_conf 'verify.addresses=[]' "$@"
	lab_haproxy_reload || bail_out "HAProxy does not reload"
}

# lab_in_memory LIST, lab_in_file LIST: the lines for bundles, from their names.
lab_in_memory() {
	lab_cli "show ssl crt-list $LAB/$1.txt" | tr '\0' ' ' |
	    sed -n "s,^$LAB_SSL/,,p"
}
lab_in_file() {
	sed -n "s,^$LAB_SSL/,,p" "$LAB/$1.txt"
}
