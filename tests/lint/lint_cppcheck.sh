#!/bin/bash
# cppcheck over all C, the tests' too.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

need cppcheck cppcheck
judge cppcheck 2.10 "$(cppcheck --version)"

# FOLDER...: missing system headers are no finding, cppcheck knows libc and
# POSIX by its own description of them; readdir() is what glibc recommends
# over readdir_r(). A suppression in the code needs the finding's name.
findings() {
	local files status=0
	mapfile -t files < <(tree_c "$@" | grep '\.c$')
	cppcheck --quiet -j 2 --enable=warning,performance,portability \
	    --error-exitcode=1 --std=c11 --library=posix --library=gnu \
	    --inline-suppr --suppress=missingIncludeSystem \
	    --suppress=unmatchedSuppression --suppress=readdirCalled -Ilib -I. \
	    -I"${CERTHAUL_BUILDDIR:-.}" \
	    --template='{file}:{line}: {id}: {message}' "${files[@]}" 2>&1 ||
	    status=$?
	[ "$status" -eq 0 ] || echo "cppcheck ended with status $status"
}

verdict "there are files to look at" "is LINT_TREE the top of the tree?" \
    "$([ -n "$(product_c)" ] || echo "no C file found below $PWD")"
for group in lib "hooks acme wrapper" "tests bench"; do
	read -ra dirs <<<"$group"
	[ -z "$(tree_c "${dirs[@]}")" ] || rule "${group// /, }" \
	    "mend it, or suppress it by name in the line above" \
	    findings "${dirs[@]}"
done
finish
