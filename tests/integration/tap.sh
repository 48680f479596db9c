# shellcheck shell=bash
# tap.sh: TAP for the tests that run programs. Sourced by lab.sh.
#
# A test says `plan N` first (or `done_testing` last), then one line a check;
# what a failed check saw stands below it. A test that cannot go on says
# `bail_out`, never nothing.

tap_count=0
tap_failed=0
tap_planned=0
# Where TAP goes while `run` has stdout in a file; closed for what is spawned.
exec {tap_out}>&1

# plan N: so many checks follow; a test that ends early is then an error.
plan() {
	tap_planned=$1
	echo "1..$1"
}

# done_testing: the plan, where it could not be known before. The last line.
done_testing() {
	if [ "$tap_planned" -eq 0 ]; then
		echo "1..$tap_count"
	elif [ "$tap_planned" -ne "$tap_count" ]; then
		diag "planned $tap_planned checks, made $tap_count"
		exit 1
	fi
	[ "$tap_failed" -eq 0 ]
	exit
}

# diag TEXT...: said below a check; not judged.
diag() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

# diag_file FILE...: the end of each file, where there is something in it.
diag_file() {
	local file
	for file; do
		[ -s "$file" ] || continue
		diag "$file:"
		tail -n "${TAP_DIAG_LINES:-60}" "$file" | sed 's/^/#   /'
	done
}

ok() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

# not_ok WHAT [SEEN...]: a failed check, and what was seen.
not_ok() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
	shift
	[ $# -eq 0 ] || diag "$@"
}

# skip WHAT WHY: counted as failed by `quickstart check`, so give a good why.
skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# is GOT WANTED WHAT
is() {
	if [ "$1" = "$2" ]; then
		ok "$3"
	else
		not_ok "$3" "got:    $1"$'\n'"wanted: $2"
		false
	fi
}

# isnt GOT UNWANTED WHAT
isnt() {
	if [ "$1" != "$2" ]; then
		ok "$3"
	else
		not_ok "$3" "got what was not wanted: $1"
		false
	fi
}

# like GOT REGEX WHAT: an extended regular expression, as bash has them.
like() {
	if [[ $1 =~ $2 ]]; then
		ok "$3"
	else
		not_ok "$3" "got:    $1"$'\n'"wanted: $2"
		false
	fi
}

# unlike GOT REGEX WHAT
unlike() {
	if [[ $1 =~ $2 ]]; then
		not_ok "$3" "got: $1"$'\n'"not wanted: $2"
		false
	else
		ok "$3"
	fi
}

# run COMMAND...: its output goes to $output (and its last lines below a check
# that fails), its exit status to $status. Succeeds always: judge $status. Not
# in a subshell, so that a function may set what it sets.
run() {
	local file
	file=$(mktemp "${LAB:-/tmp}/tap.XXXXXX")
	status=0
	"$@" >"$file" 2>&1 </dev/null || status=$?
	output=$(tr -d '\0' <"$file")
	rm -f "$file"
}

# succeeds WHAT COMMAND...: it ends with 0.
succeeds() {
	local what=$1
	shift
	ends_with 0 "$what" "$@"
}

# ends_with STATUS WHAT COMMAND...: it ends with just this status.
ends_with() {
	local wanted=$1 what=$2
	shift 2
	run "$@"
	if [ "$status" -eq "$wanted" ]; then
		ok "$what"
	else
		not_ok "$what" "$*: ended with $status, wanted $wanted"
		diag "$(tail -n "${TAP_DIAG_LINES:-60}" <<<"$output")"
		false
	fi
}

# bail_out WHY: the test cannot go on; the driver counts an error.
bail_out() {
	echo "Bail out! $*" >&"$tap_out"
	exit 99
}
