#!/bin/bash
# Makes sure that this machine has what is needed; installs Debian packages only
# where something is missing. `setup.sh run` for building and serving,
# `setup.sh test` for the tests too.
set -euo pipefail

purpose=${1:-run}
missing=()

have() { command -v "$1" >/dev/null 2>&1; }
need() { have "$1" || missing+=("$2"); }

need cc build-essential
need make make
need python3 python3
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
if [[ $purpose == test ]]; then
  have chromium || [[ -x /usr/bin/chromium ]] || missing+=(chromium)
  need hledger hledger
  need xmllint libxml2-utils
  have fc-list && fc-list :lang=zh family 2>/dev/null | grep -q . || missing+=(fonts-noto-cjk)
fi

if ((${#missing[@]})); then
  echo "missing: ${missing[*]}"
  as_root=()
  if [[ $(id -u) != 0 ]]; then
    if have sudo; then as_root=(sudo); else
      echo "install them as root: apt-get install ${missing[*]}" >&2
      exit 1
    fi
  fi
  have apt-get || { echo "this is no Debian; install by hand: ${missing[*]}" >&2; exit 1; }
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

# Rust and Node come from where their users want them; only their age is looked at.
have cargo || { echo "Rust is missing: see https://rustup.rs (1.95 or newer)" >&2; exit 1; }
rust=$(rustc --version | sed -E 's/rustc ([0-9]+)\.([0-9]+).*/\1 \2/')
read -r major minor <<<"$rust"
((major > 1 || minor >= 95)) || { echo "Rust 1.95 or newer is needed, this is $(rustc --version)" >&2; exit 1; }

have node && have npm || { echo "Node 20.19 or newer with npm is missing: see https://nodejs.org" >&2; exit 1; }
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  { echo "Node 20.19 or newer is needed, this is $(node --version)" >&2; exit 1; }
