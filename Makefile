# Two commands on a fresh machine: `make demo` to look around, `make test` to check everything.
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
.DEFAULT_GOAL := help
.PHONY: help demo serve test quick mutants lint format bench screens usability lock clean

help:
	@echo "make demo     run the demo on http://localhost:8000/ (PORT=..., PKH_HOME=... for a second one)"
	@echo "make serve    serve a real installation (docs/operations.md)"
	@echo "make test     every check and test, on a throw-away PostgreSQL and in Chromium"
	@echo "make quick    the same without a browser"
	@echo "make mutants  change one line at a time and see whether a test notices (half an hour)"
	@echo "make lint     the quick checks only; make format mends what it can"
	@echo "make bench    measure against the goals"
	@echo "make screens  pictures of the pages; make usability counts the taps of the main jobs"
	@echo "make lock     pin the newest fitting packages"
	@echo "make clean    remove .venv and caches; the demo's data stays"

demo: export PKH_MODE := demo
demo: $(VENV)/installed
	@exec $(PY) manage.py demo --with-parent

serve: export PKH_MODE := real
serve: $(VENV)/installed
	@exec $(PY) manage.py serve

PYTEST := $(PY) -m pytest -n logical --dist worksteal --durations 10

test: lint
	$(PYTEST) --cov --cov-report term

quick: lint
	$(PYTEST) --ignore tests/e2e

mutants: $(VENV)/installed-dev
	$(PY) -m tests.mutants

lint: $(VENV)/installed-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	find templates -name '*.html' -exec $(VENV)/bin/djade --check {} +
	$(VENV)/bin/lint-imports
	$(PY) -m mypy

format: $(VENV)/installed-dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	find templates -name '*.html' -exec $(VENV)/bin/djade {} +

bench: $(VENV)/installed-dev
	$(PY) -m bench

screens: $(VENV)/installed-dev
	$(PY) -m tests.e2e.screens

usability: $(VENV)/installed-dev
	$(PY) -m tests.e2e.usability

# No host names in the lock files, and one lock for every Python and platform.
PIN := $(VENV)/bin/uv pip compile pyproject.toml --upgrade --universal --python-version 3.12 \
	--generate-hashes --no-emit-index-url --no-header --quiet
lock: $(VENV)/installed-dev
	$(PIN) --output-file requirements.lock
	$(PIN) --extra dev --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -prune -exec rm -rf {} +

# --- the virtual environment: made once, filled again when a lock file changes --------------------------------

INSTALL := $(PY) -m pip install -qq --disable-pip-version-check --require-hashes

$(VENV)/installed: requirements.lock | $(VENV)/bin/pip
	@echo "Installing packages ..."
	@$(INSTALL) -r requirements.lock
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	@echo "Installing packages for the tests ..."
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

$(VENV)/bin/pip:
	@python=$$(.ci/find-python) && echo "Making $(VENV) with $$python ..." && "$$python" -m venv $(VENV)
