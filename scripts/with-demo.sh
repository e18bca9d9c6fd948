#!/bin/bash
# Runs a command against a demo server of its own: free ports, a data folder
# that is thrown away, the debug binaries. The command finds it at $TELLER_URL.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
teller=$(cd "$root" && realpath "${TELLER_BIN:-target/debug/teller}")
ready_max_s=180

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

ready() {
  python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)' "$1" >/dev/null 2>&1
}

data=$(mktemp -d)
port=$(free_port)
core=$(free_port)
log=$data/teller.log
server=

finish() {
  status=$?
  trap - EXIT
  if [[ -n $server ]] && kill -0 "$server" 2>/dev/null; then
    kill -TERM "$server"
    wait "$server" || true
  fi
  if ((status)); then
    echo "---- the end of the server's log ----" >&2
    tail -n 60 "$log" >&2 || true
  fi
  rm -rf "$data"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# One browser or program on one address stands for many customers.
(cd "$root" && exec "$teller" serve --demo --data "$data/data" --listen "127.0.0.1:$port" \
  --sandbox-listen "127.0.0.1:$core" --rate-limits false) >"$log" 2>&1 &
server=$!

for ((second = 0; ; second++)); do
  ready "http://127.0.0.1:$port/readyz" && break
  kill -0 "$server" 2>/dev/null || { echo "the server ended at its start" >&2; exit 1; }
  ((second < ready_max_s)) || { echo "the server was not ready within $ready_max_s s" >&2; exit 1; }
  sleep 1
done

TELLER_URL="http://127.0.0.1:$port" "$@"
