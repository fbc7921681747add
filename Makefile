# Every target sets up what it needs. With Python 3.11 and nothing else: `make demo`, `make test`.
PYTHON ?= $(shell python3.11 -c 'print("python3.11")' 2>/dev/null || echo python3)
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
PORT   ?= 8000
MINUTES ?= 10

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo serve test check lint fmt fmt-check types imports fuzz bench bench-full openapi requirements revision clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ── For everybody ────────────────────────────────────────────────────────────────────────────────────────────────────
demo: $(VENV)/runtime.stamp ## Run the whole job on a demonstration university; the results lie in var/demo
	$(BIN)/ler-issuer demo --out var/demo

serve: $(VENV)/runtime.stamp ## Serve on http://127.0.0.1:8000 (docs under /docs); PORT=8001 chooses
	$(BIN)/ler-issuer serve --host 127.0.0.1 --port $(PORT)

test: $(VENV)/test.stamp ## Run the tests, two at a time; ARGS="-k words" chooses
	$(BIN)/python -m pytest -n 2 $(ARGS)

# ── For whoever changes something ────────────────────────────────────────────────────────────────────────────────────
check: fmt-check lint types imports test ## Everything that CI asks for

lint: $(VENV)/test.stamp ## Look for mistakes and bad style
	$(BIN)/ruff check .

fmt: $(VENV)/test.stamp ## Lay the code out, and repair what can be repaired safely
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only .

fmt-check: $(VENV)/test.stamp ## See whether the code is laid out
	$(BIN)/ruff format --check .

types: $(VENV)/test.stamp ## Check the types, strictly
	$(BIN)/mypy

imports: $(VENV)/test.stamp ## Check who imports whom
	$(BIN)/lint-imports --no-cache

fuzz: $(VENV)/test.stamp ## Fuzz what meets untrusted input: make fuzz MINUTES=10; ARGS="picture token" chooses
	PYTHONPATH=tests nice -n 19 $(BIN)/python -m fuzzing --minutes $(MINUTES) $(ARGS)

BENCH = PYTHONPATH=.:tests $(BIN)/python -m benchmarks

bench: $(VENV)/test.stamp ## Measure ourselves beside others, into docs/performance.md; BENCH_QUICK=1 takes three minutes
	$(BENCH) $(if $(BENCH_QUICK),--quick)

bench-full: $(VENV)/test.stamp ## Also with a million credentials in the database; takes an hour, and 30 GB in var/bench
	$(BENCH) --full

openapi: $(VENV)/runtime.stamp ## Write openapi.yaml anew
	$(BIN)/ler-issuer openapi > openapi.yaml.new
	mv openapi.yaml.new openapi.yaml

revision: $(VENV)/runtime.stamp ## Begin a migration: make revision ID=20261201_01 M="expand shares"
	$(BIN)/alembic revision --rev-id "$(ID)" -m "$(M)"

PIP_COMPILE = var/tools/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links $(ARGS)

requirements: ## Lock the versions anew (ARGS=--upgrade for newer ones); slow, and needs the network
	$(PYTHON) -m venv var/tools
	var/tools/bin/pip install --quiet "pip-tools>=7.6"
	CUSTOM_COMPILE_COMMAND="make requirements" $(PIP_COMPILE) \
		--extra build --output-file requirements.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make requirements" $(PIP_COMPILE) --constraint requirements.txt \
		--extra build --extra test --output-file requirements-test.txt pyproject.toml

clean: ## Remove what was made here (the virtual environment and caches; not var/, which holds data)
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache openapi.yaml.new
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ── Set-up ───────────────────────────────────────────────────────────────────────────────────────────────────────────
# Hashed requirements first, then the project itself without dependencies: nothing unhashed is ever installed.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime.stamp: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing what ler-issuer needs into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test.stamp: requirements-test.txt $(VENV)/runtime.stamp
	@echo "Installing what the tests need into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-test.txt
	@touch $@
