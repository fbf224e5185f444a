# Thin wrappers; each target works on a machine that has Python 3.11 and make, and nothing else.
.DEFAULT_GOAL := help
.PHONY: help demo run test check bench kills proofs
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
MANAGE := $(PY) manage.py
PORT ?= 8000
# made once, and again when the requirements change
BASE := $(VENV)/.base-installed
DEV := $(VENV)/.dev-installed

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(BASE) ## sample files of all legacy systems to PostgreSQL, and the balance sheet
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) make_samples
	@# 3: finished, and some rows are in quarantine: the samples have faults planted in them
	@$(MANAGE) import_sqlite || [ $$? -eq 3 ]
	@echo
	@echo "To look at it:  make run"
	@echo "and open, once and within ten minutes (make run prints a new link each time):"
	@DJANGO_DEBUG=on $(MANAGE) login_link --address 127.0.0.1:$(PORT)
	@echo "With an account of your own:  $(MANAGE) createsuperuser"

run: $(BASE) ## serve the admin on this machine (PORT=8000)
	@$(MANAGE) migrate --verbosity 0
	@echo "Open, once and within ten minutes:"
	@DJANGO_DEBUG=on $(MANAGE) login_link --address 127.0.0.1:$(PORT)
	@DJANGO_DEBUG=on $(MANAGE) runserver 127.0.0.1:$(PORT)

test: $(DEV) ## all tests, on all cores (ARGS="-k word" for some)
	@$(PY) -m pytest -n auto $(ARGS)

check: $(DEV) ## format, lint, types, import contracts, system checks, migrations
	@$(PY) -m ruff format --check --quiet .
	@$(PY) -m ruff check --quiet .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports
	@$(MANAGE) check --fail-level WARNING
	@$(MANAGE) makemigrations --check --dry-run

bench: $(DEV) ## measure the import beside its peers
	@$(PY) -m tests.bench $(ARGS)

kills: $(DEV) ## disturb the import at thousands of moments, for an hour or so
	@$(PY) -m tests.kill $(ARGS)

proofs: $(DEV) ## show by the thousand what an import promises (ARGS="--only KIND" for some)
	@$(PY) -m tests.proofs $(ARGS)

$(BASE): requirements/base.txt
	@$(if $(PYTHON),,$(error Python 3.11 or newer is needed: install it, or say where it is with PYTHON=...))
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "Installing requirements/base.txt into $(VENV) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements/base.txt
	@touch $@

$(DEV): requirements/dev.txt $(BASE)
	@echo "Installing requirements/dev.txt into $(VENV) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@touch $@
