#!/bin/bash
# The lab itself: that it really runs what it says, that the reference
# configuration is what is tested, and that nothing is left behind.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"

plan 44

# The reference as it stands in the tree, only its files elsewhere.
lab_dir
lab_haproxy_conf
sed "s,/etc/haproxy/,$LAB/,g" "$lab_src/conf/haproxy.cfg" >"$LAB/reference.cfg"
succeeds "the reference passes haproxy -c without a warning" \
    "$LAB_HAPROXY" -dW -c -f "$LAB/reference.cfg"
rm "$LAB/default.pem"
ends_with 1 "... and not where default.pem is missing" \
    "$LAB_HAPROXY" -c -f "$LAB/reference.cfg"
bare=$(awk '
	/^[ \t]*(#|$)/ || /^[a-z]/ { reason = /#/; next }
	!reason { print FILENAME ":" FNR ":" $0 }
	' "$lab_src/conf/haproxy.cfg")
is "$bare" "" "each paragraph of the reference has its reason"

mozilla=ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256
mozilla+=:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384
mozilla+=:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305
mozilla+=:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384
mozilla+=:DHE-RSA-CHACHA20-POLY1305
is "$(sed -n 's/^[ \t]*ssl-default-bind-ciphers //p' "$LAB/reference.cfg")" \
    "$mozilla" "its ciphers are Mozilla's intermediate"

# The running proxy.
lab_haproxy_conf
lab_conf
lab_origin_start
succeeds "HAProxy starts with an empty directory, without a warning" \
    lab_haproxy_start -dW
is "$(ls -A "$LAB_SSL")" "" "(the directory is empty)"
default=$(lab_leaf "$LAB/default.pem")
is "$(lab_served "")" "$default" "without SNI it shows default.pem"
is "$(lab_served a.example)" "$default" "with an unknown SNI, too"
is "$(stat -c %a "$LAB_SOCK")" 600 "its socket is root's only"

# tls VERSION: is this version spoken?
tls() {
	timeout 20 openssl s_client -connect "127.0.0.1:$LAB_HTTPS" "$1" \
	    -cipher 'DEFAULT:@SECLEVEL=0' </dev/null
}
succeeds "TLS 1.2 is spoken" tls -tls1_2
ends_with 1 "TLS 1.1 is not" tls -tls1_1

# ask CURL-ARGUMENT...: status, redirect and body of one request.
ask() {
	curl --silent --insecure --max-time 20 --noproxy '*' \
	    --connect-to "::127.0.0.1:" \
	    --write-out ' %{http_code} %{http_version} %{redirect_url}' "$@"
}
site=https://a.example:$LAB_HTTPS
lab_wait_for "ask $site/ | grep -q ' 200 '" ||
    diag "the site does not answer"
is "$(ask "$site/")" $'hello\n 200 2 ' "a known host, over h2"
is "$(ask --http1.1 "$site/")" $'hello\n 200 1.1 ' "... and http/1.1"
is "$(ask -H "Host: A.Example:$LAB_HTTPS" "$site/")" $'hello\n 200 2 ' \
    "... with capitals and a port"
like "$(ask -H 'Host: nobody.example' "$site/")" ' 421 2 $' \
    "an unknown host is told 421"
http=http://a.example:$LAB_HTTP
is "$(ask "$http/x?y")" \
    " 301 1.1 https://a.example:$LAB_HTTP/x?y" "http goes to https"
begin=$EPOCHREALTIME
like "$(ask "$http/.well-known/acme-challenge/nobody")" ' 503 1.1 $' \
    "a challenge that nobody waits for is no redirect"
spent=$((${EPOCHREALTIME/./} - ${begin/./}))
is "$((spent < 1000000))" 1 "... and answered at once ($spent us)"
key=/.well-known/acme-challenge/ABCDEFGHIJKLMNOPQRSTUV
lab_cli "add map $LAB/acme.map $key ABCDEFGHIJKLMNOPQRSTUV.thumb" >/dev/null
is "$(ask "$http$key")" "ABCDEFGHIJKLMNOPQRSTUV.thumb 200 1.1 " \
    "a challenge in the map is answered by HAProxy"

# Python's server is what certbot listens with. Nobody is to be answered before
# it takes the first; a connection that the kernel drops is, after a second.
cat >"$LAB/crowd.py" <<'EOT'
import http.server, select, socket, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *words):
        pass
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
port = int(sys.argv[2])
crowd = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
for one in crowd:
    one.sendall(b"GET /.well-known/acme-challenge/x HTTP/1.1\r\n"
                b"Host: a\r\n\r\n")
early = select.select(crowd, [], [], 1.5)[0]
threading.Thread(target=server.serve_forever, daemon=True).start()
well = sum(one.recv(100).startswith(b"HTTP/1.0 200") for one in crowd)
print(len(early), well)
EOT
is "$(timeout 20 python3 "$LAB/crowd.py" "$LAB_ACME" "$LAB_HTTP")" "0 40" \
    "forty that ask at once all reach a listener that takes five"

# The witness, and a reload under its eyes.
succeeds "keepreq keeps a connection" lab_keepreq
kept=$lab_pid
succeeds "... or makes new ones" lab_keepreq -c
anew=$lab_pid
before=$(lab_worker_pid)
succeeds "it reloads" lab_haproxy_reload
isnt "$(lab_worker_pid)" "$before" "... to another worker"
succeeds "... and fails no request on a kept connection" lab_keepreq_end "$kept"
succeeds "... nor on new ones" lab_keepreq_end "$anew"
is "$(lab_keepreq_saw "$anew" connections)" \
    "$(lab_keepreq_saw "$anew" requests)" "(new ones indeed)"
is "$(lab_keepreq_saw "$kept" certificates)" 1 "(one certificate was seen)"
lab_keepreq
kept=$lab_pid
kill -KILL "$(lab_worker_pid)"
lab_wait_for "grep -q 'request [0-9]*: ' '$LAB/keepreq.$kept'"
ends_with 1 "a worker that dies is a failed request" lab_keepreq_end "$kept"
lab_haproxy_stop
succeeds "HAProxy starts again" lab_haproxy_start
: >"$LAB_SSL/broken.pem"
before=$(lab_worker_pid)
ends_with 1 "a reload that HAProxy refuses is seen" lab_haproxy_reload
is "$(lab_worker_pid)" "$before" "... and the old worker stays"
rm "$LAB_SSL/broken.pem"

# A lineage without Pebble.
lab_make_lineage b.example b.example '*.b.example'
live=$LAB_LE/live/b.example
succeeds "a made lineage is a chain" openssl verify -CAfile "$LAB/ca/root.pem" \
    -untrusted "$live/chain.pem" -verify_hostname x.b.example \
    -purpose sslserver "$live/cert.pem"
is "$(cat "$live/cert.pem" "$live/chain.pem")" "$(cat "$live/fullchain.pem")" \
    "... fullchain is cert and chain"
lab_renew_lineage b.example
is "$(readlink "$live/privkey.pem")" ../../archive/b.example/privkey2.pem \
    "... and renewed to generation 2"
cat "$live/fullchain.pem" "$live/privkey.pem" >"$LAB_SSL/b.example.pem"
lab_haproxy_reload
is "$(lab_served b.example)" "$(lab_leaf "$live/cert.pem")" \
    "... and what lab_served says is what is served"

# The whole: certbot's own listener behind HAProxy.
lab_pebble_start || bail_out "Pebble does not start"
succeeds "certbot certonly, standalone behind HAProxy" \
    lab_certbot certonly -d a.example -d www.a.example
succeeds "... it is a chain up to Pebble's root" eval \
    "lab_pebble_root '$LAB/root.pem' && openssl verify -verify_hostname \
    www.a.example -CAfile '$LAB/root.pem' \
    -untrusted '$LAB_LE/live/a.example/chain.pem' \
    '$LAB_LE/live/a.example/cert.pem'"
before=$(lab_serial "$LAB_LE/live/a.example/cert.pem")
succeeds "certbot renew" lab_certbot renew --force-renewal \
    --cert-name a.example
isnt "$(lab_serial "$LAB_LE/live/a.example/cert.pem")" "$before" \
    "... with a new certificate"

# The end.
isnt "$(lab_processes | wc -l)" 0 "processes of the lab are found"
succeeds "everything stops when asked to" lab_stop
is "$(lab_processes)" "" "no process is left"
isnt "$(lab_free_port)" "$(lab_free_port)" "no port is given out twice"
done_testing
