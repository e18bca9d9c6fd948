#!/bin/bash
# The official OpenAI packages of Python and JavaScript talk to a started server:
# real packages, pinned, installed below target/ on the first run.
set -euo pipefail
cd "$(dirname "$0")/.."
python_openai=3.54.0
js_openai=7.57.0
sdk=$PWD/target/sdk

if [[ ! -e $sdk/python-$python_openai/.installed ]]; then
  rm -rf "$sdk/python-$python_openai"
  python3 -m pip install -q --disable-pip-version-check --no-warn-script-location \
    --target "$sdk/python-$python_openai" "openai==$python_openai"
  touch "$sdk/python-$python_openai/.installed"
fi
if [[ ! -e $sdk/js-$js_openai/.installed ]]; then
  rm -rf "$sdk/js-$js_openai"
  mkdir -p "$sdk/js-$js_openai"
  (cd "$sdk/js-$js_openai" && npm init -y >/dev/null && npm install --no-audit --no-fund --silent "openai@$js_openai")
  touch "$sdk/js-$js_openai/.installed"
fi
cp scripts/sdk/talk.mjs "$sdk/js-$js_openai/talk.mjs"

run() {
  PYTHONPATH="$sdk/python-$python_openai" python3 scripts/sdk/talk.py
  node "$sdk/js-$js_openai/talk.mjs"
}
export -f run
export sdk python_openai js_openai
scripts/with-demo.sh bash -euo pipefail -c run
