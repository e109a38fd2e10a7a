# `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROCESSES ?= 2
LOCKS := requirements/build.txt requirements/dev.txt

.PHONY: help run test check train property kill bench clean lock widget screenshots soak sbom

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.installed: $(LOCKS) pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: $(VENV)/.installed ## start the assistant on http://127.0.0.1:8000
	$(BIN)/bma train
	$(BIN)/bma run --make-token

train: $(VENV)/.installed ## train the model, when something changed
	$(BIN)/bma train

check: $(VENV)/.installed ## lint, types, architecture and unit tests (under 3 minutes)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -m "not slow" -n $(PROCESSES) --durations=5

test: check ## everything: `make check`, then the tests with models, servers and databases
	$(BIN)/python -m pytest -q -m slow -n $(PROCESSES) --dist loadfile --durations=10

property: $(VENV)/.installed ## 2,000 steps of random conversations (STEPS=…)
	BMA_PROPERTY_STEPS=$(or $(STEPS),2000) $(BIN)/python -m pytest -q tests/e2e/test_random_conversations.py

kill: $(VENV)/.installed ## kill servers at random moments on both databases (ROUNDS=…, 20)
	BMA_KILL_ROUNDS=$(or $(ROUNDS),20) $(BIN)/python -m pytest -q -s tests/e2e/test_kill.py

bench: $(VENV)/.installed ## benchmarks
	$(BIN)/python -m bench
	$(BIN)/python -m bench.conversation
	$(BIN)/python -m bench.load
	$(BIN)/python -m bench.console

soak: $(VENV)/.installed ## 200,000 turns on SQLite, memory watched (TURNS=…)
	$(BIN)/python -m bench.soak --turns $(or $(TURNS),200000)

sbom: $(VENV)/.installed ## bills of materials (CycloneDX) of the lock files, into build/ (the widget's needs npm)
	mkdir -p build
	for name in runtime teams dev; do \
	    $(BIN)/cyclonedx-py requirements requirements/$$name.txt --pyproject pyproject.toml --output-reproducible --of JSON \
	        -o build/sbom-$$name.json || exit 1; done
	npm sbom --prefix widget --package-lock-only --sbom-format cyclonedx > build/sbom-widget.json

widget: ## build the widget and copy the console's libraries again (needs Node), after a change of widget/
	npm ci --prefix widget --no-audit --no-fund
	npm run build --prefix widget

screenshots: $(VENV)/.installed ## take the pictures of docs/images/ again (needs Chromium)
	$(BIN)/python -m tests.e2e.browser.screenshots

lock: $(VENV)/.installed ## write the lock files again, after a change of pyproject.toml
	sh requirements/compile.sh

clean: ## remove what can be made again (not var/, which holds conversations)
	rm -rf $(VENV) models build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
