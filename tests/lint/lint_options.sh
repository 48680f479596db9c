#!/bin/bash
# Each name in certhaul-acme's table of options is given by a test, as it is
# written there.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

table=acme/option_table.c
tests=$(find tests/integration/ -name '*acme*.sh' 2>/dev/null
    find tests/unit/ -name 'test_option*.c' 2>/dev/null)

# What tests give; not what they look for in an answer, nor comments.
given() {
	xargs -r sed -E '/^[[:space:]]*(#|like |unlike |is )/d' <<<"$tests" |
	    grep -oE -e '--[a-z0-9-]+' | sort -u
}

# The names of the table that are in no test.
untested() {
	local all line name
	all=$(given)
	grep -noE -e '--[a-z0-9-]+[ "]' "$table" | tr -d ' "' |
	    while IFS=: read -r line name; do
		grep -qxe "$name" <<<"$all" ||
		    echo "$table:$line: $name is given by no test"
	done
}

verdict "there are files to look at" "is LINT_TREE the top of the tree?" \
    "$([ -f "$table" ] && [ -n "$tests" ] || echo "no table, or no test")"
rule "each name of an option is given by a test" \
    "see tests/integration/test_acme_options.sh" untested
finish
