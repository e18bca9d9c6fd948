#!/bin/bash
# Runs one part of the tests under its name and notes how long it took, for the
# summary of a whole run.
set -uo pipefail
name=$1
shift
notes=${TELLER_PARTS:-target/test-parts.txt}
mkdir -p "$(dirname "$notes")"

echo "==== $name"
from=$SECONDS
"$@"
status=$?
word=ok
((status)) && word=FAIL
printf '%-6s %-4s %5d s\n' "$name" "$word" $((SECONDS - from)) >>"$notes"
exit "$status"
