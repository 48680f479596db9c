#!/usr/bin/env bash
# The man pages tell of the commands and options that the programs have, with
# their letters and statuses.
# shellcheck source-path=SCRIPTDIR source=files.sh
. "$(dirname "$0")/files.sh"
page=$src/man/certhaul.8
hook_page=$src/man/certhaul-hook.8

# page_options [SECTION] <PAGE: ".It Fl n , -dry-run" as "n --dry-run", sorted;
# all of the page, or below `.Ss SECTION` only.
page_options() {
	awk -v section="${1:-}" '
		/^\.S[sh] / { here = $0 == ".Ss " section }
		section == "" || here' |
	    sed -nE 's/^\.It Fl (([A-Za-z]) , )?-([a-z-]+).*/\2 --\3/p' |
	    sed 's/^ //' | sort
}

commands=$(help_commands)
isnt "$commands" "" "certhaul --help lists commands"
for command in $commands; do
	is "$(page_options "$command" <"$page")" "$(help_options "$command")" \
	    "certhaul $command: the page has its options, and no other"
	called=$(awk -v c=".Cm $command" '
		/^\.Ss / { here = $0 == ".Ss " substr(c, 5) }
		here && $0 == c { print "yes"; exit }' "$page")
	is "$called" yes "... and how it is called"
done
is "$(page_options "Options of every command" <"$page")" "$(help_options)" \
    "the options of every command"

hook=$("$bin/certhaul-hook" --help)
is "$(comm -23 <(long_options <<<"$hook" | sort) \
    <(page_options <"$hook_page"))" "" \
    "certhaul-hook: the page has all its options"
while read -r kind; do
	like "$(grep '^\.It Cm' "$hook_page")" "[ ]$kind( |\$|"$'\n'")" \
	    "certhaul-hook $kind is in the page"
done < <(sed -nE 's/^  ([a-z]+) +[a-z].*/\1/p' <<<"$hook")

# certhaul-acme has more than one long name for some; each is `Fl` in the page.
acme=$src/man/certhaul-acme.8
help=$("$bin/certhaul-acme" --help all)
options=$(sed -nE '/^  --help /d; s/^  (-.*)/\1/p' <<<"$help" |
    sed -E 's/([^,]) .*/\1/; s/, /\n/g' | sort)
like "$options" $'\n''--domains'$'\n' "certhaul-acme --help all has options"
is "$(sed -n 's/^\.It Fl //p' "$acme" | sed -E 's/ (Ar|Cm) .*//; s/ , /\n/g' |
    sed 's/^/-/' | sort)" "$options" \
    "certhaul-acme: the page has its options, and no other"
called=$(sed -nE 's/^\.(It |Op )?Cm (.*)/ \2 /p' "$acme" | tr ',|' ' ')
while read -r word; do
	like "$called" "[ ]${word}[ ]" "certhaul-acme $word is in the page"
done < <(sed -nE 's/^  (([a-z_]+, )*[a-z_]+)(  .*)?$/\1/p' <<<"$help" |
    sed 's/, /\n/g' | sort -u)
is "$(sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It //p' "$acme" | paste -sd' ')" \
    "$(sed -nE 's/.*VERB_EXIT_[A-Z]+ = ([0-9]+).*/\1/p' "$src/acme/verb.h" |
    paste -sd' ')" "certhaul-acme: the page has its exit statuses"

# statuses PROGRAM: "0 done or nothing to do, 1 failed, ..." in its --help.
statuses() {
	"$bin/$1" --help | sed -n '/^exit status/,$p' |
	    grep -oE '(^| )[0-9] ' | tr -d ' ' | paste -sd' '
}

for program in certhaul certhaul-hook; do
	is "$(sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It //p' \
	    "$src/man/$program.8" | paste -sd' ')" "$(statuses $program)" \
	    "$program: the page has its exit statuses"
done
done_testing
