#!/bin/bash
# copy-lineages.sh DIR: what make-lineages.sh makes, in DIR. It is made once
# for all the tests of a build, below CERTHAUL_BUILDDIR, and copied; what is an
# hour old is made anew, as its certificates have their days counted from then.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || {
	echo "usage: $0 DIR" >&2
	exit 2
}
[ -n "${CERTHAUL_BUILDDIR:-}" ] || exec "$here/make-lineages.sh" "$1"

kept=$CERTHAUL_BUILDDIR/tests/lineages.made
mkdir -p "${kept%/*}"
exec 9>"$kept.lock"
flock 9
script=$(sha256sum <"$here/make-lineages.sh")
if [ "$(cat "$kept.of" 2>/dev/null)" != "$script" ] ||
    [ -z "$(find "$kept.of" -mmin -60)" ]; then
	rm -rf "$kept" "$kept.of"
	"$here/make-lineages.sh" "$kept"
	echo "$script" >"$kept.of"
fi
mkdir -p "${1%/*}"
cp -a "$kept" "$1"
