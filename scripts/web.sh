#!/bin/bash
# Types and unit tests of the pages.
set -euo pipefail
cd "$(dirname "$0")/../web"
npm run typecheck
npm test
