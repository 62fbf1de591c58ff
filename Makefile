# Two commands matter: `make demo` and `make test`. Both set up what they need in .venv and the user's cache.
PYTHON ?= python3
BIN := .venv/bin
SOURCES := __main__.py components engine kafka_mirror lab policies samples tests bench

# What is compiled once is not compiled at each start: tests and deployments start hundreds of programs.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup parts demo test quick examples soak lint format bench clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kafka-mirror needs Python 3.11 or newer; set PYTHON=")'
	@echo "Installing Python packages into .venv (about a minute, once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[lab,dev]'
	@touch $@

setup: .venv/.installed ## Install the Python packages into .venv

parts: setup ## Fetch or build the lab's real parts into the user's cache
	@$(BIN)/kafka-mirror lab fetch

demo: setup ## Deploy dev and stg into a local lab, mirror, compare, move a group; then clean up
	@$(BIN)/kafka-mirror lab demo

test: setup lint parts quick ## Every check and every test, those on real Kafka included
	@KAFKA_MIRROR_REQUIRE_LAB=1 $(BIN)/python -m pytest -m '(lab or demo) and not soak'

quick: setup ## The tests that need no lab, two at a time
	@KAFKA_MIRROR_REQUIRE_LAB=1 $(BIN)/python -m pytest -m 'not lab and not demo and not soak' --numprocesses 2 --dist worksteal

examples: setup parts ## Deploy, use and remove every example in a local lab; writes docs/examples.md
	@KAFKA_MIRROR_REQUIRE_LAB=1 $(BIN)/python -m pytest tests/examples -m lab --figures docs/examples.md

soak: setup parts ## The long forms: every stage, every right, many changes under load; writes docs/soak.md
	@KAFKA_MIRROR_REQUIRE_LAB=1 HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -m soak --figures docs/soak.md

lint: setup ## ruff, mypy and the import rules
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: setup ## Let ruff write the code's layout
	@$(BIN)/ruff check --fix $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

bench: setup ## Measure, and print tables
	@for table in bench/*.py; do $(BIN)/python $$table || exit 1; done

clean: ## Remove what the targets made here; the user's cache, states and a lab stay
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage* build dist *.egg-info
	@find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +
