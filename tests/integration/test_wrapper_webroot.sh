#!/usr/bin/env bash
# certhaul init beside a certbot that renews by files in a web root, through
# HAProxy: what worked goes on, and certhaul's own way works for other names.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start --pebble
# shellcheck source=refits.sh
. "$lab_lib/refits.sh"
mkdir "$LAB/cron"
conf
export CERTHAUL_CONF=$LAB_CONF # of the hooks
web=$(lab_free_port)
mkdir -p "$LAB/web/a.example"
lab_spawn "$LAB/web.log" /usr/bin/python3 \
    "$lab_src/tests/tools/webroots.py" "$LAB/web" "$web"
lab_wait_for "lab_listens $web" || bail_out "no web server"

# site RULES: haproxy.cfg of somebody who never heard of certhaul.
site() {
	{
		printf 'global\n\tstats socket %s mode 600 level admin\n' \
		    "$LAB_SOCK"
		printf 'defaults\n\tmode http\n\ttimeout connect 5s\n'
		printf '\ttimeout client 30s\n\ttimeout server 30s\n'
		printf 'frontend http\n\tbind 127.0.0.1:%s\n%s\n' \
		    "$LAB_HTTP" "$1"
		printf 'frontend https\n\tbind 127.0.0.1:%s ' "$LAB_HTTPS"
		printf 'ssl crt %s\n\tdefault_backend web\n' "$LAB/default.pem"
		printf 'backend web\n\tserver s 127.0.0.1:%s\n' "$web"
	} >"$LAB/haproxy.cfg"
	lab_haproxy_stop
	lab_haproxy_start || bail_out "HAProxy does not start"
}
# renews: a.example, by its web root, at the CA.
renews() {
	lab_certbot renew --cert-name a.example --force-renewal
}

acl='	acl acme path_beg /.well-known/acme-challenge/'
site "$acl
	redirect scheme https if !acme
	use_backend web if acme"
succeeds "(a lineage by web root)" lab_certbot certonly --webroot \
    -w "$LAB/web/a.example" -d a.example
# The CA goes to https, as a browser does.
to="redirect prefix https://a.example:$LAB_HTTPS"
for rules in "$acl
	redirect scheme https if !acme
	use_backend web if acme" \
    '	default_backend web' \
    "	$to" \
    "	http-request $to if { method GET } || { method HEAD }
	http-request $to unless { method GET }"; do
	what=${rules//[$'\t\n']/ }
	site "$rules"
	succeeds "$what: renews" renews
	succeeds "... init --write" init --write
	like "$output" "a.example: renewed by a web root.* go on where" \
	    "... says that it goes on"
	[[ $what != *_backend* ]] ||
	    like "$output" 'all other names come to certhaul now, .*to web' \
		"... and that others do not"
	run init --write
	is "$output" "nothing to do" "... then lacks nothing"
	lab_haproxy_reload || bail_out "HAProxy refuses what init wrote"
	succeeds "... renews as it did" renews
	succeeds "... another name is certhaul's" \
	    certhaul request --dry-run b.example
done

# Whose site's challenges haproxy.cfg tells apart already, needs nothing more.
site "$acl
	acl site req.hdr(host),field(1,:) -m str a.example
	use_backend web if site acme
	use_backend le if acme
	redirect scheme https if !acme
backend le
	server le 127.0.0.1:$LAB_ACME"
succeeds "a rule for the site: init --write" init --write
is "$(grep -c use_backend "$LAB/haproxy.cfg")" 2 "... adds no way"
lab_haproxy_reload || bail_out "HAProxy refuses what init wrote"
succeeds "... renews as it did" renews
succeeds "... another name is certhaul's" \
    certhaul request --dry-run b.example
ends_with 7 "... the site's is not" \
    certhaul request --force --dry-run a.example
line=$(grep -n 'if site acme' "$LAB/haproxy.cfg")
like "$output" "cfg:${line%%:*}, in frontend http, leads the challenges of" \
    "... which is told, with the line"

# It can be moved: by what is printed, or by the line that is named.
site '	default_backend web'
succeeds "(init --write)" init --write
lab_haproxy_reload || bail_out "HAProxy refuses what init wrote"
ends_with 7 "by the listener it does not come through" \
    certhaul request --force --dry-run a.example
line=$(grep -n 'acl certhaul_elsewhere' "$LAB/haproxy.cfg")
like "$output" "cfg:${line%%:*} has challenges of this name go past certhaul" \
    "... which is told, with the line"
run certhaul check
unlike "$output" 'leads the challenges to certhaul' \
    "check: what init left to others is"
sed -i.was 's/^\(.acl certhaul_elsewhere .*\) a.example$/\1 x.example/' \
    "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
run certhaul check
like "$output" "hint .*to certhaul: a.example: if the CA comes to \
127.0.0.1:$LAB_HTTP, put " \
    "... one that came later is a hint, where the CA may come to another port"
conf "challenge.http_addresses=[\"127.0.0.1:$LAB_HTTP\"]"
run certhaul check
line=$(grep -n 'use_backend acme' "$LAB/haproxy.cfg")
like "$output" "bad .*: a.example: put .acl certhaul_elsewhere \
[^ ]* -m str a.example. in front of [^ ]*cfg:${line%%:*}, .*reload" \
    "... else it is bad, with the line that leaves it to others"
put=$(sed -n 's/.*: put `\([^`]*\)` in front of .*/\1/p' <<<"$output")
sed -i "${line%%:*}i\\\\t$put" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not take the line"
run certhaul check
unlike "$output" 'leads the challenges to certhaul' "... by which it is"
succeeds "... and is renewed as it was" renews
conf
mv "$LAB/haproxy.cfg.was" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not reload"
mkdir -p "$LAB/web/new.example"
run certhaul request new.example -- --webroot -w "$LAB/web/new.example"
line=$(grep -n 'use_backend acme' "$LAB/haproxy.cfg")
like "$output" "cfg:${line%%:*} leads challenges to certhaul, but for names" \
    "a new name by a web root fails, and is told why, with the line"
line=$(grep -n 'acl certhaul_elsewhere' "$LAB/haproxy.cfg")
succeeds "--in-proxy moves it" \
    certhaul request --in-proxy --force --cert-name a.example a.example
like "$(cat "$LAB_LE/renewal/a.example.conf")" 'authenticator = manual' \
    "... (moved)"
sed -i "${line%%:*}s/ a.example//" "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy refuses the line without the name"
succeeds "without the name the listener does" \
    certhaul request --force --cert-name a.example a.example
run init --write
is "$output" "nothing to do" "... and nothing is lacking"

# A web root each, as certbot has it; the last one is for the name in front.
site "$acl
	use_backend web if acme"
sed -i "s,ssl crt .*,& crt $LAB_SSL," "$LAB/haproxy.cfg"
lab_haproxy_reload || bail_out "HAProxy does not load the directory"
# roots PREFIX: PREFIX1.example is typed first, and not the first of certbot's.
roots() {
	local -a root=("$LAB/web/$1"{1,2,3}.example)
	mkdir -p "${root[@]}"
	certhaul request "$1"{1,3}.example -- --webroot \
	    -w "${root[1]}" -d "$1"2.example \
	    -w "${root[0]}" -d "$1"1.example -w "${root[2]}"
}
for prefix in w v; do
	succeeds "several web roots behind --" roots $prefix
	like "$output" "names +(${prefix}[123].example ?){3}" \
	    "... all have one certificate"
	for i in 1 2 3; do
		like "$(cat "$LAB_LE/renewal/${prefix}1.example.conf")" \
		    "$prefix$i.example = $LAB/web/$prefix$i.example" \
		    "... each is renewed by its own"
	done
	succeeds "... again" roots $prefix
	like "$output" "${prefix}1.example: not yet due" \
	    "... is the lineage of the first name"
	conf 'engine="builtin"'
done
done_testing
