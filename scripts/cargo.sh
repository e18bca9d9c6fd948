#!/bin/bash
# cargo, and without network when everything is here already: a laptop on a
# train can build what it built yesterday.
set -euo pipefail

if [[ -z ${CARGO_NET_OFFLINE:-} ]] && cargo fetch --locked --offline >/dev/null 2>&1; then
  export CARGO_NET_OFFLINE=true
fi
exec cargo "$@"
