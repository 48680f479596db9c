#!/usr/bin/env bash
# Completion in bash: the commands and options that the program has, values,
# and the lineages that one may see.
# shellcheck source-path=SCRIPTDIR source=files.sh
. "$(dirname "$0")/files.sh"
LAB=$(mktemp -d /tmp/chl.XXXXXX) || bail_out "no directory in /tmp"
trap 'rm -rf "$LAB"' EXIT
unset CERTHAUL_CONF

# As bash finds it: installed under the command's name, asked for by it.
mkdir -p "$LAB/share/bash-completion/completions"
cp "$src/conf/certhaul.bash-completion" \
    "$LAB/share/bash-completion/completions/certhaul"
found=$(XDG_DATA_DIRS=$LAB/share bash --norc -c '
	. /usr/share/bash-completion/bash_completion
	if declare -F _comp_complete_load >/dev/null; then
		_comp_complete_load certhaul
	else
		_completion_loader certhaul
	fi
	complete -p certhaul' 2>&1)
like "$found" '-F _certhaul certhaul' "bash-completion finds it"

# shellcheck source=../../conf/certhaul.bash-completion
. "$src/conf/certhaul.bash-completion"

# offers WORD...: what is offered for the last of these, sorted, in one line.
offers() {
	COMP_WORDS=(certhaul "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_certhaul
	[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}" | sort |
	    paste -sd' '
}

# line: the lines on stdin as one.
line() {
	sort | paste -sd' '
}

commands=$(help_commands)
globals=$(help_options | names)
isnt "$commands" "" "--help lists commands"
is "$(offers --)" "$(line <<<"$globals")" "the options in front of a command"
for command in $commands; do
	is "$(offers "$command")" "$command" "$command is completed"
	is "$(offers "$command" --)" \
	    "$(line < <(help_options "$command" | names; echo "$globals"))" \
	    "... and just its options"
done
is "$(offers "")" "$(line <<<"$commands")" "just these commands are offered"
is "$(offers ro)" rollback "a command is told by its beginning"
is "$(offers rollback --t)" --to "... an option too"
is "$(offers nonsense "")" "" "of an unknown command nothing is known"

is "$(offers status --sort "")" "expiry name" "the values of a choice"
is "$(offers status --sort n)" name "... by their beginning"
is "$(offers status --sort =)" "expiry name" "... behind a ="
is "$(offers status --sort = e)" expiry "... by their beginning"
is "$(offers request --key-type "")" "ecdsa rsa" "the types of keys"
is "$(offers revoke --reason k)" keycompromise "the reasons"
is "$(offers rollback a.example --to "")" "" "for a number nothing"
mkdir "$LAB/dir"
touch "$LAB/dir.conf"
is "$(offers -c "$LAB/di")" "$LAB/dir $LAB/dir.conf" "-c takes a file"
is "$(offers init --cron-dir "$LAB/di")" "$LAB/dir" "--cron-dir a directory"
is "$(offers request a.example -- --)" "" "behind -- it is certbot's"

# shellcheck disable=SC2016 # it is to stay as it is
mkdir -p "$LAB/le/live/"{a.example,b.example,b.example-0001,'x$(id)',-dash}
touch "$LAB/le/live/README"
cat >"$LAB/c.conf" <<-EOT
letsencrypt:
{
	config_dir = "$LAB/le";
};
EOT
for command in renew revoke delete deploy rollback status; do
	is "$(offers -c "$LAB/c.conf" "$command" "")" \
	    "a.example b.example b.example-0001" \
	    "$command: the lineages, and no name that a shell would read"
done
is "$(offers --config = "$LAB/c.conf" renew a)" a.example "--config=CONF too"
is "$(CERTHAUL_CONF=$LAB/c.conf offers renew b.example-)" b.example-0001 \
    "CERTHAUL_CONF too"
is "$(offers -c "$LAB/c.conf" request "")" "" \
    "request: what is new cannot be known"
is "$(offers -c "$LAB/c.conf" request --cert-name a)" a.example \
    "... but for the name of a lineage"

# typed LINE...: what certhaul gets of each that is typed, with its tabs.
typed() {
	(cd "$LAB/typed" && /usr/bin/python3 "$src/tests/tools/typed.py" \
	    "$src/conf/certhaul.bash-completion" certhaul "$@" 2>&1)
}
# shellcheck disable=SC2016 # it is to stay as it is
{
	mkdir -p "$LAB/typed/"{'d d/sub','e$(touch E)'}
	touch "$LAB/typed/"{'a$(touch A).conf','`touch B`.conf',"d d/it's.conf"}
	cp "$LAB/c.conf" "$LAB/typed/c c.conf"
	is "$(typed $'certhaul -c a\t' $'certhaul --config=a\t' \
	    $'certhaul -c "a\t' $'certhaul -c \'a\t' $'certhaul -c \\`\t')" \
	    '<-c><a$(touch A).conf>
<--config=a$(touch A).conf>
<-c><a$(touch A).conf>
<-c><a$(touch A).conf>
<-c><`touch B`.conf>' "a file's name is quoted and not run"
	is "$(typed $'certhaul init --cron-dir e\t')" \
	    '<init><--cron-dir><e$(touch E)/>' "... a directory's neither"
	is "$(typed $'certhaul -c c\t')" "<-c><c c.conf>" \
	    "... nor is it taken apart at a blank"
	is "$(typed $'certhaul init --cron-dir d\ts\t' \
	    $'certhaul -c d\ti\t')" \
	    "<init><--cron-dir><d d/sub/>
<-c><d d/it's.conf>" "a directory gets its slash, and may be gone on from"
	is "$(typed $'certhaul -c c\trenew x\t' \
	    $'certhaul -c c\trenew a\t')" "<-c><c c.conf><renew><x>
<-c><c c.conf><renew><a.example>" "of the lineages only what is none to a shell"
	is "$(cd "$LAB/typed" && echo [A-Z])" "[A-Z]" "nothing was run"
}

# However libconfig lets it be written; nothing of it is run.
# shellcheck disable=SC2016 # it is to stay as it is
mkdir -p "$LAB/q\"t/live/quoted.example" "$LAB/d d/live/d.example"
# finds WORDS WHAT: c.conf is stdin; what there is to renew then.
finds() {
	cat >"$LAB/c.conf"
	is "$(offers -c "$LAB/c.conf" renew "" 2>&1)" "$1" "$2"
}
finds "a.example b.example b.example-0001" "all on one line" <<-EOT
	letsencrypt: { config_dir = "$LAB/le"; };
EOT
finds "a.example b.example b.example-0001" "a quote in a comment behind" <<-EOT
	letsencrypt:
	{
		config_dir : "$LAB/le"; # not "/etc/letsencrypt"
		work_dir = "/x"; // "y"
	};
EOT
finds "a.example b.example b.example-0001" "others in comments before" <<-EOT
	# config_dir = "/a";
	// config_dir = "/b";
	/* config_dir = "/c"; "
	   config_dir = "/d"; */ email = "config_dir = /* \" # ";
	letsencrypt = { config_dir /* x */
	=
	"$LAB"  # in two
	"/le" };
EOT
finds quoted.example "a quote in the name" <<-EOT
	letsencrypt: { config_dir = "$LAB/q\\"t"; };
EOT
finds d.example "... a blank" <<<"letsencrypt: { config_dir = \"$LAB/d d\"; };"
# shellcheck disable=SC2016 # it is to stay as it is
for value in '$(touch A)' '`touch B`' '-delete' '; touch C' '/$(touch D)'; do
	finds "" "nothing is run: $value" \
	    <<<"letsencrypt: { config_dir = \"$value\"; };"
done
is "$(echo [A-E])" "[A-E]" "... indeed"

# -c as it may be typed.
finds a.example "(a configuration)" < <(
	mkdir -p "$LAB/one/live/a.example"
	echo "letsencrypt: { config_dir = \"$LAB/one\"; };"
)
mkdir "$LAB/~"
cp "$LAB/c.conf" "$LAB/c.conf~"
sed "s,/one,/d d," "$LAB/c.conf" >"$LAB/~/c.conf"
sed "s,/one,/d d," "$LAB/c.conf" >"$LAB/it's d\$d.conf"
# shellcheck disable=SC1003,SC2016,SC2088 # it is to stay as it is
{
	cd "$LAB" || bail_out "no $LAB"
	export HOME=$LAB
	for word in '~/c.conf' "\"$LAB/c.conf\"" "'c.conf'" '\c.con"f"' \
	    ./c.conf c.conf~; do
		is "$(offers -c "$word" renew "")" a.example "-c $word"
		is "$(offers --config = "$word" renew "")" a.example \
		    "--config=$word"
	done
	is "$(offers "'-c'" c.conf renew "")" a.example "'-c'"
	is "$(offers "'-c'" c.co)" "c.conf c.conf~" "... takes a file"
	for word in "'~/c.conf'" '\~/c.conf' '"~"/c.conf' \
	    '"it'"'"'s d\$d.conf"' 'it\'"'"'s\ d\$d.conf' \
	    "'it'\\''s d\$d.conf"; do
		is "$(offers -c "$word" renew "")" d.example "-c $word"
	done
	for word in '$HOME/c.conf' '"$(touch A)c.conf"' '`touch B`c.conf' \
	    none.conf . ''; do
		is "$(CERTHAUL_CONF=$LAB/c.conf offers -c "${word:-$LAB/~}" \
		    renew "" 2>&1)" "" "-c ${word:-$LAB/~}: nothing is known"
	done
	cd "$OLDPWD" || bail_out "no way back"
}
is "$(echo "$LAB"/[A-E])" "$LAB/[A-E]" "nothing was run"

is "$(offers -c "$LAB/none.conf" -v status a 2>&1)" "" \
    "no configuration, no lineage: nothing, and no word of it"
done_testing
