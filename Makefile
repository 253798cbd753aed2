# `make report` does the main job, `make test` checks everything; both install what is missing first.
.DEFAULT_GOAL := help
.PHONY: help report test test-gpu-all test-browser captures soak setup lint spec docs golden fuzz mutants cross bench footprint doc deny peers peers-history wheel test-python

CARGO ?= cargo
# Mesa's software Vulkan driver complains on standard error without it.
export XDG_RUNTIME_DIR ?= $(CURDIR)/target
FULL := --locked --features full

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

setup: ## installs m4, make, python3, node, a C and C++ compiler and a software Vulkan driver, if missing
	@bash .ci/setup

report: setup ## the main job: certified plans of real models, orders and errors on one page, target/report/index.html
	@echo "report: builds dpm-spec with everything (minutes the first time: GMP and MPFR are compiled from C),"
	@echo "report: certifies the plans of 17 configurations of real models, verifies every digit by a second route,"
	@echo "report: proves the order of every solver, measures errors against steps, asks every backend whether it conforms, and writes one page."
	$(CARGO) build $(FULL) --bin dpm-spec
	@target/debug/dpm-spec report -o target/report --testees testees/testees.json

test: setup lint ## formatting, lints, all tests with all features, documentation, the default build and its tests
	DPM_SPEC_REQUIRE_GPU=1 $(CARGO) test $(FULL)
	$(CARGO) run $(FULL) --profile test --example run_on_gpu
	python3 tests/cross/orders.py --binary $${CARGO_TARGET_DIR:-target}/debug/dpm-spec
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc $(FULL) --no-deps --lib
	$(CARGO) test --locked
	$(CARGO) test --locked --features cli --test cli --test converge --test testees --test protocol
	$(CARGO) test --locked --manifest-path tests/downstream/Cargo.toml --target-dir $${CARGO_TARGET_DIR:-target}/downstream
	@bash .ci/footprint

captures: ## the pictures of a conformance page in docs/captures, taken with headless Chromium
	@bash .ci/setup all-adapters
	$(CARGO) build --locked --features cli --profile test --example conformance_page
	python3 tests/captures/capture.py --page $${CARGO_TARGET_DIR:-target}/debug/examples/conformance_page --out docs/captures

soak: setup ## the property tests a hundred times as long, and every case of the suite on the GPU
	DPM_SPEC_SOAK=1 PROPTEST_CASES=25600 DPM_SPEC_REQUIRE_GPU=1 $(CARGO) test $(FULL) --test bounds --test gpu_properties \
		--test gpu_threshold --test cpu_quantile --test cpu_stepper --test cpu_models
	$(CARGO) run $(FULL) --profile test --bin dpm-spec -- check --builtin gpu-f32
	$(CARGO) run $(FULL) --profile test --bin dpm-spec -- check --builtin gpu-f16

test-gpu-all: ## the GPU tests on lavapipe, OpenGL and SwiftShader, one after the other; installs what is missing
	@bash .ci/setup all-adapters
	@CARGO="$(CARGO)" bash .ci/gpu-all $(FULL)

test-browser: ## the kernels in headless Chromium through WebGPU, compared with the reference bit for bit
	@bash .ci/setup all-adapters
	$(CARGO) build $(FULL) --profile test --example browser_cases
	DPM_SPEC_REQUIRE_GPU=1 python3 tests/browser/run.py --cases $${CARGO_TARGET_DIR:-target}/debug/examples/browser_cases

lint:
	$(CARGO) fmt --check
	$(CARGO) fmt --check --manifest-path tests/downstream/Cargo.toml
	$(CARGO) fmt --check --manifest-path fuzz/Cargo.toml
	$(CARGO) fmt --check --manifest-path tests/testees/peers/candle/Cargo.toml
	$(CARGO) clippy $(FULL) --all-targets -- -D warnings
	$(CARGO) clippy --locked --all-targets -- -D warnings

spec: ## writes the generated blocks of the pages in spec/ anew
	DPM_SPEC_BLESS=1 $(CARGO) test --locked --test spec_pages

docs: setup ## runs every command of the generated pages in docs/ anew, and draws their figures
	DPM_SPEC_BLESS=1 $(CARGO) test $(FULL) --test convergence_page --test images_page --test order --test precision

golden: setup ## writes the published set anew and says whether anything changed
	$(CARGO) run $(FULL) --bin dpm-spec -- golden --out spec/golden
	git status --short spec/golden

fuzz: ## the readers of foreign bytes under libFuzzer, a minute each (needs cargo-fuzz and a C++ compiler)
	set -e; for target in $$(sed -n 's/^name = "\([a-z]*\)"$$/\1/p' fuzz/Cargo.toml); do \
		mkdir -p target/fuzzed/$$target; \
		$(CARGO) fuzz run --sanitizer none --target-dir target/fuzz $$target target/fuzzed/$$target tests/fuzzed/corpus/$$target -- -max_total_time=60; \
	done

mutants: setup ## breaks solvers, schedules, plans and checks on purpose, a place at a time (needs cargo-mutants; hours)
	python3 -m venv $${CARGO_TARGET_DIR:-target}/mutants/venv
	$${CARGO_TARGET_DIR:-target}/mutants/venv/bin/pip install --quiet -r tests/mutants/requirements.txt
	$${CARGO_TARGET_DIR:-target}/mutants/venv/bin/python tests/mutants/run.py --page docs/mutants.md

cross: setup ## compares with python-flint (Arb) and with diffusers' own classes; makes its own virtual environment
	bash tests/cross/run

peers: setup ## asks real libraries what they compute and writes docs/scoreboard.md; downloads PyTorch (about 3.2 GB)
	python3 tests/testees/peers/run.py

peers-history: ## asks old releases of diffusers and writes docs/scoreboard-history.md; needs what `make peers` makes, and 20 minutes
	python3 tests/testees/peers/history.py

bench: setup ## speeds, as ratios measured in one run
	$(CARGO) bench $(FULL)

footprint: ## crates and cold build time of the default features
	@bash .ci/footprint --time

doc: ## the API documentation, with formulas
	RUSTDOCFLAGS="--html-in-header docs/katex-header.html" $(CARGO) doc $(FULL) --no-deps --lib

deny: ## licences, advisories and sources of the dependencies (needs cargo-deny)
	$(CARGO) deny check

wheel: ## the Python package with the command in it, into target/wheels
	@bash python/build

test-python: wheel ## installs that wheel into a clean virtual environment and asks samplers by `pytest --sampler`
	@bash tests/python/run
