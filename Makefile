# Needs GNU make, git and Python 3.11 or newer; everything else goes into .venv.
#
#   make demo    the environment, then the main job: simulate, rebalance, benchmark, report
#   make test    the environment, then every check
#
# Another Python: make PYTHON=python3.13 demo. A table of your own in the demo:
# make demo CREDITCARD=creditcard.csv (its columns are Class, Time and Amount).

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

DEMO := demo
SEED ?= 7
SCENARIO ?= cards
WORKERS ?= 2
CREDITCARD ?=

.PHONY: help
help: ## show this help
	@echo 'make TARGET, where TARGET is one of'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1 \2/p' $(MAKEFILE_LIST) | \
	  while read -r target what; do printf '  %-16s %s\n' "$$target" "$$what"; done

# ---- the environment ----------------------------------------------------------------------------

.PHONY: environment
environment: $(READY) ## make .venv with the pinned versions

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "fraudsim needs Python 3.11 or newer; '$(PYTHON) --version' says: $$($(PYTHON) --version 2>&1 | tail -n 1)" >&2; \
	  echo "Name another one: make PYTHON=python3.11 $(firstword $(MAKECMDGOALS))" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
	@echo 'making $(VENV) with the versions in constraints.txt; this takes a minute or two'
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

.PHONY: constraints
constraints: ## renew the pinned versions in constraints.txt
	@rm -rf build && mkdir build
	$(PYTHON) -m venv build/constraints
	build/constraints/bin/python -m pip install -qq --disable-pip-version-check '.[test,dev,benchmark,neural]'
	@{ echo '# The versions that make and CI install. Written by `make constraints`.'; \
	   build/constraints/bin/python -m pip freeze --all --exclude pip --exclude fraudsim | sed 's/+.*//; s/^xgboost-cpu\(.*\)/&\nxgboost\1/'; \
	 } > build/constraints.txt
	@mv build/constraints.txt constraints.txt
	@rm -rf build
	@echo "wrote constraints.txt: $$(grep -c == constraints.txt) packages"

# ---- the main job -------------------------------------------------------------------------------

.PHONY: demo
demo: $(READY) ## simulate a card world, rebalance, benchmark and report it, into demo/
	@mkdir -p $(DEMO)
	$(BIN)/fraudsim simulate $(SCENARIO) --seed $(SEED) --workers $(WORKERS) -o $(DEMO)/$(SCENARIO) --overwrite
	$(BIN)/fraudsim rebalance $(DEMO)/$(SCENARIO) -o $(DEMO)/balanced.parquet --overwrite
	$(BIN)/fraudsim benchmark $(DEMO)/$(SCENARIO) -o $(DEMO)/benchmark.json
	$(BIN)/fraudsim report $(DEMO)/$(SCENARIO) --benchmark $(DEMO)/benchmark.json -o $(DEMO)/report.html
	@if [ -n '$(CREDITCARD)' ]; then $(MAKE) --no-print-directory demo-own-table; fi
	@echo
	@echo 'The dataset          $(DEMO)/$(SCENARIO)/         (tables: docs/data-dictionary.md)'
	@echo 'The training set     $(DEMO)/balanced.parquet'
	@echo 'The benchmark        $(DEMO)/benchmark.json'
	@echo 'The report           $(DEMO)/report.html    (open it in a browser)'
	@if [ -n '$(CREDITCARD)' ]; then echo 'Your own table       $(DEMO)/own-balanced.parquet, $(DEMO)/own-benchmark.json'; fi

.PHONY: demo-own-table
demo-own-table: $(READY) ## the same commands on CREDITCARD=table.csv or .parquet
	@test -f '$(CREDITCARD)' || { echo "CREDITCARD='$(CREDITCARD)': no such file" >&2; exit 2; }
	@mkdir -p $(DEMO)
	$(BIN)/fraudsim rebalance '$(CREDITCARD)' --label Class --time Time --amount Amount -o $(DEMO)/own-balanced.parquet --overwrite
	$(BIN)/fraudsim benchmark '$(CREDITCARD)' --label Class --time Time --amount Amount -o $(DEMO)/own-benchmark.json

# ---- checks -------------------------------------------------------------------------------------

.PHONY: test
test: $(READY) neural chromium postgresql lint ## every check: ruff, mypy, pytest
	$(BIN)/python -m pytest -m 'not slow' --numprocesses=$(WORKERS) --dist=loadfile

.PHONY: test-slow
test-slow: $(READY) neural chromium postgresql ## the tests that take minutes
	$(BIN)/python -m pytest -m slow --numprocesses=$(WORKERS) --dist=loadfile

.PHONY: lint
lint: $(READY) ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Four rebalancers need PyTorch, which is large: CI has it, and `make neural CI=1` fetches it.
.PHONY: neural
neural: $(READY)
	@if [ -n "$${CI:-}" ]; then \
	   $(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[test,neural]'; \
	 elif ! $(BIN)/python -c 'import torch' 2>/dev/null; then \
	   echo 'make: no PyTorch: the tests of neural rebalancers are skipped' >&2; fi

# The report is opened in headless Chromium. Where it cannot be installed (no root, no apt), its
# tests say so and are skipped, except in CI.
.PHONY: chromium
chromium:
	@if [ -n "$${CI:-}" ]; then .ci/install-chromium; \
	 else .ci/install-chromium || echo 'make: no Chromium: the tests that open the report are skipped' >&2; fi

# Exports are loaded into a PostgreSQL server that the tests start; the same holds for it.
.PHONY: postgresql
postgresql:
	@if [ -n "$${CI:-}" ]; then .ci/install-postgresql; \
	 else .ci/install-postgresql || echo 'make: no PostgreSQL: the tests that load into it are skipped' >&2; fi

# A quarter of an hour of a machine that does nothing else: the cost model's coefficients, the scaling table, the
# speed of stages and of whole runs. Rewrites fraudsim/cost/coefficients.yaml, docs/scaling.md and
# benchmarks/README.md.
.PHONY: bench
bench: $(READY) ## measure speed and memory, and renew the pages that show them
	$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[test,benchmark]'
	@mkdir -p build
	$(BIN)/python benchmarks/speed/calibrate.py
	$(BIN)/python benchmarks/speed/scaling.py
	OMP_NUM_THREADS=1 POLARS_MAX_THREADS=1 $(BIN)/python -m pytest benchmarks/speed -q --timeout=0 --benchmark-json=build/speed.json
	$(BIN)/python benchmarks/speed/table.py build/speed.json

.PHONY: hooks
hooks: $(READY) ## run ruff and mypy before every commit
	$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[test,dev]'
	$(BIN)/pre-commit install

.PHONY: docs
docs: $(READY) ## renew the generated pages in docs/
	$(BIN)/fraudsim schema --tables > docs/data-dictionary.md.new
	@mv docs/data-dictionary.md.new docs/data-dictionary.md
	$(BIN)/fraudsim rebalance methods --markdown > docs/rebalancers.md.new
	@mv docs/rebalancers.md.new docs/rebalancers.md
	$(BIN)/python -c 'from pathlib import Path; from fraudsim.detectors.kit.catalogue import renew; renew(Path("docs/detectors.md"))'
	$(BIN)/python -m fraudsim.features.catalogue > docs/features.md.new
	@mv docs/features.md.new docs/features.md

.PHONY: clean
clean: ## remove the environment, the demo and what tools left
	rm -rf $(VENV) $(DEMO) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
