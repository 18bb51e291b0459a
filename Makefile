# Every command of the project. `make` alone lists them.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
export PYTHONDONTWRITEBYTECODE ?=
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-header --no-annotate --no-emit-index-url --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test check format lock clean

help: ## List the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.created:
	@sh deploy/make-venv.sh $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.created requirements.lock pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.installed ## Make .venv and install what the product needs, by hash

setup-dev: $(VENV)/.installed-dev ## The same, with what its tests need

run: setup ## Start everything on this machine and print the address
	@exec $(BIN)/tracksensei up

test: setup-dev ## The whole suite: SQLite, then PostgreSQL, real Redis, real browser
	@sh tests/run.sh

check: setup-dev ## Lint, types, import contracts, templates, security, licences
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint --check --lint --quiet templates
	@$(BIN)/bandit --quiet --recursive --configfile pyproject.toml app
	@$(BIN)/python -m tests.licences

format: setup-dev ## Format Python and sort imports
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

lock: setup-dev ## Resolve the dependencies of pyproject.toml anew
	@$(LOCK) --upgrade pyproject.toml --output-file requirements.lock
	@$(LOCK) --upgrade pyproject.toml --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## Remove the environment and what running made
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
