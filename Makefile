# One command shows the product (`make demo`), one proves it (`make test`). Each makes what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check focus spark bench soak lock counterparts-lock clean
.DEFAULT_GOAL := help

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-deps --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(VENV)/ready ## Show the whole product on a fictional company (ARGS=--once: do all the work and exit)
	@$(BIN)/costs demo $(ARGS)

test: $(VENV)/ready ## Run the tests (ARGS=tests/bot for a part)
	@$(BIN)/python -m tests.counterparts.bring
	$(BIN)/python -m tests.halves $(ARGS)

check: $(VENV)/ready ## Run every check: style, types, layers, schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pip check
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && COSTS_HOME=$$home $(BIN)/alembic upgrade head && COSTS_HOME=$$home $(BIN)/alembic check

focus: $(VENV)/ready ## Check the FOCUS export with the official validator (needs Python 3.12)
	@$(BIN)/python tests/focus/gate.py $(ARGS)

spark: $(VENV)/ready ## Compare the ledger that Spark makes with ours (needs Java 17)
	@$(BIN)/python tests/spark/gate.py

bench: $(VENV)/ready ## Measure, and print each figure beside its goal (ARGS=--full: at the goals' sizes)
	$(BIN)/python -m bench $(ARGS)

counterparts-lock: ## Resolve anew what tests talk to (needs npm and uv)
	cd tests/counterparts && rm -f package-lock.json && npm install --package-lock-only --omit-lockfile-registry-resolved
	cd tests/counterparts && uv pip compile bigquery.in --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet --upgrade --output-file bigquery.lock

soak: $(VENV)/ready ## Run the tests that take long: 10,000 forged requests, 10,000 runs of 50 decisions
	COSTS_SOAK_REQUESTS=10000 $(BIN)/pytest tests/bot/test_forged.py --timeout 1200 $(ARGS)
	COSTS_SOAK_RUNS=10000 COSTS_SOAK_STEPS=50 $(BIN)/pytest -s tests/storage/test_decision_machine.py $(ARGS)

lock: $(VENV)/ready ## Resolve the dependencies anew (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet --upgrade --output-file requirements.lock

clean: ## Remove the environment and caches; the data in .costs stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache tests/counterparts/node_modules
