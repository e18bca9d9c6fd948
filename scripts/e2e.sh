#!/bin/bash
# Browser tests against a server of their own. Further arguments go to Playwright.
set -euo pipefail
cd "$(dirname "$0")/../web"
../scripts/with-demo.sh npx --no-install playwright test "$@"
