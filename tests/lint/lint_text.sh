#!/bin/bash
# Text as .editorconfig has it, whatever the language.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

mapfile -t files < <(tree_text)

# SAY PATTERN FILE...: places of the Perl pattern.
places() {
	local say=$1 pattern=$2
	shift 2
	[ $# -gt 0 ] || return 0
	LC_ALL=C grep -anHP -e "$pattern" -- "$@" | cut -d: -f1,2 |
	    sed "s/\$/: $say/"
	[ "${PIPESTATUS[0]}" -lt 2 ]
}

# SUFFIX...: the files that end so.
ending() {
	local file suffix
	for file in "${files[@]}"; do
		for suffix in "$@"; do
			case $file in *"$suffix") echo "$file" ;; esac
		done
	done
}

not_utf8() {
	grep -axvHn '.*' -- "${files[@]}" | cut -d: -f1,2 |
	    sed 's/$/: is no UTF-8/'
}

# FILE...: lines indented with spaces; not in a here document, whose text is
# another language's.
spaced() {
	awk -v quotes="[\"']?" 'FNR == 1 { word = "" }
		word != "" {
			line = $0
			sub(/^\t+/, "", line)
			if (line == word)
				word = ""
			next
		}
		/^        / || /^\t+        / {
			print FILENAME ":" FNR ": indented with spaces"
		}
		FILENAME !~ /\.[ch]$/ &&
		    match($0, "<<-?" quotes "[A-Z][A-Z0-9_]*") {
			word = substr($0, RSTART, RLENGTH)
			gsub(/[^A-Z0-9_]/, "", word)
		}' "$@"
}

# A last line that does not end, an empty file, an empty line at the end.
bad_end() {
	local file
	LC_ALL=C grep -LzP '(^|[^\n])\n\z' -- "${files[@]}" |
	    while IFS= read -r file; do
		echo "$file:$(wc -l <"$file"): does not end in one newline"
	done
}

# FILE...: lines over 80 columns, a tab being up to 8 of them.
wide() {
	[ $# -gt 0 ] || return 0
	LC_ALL=C awk '
		# A byte that continues a character takes no column.
		length($0) > 10 {
			gsub(/[\200-\277]/, "")
			columns = 0
			parts = split($0, part, "\t")
			for (i = 1; i <= parts; i++) {
				columns += length(part[i])
				if (i < parts)
					columns += 8 - columns % 8
			}
			if (columns > 80 && !/https?:\/\//)
				print FILENAME ":" FNR ": " columns " columns"
		}' "$@"
}

mapfile -t tabbed < <(ending .c .h .sh .mk .am .cfg quickstart .ci/run)
# Not .cfg: a line of HAProxy's configuration ends where HAProxy wants it.
mapfile -t narrow < <(ending .c .h .sh .mk .am quickstart .ci/run)

verdict "there are files to look at" "is LINT_TREE the top of the tree?" \
    "$([ ${#files[@]} -gt 0 ] || echo "no file found below $PWD")"
rule "no white space at the end of a line" "take it away" \
    places "white space at the end" '[ \t]\r?$' "${files[@]}"
rule "no carriage return" "lines end in LF" \
    places "a carriage return" '\r' "${files[@]}"
rule "no control character" "write it as an escape" \
    places "a control character" '[\x00-\x08\x0b\x0e-\x1f\x7f]' "${files[@]}"
rule "UTF-8 throughout" "iconv -f LATIN1 -t UTF-8" not_utf8
rule "each file ends in one newline" "end the last line" bad_end
rule "C, shell and make indent with tabs" "a tab of 8: .editorconfig" \
    spaced "${tabbed[@]}"
rule "C, shell and make keep to 80 columns" "break the line" \
    wide "${narrow[@]}"
finish
