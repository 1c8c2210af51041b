# What people do with this project: make run, make test, make demo. `make` alone lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BUILD_PACKAGES := libsqlite3-dev libcurl4-openssl-dev zlib1g-dev
TEST_PACKAGES := python3-venv
# What needs one of these is left out, and says so, where it can't be had.
DEMO_PACKAGES := prometheus prometheus-alertmanager curl
WANTED_PACKAGES := $(DEMO_PACKAGES) victoria-metrics chromium valgrind

SWIFT := swift
RELEASE := -c release --static-swift-stdlib
PYTHON := $(CURDIR)/.venv/bin/python
RELEASE_DIRECTORY = .build/release
FLAGS ?=
FUZZ_SECONDS ?= 60

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

.PHONY: toolchain
toolchain:
	@command -v $(SWIFT) >/dev/null || { \
	  echo 'Swift 6.3 is needed: https://www.swift.org/install/linux/' >&2; exit 1; }
	@scripts/need-packages $(BUILD_PACKAGES)

.PHONY: build
build: toolchain ## build a release binary: .build/release/llm-exporter
	$(SWIFT) build $(RELEASE) --product llm-exporter

.PHONY: run
run: build ## start the daemon on its defaults (FLAGS="…" adds flags)
	exec $(RELEASE_DIRECTORY)/llm-exporter $(FLAGS)

.venv/ready: Tests/requirements.txt
	scripts/need-packages $(TEST_PACKAGES)
	python3 -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r Tests/requirements.txt
	# Of litellm only the price calculator is used: its newer pins of other packages do not matter to it.
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps litellm==1.109.1
	touch $@

.PHONY: test-tools
test-tools: toolchain .venv/ready
	@scripts/need-packages --wanted $(WANTED_PACKAGES)

.PHONY: build-tests
build-tests: test-tools
	$(SWIFT) build --build-tests

.PHONY: test
test: test-unit test-python test-performance test-fuzz ## run every test but those under sanitizers

.PHONY: test-unit
test-unit: build-tests ## run the Swift tests only
	PYTHON=$(PYTHON) $(SWIFT) test --skip-build

.PHONY: test-python
test-python: build-tests ## run the tests of the real binary, the prices' oracle and the rules only
	$(PYTHON) -m pytest -q $(wildcard Tests/EndToEnd Tests/ExpositionTests/Python Tests/Oracle Tests/Rules Tests/Grafana)

.PHONY: test-fuzz
test-fuzz: toolchain ## feed the decoder mutated events for a bounded time (FUZZ_SECONDS)
	Tests/Fuzz/run.sh $(FUZZ_SECONDS)

.PHONY: test-performance
test-performance: test-tools ## count what one event takes: instructions, allocations, reference counts
	LLM_EXPORTER_CORE=1 $(SWIFT) build -c release --scratch-path .build-core --product event-path
	$(PYTHON) -m pytest -q -s Tests/Performance

.PHONY: test-sanitizers
test-sanitizers: toolchain ## run the tests of the event's path under the thread and the address sanitizer
	EVENTS_PROPERTY_RUNS=20000 LLM_EXPORTER_CORE=1 $(SWIFT) test --sanitize=thread --scratch-path .build-thread
	EVENTS_PROPERTY_RUNS=20000 LLM_EXPORTER_CORE=1 $(SWIFT) test --sanitize=address --scratch-path .build-address

.PHONY: demo
demo: build ## daemon and believable traffic, with Prometheus, Alertmanager and Grafana where they are installed
	$(SWIFT) build $(RELEASE) --product llm-loadgen
	@scripts/need-packages --wanted $(DEMO_PACKAGES)
	@scripts/demo

.PHONY: bench
bench: build ## measure speed and size, side by side with their baselines
	$(SWIFT) build $(RELEASE) --product llm-loadgen
	$(SWIFT) build $(RELEASE) --product static-file
	python3 Tests/Benchmarks/bench.py --static-server $(CURDIR)/$(RELEASE_DIRECTORY)/static-file $(FLAGS)

.PHONY: format
format: ## format the sources
	$(SWIFT) format format --in-place --recursive --parallel Package.swift Sources Tests

.PHONY: format-check
format-check: ## say what is not formatted
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

.PHONY: clean
clean: ## remove what was built, not what was counted
	rm -rf .build .venv
