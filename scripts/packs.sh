#!/bin/bash
# The demo pack is sound, and its conversation scripts pass.
set -euo pipefail
cd "$(dirname "$0")/.."
teller=${TELLER_BIN:-target/debug/teller}

"$teller" pack check packs/demo
"$teller" pack test packs/demo
