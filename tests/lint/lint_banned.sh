#!/bin/bash
# Functions that product code does not call.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

code=$(product_c | strip)

# NAMES...: where one of them is called.
calls() {
	local names
	names=$(IFS='|' && echo "$*")
	printf '%s\n' "$code" | awk -v names="$names" '
		{
			at = index($0, ":")
			place = at + index(substr($0, at + 1), ":")
			rest = substr($0, place + 1)
			if (match(rest, "(^|[^A-Za-z0-9_])(" names \
			    ")[ \t]*\\(")) {
				name = substr(rest, RSTART, RLENGTH)
				gsub(/[^A-Za-z0-9_]/, "", name)
				print substr($0, 1, place) " calls " \
				    name "()"
			}
		}'
}

verdict "there are files to look at" "is LINT_TREE the top of the tree?" \
    "$([ -n "$code" ] || echo "no C file found below $PWD")"
rule "no string function without a size" \
    "struct buf, or snprintf with its result checked" \
    calls strcpy strcat stpcpy sprintf vsprintf gets
rule "no strtok" "walk the text with strcspn and strspn" calls strtok strtok_r
rule "no number parsed without an error" "strtol with errno and its end" \
    calls atoi atol atoll atof
rule "no shell" "proc_run() with an argv" calls system popen
rule "no memory of unknown size on the stack" "struct buf, or malloc" \
    calls alloca
rule "no mode or owner is changed by a path" "fchmod() on what was opened" \
    calls chmod chown lchown fchmodat fchownat
rule "no name of a temporary file" "fs_stage()" calls mktemp tmpnam tempnam
rule "no weak random number" "clock_random()" \
    calls rand srand rand_r random srandom drand48
rule "no sleep in place of a condition" \
    "poll() on what is waited for; clock_pause_ms() between two tries" \
    calls usleep sleep
finish
