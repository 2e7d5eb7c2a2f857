# Everything that is done with this checkout. `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help run test check check-catalogues bench faults clean

HOST ?= 127.0.0.1
PORT ?= 5000
# More for pytest: make test ARGS="-k refund"
ARGS ?=
# How many tests run at once.
JOBS ?= auto

BIN := .venv/bin
INSTANCE := $(or $(ASHAR_INSTANCE_PATH),instance)
LOG := $(INSTANCE)/ashar.log

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.ready-postgres ## the site with sample data and a Stripe sandbox, on http://127.0.0.1:5000
	@tools/run "$(HOST)" "$(PORT)" "$(INSTANCE)"

test: .venv/.ready-test ## the whole test suite
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

check: .venv/.ready-test ## style, types, templates, catalogues
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python tools/check_templates.py
	@$(MAKE) --no-print-directory check-catalogues

check-catalogues: .venv/.ready-test
	@$(BIN)/python tools/catalogues.py check

bench: .venv/.ready-bench ## how fast it is
	@$(BIN)/python -m bench

faults: .venv/.ready-test ## the long property and fault loops
	@ASHAR_FAULTS=full ASHAR_HYPOTHESIS=full $(BIN)/python -m pytest -m faults -n $(JOBS) --dist worksteal $(ARGS)

clean: ## remove .venv, caches and what was built; the data in instance/ stay
	@rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What is installed for each of them; newer settings install again.
.venv/.ready-%: setup.cfg pyproject.toml
	@tools/setup $*
	@touch $@
