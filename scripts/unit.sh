#!/bin/bash
# Tests of the workspace: with nextest where it is installed, else with cargo's
# own runner; documentation tests in both cases.
set -euo pipefail
cd "$(dirname "$0")/.."

if cargo nextest --version >/dev/null 2>&1; then
  scripts/cargo.sh nextest run --workspace --no-fail-fast
else
  scripts/cargo.sh test --workspace --lib --bins --tests --examples --no-fail-fast
fi
scripts/cargo.sh test --workspace --doc
