# Plain `make` lists the targets. Only python3 (3.11 or later) with its venv module, and make, are assumed.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

# Nobody is told that we ran: Prefect's own analytics and its client's telemetry stay off.
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: bench mutants help env demo serve test test-long check format docs pictures lock vendor

help: ## list the targets, a line each
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: .venv/installed ## create .venv with the locked versions, once

.venv/installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

demo: env ## play the Nam Định plan of 2025 from opening to expiry, on a driven clock
	$(BIN)/ocop demo

serve: env ## start the console, the Prefect server and the served flows on 127.0.0.1
	$(BIN)/ocop serve

test: env ## run all tests but the exhaustive ones, three at a time; those in a browser where Chromium is found
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not long" -rs

test-long: env ## run the exhaustive tests
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m long

mutants: env ## plant faults in the rules and the one writer, and name those that no test notices (some hours)
	$(BIN)/python -m tests.mutation
	$(BIN)/python -m tests.mutation --write

bench: env ## measure the record against the plain driver that writes the same rows, and print the table
	$(BIN)/python -m benchmarks

check: env ## format, lint, types, layers, declared dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

format: env ## write the format and the safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: env ## write the tables of docs/ and env.example from the code
	$(BIN)/python -m cli.papers

pictures: env ## take a picture of every page of the demo at both sizes, into docs/pictures (needs Chromium and a demo in data)
	$(BIN)/python -m tests.browser.pictures

lock: ## renew requirements.txt from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-strip-extras --no-emit-index-url --no-emit-find-links -o requirements.txt

vendor: env ## fetch the files of others that docs/vendored.md lists anew from their packages (needs npm)
	$(BIN)/python -m cli.papers.vendored
