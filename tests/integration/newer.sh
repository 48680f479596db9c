#!/usr/bin/env bash
# newer.sh SUITE PACKAGE DIR: a package of another Debian suite, unpacked into
# DIR and installed nowhere. Whence is the machine's own apt configuration to
# say: its sources with the suite's name exchanged, in an apt root of its own
# below DIR, so that the machine's lists and packages stay as they are.
set -eu
suite=$1 package=$2 dir=$3
sources=/etc/apt

mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial" \
    "$dir/apt/sources"
: >"$dir/apt/status"

# The first deb822 source that has this machine's suite, and only that suite;
# old-style lines as well.
own=$(. /etc/os-release && echo "${VERSION_CODENAME:?}")
for file in "$sources"/sources.list.d/*.sources; do
	[ -e "$file" ] || continue
	awk -v own="$own" -v suite="$suite" '
	BEGIN { RS = ""; FS = "\n" }
	{
		mine = 0
		text = ""
		for (i = 1; i <= NF; i++) {
			if ($i ~ /^#/)
				continue
			if ($i ~ /^Suites:/) {
				count = split(substr($i, 8), words, " ")
				for (k = 1; k <= count; k++)
					mine = mine || words[k] == own ||
					    words[k] == "stable"
				$i = "Suites: " suite
			}
			text = text $i "\n"
		}
		if (mine)
			print text
	}' "$file" >"$dir/apt/sources/$(basename "$file")"
done
for file in "$sources/sources.list" "$sources"/sources.list.d/*.list; do
	[ -e "$file" ] || continue
	sed -nE "s/^(deb (\[[^]]*\] )?[^ ]+) ($own|stable) /\1 $suite /p" \
	    "$file" >"$dir/apt/sources/$(basename "$file")"
done

options=(-o Dir::State="$dir/apt" -o Dir::State::status="$dir/apt/status"
    -o Dir::State::lists="$dir/apt/lists" -o Dir::Cache="$dir/apt/cache"
    -o Dir::Etc::sourcelist=/dev/null
    -o Dir::Etc::sourceparts="$dir/apt/sources"
    -o APT::Sandbox::User=root -o Acquire::Languages=none
    -o Acquire::Retries=3 -o Debug::NoLocking=1)
apt-get -q "${options[@]}" update
(cd "$dir/apt/cache" && apt-get -q "${options[@]}" download "$package")
for file in "$dir"/apt/cache/"${package}"_*.deb; do
	dpkg-deb -x "$file" "$dir"
done
