#!/usr/bin/env bash
# What deploy --all says while it works, on a terminal and not on one; and what
# a dry run says of lineages that share a name.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
lab_start

for name in a.example b.example c.example; do
	lab_make_lineage "$name"
done
# on_terminal TERM ARGUMENT...: what a terminal of 60 columns is shown.
on_terminal() {
	local term=$1
	shift
	CERTHAUL_LAB=$LAB TERM=$term script -qec \
	    "stty cols 60; exec '$LAB_BIN/certhaul-hook' -c '$LAB_CONF' $*" \
	    /dev/null
}
wipe=$'\r\e[K'

run on_terminal xterm deploy --all
is "$status" 0 "deploy --all on a terminal" || diag "$output"
like "$output" $'^\rdeploying 1 of 3: a\\.example\e\\[K' \
    "... shows how far it has come"
like "$output" "${wipe//[/\\[}a\.example: deployed" \
    "... and makes way for what is said"
is "$(tail -n 1 <<<"$output" | tr -d '\r')" "3 lineages: 3 deployed" \
    "... leaves nothing behind"
run on_terminal xterm post -v
like "$output" '^0 lineages' "what has nothing to do shows none"
run on_terminal xterm deploy a.example
unlike "$output" $'\e' "nor has one lineage"
run on_terminal dumb deploy --all -v
is "$(tr -d '\r' <<<"$output")" "a.example: up to date
b.example: up to date
c.example: up to date
3 lineages: 3 up to date" "a dumb terminal is shown lines alone"
run lab_hook deploy --all
is "$output" "3 lineages: 3 up to date" "... and so is what is no terminal"

# No room for what there is to say: who reads it must not take it for all.
lab_make_lineage full.example
succeeds "(deployed)" lab_hook deploy full.example
lab_renew_lineage full.example full.example
for words in "lab_certhaul deploy full.example" "lab_certhaul deploy" \
    "lab_certhaul deploy --dry-run" "lab_hook deploy --all" \
    "lab_hook --version" "lab_hook --help" \
    "lab_certhaul rollback --dry-run full.example"; do
	# shellcheck disable=SC2086 # words
	succeeds "$words" $words
	# shellcheck disable=SC2086 # words
	($words >/dev/full) 2>"$LAB/out"
	is "$?" 1 "... ends with 1 where there is no room to say so"
	like "$(<"$LAB/out")" 'writing stdout: not all' "... which is told"
done
(lab_hook detach full.example >/dev/full) 2>"$LAB/out"
is "$?" 0 "a revocation does not wait for what its detach had to say"
rm -r "$LAB_LE/live/full.example" "$LAB_LE/renewal/full.example.conf"

# Two lineages with one name (hazard H4): told before it costs anything.
run lab_hook deploy --all --dry-run
unlike "$output" 'alphabet' "names that are in one lineage only are no warning"
lab_make_lineage d.example d.example a.example www.a.example
lab_renew_lineage a.example a.example www.a.example
lab_make_lineage -k rsa2048 e.example b.example
run lab_hook deploy --all --dry-run
is "$status" 0 "a dry run"
shared='a\.example \(and 1 more\) is in a\.example and in d\.example'
like "$output" "warning: $shared: .*alphabet" \
    "... warns of two lineages that share names"
is "$(grep -c alphabet <<<"$output")" 1 \
    "... once, and not of a pair with two kinds of key" || diag "$output"
done_testing
