# shellcheck shell=bash
# lab_lineage.sh: lineages as certbot shapes them, from a CA of the lab's own:
# no Pebble, no waiting. Sourced by lab.sh, which see.

# lab_ca: root and intermediate, once.
lab_ca() {
	local dir=$LAB/ca
	[ ! -f "$dir/chain.pem" ] || return 0
	mkdir -m 700 "$dir"
	lab_sign "$dir/root" P-256 3650 '/CN=Lab Root X1/O=Lab' \
	    -addext 'basicConstraints=critical,CA:TRUE' \
	    -addext 'keyUsage=critical,keyCertSign,cRLSign'
	lab_sign "$dir/chain" P-256 1825 '/CN=Lab E1/O=Lab' \
	    -CA "$dir/root.pem" -CAkey "$dir/root.key" \
	    -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' \
	    -addext 'keyUsage=critical,keyCertSign,cRLSign'
}

# lab_sign STEM KEY DAYS SUBJECT OPTION...: STEM.pem and STEM.key (PKCS#8).
# KEY: P-256, P-384, P-521, rsa2048, rsa4096, ed25519.
lab_sign() {
	local stem=$1 kind=$2 days=$3 subject=$4
	local -a new
	shift 4
	case $kind in
	P-*) new=(-newkey ec -pkeyopt "ec_paramgen_curve:$kind") ;;
	rsa*) new=(-newkey "rsa:${kind#rsa}") ;;
	*) new=(-newkey "$kind") ;;
	esac
	if ! (umask 022 && openssl req -x509 "${new[@]}" -nodes \
	    -days "$days" -subj "$subject" -keyout "$stem.key" \
	    -out "$stem.pem" "$@" 2>"$LAB/openssl.log"); then
		diag_file "$LAB/openssl.log"
		bail_out "openssl cannot make $stem.pem"
	fi
}

# lab_make_lineage [-k KEY] [-d DAYS] NAME [DOMAIN...]: live, archive and
# renewal conf, generation 1, and the account that it names. DOMAIN...: NAME
# where none is given.
lab_make_lineage() {
	local kind=P-256 days=90 opt OPTIND=1 account
	account=$(printf %032d 0)
	while getopts k:d: opt; do
		case $opt in
		k) kind=$OPTARG ;;
		d) days=$OPTARG ;;
		*) bail_out "lab_make_lineage: what is that?" ;;
		esac
	done
	shift $((OPTIND - 1))
	local name=$1
	shift
	[ $# -gt 0 ] || set -- "$name"
	lab_ca
	(
		umask 022
		mkdir -p "$LAB_LE/renewal" "$LAB_LE/live/$name" \
		    "$LAB_LE/archive/$name" "$LAB/names" \
		    "$LAB_LE/accounts/127.0.0.1:1/dir/$account"
		chmod 700 "$LAB_LE/live" "$LAB_LE/archive" "$LAB_LE/accounts"
	)
	printf '%s\n' "$*" >"$LAB/names/$name"
	lab_generation "$name" 1 "$kind" "$days" "$@"
	cat >"$LAB_LE/renewal/$name.conf" <<-EOT
	version = 2.1.0
	archive_dir = $LAB_LE/archive/$name
	cert = $LAB_LE/live/$name/cert.pem
	privkey = $LAB_LE/live/$name/privkey.pem
	chain = $LAB_LE/live/$name/chain.pem
	fullchain = $LAB_LE/live/$name/fullchain.pem
	[renewalparams]
	account = $account
	server = https://127.0.0.1:1/dir
	authenticator = standalone
	http01_port = $LAB_ACME
	http01_address = 127.0.0.1
	key_type = ecdsa
	EOT
}

# lab_renew_lineage [-k KEY] [-d DAYS] NAME [DOMAIN...]: generation N+1, for
# the same names where none is given.
lab_renew_lineage() {
	local kind=P-256 days=90 opt OPTIND=1 last
	while getopts k:d: opt; do
		case $opt in
		k) kind=$OPTARG ;;
		d) days=$OPTARG ;;
		*) bail_out "lab_renew_lineage: what is that?" ;;
		esac
	done
	shift $((OPTIND - 1))
	local name=$1
	local -a names=()
	shift
	names=("$@")
	[ $# -gt 0 ] ||
	    read -r -a names <"$LAB/names/$name"
	last=$(readlink "$LAB_LE/live/$name/cert.pem")
	last=${last##*cert}
	lab_generation "$name" $((${last%.pem} + 1)) "$kind" "$days" \
	    "${names[@]}"
}

# lab_generation NAME N KEY DAYS DOMAIN...: the four files of generation N,
# then the links, each replaced as a whole.
lab_generation() {
	local name=$1 n=$2 kind=$3 days=$4 file sans
	shift 4
	local dir=$LAB_LE/archive/$name
	sans=$(printf ',DNS:%s' "$@")
	lab_sign "$dir/new" "$kind" "$days" "/CN=${1:0:64}" \
	    -CA "$LAB/ca/chain.pem" -CAkey "$LAB/ca/chain.key" \
	    -addext "subjectAltName=${sans#,}" \
	    -addext 'basicConstraints=critical,CA:FALSE' \
	    -addext 'keyUsage=critical,digitalSignature' \
	    -addext 'extendedKeyUsage=serverAuth'
	(
		umask 022
		mv "$dir/new.pem" "$dir/cert$n.pem"
		mv "$dir/new.key" "$dir/privkey$n.pem"
		cat "$LAB/ca/chain.pem" >"$dir/chain$n.pem"
		cat "$dir/cert$n.pem" "$dir/chain$n.pem" \
		    >"$dir/fullchain$n.pem"
		chmod 600 "$dir/privkey$n.pem"
	)
	for file in cert privkey chain fullchain; do
		ln -s "../../archive/$name/$file$n.pem" \
		    "$LAB_LE/live/$name/.$file"
		mv -T "$LAB_LE/live/$name/.$file" \
		    "$LAB_LE/live/$name/$file.pem"
	done
}
