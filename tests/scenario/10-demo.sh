#!/bin/bash
# The demo runs to its end, and says what it promises on the way.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
out=$(mktemp)
"$here/demo/demo" >"$out" 2>&1
status=$?

expect() { # NAME PATTERN
	if grep -qE "$2" "$out"; then
		echo "ok $1"
	else
		echo "not ok $1"
	fi
}
expect 'a sale gives points' '125.50: \+125 points'
expect 'too few points are refused' 'short of Coffee'
expect 'a bad check digit is refused' 'check digit is wrong'
expect 'a used token is refused' 'used already'
expect 'lines earn by their category' '"points":200,'
expect 'a hold counts at the other till' '35 points short of Cake'
expect 'a sale is undone' 'Undone. -9 points'
expect 'an operation asked for again counts once' '"repeated":true'
expect 'a killed server loses nothing' 'Nothing acknowledged is gone'
expect 'the audit holds, anchored' 'The ledger holds'
[ "$status" = 0 ] || echo 'not ok the demo ends well'
[ "$status" = 0 ] || cat "$out"
rm -f "$out"
exit "$status"
