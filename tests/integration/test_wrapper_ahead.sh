#!/usr/bin/env bash
# certhaul init and the preflight, where rules of haproxy.cfg come ahead of the
# challenge's way, and where challenges of others go another way by them.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --pebble
# shellcheck source=refits.sh
. "$lab_lib/refits.sh"
mkdir "$LAB/cron"
conf
lab_haproxy_stop

# cfg: haproxy.cfg with the rules on stdin in its port 80.
cfg() {
	{
		base
		printf '\toption idle-close-on-response\n'
		own <<-EOT
		frontend http
			bind *:80
			acl le path_beg /.well-known/acme-challenge/
			acl h_b hdr(host) -i b.example
		EOT
		cat
		own <<-EOT
			default_backend web
		frontend https
			bind *:443 ssl crt $LAB/default.pem crt $LAB_SSL/
			default_backend web
		backend web
			server s1 127.0.0.1:$LAB_ORIGIN
		EOT
	} >"$LAB/haproxy.cfg"
	rm -f "$LAB"/haproxy.cfg.certhaul-*
}
# line PATTERN: the number of the first such line, now.
line() {
	grep -n -m 1 -- "$1" "$LAB/haproxy.cfg" | cut -d: -f1
}
# begin: HAProxy with haproxy.cfg as it is now.
begin() {
	lab_haproxy_stop
	start || bail_out "HAProxy does not start"
}
# asked NAME: what a challenge of the name is answered, and where it is sent.
asked() {
	curl -s -o "$LAB/out" -m 5 --noproxy '*' \
	    -w '%{http_code} %{redirect_url}' -H "Host: $1" \
	    "http://127.0.0.1:$LAB_HTTP/.well-known/acme-challenge/x"
}
# good NAME: a request for it would come through.
good() {
	run certhaul request --dry-run "$1"
	like "$output" "$1: preflight good" "... the preflight of $1 is good" ||
	    diag "$output"
}

# The CA follows a redirect: who answers behind it is told of, and can be left.
cfg <<-EOT
	redirect scheme https
	redirect scheme https code 301 if h_b
EOT
at=$(line 'redirect scheme https$')
begin
like "$(asked b.example)" '^302 https://' "challenges go to https so far"
succeeds "... init --write" init --write
like "$output" "all names stay here now, .* where $LAB/haproxy.cfg:$at, and" \
    "... tells that they do not from now on"
unlike "$output" "haproxy.cfg:$((at + 1)), and the like" "... once"
unlike "$output" 'no more to web' "... nothing came to the backend"
told=$(grep 'stay here now' <<<"$output")
like "$(sed -n 's/.* is to be `\(.*\)` then.*/\1/p' <<<"$told")" \
    '^redirect scheme https unless .* !certhaul_elsewhere$' \
    "... and what is to be done for others"
say_acl=$(sed -n 's/.* into `\(acl .*\) NAME\.\.\.`.*/\1/p' <<<"$told")
say_new=$(sed -n 's/.* is to be `\(.*\)` then.*/\1/p' <<<"$told")
run init --write
is "$output" "nothing to do" "... then lacks nothing"
begin
good a.example
like "$(asked b.example)" '^503 $' "... b.example's end here, too"
at=$(line 'redirect scheme https unless')
sed -i "${at}c\\	$say_acl b.example\\n	$say_new" "$LAB/haproxy.cfg"
sed -i '/redirect .* code 301/d' "$LAB/haproxy.cfg"
begin
good a.example
like "$(asked b.example)" '^302 https://' "... done to the letter they go on"
run init --write
is "$output" "nothing to do" "... and nothing is lacking"

# What lets challenges of one name pass redirects those of all others.
cfg <<-EOT
	redirect scheme https unless le h_b
EOT
begin
like "$(asked a.example)" '^302 https://' "a redirect for all names but one"
succeeds "... init --write" init --write
begin
like "$(asked a.example)" '^503 $' "... is for no challenges any more"
like "$(asked b.example)" '^503 $' "... nor for those of the one"
good a.example
run init --write
is "$output" "nothing to do" "... and nothing is lacking"

# Those that go on are not told of as if they did not.
cfg <<-EOT
	use_backend web if le h_b
EOT
at=$(line 'use_backend web')
begin
like "$(asked b.example)" '^200 $' "a backend for challenges of one name"
succeeds "... init --write" init --write
like "$output" "all names but those of $LAB/haproxy.cfg:$at come .* no more \
to web \\($LAB/haproxy.cfg:$((at + 1))\\)" "... tells whose come to certhaul"
begin
like "$(asked b.example)" '^200 $' "... and those of the one do not"
like "$(asked a.example)" '^503 $' "... but those of others"
run init --write
is "$output" "nothing to do" "... and nothing is lacking"

# ... also where one that may take those of others is ahead of it.
cfg <<-EOT
	acl h_a hdr(host) -i a.example
	use_backend none if h_a
	acl h_c hdr(host) -i c.example
	use_backend web if le h_c
EOT
printf 'backend none\n' >>"$LAB/haproxy.cfg"
begin
like "$(asked c.example)" '^200 $' "one of two names is led by itself"
succeeds "... init --write" init --write
begin
like "$(asked c.example)" '^200 $' "... and goes on so"
good a.example
run init --write
is "$output" "nothing to do" "... and nothing is lacking"

# ... and no other request goes another way: not by another part of the line,
# nor by a path above that of challenges.
# paths NAME: where a challenge of the name goes, and other paths of it.
paths() {
	local path
	for path in /.well-known/acme-challenge/x /.well-known/y /api /; do
		curl -s -o "$LAB/out" -m 5 --noproxy '*' -w '%{http_code} ' \
		    -H "Host: $1" "http://127.0.0.1:$LAB_HTTP$path"
	done
}
cfg <<-EOT
	acl h_a hdr(host) -i a.example
	acl h_c hdr(host) -i c.example
	acl h_d hdr(host) -i d.example
	acl wk path_beg /.well-known/
	acl api path_beg /api
	use_backend none if h_a or h_d
	use_backend web if le h_c or api
	use_backend web if wk h_d
	use_backend none unless h_b
EOT
printf 'backend none\n' >>"$LAB/haproxy.cfg"
begin
had=$(paths b.example)$(paths c.example)$(paths d.example)
rest=$(paths a.example)
succeeds "parts of lines for some names: init --write" init --write
like "$output" 'names but those of' "... tells of them"
begin
is "$(paths b.example | cut -c4-)" "$(cut -c4-16 <<<"$had")" \
    "... other requests go on as they did"
is "$(paths a.example | cut -c4-)" "$(cut -c4- <<<"$rest")" "... of all names"
is "$(paths c.example)$(paths d.example)" "$(cut -c17- <<<"$had")" \
    "... and challenges of the two as well"
good a.example
good b.example
run init --write
is "$output" "nothing to do" "... and nothing is lacking"

# Rules that come ahead of any use_backend are told of, and what is to be done
# about them does it. The lineage is one that works but for them.
lab_make_lineage a.example
# ahead WHAT INIT PREFLIGHT: the rules on stdin, of which the last is told of;
# at: its line, by the end.
ahead() {
	cfg
	at=$(($(line 'default_backend web') - 1))
	run init --write
	like "$output" "haproxy.cfg:$at, in frontend http, $2" "$1: init tells"
	[[ $2 == *some ]] ||
	    unlike "$output" 'come to certhaul now' "... not that they come"
	like "$output" 'a.example is served as it is, and a rule that is told' \
	    "... nor that the lineage can be renewed"
	unlike "$output" 'works at once' "... at once"
	at=$((at + 1)) # behind the map's
	run init
	like "$output" "haproxy.cfg:$at, in frontend http, $2" "... again"
	begin
	ends_with 7 "... a request fails" certhaul request --dry-run a.example
	like "$output" "haproxy.cfg:$at, in frontend http, $3" \
	    "... and the preflight tells the line"
	run certhaul request --dry-run --in-proxy a.example
	like "$output" 'preflight good' "... in the proxy challenges come"
}
# mended SED-COMMAND: done to line `at`.
mended() {
	sed -i "$at$1" "$LAB/haproxy.cfg"
	begin
	good a.example
	rm -f "$LAB_LE"/renewal-hooks/*/certhaul-hook
	run init
	unlike "$output" 'haproxy.cfg:' "... init has nothing more to tell"
	like "$output" 'a.example works at once' "... but that"
}
allow='i\	http-request allow if { path_beg /.well-known/acme-challenge/ }'
decides='decides on challenges, and none .* put .http-request allow if'
first='decides first; in front of it, and behind the rule .* allow if'

ahead "an answer for everything" "$decides" "$first" <<-EOT
	http-request return status 404
EOT
mended "$allow"
ahead "files with a dot are denied" "$decides" "$first" <<-EOT
	acl dots path_beg /.
	http-request deny if dots
EOT
mended "$allow"
ahead "all but some are denied" 'stops all requests but some' "$first" <<-EOT
	http-request deny unless le h_b
EOT
mended "$allow"
answers='answers challenges itself, and .* take it off where .* --in-proxy'
ahead "somebody's stateless answer" "$answers" "$answers" <<-'EOT'
	http-request return content-type text/plain lf-string "%[path].x" if le
EOT
mended d

# The path is another one by then.
changes='changes the path of challenges, .* put .http-request allow if'
first='changes the path first; in front of it, and behind the rule .* allow if'
ahead "another path" "$changes" "$first" <<-'EOT'
	http-request set-path /app%[path]
EOT
mended "$allow"
ahead "another path, where it has not got it" "$changes" "$first" <<-'EOT'
	acl app path_beg /app
	http-request replace-path (.*) /app\1 unless app
EOT
mended "$allow"

# However much is to be done, all of it is told.
many=$(printf '	redirect prefix http://d.example/%s if h_b\n' {1..60})
cfg <<-EOT
$many
	redirect scheme https
EOT
begin
ends_with 7 "sixty rules to change: a request" \
    certhaul request --dry-run a.example
is "$(grep -c 'redirect prefix .* if h_b !{ path_beg' <<<"$output")" 60 \
    "... tells of each"
like "$output" $'\nredirect scheme https unless \\{ path_beg [^\n]* }\n' \
    "... to the last"

# Nothing comes back.
first='decides first; in front of it, and behind the rule .* allow if'
ahead "no answer" "$decides" "$first" <<-'EOT'
	http-request deny if h_b
	http-request silent-drop if { path_reg ^/\. }
EOT
mended "$allow"

# No connection of the CA's comes to any rule, nor to the map's.
# rejected WHAT INIT: the rule on stdin; at: its line, by the end.
rejected() {
	cfg
	at=$(($(line 'default_backend web') - 1))
	run init
	like "$output" "haproxy.cfg:$at, in frontend http, $2" "$1: init tells"
	succeeds "... init --write" init --write
	at=$(line 'tcp-request .* reject')
	begin
	ends_with 7 "... a request fails" certhaul request --dry-run a.example
	like "$output" "haproxy.cfg:$at, in frontend http, $2" \
	    "... and the preflight tells the line"
	run certhaul request --dry-run --in-proxy a.example
	like "$output" "haproxy.cfg:$at, in frontend http, $2" \
	    "... in the proxy, too"
}
rejected "connections but of some are rejected" \
    "rejects all connections but some, .* unless .* dns-01" <<-EOT
	tcp-request connection reject if !{ src 10.0.0.0/8 }
EOT
mended 's/reject if .*/reject if { src 10.0.0.0\/8 }/'
rejected "requests but of some are rejected" \
    'rejects .* some, .* put .tcp-request content accept if .* of it' <<-EOT
	tcp-request content reject unless h_b
EOT
mended "${allow/http-request allow/tcp-request content accept}"
done_testing
