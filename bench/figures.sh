# shellcheck shell=bash
# figures.sh: from measured rows to the tables that are printed. Sourced by
# bench.sh. A row is a file of $work/rows with a line for each run:
# wall_us user_us sys_us maxrss_kb.
: "${work:?}" "${rounds:?}" "${lineages:?}" "${many:?}"
: "${few:?}" "${singles:?}" "${haproxy:?}"

progress() {
	echo "bench: $*" >&2
}

# Sorted numbers on stdin: median, least and most.
middle() {
	awk '
		{ value[NR] = $1 }
		END {
			low = value[int((NR + 1) / 2)]
			high = value[int(NR / 2) + 1]
			print (low + high) / 2, value[1], value[NR]
		}'
}

# ROW FIELD: median, least and most of the field ("cpu": user + sys).
spread() {
	awk -v field="$2" '{
		print field == "cpu" ? $2 + $3 : $field
	}' "$work/rows/$1" | sort -n | middle
}

# ROW ROW: the median of the ratio, round by round.
ratio() {
	paste -d' ' "$work/rows/$1" "$work/rows/$2" |
	    awk '{ printf "%.3f\n", $1 / $5 }' | sort -n | middle |
	    awk '{ printf "%.3f", $1 }'
}

# TITLE ROW TARGET: wall time in ms, CPU, and the ratios to both loops.
line() {
	local wall cpu
	read -ra wall <<<"$(spread "$2" 1)"
	read -ra cpu <<<"$(spread "$2" cpu)"
	awk -v title="$1" -v median="${wall[0]}" -v least="${wall[1]}" \
	    -v most="${wall[2]}" -v cpu="${cpu[0]}" -v target="$3" \
	    -v sh="$(ratio "$2" sh)" -v bash="$(ratio "$2" bash)" '
	    BEGIN {
		printf "%-34s %8.1f %8.1f %8.1f %8.1f %7s %7s  %s\n", title,
		    median / 1e3, least / 1e3, most / 1e3, cpu / 1e3, sh,
		    bash, target
	}'
}

machine() {
	echo "machine   $(nproc) processors, $(uname -sr)," \
	    "$(stat -f -c %T "$work") below ${work%/*}," \
	    "load $(cut -d' ' -f1 /proc/loadavg)"
	echo "haproxy   $("$haproxy" -v | sed -n '1s/^HAProxy version //p')"
	echo "shells    sh: $(readlink -f "$(command -v sh)")," \
	    "bash $BASH_VERSION"
}

report_compare() {
	printf '\n%s lineages, ECDSA P-256, %s rounds: wall time in ms\n' \
	    "$lineages" "$rounds"
	printf '%-34s %8s %8s %8s %8s %7s %7s  %s\n' '' median least most \
	    cpu '/sh' '/bash' target
	line 'shell loop, sh' sh ''
	line 'shell loop, bash' bash ''
	line 'deploy --all, all changed' changed '<= 0.6'
	line 'deploy --all, nothing changed' unchanged '<= 0.1'
	line 'the same, all changed, verified' proved ''
	line 'the same, nothing changed' proved_again ''
	awk -v us="$(spread bare 1 | cut -d' ' -f1)" 'BEGIN {
		printf "%-34s %8.1f   (a bare client: set and commit)\n",
		    "HAProxy'\''s own share of it", us / 1e3
	}'
	echo "The loop validates nothing, syncs nothing, tells HAProxy nothing."
}

# TITLE ROW TARGET: of one program run by itself.
single_line() {
	local wall
	read -ra wall <<<"$(spread "$2" 1)"
	awk -v title="$1" -v median="${wall[0]}" -v least="${wall[1]}" \
	    -v most="${wall[2]}" -v target="$3" 'BEGIN {
		printf "%-40s %8.1f %8.1f %8.1f  %s\n", title, median / 1e3,
		    least / 1e3, most / 1e3, target
	}'
}

report_single() {
	local lab conf title
	printf '\none deploy, %s of each: wall time in ms\n' "$singles"
	printf '%-40s %8s %8s %8s  %s\n' '' median least most target
	for conf in plain verify; do
		for lab in few many list; do
			title="$([ $lab = few ] && echo "$few" || echo "$many")"
			title+=" certificates in HAProxy"
			[ $lab != list ] || title="$many lines of a crt-list"
			[ $conf = plain ] || title+=", verified"
			single_line "$title" "single.$lab.$conf" '<= 25'
		done
	done
	single_line "certhaul-hook --version" single.version \
	    "(started, and nothing more)"
	single_line "/bin/true" single.true "(what a process costs here)"
}

report_memory() {
	local what small middle large
	printf '\npeak memory of deploy --all, in kB\n'
	printf '%-26s %8s %8s %8s %14s\n' lineages 100 "$lineages" "$many" \
	    'byte/lineage'
	for what in changed unchanged proved; do
		small=$(spread "$what.hundred" 4 | cut -d' ' -f3)
		middle=$(spread "$what" 4 | cut -d' ' -f3)
		large=$(spread "$what.many" 4 | cut -d' ' -f3)
		printf '%-26s %8s %8s %8s %14s\n' "$what" "$small" "$middle" \
		    "$large" $(((large - small) * 1024 / (many - 100)))
	done
}
