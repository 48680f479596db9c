# shellcheck shell=bash
# seeds.sh: what the harnesses begin with, good inputs, so that mutants get
# past the first check: tests/fuzz/seeds, the examples of conf/, and what has
# keys in it, which is made. Sourced.

# seeds SOURCE DIR: a directory a harness.
seeds() {
	local src=$1 dir=$2 pem status
	mkdir -p "$dir" && cp -R "$src/tests/fuzz/seeds/." "$dir" || return
	chmod -R u+w "$dir"
	mkdir "$dir/bundle" "$dir/csr" "$dir/pki" || return
	cp "$src/conf/haproxy.cfg" "$dir/hacfg/example"
	cp "$src/conf/certhaul.conf" "$dir/conf/example"
	pem=$(mktemp -d) || return
	seeds_ca "$pem" && seeds_pem ec "$pem" "$dir" ec \
	    -pkeyopt ec_paramgen_curve:P-256 &&
		seeds_pem rsa "$pem" "$dir" rsa:2048 &&
		seeds_pem ed25519 "$pem" "$dir" ed25519
	status=$?
	rm -r "$pem"
	return "$status"
}

seeds_ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 3650 -subj /CN=CA -keyout "$1/ca.key" -out "$1/ca.pem" \
	    2>/dev/null
}

# seeds_pem NAME PEM DIR KEY...: a bundle, and its request in both forms.
seeds_pem() {
	local name=$1 pem=$2 dir=$3
	shift 3
	openssl req -newkey "$@" -nodes -subj /CN=a.example \
	    -addext 'subjectAltName=DNS:a.example,DNS:*.b.example' \
	    -keyout "$pem/key" -out "$pem/csr" 2>/dev/null &&
	openssl x509 -req -in "$pem/csr" -CA "$pem/ca.pem" \
	    -CAkey "$pem/ca.key" -days 90 -copy_extensions copy \
	    -out "$pem/cert" 2>/dev/null &&
	cat "$pem/cert" "$pem/ca.pem" "$pem/key" >"$dir/bundle/$name" &&
	cat "$pem/cert" "$pem/key" "$pem/csr" >"$dir/pki/$name" &&
	cp "$pem/cert" "$dir/csr/$name.crt" &&
	openssl req -in "$pem/csr" -outform DER >"$dir/csr/$name.der" &&
	cp "$pem/csr" "$dir/csr/$name.pem"
}
