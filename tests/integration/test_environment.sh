#!/usr/bin/env bash
# Variables that only HAProxy's own environment has (EnvironmentFile= of its
# unit): certbot, and so the hook, was started without them.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start
cp "$LAB/haproxy.cfg" "$LAB/before.cfg"

leaf() {
	lab_leaf "$LAB_LE/live/$1/cert.pem"
}

# start VARIABLE=VALUE...: HAProxy, with those in its environment.
start() {
	lab_haproxy_stop
	export "${@?}"
	lab_haproxy_start -dW || bail_out "HAProxy does not start"
	unset "${@%%=*}"
}

sed "s,bind 127.0.0.1:$LAB_HTTPS ,bind \"127.0.0.1:\${TEST_PORT}\" ,
    s,crt $LAB_SSL/ ,crt \"\${TEST_DIR}/\" ," "$LAB/before.cfg" \
    >"$LAB/haproxy.cfg"
start TEST_PORT="$LAB_HTTPS" TEST_DIR="$LAB_SSL"
lab_make_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "a port and a directory of HAProxy's environment" ||
    diag "$output"
like "$output" 'seen in a handshake' "... are known"
is "$(lab_served a.example)" "$(leaf a.example)" "... it is served"
run lab_hook pre
is "$status" 0 "... pre finds nothing" || diag "$output"
run lab_certhaul status a.example
is "$status" 0 "... nor does status" || diag "$output"

# haproxy -c has to know them, too.
lab_conf 'haproxy.update="reload"'
lab_renew_lineage a.example
succeeds "by reload" lab_hook deploy a.example
run lab_hook post
is "$status" 0 "... which is checked before" || diag "$output"
is "$(lab_served a.example)" "$(leaf a.example)" "... it is served"
lab_conf

# A name that means something to programs is nobody's to set for us.
cp "$LAB/haproxy.cfg" "$LAB/after.cfg"
sed "s,\${TEST_DIR},\${MALLOC_TEST}," "$LAB/after.cfg" >"$LAB/haproxy.cfg"
start TEST_PORT="$LAB_HTTPS" MALLOC_TEST="$LAB_SSL"
ends_with 5 "a directory by a name that is for libraries" \
    lab_hook deploy a.example
cp "$LAB/after.cfg" "$LAB/haproxy.cfg"

# Nobody tells: so it is said which one lacks.
lab_haproxy_stop
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 5 "HAProxy is down, and nobody knows them" || diag "$output"
like "$output" 'variable TEST_[A-Z]*, which it uses, is unknown' "... is told"
run lab_hook pre
like "$output" 'configuration.*variable TEST_[A-Z]*, which it uses' \
    "... by pre, too"
done_testing
