#!/usr/bin/env bash
# Files beside a bundle (NAME.pem.issuer, .ocsp, .sctl) are read when HAProxy
# starts, and not when it is told a new bundle: one that they do not go with
# never gets its name.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start
dir=$LAB_LE/archive/a.example
# Without -dW.
lab_haproxy_stop
lab_haproxy_start || bail_out "HAProxy does not start"
bundle=$LAB_SSL/a.example.pem

starts() { # HAProxy would start
	"$LAB_HAPROXY" -c -f "$LAB/haproxy.cfg" >"$LAB/check.log" 2>&1
}

new_ca() { # the CA has another intermediate, as Let's Encrypt has at will
	lab_sign "$LAB/ca/chain" P-256 1825 "/CN=Lab $1/O=Lab" \
	    -CA "$LAB/ca/root.pem" -CAkey "$LAB/ca/root.key" \
	    -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' \
	    -addext 'keyUsage=critical,keyCertSign,cRLSign'
}

# staple CA NAME: an OCSP response by root or chain, beside NAME's bundle.
staple() {
	local ca=$LAB/ca/$1 cert=$LAB_LE/live/$2/cert.pem
	openssl ocsp -issuer "$ca.pem" -cert "$cert" -no_nonce \
	    -reqout "$LAB/request" 2>/dev/null
	printf 'V\t351231000000Z\t\t%s\tunknown\t/CN=%s\n' \
	    "$(openssl x509 -noout -serial -in "$cert" | cut -d= -f2)" "$2" \
	    >"$LAB/index.txt"
	openssl ocsp -index "$LAB/index.txt" -CA "$ca.pem" \
	    -rsigner "$ca.pem" -rkey "$ca.key" -reqin "$LAB/request" \
	    -ndays 30 -respout "$LAB_SSL/$2.pem.ocsp" >"$LAB/ocsp.log" 2>&1
}

lab_make_lineage a.example
succeeds "a lineage is deployed" lab_hook deploy a.example
cat "$dir/chain1.pem" >"$bundle.issuer"
staple chain a.example
succeeds "HAProxy starts with .issuer and .ocsp beside it" starts
old=$(lab_served a.example)
lab_renew_lineage a.example
succeeds "a renewal by the same issuer is deployed" lab_hook deploy a.example
isnt "$(lab_served a.example)" "$old" "... and served"
succeeds "... and HAProxy starts" starts

# A new intermediate, and the old one in the .issuer.
mv "$LAB/ca/chain.pem" "$LAB/ca/old.pem"
new_ca E2
lab_renew_lineage a.example
old=$(lab_served a.example)
run lab_hook deploy a.example
is "$status" 4 "a new bundle that the .issuer does not go with: status 4"
like "$output" "'$bundle\.issuer' is not an issuer" "... in HAProxy's words"
like "$output" 'a\.example\.pem\.issuer.*remove them.*deploy a\.example' \
    "... with what to do"
is "$(lab_served a.example)" "$old" "... the old one is served"
is "$(lab_leaf "$bundle")" "$old" "... and on disk"
succeeds "... HAProxy starts" starts
is "$(find "$LAB_SSL" -name '.*' ! -path "$LAB_SSL")" "" "... nothing is left"
like "$(cat "$LAB_STATE/lineages/a.example")" 'failed yes' \
    "... and it is kept in mind"

# What HAProxy is told not to read cannot keep it from starting.
cp "$LAB/haproxy.cfg" "$LAB/read.cfg"
sed -i '/^global/a\	ssl-load-extra-files none' "$LAB/haproxy.cfg"
succeeds "with ssl-load-extra-files none it is deployed" lab_hook post
succeeds "... and HAProxy starts" starts
is "$(lab_served a.example)" "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" \
    "... with it"
cp "$LAB/read.cfg" "$LAB/haproxy.cfg"

# An .ocsp of the certificate before is a warning, and may be more than that.
rm "$bundle.issuer"
staple chain a.example
lab_renew_lineage a.example
sed -i '/^global/a\	zero-warning' "$LAB/haproxy.cfg"
ends_with 4 "with zero-warning an .ocsp of another is refused" \
    lab_hook deploy a.example
cp "$LAB/read.cfg" "$LAB/haproxy.cfg"
lab_haproxy_stop
rm "$bundle.ocsp"
lab_haproxy_start -L -dr -dW || bail_out "HAProxy does not start with -dW"
succeeds "(with no .ocsp)" lab_hook deploy a.example
staple chain a.example
lab_renew_lineage a.example
ends_with 4 "nor with -dW, as HAProxy was started" lab_hook deploy a.example
lab_haproxy_stop
lab_haproxy_start -L -dW -n 900 || bail_out "HAProxy does not start"
succeeds "else it is none of the bundle's" lab_hook deploy a.example
succeeds "... and HAProxy starts" starts
cp "$LAB/ca/old.pem" "$bundle.issuer"

# It does not start as it is: a renewal is no worse, and may be what mends it.
ends_with 1 "now HAProxy would not start" starts
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "what was wrong before keeps no renewal out"
like "$output" 'warning.*a\.example\.pem\.issuer' "... and is told"
is "$(lab_served a.example)" "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" \
    "... it is served"
rm "$bundle.issuer"
printf garbage >"$bundle.sctl"
lab_renew_lineage a.example
run lab_hook deploy a.example
is "$status" 0 "an .sctl that HAProxy cannot read is none of the bundle's"
like "$output" 'warning.*a\.example\.pem\.sctl' "... and is told"
rm "$bundle.sctl"

# HAProxy's configuration is broken elsewhere: that says nothing of the files.
cp "$LAB/ca/chain.pem" "$bundle.issuer"
echo 'no-such-keyword' >>"$LAB/haproxy.cfg"
lab_renew_lineage a.example
lab_conf 'haproxy.update="runtime"'
succeeds "with another fault in haproxy.cfg it is deployed" \
    lab_hook deploy a.example
new_ca E3
lab_renew_lineage a.example
ends_with 4 "... and an .issuer of another is still found" \
    lab_hook deploy a.example
cp "$LAB/read.cfg" "$LAB/haproxy.cfg"
lab_conf

# The first of its name, beside what is left of an earlier one.
rm "$bundle.ocsp" "$bundle.issuer"
lab_make_lineage b.example
printf garbage >"$LAB_SSL/b.example.pem.sctl"
ends_with 4 "a first bundle beside a file that HAProxy cannot read" \
    lab_hook deploy b.example
ends_with 1 "... is not there" test -e "$LAB_SSL/b.example.pem"
succeeds "... HAProxy starts" starts
rm "$LAB_SSL/b.example.pem.sctl"
succeeds "without that, it is deployed" lab_hook deploy --all

# While a reload waits: its words name the file, and its bundle goes back alone.
lab_conf 'haproxy.update="reload"'
staple chain b.example
mv "$LAB_SSL/b.example.pem.ocsp" "$LAB/b.ocsp"
cp "$LAB/ca/chain.pem" "$LAB/b.issuer"
new_ca E4
lab_renew_lineage a.example
lab_renew_lineage b.example
old=$(lab_served b.example)
succeeds "two wait for a reload" lab_hook deploy a.example b.example
cp "$LAB/b.ocsp" "$LAB_SSL/b.example.pem.ocsp"
cp "$LAB/b.issuer" "$LAB_SSL/b.example.pem.issuer"
run lab_hook post
is "$status" 4 "a file beside one of them is in the way of the reload"
is "$(lab_served a.example)" "$(lab_leaf "$LAB_LE/live/a.example/cert.pem")" \
    "... the other is served"
is "$(lab_served b.example)" "$old" "... that one is not"
rm "$LAB_SSL"/b.example.pem.*
lab_conf

# A private CA's root signs the leaf itself: HAProxy looks for it in the bundle
# where there is an .ocsp.
by_root() {
	lab_sign "$dir/new" P-256 90 /CN=a.example \
	    -CA "$LAB/ca/root.pem" -CAkey "$LAB/ca/root.key" \
	    -addext subjectAltName=DNS:a.example \
	    -addext basicConstraints=critical,CA:FALSE \
	    -addext extendedKeyUsage=serverAuth
	mv "$dir/new.pem" "$dir/cert$1.pem"
	mv "$dir/new.key" "$dir/privkey$1.pem"
	cp "$LAB/ca/root.pem" "$dir/chain$1.pem"
	cat "$dir/cert$1.pem" "$dir/chain$1.pem" >"$dir/fullchain$1.pem"
	chmod 600 "$dir/privkey$1.pem"
	for kind in cert privkey chain fullchain; do
		ln -sfn "../../archive/a.example/$kind$1.pem" \
		    "$LAB_LE/live/a.example/$kind.pem"
	done
}
by_root 90
succeeds "a leaf of the root's own is deployed" lab_hook deploy a.example
is "$(grep -c CERTIFICATE--- "$bundle")" 2 "... without the root"
by_root 91
staple root a.example
succeeds "... and beside an .ocsp" lab_hook deploy a.example
is "$(grep -c CERTIFICATE--- "$bundle")" 4 "... with it"
succeeds "... HAProxy starts" starts
is "$(lab_served a.example)" "$(lab_leaf "$dir/cert91.pem")" "... it is served"
done_testing
