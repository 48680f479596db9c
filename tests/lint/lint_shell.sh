#!/bin/bash
# Every shell script, told by its name or its first line, by shellcheck.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

need shellcheck shellcheck

# Not asked for: "unreachable" and "never called", which every function is
# that a rule or a trap calls by its name; arguments that may be left out;
# single quotes around what another shell or awk is to expand; "$?" of a `[`.
unasked=SC2317,SC2329,SC2119,SC2120,SC2016,SC2319

scripts() {
	tree_text | grep -vE '\.([ch]|mk|awk)$' | xargs -r awk '
		FNR == 1 && (FILENAME ~ /\.sh$/ ||
		    /^#!.*[\/ ](ba|da)?sh([^a-z0-9_]|$)/) { print FILENAME }
		{ nextfile }'
}

mapfile -t files < <(scripts)
verdict "there are scripts to look at" "is LINT_TREE the top of the tree?" \
    "$([ ${#files[@]} -gt 0 ] || echo "no script found below $PWD")"
for file in "${files[@]}"; do
	rule "$file" "shellcheck's wiki explains each number" \
	    shellcheck --external-sources --format=gcc \
	    --exclude="$unasked" "$file"
done
finish
