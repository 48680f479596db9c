#!/usr/bin/env bash
# --allow-subset-of-names over more runs than one: a name that was refused once
# is asked about again by every run, but for what the CA may have issued.
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=lab_certs.sh
. "$lab_lib/lab_certs.sh"
lab_start --no-haproxy --pebble
kept=$LAB/le-work/certhaul

leads_elsewhere() {
	curl -fsS "$LAB_DNS/add-a" \
	    -d "{\"host\": \"$1\", \"addresses\": [\"127.0.0.2\"]}"
}
leads_here() {
	curl -fsS "$LAB_DNS/clear-a" -d "{\"host\": \"$1\"}"
}

# half_done NAME: c.NAME is refused, and what is issued without it not fetched.
half_done() {
	leads_elsewhere "c.$1"
	lab_mood no_certificate
	! some "$1" && leads_here "c.$1" && grep -q "^without c.$1" \
	    "$kept/$1.order" && lab_mood none
}
some() {
	lab_builtin certonly --allow-subset-of-names --cert-name "$1" \
	    -d "a.$1" -d "b.$1" -d "c.$1" "${@:2}"
}

# is_whole NAME WHAT
is_whole() {
	lab_lineage_is "$1" "a.$1 b.$1 c.$1" "$2"
}

# --- what the CA has issued -------------------------------------------------
succeeds "(an order for fewer names, not fetched)" half_done issued
succeeds "what was issued for fewer names" some issued
lab_lineage_is issued "a.issued b.issued" "... is fetched"
is "$(lab_asked '/order-plz 201')" 0 "... and nothing ordered"
like "$output" 'Going on with its order without: c\.issued' \
    "... which says what is left out"
unlike "$output" 'Unable to obtain' "... not that it was tried"
succeeds "(another)" half_done lost
lab_mood one_lost
succeeds "what is not to be had any more" some lost
is_whole lost "... is ordered for all names"
is "$(lab_asked '/order-plz 201')" 1 "... at once"
succeeds "(another)" half_done unknown
lab_mood one_forgotten
succeeds "an order that the CA does not know" some unknown
is_whole unknown "... is made anew for all names"
is "$(lab_asked '/order-plz 201')" 1 "... and for them alone"
succeeds "(another)" half_done week
sed -i "s/^begun .*/begun $(($(date +%s) - 7 * 86400))/" "$kept/week.order"
succeeds "one that is a week old" some week
is_whole week "... is made anew for all names"
succeeds "(a certificate of no use)" half_done useless
leads_elsewhere c.useless
lab_mood by_nobody
ends_with 1 "a CA that gives nothing of use" some useless
is "$(lab_asked '/order-plz 201') $(lab_asked /certZ/)" "2 2" \
    "... is asked for all names, and for fewer, once more"
lab_mood by_nobody
ends_with 1 "... by the next run" some useless
is "$(lab_asked '/order-plz 201')" 0 "... not"
like "$output" 'a new one in 24 hours' "... which says so"

# --- what it has not --------------------------------------------------------
lab_mood none
succeeds "(a lineage)" some renewed
sed -i '1i renew_before_expiry = 100 years' "$LAB_LE/renewal/renewed.conf"
leads_elsewhere c.renewed
lab_mood second_unseen
ends_with 1 "an order for fewer names that cannot be looked at" \
    lab_builtin renew --cert-name renewed
like "$output" 'Retrying without: c\.renewed' "(it is for fewer)"
leads_here c.renewed
lab_mood none
succeeds "... the next run" lab_builtin renew --cert-name renewed
is_whole renewed "... asks about all names"

# Both are refused, one after the other.
lab_challenge_hooks
lab_web_start
export LAB
mv "$LAB/auth" "$LAB/auth.well"
# shellcheck disable=SC2016 # the hooks' own
printf '#!/bin/sh\n[ -e "$LAB/broken" ] || exec "$LAB/auth.well"\n' >"$LAB/auth"
# shellcheck disable=SC2016
printf '#!/bin/sh\ntouch "$LAB/broken"\n"$LAB/cleanup"\nexit 0\n' >"$LAB/breaks"
chmod +x "$LAB/auth" "$LAB/breaks"
by_hooks() {
	some "$1" --manual --preferred-challenges http \
	    --manual-auth-hook "$LAB/auth" --manual-cleanup-hook "$LAB/$2"
}
leads_elsewhere c.night
ends_with 1 "all names refused, one after the other" by_hooks night breaks
like "$output" 'Retrying without: c\.night' "(it was one before all)"
rm -f "$LAB/broken"
leads_here c.night
succeeds "... the next run" by_hooks night cleanup
is_whole night "... asks about all names"
done_testing
