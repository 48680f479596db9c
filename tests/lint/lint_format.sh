#!/bin/bash
# C as .clang-format of the tree has it.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

need clang-format clang-format

# FOLDER: each place once; what is no place is clang-format's own trouble.
misformatted() {
	local said status=0
	said=$(tree_c "$1" | xargs -r clang-format --style=file --dry-run \
	    --Werror 2>&1) || status=$?
	[ "$status" -ne 0 ] || return 0
	printf '%s\n' "$said" | sed -n \
	    's/:[0-9]*: error: .*-Wclang-form.*/: clang-format differs/p' |
	    sort -u | grep . || printf '%s\n' "$said"
}

verdict "there are files to look at" "is LINT_TREE the top of the tree?" \
    "$([ -n "$(product_c)" ] || echo "no C file found below $PWD")"
judge clang-format 14 "$(clang-format --version)"
for dir in lib/base lib/cert lib/haproxy hooks acme wrapper tests bench; do
	[ -z "$(tree_c "$dir")" ] || rule "$dir is formatted" \
	    "clang-format -i FILE" misformatted "$dir"
done
finish
