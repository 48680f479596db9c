#!/usr/bin/env bash
# certhaul init --write has all that an odd haproxy.cfg lacks in its first
# diff: HAProxy takes what is written, and a second run finds no more.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_dir
lab_haproxy_conf
# shellcheck source=refits.sh
. "$lab_lib/refits.sh"
mkdir "$LAB/cron"
lab_conf
echo "$LAB/default.pem" >"$LAB/list"

# twice WHAT: FILES get what they lack, at once.
files=("$LAB/haproxy.cfg")
twice() {
	local written file
	local -a args=(-c)
	for file in "${files[@]}"; do
		args+=(-f "$file")
	done
	run init --write
	unlike "$output" 'certhaul: error' "$1: is written"
	written=$(cat "${files[@]}")
	run "$LAB_HAPROXY" "${args[@]}"
	is "$status" 0 "... HAProxy takes it" || diag "$output"
	run init --write
	unlike "$output" "HAProxy's configuration lacks" \
	    "... which lacks nothing more" || diag "$written"
	is "$(cat "${files[@]}")" "$written" "... and stays as it is"
	rm -f "$LAB"/*.certhaul-*
}
# odd WHAT: haproxy.cfg is stdin, with @SSL@ and so on replaced.
odd() {
	sed -e "s,@SSL@,$LAB_SSL,g; s,@LAB@,$LAB,g; s,@ACME@,$LAB_ACME,g" \
	    -e "s,@PATH@,/.well-known/acme-challenge/,g" >"$LAB/haproxy.cfg"
	twice "$1"
}
# http WHAT: the same, behind defaults of mode http.
http() {
	odd "$1" < <(printf 'defaults\n\tmode http\n' && cat)
}

odd "nothing but a frontend on 8080" <<-'EOT'
	frontend f
		mode http
		bind :8080
EOT
odd "an empty file" </dev/null
odd "a comment" <<-'EOT'
	# to come
EOT
odd "global alone" <<-'EOT'
	global
		daemon
EOT
odd "defaults alone" <<-'EOT'
	defaults
		mode http
EOT
odd "defaults of mode tcp alone" <<-'EOT'
	defaults
		mode tcp
		timeout client 1m
EOT
odd "defaults with rules alone" <<-'EOT'
	defaults d
		mode http
		http-request set-header X-A b
EOT
odd "defaults without a mode" <<-'EOT'
	defaults
		timeout connect 5s
		timeout client 5s
		timeout server 5s
	frontend f
		bind :8080
EOT
http "a listen section on 80" <<-'EOT'
	listen web
		bind :80
		server a 127.0.0.1:8000
EOT
http "a listen section on 8080 that redirects" <<-'EOT'
	listen web
		bind :8080
		redirect scheme https
		server a 127.0.0.1:8000
EOT
http "a listen section for both" <<-'EOT'
	listen web
		bind :80
		bind :443 ssl crt @LAB@/default.pem
		http-request redirect scheme https unless { ssl_fc }
		server a 127.0.0.1:8000
EOT
http "stats alone" <<-'EOT'
	listen stats
		bind 127.0.0.1:8404
		stats enable
		stats uri /
EOT
odd "mode tcp alone" <<-'EOT'
	defaults
		mode tcp
	listen db
		bind :3306
		server a 127.0.0.1:3307
EOT
odd "mode tcp on both" <<-'EOT'
	defaults
		mode tcp
	frontend a
		bind :80
		default_backend b
	frontend c
		bind :443
		default_backend b
	backend b
		server a 127.0.0.1:8000
EOT
http "port 443 in mode tcp, and 8080" <<-'EOT'
	frontend a
		bind :8080
	frontend c
		mode tcp
		bind :443
		default_backend b
	backend b
		mode tcp
		server a 127.0.0.1:8000
EOT
http "several bind lines" <<-'EOT'
	frontend f
		bind 127.0.0.1:80
		bind 127.0.0.2:80
		bind :::80 v6only
		bind :8080,:8081
	frontend g
		bind :443 ssl crt @LAB@/default.pem
		bind 127.0.0.3:444 ssl crt @LAB@/default.pem
EOT
http "two frontends on 80" <<-'EOT'
	frontend f
		bind 127.0.0.1:80
		redirect scheme https
	frontend g
		bind 127.0.0.2:80
		use_backend b if { path_beg /x }
	backend b
		server a 127.0.0.1:8000
EOT
http "https alone" <<-'EOT'
	frontend g
		bind :443 ssl crt @LAB@/default.pem
EOT
http "https alone on 8443" <<-'EOT'
	frontend g
		bind :8443 ssl crt @LAB@/default.pem
EOT
http "http and https on other ports" <<-'EOT'
	frontend f
		bind :8080
	frontend g
		bind :8443 ssl crt @LAB@/default.pem
EOT
http "two frontends with https on other ports" <<-'EOT'
	frontend f
		bind :8444 ssl crt @LAB@/default.pem
	frontend g
		bind :8443 ssl crt @LAB@/default.pem
EOT
http "bundles on one of two bind lines" <<-'EOT'
	frontend f
		bind :80
	frontend g
		bind 127.0.0.1:443 ssl crt @SSL@
		bind 127.0.0.2:443 ssl crt @LAB@/default.pem
		bind 127.0.0.3:443 ssl crt @LAB@/default.pem crt @SSL@/
EOT
http "branches of .if" <<-'EOT'
	frontend f
		.if defined(X)
		bind :80
		redirect scheme https
		.else
		bind :8080
		use_backend b if TRUE
		.endif
	.if !defined(Y)
	frontend g
		bind :443 ssl crt @LAB@/default.pem
	.endif
	backend b
		server a 127.0.0.1:8000
EOT
http "a section in each branch" <<-'EOT'
	.if defined(X)
	frontend f
		bind :80
		redirect scheme https
	.else
	frontend f
		bind :80
		default_backend b
	.endif
	backend b
		server a 127.0.0.1:8000
EOT
odd "a .if around everything" <<-'EOT'
	.if !defined(X)
	defaults
		mode http
	frontend f
		bind :8080
	.endif
EOT
odd "tabs, blanks and no newline at the end" < <(
	printf 'global\n    \tdaemon   \ndefaults\t\n  mode\thttp\t# x\n'
	printf 'frontend\tf  \n\tbind\t:80\n\t  redirect  scheme\thttps\t'
)
odd "no newline behind a bind line" < <(
	printf 'defaults\n mode http\nfrontend f\n bind :8080\n'
	printf 'frontend g\n bind :443 ssl'
)
odd "CRLF" < <(
	printf '%s\r\n' global ' daemon' defaults ' mode http' 'frontend f' \
	    ' bind :80' ' redirect scheme https' '' 'frontend g' \
	    " bind :443 ssl crt $LAB/default.pem"
)
odd "long lines" < <(
	printf 'defaults\n mode http\nfrontend f\n bind :80\n acl x src'
	printf ' 192.0.2.%s' {1..45}
	printf '\n redirect scheme https if x !{ src'
	printf ' 203.0.113.%s' {1..45}
	printf ' }\nfrontend g\n bind :443 ssl'
	printf ' crt %s' "$LAB"/{,././,./././,././././}default.pem
	printf ' alpn h2'
)
odd "quotes and comments" <<-'EOT'
	defaults
		mode http # not tcp
	frontend "f"
		bind ":80"
		http-request redirect scheme "https" code 301 # if x
		default_backend 'b'
	frontend g
		bind ':443' "ssl" crt "@LAB@/default.pem" # crt @SSL@
	backend b
		server a 127.0.0.1:8000
EOT
http "an ACL of ours, half removed" <<-'EOT'
	frontend f
		bind :80
		acl certhaul_elsewhere req.hdr(host),field(1,:) -m str x.example
		redirect scheme https unless { path_beg @PATH@ }
		use_backend acme if { path_beg @PATH@ } !certhaul_elsewhere
EOT
odd "our names are taken" <<-'EOT'
	defaults certhaul
		mode tcp
		tcp-request inspect-delay 1s
	frontend http from certhaul
		bind :8081
	frontend https from certhaul
		bind :8082
	backend acme from certhaul
		server a 127.0.0.1:8000
EOT
odd "the listener in mode tcp" <<-'EOT'
	defaults
		mode tcp
	frontend f
		bind :8081
		default_backend acme
	backend acme
		server a 127.0.0.1:@ACME@
EOT
odd "defaults by name" <<-'EOT'
	defaults a
		mode http
	defaults b from a
		option httplog
	frontend f from b
		bind :8080
	frontend g from a
		bind :8090
EOT
odd "a short stats timeout, and sockets of others" <<-'EOT'
	global
		stats socket @LAB@/o.sock mode 666 level operator
		stats timeout 30
		hard-stop-after 10s
	global
		stats timeout 10s
	defaults
		mode http
	frontend f
		bind :80
EOT
http "QUIC-like and abns binds" <<-'EOT'
	frontend f
		bind abns@certhaul-twice accept-proxy
		bind @LAB@/x.sock
EOT
http "IPv6 alone" <<-'EOT'
	frontend f
		bind :::80 v6only
	frontend g
		bind :::443 v6only ssl crt @LAB@/default.pem
EOT
http "this machine alone" <<-'EOT'
	frontend f
		bind 127.0.0.1:80
	frontend g
		bind 127.0.0.1:443 ssl crt @LAB@/default.pem
EOT
http "a crt-list" <<-'EOT'
	frontend f
		bind :80
	frontend g
		bind :443 ssl crt-list @LAB@/list
EOT
http "strict-sni without certificates" <<-'EOT'
	frontend g
		bind :443 ssl strict-sni crt @SSL@
EOT
http "what takes some on its way" <<-'EOT'
	frontend f
		bind :80
		acl le path_beg @PATH@
		use_backend b if { src 192.0.2.1 }
		use_backend c if le { hdr(host) x.example }
		use_backend b if le
		default_backend c
	backend b
		server a 127.0.0.1:8000
		server b 127.0.0.1:8001
	backend c
		server a 127.0.0.1:8002
EOT
http "the listener elsewhere" <<-'EOT'
	frontend f
		bind :80
		use_backend le if { path_beg @PATH@ }
	backend le
		server a 127.0.0.1:8888
EOT
odd "the redirect in the defaults" <<-'EOT'
	defaults d
		mode http
		http-request redirect scheme https unless { ssl_fc }
	frontend f from d
		bind :8080
	frontend g from d
		bind :80
EOT

files=("$LAB/haproxy.cfg" "$LAB/two.cfg")
lab_conf "haproxy.config=[ \"$LAB/haproxy.cfg\", \"$LAB/two.cfg\" ]"
printf 'defaults\n mode http\nfrontend f\n bind :8080\n' >"$LAB/two.cfg"
odd "global and the rest in two files" <<-'EOT'
	global
		daemon
EOT
: >"$LAB/two.cfg"
http "the second of two files empty" <<-'EOT'
	frontend f
		bind :8080
EOT
printf 'frontend f\n bind :80\nbackend x' >"$LAB/two.cfg"
http "defaults for the next file" <<-'EOT'
	frontend g
		bind :443 ssl crt @LAB@/default.pem
EOT
done_testing
