# The two commands that matter are `make run` and `make test`; `make` lists the rest.
# Needed: Go, a C compiler (DuckDB is linked in), and Node with npm (LiquidJS, the browser SDK and the SDKs that tests use come from npm). Tests
# drive Chromium, which `make test` installs where it is missing, as root on Debian.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory

GO       ?= go
FUZZTIME ?= 20s
BENCH    ?=
BASE     ?= HEAD
STRESS   ?=
LINT     := $(GO) tool -modfile=tools/go.mod golangci-lint
LIQUID   := internal/liquid/liquidjs/liquid.node.js
BROWSER  := internal/cdn/bundle/standalone.js.gz
UI       := ui/dist/index.html.gz
UI_FROM  := $(shell find ui/src ui/public -type f ! -name schema.d.ts) $(wildcard ui/*.json ui/*.ts ui/index.html) internal/admin/testdata/openapi.json
LONG     := ./test/ui ./test/e2e ./test/crash ./internal/analyze ./internal/eventlog/jetlog # begun first, or they are left over at the end
CHROMIUM := chromium-headless-shell fonts-dejavu-core
E2E      := $(addsuffix /node_modules/.package-lock.json,test/e2e test/e2e/browser test/compat test/harness/browser)
MODULES  := $(E2E) ui/node_modules/.package-lock.json

.PHONY: help run build test check stress views vet format chromium api lint fmt fuzz bench clean

help: ## list the commands
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build and serve the example workspace from an empty data folder
	@rm -rf .run && mkdir -p .run
	@exec bin/penstock serve --data .run/data --workspace examples/pendo/workspace.yaml

build: $(LIQUID) $(BROWSER) $(UI) ## build bin/penstock
	$(GO) build -o bin/penstock ./cmd/penstock

test: $(LIQUID) $(BROWSER) $(UI) $(E2E) chromium vet ## every test with the race detector, the end-to-end tests with real SDKs and a browser
	cd ui && npm test --silent
	@# Packages are compiled twice: with the race detector for tests, and without it for go vet and for the binary.
	@# Without DWARF, which no test reads, the linker needs 40 % less CPU time.
	$(GO) test -json -tags e2e -race -vet=off -ldflags=-w -shuffle=on -parallel 4 -timeout 60m $(LONG) ./... \
		| $(GO) run ./test/report

check: $(LIQUID) $(BROWSER) $(UI) ## what a change may have broken since BASE (HEAD): format, vet, lint, unit tests; before each commit
	@$(MAKE) format
	@changed=$$($(GO) run ./test/changed -only $(BASE)) && reached=$$($(GO) run ./test/changed $(BASE)); \
	if [ -n "$$changed" ]; then $(GO) vet -tags 'e2e views' $$changed $$reached; $(LINT) run $$changed; fi; \
	if [ -n "$$reached" ]; then $(GO) test -vet=off $$reached; fi
	@if [ -n "$$(git status --porcelain ui; git diff --name-only $(BASE) -- ui)" ]; then cd ui && npm run --silent check && npm test --silent; fi

stress: $(LIQUID) $(BROWSER) $(UI) $(E2E) chromium ## every test, five times, on a machine that is kept too busy
	$(GO) run ./test/stress $(STRESS)

views: $(LIQUID) $(BROWSER) $(UI) $(E2E) chromium ## look at every page, wide and narrow, light and dark; screenshots are in test/screenshots
	$(GO) test -tags 'e2e views' -run '^TestViews$$' -timeout 60m ./test/ui

vet: format
	$(GO) vet -tags 'e2e views' ./...

format:
	@unformatted=$$(gofmt -l $$(find . -name '*.go' -not -path '*/node_modules/*' -not -path './.git/*')); \
	if [ -n "$$unformatted" ]; then echo "not formatted (fix with make fmt):"; echo "$$unformatted"; exit 1; fi

$(UI): $(UI_FROM) ui/node_modules/.package-lock.json
	cd ui && npm run --silent build

$(LIQUID): internal/liquid/npm/package.json internal/liquid/npm/package-lock.json
	cd internal/liquid/npm && npm ci --ignore-scripts --no-audit --no-fund
	cp internal/liquid/npm/node_modules/liquidjs/dist/liquid.node.js $@

$(BROWSER): internal/cdn/npm/package.json internal/cdn/npm/package-lock.json
	cd internal/cdn/npm && npm ci --ignore-scripts --no-audit --no-fund
	rm -f internal/cdn/bundle/*.gz
	@sdk=internal/cdn/npm/node_modules/@segment/analytics-next; \
	gzip -9nc $$sdk/LICENSE.MD > internal/cdn/bundle/LICENSE.txt.gz; \
	for file in $$sdk/dist/umd/*.bundle.*.js $$sdk/dist/umd/standalone.js; do gzip -9nc $$file > internal/cdn/bundle/$$(basename $$file).gz; done

$(MODULES): %/node_modules/.package-lock.json: %/package.json %/package-lock.json
	cd $* && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

api: ## write the control API's description and its reference anew
	$(GO) test ./internal/admin -run '^(TestOpenAPI|TestReference)$$' -update

chromium:
	@if command -v chromium-headless-shell chromium chromium-browser google-chrome > /dev/null; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then \
		echo "Tests drive Chromium, and it is not on PATH. Install it (on Debian: apt-get install $(CHROMIUM))," \
			"or run make test once as root on Debian." >&2; exit 1; \
	fi; \
	apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(CHROMIUM)

lint: ## run golangci-lint (its first build takes minutes, and is kept)
	$(LINT) run ./...

fmt: ## format the code
	$(LINT) fmt

fuzz: ## run each fuzz test for FUZZTIME (20s)
	@grep -rl --include='*_test.go' '^func Fuzz' . | while read -r file; do \
		sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file" | while read -r name; do \
			echo "$$file $$name"; \
			$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")"; \
		done; \
	done

bench: build ## load a running Penstock and print its figures beside a bare server's
	$(GO) build -o bin/bench ./bench
	bin/bench run --penstock bin/penstock $(BENCH)

clean: ## remove what the commands made
	rm -rf bin .run test/screenshots $(dir $(E2E)) internal/liquid/npm/node_modules $(LIQUID) ui/node_modules ui/dist/assets ui/dist/*.gz
