# Every command of the project. `make` alone lists them.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check install
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-header --no-annotate --no-emit-index-url --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test quick coverage bench bench-chat check format lock audit mutants sbom doctor clean

help: ## List the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.created:
	@sh deploy/make-venv.sh $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.created requirements.lock pyproject.toml
	@echo "Installing what TrackSensei needs; the first time takes about two minutes."
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@echo "Compiling the meters; about a minute, once."
	@$(BIN)/python -c "import app.audio.warm"
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.installed ## Make .venv and install what the product needs, by hash

setup-dev: $(VENV)/.installed-dev ## The same, with what its tests need

run: setup ## Start everything on this machine and print the address
	@exec $(BIN)/tracksensei up

test: setup-dev ## The whole suite: SQLite, then PostgreSQL, real Redis, real browser
	@exec sh tests/run.sh

quick: setup-dev ## Only the tests that need no database, server or browser
	@$(BIN)/python -m pytest -q tests/unit

coverage: setup-dev ## The suite on SQLite with branch coverage
	@$(BIN)/python -m pytest -q --cov --cov-report=term

bench: setup-dev ## Compare the engine with other tools, time Live sets; YARDSTICKS=a Python that has librosa, pyloudnorm, madmom, essentia
	@$(BIN)/python -m tests.bench $(if $(YARDSTICKS),--yardsticks $(YARDSTICKS)) $(FILES)
	@$(BIN)/python -m tests.bench.live_sets

bench-chat: setup-dev ## How late the first words of an answer are, and what 500 streams hold
	@$(BIN)/python -m tests.bench.chat

check: setup-dev ## Lint, types, import contracts, templates, security, licences
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint --check --lint --quiet templates
	@$(BIN)/bandit --quiet --recursive --configfile pyproject.toml app
	@$(BIN)/python -m tests.licences

format: setup-dev ## Sort imports and format Python
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

lock: setup-dev ## Resolve the dependencies of pyproject.toml anew
	@$(LOCK) --upgrade pyproject.toml --output-file requirements.lock
	@$(LOCK) --upgrade pyproject.toml --extra dev --constraint requirements.lock --output-file requirements-dev.lock

audit: check ## What of a security review can be run: see docs/security-review.md
	@$(BIN)/python -m pytest -q tests/web tests/integration/accounts tests/integration/test_headers.py tests/integration/test_owners.py tests/integration/test_sessions.py tests/unit/ops/test_asvs.py tests/unit/ops/test_repository.py

mutants: setup-dev ## Mutate what lets people in, counts attempts and refuses foreign pages; about an hour
	@$(BIN)/mutmut run
	@$(BIN)/python -m tests.mutants

sbom: setup-dev ## Write what is shipped, as a CycloneDX list, to var/sbom.json
	@mkdir -p var
	@$(BIN)/python -m tests.sbom var/sbom.json

doctor: setup ## Tell what is configured, missing and working
	@$(BIN)/tracksensei doctor

clean: ## Remove the environment and what running and testing made
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find app tests -name __pycache__ -prune -exec rm -rf {} +
