# shellcheck shell=bash
# files.sh: what the programs say of themselves, for the tests that hold
# completion and pages against it. Sourced.
# shellcheck source-path=SCRIPTDIR
set -u
export LC_ALL=C.UTF-8

lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
src=${CERTHAUL_SRCDIR:-$(cd "$lib/../.." && pwd)}
bin=${CERTHAUL_BUILDDIR:-$src}
. "$lib/tap.sh"

# help_commands: what `certhaul --help` lists, a line each.
help_commands() {
	"$bin/certhaul" --help | awk '
		NR > 1 && NF == 0 { part++ }
		part == 1 && /^  [a-z]/ { print $1 }'
}

# long_options: each long option of the text on stdin that begins a line, with
# its letter in front where it has one ("n --dry-run").
long_options() {
	sed -nE 's/^ +(-([A-Za-z]), )?(--[a-z-]+).*/\2 \3/p' | sed 's/^ //'
}

# help_options [COMMAND]: of this command alone; of all of them.
help_options() {
	if [ $# -eq 0 ]; then
		"$bin/certhaul" --help | long_options | sort
	else
		comm -23 <("$bin/certhaul" "$1" --help | long_options | sort) \
		    <(help_options)
	fi
}

# names: of `n --dry-run` lines, `--dry-run`.
names() {
	sed 's/.* //' | sort
}
