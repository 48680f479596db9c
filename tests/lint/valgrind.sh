#!/bin/bash
# Every unit test program under valgrind: no error, no leak; but for the one
# that gives up what valgrind needs.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

need valgrind valgrind

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

programs=()
for file in "${CERTHAUL_BUILDDIR:-$PWD}"/tests/unit/test_*; do
	case ${file##*/} in
	*.*) continue ;;
	test_sandbox) continue ;; # valgrind would be shut in with it
	esac
	if [ -f "$file" ] && [ -x "$file" ]; then
		programs+=("$file")
	fi
done

look() {
	local out=$work/${1##*/} status=0
	valgrind --quiet --error-exitcode=99 --leak-check=full \
	    --show-leak-kinds=definite,indirect,possible \
	    --errors-for-leak-kinds=definite,indirect,possible \
	    --trace-children=no "$1" >"$out" 2>&1 </dev/null || status=$?
	echo "$status" >"$out.status"
}

findings() {
	local out=$work/${1##*/}
	[ "$(cat "$out.status")" -ne 0 ] || return 0
	echo "ended with status $(cat "$out.status") (99: valgrind's)"
	grep -aE '^(not ok|==[0-9]+==)' "$out" || tail -n 20 "$out"
}

verdict "there are unit test programs" "make check builds them" \
    "$([ ${#programs[@]} -gt 0 ] || echo "none below tests/unit")"
in_pairs look "${programs[@]}"
for file in "${programs[@]}"; do
	rule "${file##*/} under valgrind" \
	    "valgrind --leak-check=full tests/unit/${file##*/}" \
	    findings "$file"
done
finish
