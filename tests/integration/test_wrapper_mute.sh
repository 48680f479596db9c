#!/usr/bin/env bash
# A HAProxy that takes connections and never answers: each command says so, and
# waits once, not once for each lineage or name.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start
lab_conf account.agree_tos=true 'account.email="a@b.example"' \
    'account.server="https://127.0.0.1:1/dir"'
count=12
for n in $(seq $count); do
	lab_make_lineage "m$n.example"
done
run lab_hook deploy --all
is "$status" 0 "all are deployed"

worker=$(lab_worker_pid)
# shellcheck disable=SC2154 # the lab's
kill -STOP "$worker" "$lab_haproxy_pid"

# soon STATUS COMMAND...: it ends so, after a few seconds.
soon() {
	local begin=$SECONDS took
	run lab_certhaul "${@:2}"
	took=$((SECONDS - begin))
	is "$status" "$1" "$2: ends with $1"
	if [ "$took" -le 24 ]; then
		ok "... soon"
	else
		not_ok "... soon" "$took s"
	fi
}

mapfile -t asked < <(seq -f x%g.example $count)
mute="takes what it is asked on $LAB_SOCK, and gives no answer"
soon 7 request "${asked[@]}"
like "$output" "$mute" "... and says what is the matter"
is "$(grep -c "$mute" <<<"$output")" 1 "... once"
is "$(grep -c 'preflight timeout at' <<<"$output")" $count \
    "... beside a line for each name"
soon 7 request --in-proxy x.example
like "$output" "$mute" "... and says the same"
soon 1 status --live
is "$(grep -c 'no handshake could be made' <<<"$output")" $count \
    "... each lineage is one with a problem"
is "$(grep -c 'for another lineage, so it was not asked' <<<"$output")" \
    $((count - 1)) "... and one was waited for"
soon 1 check
like "$output" "bad   sockets .*$LAB_SOCK: HAProxy takes a question and gives \
no answer" "... and says it of the socket"
like "$output" "bad   port 80 .*$mute" "... and of port 80"

kill -CONT "$worker" "$lab_haproxy_pid"
run lab_certhaul status --live
is "$status" 0 "all are well once it answers"
done_testing
