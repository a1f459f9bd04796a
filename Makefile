# The everyday commands; `make` alone lists them.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help install up test slow screenshots lint types lock bench clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# pip rewrites the command it installs, so its date says whether the lock or the project is newer.
$(BIN)/concordat: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -c requirements.lock -e '.[test]'
	touch $@

install: $(BIN)/concordat ## Make .venv with what the lock names

up: install ## Start Concordat on this machine; Ctrl-C stops it
	$(BIN)/concordat up

test: install ## Run the quick tests
	$(BIN)/pytest

slow: install ## Run the tests with real servers and kills
	$(BIN)/pytest -m slow

screenshots: install ## Draw every page, error and mail in a real browser, at 320 and 1280 pixels
	CONCORDAT_SCREENSHOTS=1 $(BIN)/pytest -m browser tests/browser/test_every_page.py

lint: install ## Check style, format and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: install ## Check types
	$(BIN)/mypy

lock: install ## Write requirements.lock anew, one file for every Python we support
	$(BIN)/pip install --quiet uv
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--extra test --annotation-style line --no-emit-index-url --no-emit-find-links \
		--output-file requirements.lock pyproject.toml

bench: install ## Measure, beside the peers
	$(BIN)/python -m bench

clean: ## Remove what tools leave behind; data stays
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
