#!/bin/bash
# The long form of the simulation: ten thousand crashes and core faults in one
# process, then kills of the real program. What was done is written to
# docs/soak.jsonl line by line; a run that was cut off goes on where it stopped.
set -euo pipefail
cd "$(dirname "$0")/.."
teller=${TELLER_BIN:-target/release/teller}
report=docs/soak.jsonl
revision=$(git rev-parse --short HEAD)
chunks=10
incidents=1000
kills=60

touch "$report"
done_before() { grep -qF "{\"revision\":\"$revision\",\"part\":\"$1\"," "$report"; }

part() {
  local name=$1
  shift
  if done_before "$name"; then
    echo "$name: done before"
    return
  fi
  echo "$name: teller soak $*" >&2
  local begun=$SECONDS outcome
  outcome=$("$teller" soak "$@" 2>>target/soak.log)
  printf '{"revision":"%s","part":"%s","seconds":%d,"outcome":%s}\n' \
    "$revision" "$name" $((SECONDS - begun)) "$outcome" | tee -a "$report"
}

for ((chunk = 0; chunk < chunks; chunk++)); do
  part "crashes $chunk" crashes --incidents "$incidents" --seed $((1 + chunk * 100000))
done
part kills kills --count "$kills" --folder target/kills
