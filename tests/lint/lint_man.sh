#!/bin/bash
# The man pages are what mandoc likes, and name each other as they are called.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"
need mandoc mandoc

mapfile -t pages < <(find man -name '*.[1-9]' 2>/dev/null | sort)

# FILE...: what mandoc says, but for pages that this machine need not have.
# Its words about its own database are not about us.
mandoc_says() {
	local file
	for file; do
		mandoc -Tlint -Wstyle "$file" 2>/dev/null |
		    sed -n '/STYLE: referenced manual not found/d
			s/^mandoc: //p'
	done
}

# FILE...: Xr to a page of ours that is not in the tree.
dead() {
	grep -nE '^\.Xr certhaul' "$@" /dev/null |
	    while IFS=: read -r file line text; do
		read -r _ name section _ <<<"$text"
		[ -f "man/$name.$section" ] ||
		    echo "$file:$line: there is no man/$name.$section"
	done
}

# FILE...: the names that .Dt and .Nm give are not the file's.
misnamed() {
	local file name
	for file; do
		name=${file##*/}
		grep -qx "\\.Dt $(tr '[:lower:].' '[:upper:] ' \
		    <<<"${name%.*}" | tr ' ' .) ${name##*.}" "$file" ||
		    echo "$file:1: .Dt is not that of $name"
		grep -qx "\\.Nm ${name%.*}" "$file" ||
		    echo "$file:1: no .Nm ${name%.*}"
	done
}

verdict "there are files to look at" "is LINT_TREE the top of the tree?" \
    "$([ ${#pages[@]} -gt 0 ] || echo "no page found below $PWD/man")"
rule "mandoc -Tlint has nothing to say" "see mdoc(7)" \
    mandoc_says "${pages[@]}"
rule "pages of ours that are named are there" "write it, or name another" \
    dead "${pages[@]}"
rule "a page is called what it says" "mend .Dt and .Nm" misnamed "${pages[@]}"
finish
