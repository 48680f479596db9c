#!/usr/bin/env bash
# What comes from outside is parsed without a crash, a leak or a contradiction,
# as it is and changed in many ways. See local.mk.
# shellcheck source-path=SCRIPTDIR source=../integration/tap.sh
. "${CERTHAUL_SRCDIR:-.}/tests/integration/tap.sh"
# shellcheck source-path=SCRIPTDIR source=seeds.sh
. "${CERTHAUL_SRCDIR:-.}/tests/fuzz/seeds.sh"

harnesses=(hacfg crtlist reply bundle pki renewal conf wire header csr broker)
plan ${#harnesses[@]}
dir=$(mktemp -d) || bail_out "no directory"
trap 'rm -rf "$dir"' EXIT
seeds "${CERTHAUL_SRCDIR:-.}" "$dir/seeds" || bail_out "no seeds"

for harness in "${harnesses[@]}"; do
	program=${CERTHAUL_BUILDDIR:-.}/tests/fuzz/fuzz_$harness
	arguments=("$dir/seeds/$harness"/*)
	# libFuzzer has its own options, and its own mutants.
	if "$program" -help=1 >"$dir/help" 2>&1; then
		mkdir "$dir/corpus"
		arguments=(-runs=2000 -seed=1 -verbosity=0 "$dir/corpus"
			"$dir/seeds/$harness")
	fi
	if timeout 300 "$program" "${arguments[@]}" >"$dir/log" 2>&1; then
		ok "$harness"
	else
		not_ok "$harness" "$(tail -n 40 "$dir/log")"
	fi
	rm -rf "$dir/corpus"
done
done_testing
