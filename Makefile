# SPDX-License-Identifier: Apache-2.0
#
# The front door: each target is a line or two that calls Meson or a script in tools/.

BUILD := build
SECS := 60
.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

# --- for everybody ----------------------------------------------------------------------------

.PHONY: setup build demo install clean
setup: ## installs what building and testing need (Debian; asks for root through sudo)
	@tools/setup

build: ## the program, optimised, in build/src/vectorize
	@tools/build $(BUILD)

demo: ## thousands of real texts, embedded and searched in a throw-away database
	@tools/demo

install: build ## into the system (DESTDIR= and meson's --prefix are honoured)
	@meson install -C $(BUILD) --no-rebuild

clean: ## removes what was built; what setup fetched stays in .cache/
	@rm -rf build build-*

# --- tests --------------------------------------------------------------------------------------

.PHONY: test test-cluster campaign front sanitize fuzz valgrind coverage bench bench-job bench-peers
test: setup build $(if $(filter-out db crdb versions,$(S)),,front) ## all tests; one suite: make test S=unit (golden, module, cli, db, crdb, versions, fuzz)
	@tools/run-tests $(BUILD) $(if $(S),--suite $(S),--no-suite versions)

front: setup ## what stands for CockroachDB in the tests (the first build takes some minutes)
	@tools/build-front

test-cluster: build ## the database suites on VECTORIZE_TEST_URL, or on the `cockroach` on PATH
	@tools/test-cluster $(BUILD)

campaign: build front ## seeded runs full of faults, kills and writers: RUNS=500 SEED= LANES= REPORT=
	@VECTORIZE_BUILD=$(abspath $(BUILD)) bash tests/crdb/campaign.sh $(or $(RUNS),30) \
		$(or $(SEED),1) $(or $(LANES),3) $(or $(REPORT),$(BUILD)/campaign.tsv)

sanitize: setup ## the suites but crdb under address + undefined, then thread; one: make sanitize K=thread
	@tools/sanitize $(K)

fuzz: ## every fuzz target for a minute; one for a time: make fuzz T=json SECS=600
	@tools/fuzz $(SECS) $(T)

valgrind: build ## unit and module tests under valgrind
	@meson test -C $(BUILD) --setup valgrind --suite unit --suite module

coverage: setup ## how many lines of src/ the tests run: text here, HTML in build-coverage/
	@tools/coverage

bench: build ## the parts, beside the last committed results; one: make bench P=tokenizer
	@bench/run $(BUILD) $(P)

bench-job: build ## embed against the encoder alone and the server alone: P="write size rate start"
	@bench/job $(P)

bench-peers: build ## ours and other engines, side by side: PEERS= ROUNDS= TEXTS= THREADS=
	@VECTORIZE=$(abspath $(BUILD))/src/vectorize bench/peers/run

# --- before a commit ----------------------------------------------------------------------------

.PHONY: format format-check lint docs check
format: ## lays out every C file by .clang-format
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

format-check: ## says which files "make format" would change
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format --dry-run -Werror

lint: build ## layers, size, banned calls, docs, shellcheck, codespell, cppcheck
	@tools/lint $(BUILD)

docs: build ## the manual pages; read one with: man build/docs/vectorize.1
	@ls $(BUILD)/docs/*.[17]

check: ## all that CI runs: test, lint, format-check, clang, sanitizers
	@.ci/run
