#!/bin/bash
# Files of at most 400 lines, functions of at most 60: main included.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

file_lines_most=400
function_lines_most=60

# FOLDER...: files that are too long.
long_files() {
	tree_c "$@" | xargs -r awk -v most="$file_lines_most" '
		FNR == most + 1 { long[FILENAME] = 1 }
		{ last[FILENAME] = FNR }
		END {
			for (file in long)
				print file ":" most + 1 ": has " \
				    last[file] " lines, " most \
				    " are allowed"
		}' | sort
}

# FOLDER...: functions that are too long, from the brace in column 0 to the
# brace in column 0, both counted. A function whose braces stand elsewhere
# would not be seen, so it is a finding too.
long_functions() {
	tree_c "$@" | strip | awk -v most="$function_lines_most" '
		function ends(why) {
			if (start && why != "")
				print file ":" start ": " name why
			start = 0
		}
		{
			at = index($0, ":")
			now = substr($0, 1, at - 1)
			rest = substr($0, at + 1)
			at = index(rest, ":")
			line = substr(rest, 1, at - 1)
			code = substr(rest, at + 1)
			if (now != file)
				ends(" does not end in column 0")
			file = now
		}
		/^[^:]*:[0-9]*:[A-Za-z_].*\)[ \t]*\{/ {
			print file ":" line ": a function begins " \
			    "without its brace in column 0"
		}
		code ~ /^[A-Za-z_][A-Za-z0-9_]*\(/ {
			name = code
			sub(/\(.*/, "()", name)
		}
		code ~ /^\{/ && !start { start = line }
		code ~ /^\}/ && start {
			size = line - start + 1
			ends(size > most ? " has " size " lines, " most \
			    " are allowed" : "")
		}
		END { ends(" does not end in column 0") }'
}

split="split it by concern: X.c and X_part.c, a function that is one thought"

verdict "there are files to look at" "is LINT_TREE the top of the tree?" \
    "$([ -n "$(product_c)" ] || echo "no C file found below $PWD")"
for dir in lib/base lib/cert lib/haproxy hooks acme wrapper; do
	[ -d "$dir" ] || continue
	rule "$dir: files of at most $file_lines_most lines" "$split" \
	    long_files "$dir"
	rule "$dir: functions of at most $function_lines_most lines" \
	    "$split" long_functions "$dir"
done
rule "tests and bench: files of at most $file_lines_most lines" \
    "$split" long_files tests bench
rule "tests and bench: functions of at most $function_lines_most lines" \
    "$split" long_functions tests bench
finish
