# Two commands matter: `make demo` and `make test`. The rest are their parts.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
SERVE ?= 1
DEMO ?=
TESTS ?=
WORKERS ?= auto
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
BUILD_DIR := build
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-strip-extras --custom-compile-command "make lock" pyproject.toml

ifeq ($(SERVE),0)
DEMO_OPTIONS := --no-serve --out $(BUILD_DIR)/demo $(DEMO)
else
DEMO_OPTIONS := --out $(BUILD_DIR)/demo $(DEMO)
endif

.PHONY: help demo test lint types imports docs browser bench lock upgrade vendor clean needs-test

help: ## show these lines
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.web ## the demo city: standings, then the site (SERVE=0 stops before it; DEMO="options")
	$(BIN)/dualcarbon demo $(DEMO_OPTIONS)

test: needs-test lint types imports ## everything: lint, types, arrows, then all tests (TESTS="-k word")
	$(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report=term $(TESTS)

lint: $(VENV)/.dev ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## mypy: strict on the library, Django's own types on the site
	$(BIN)/mypy
	$(BIN)/mypy --config-file mypy-web.ini

imports: $(VENV)/.dev ## import-linter: the arrows between the rooms
	$(BIN)/lint-imports

docs: $(VENV)/.dev ## the tests that hold the documentation true
	$(BIN)/python -m pytest tests/house -k "docs or messages or convention" $(TESTS)

browser: needs-test $(VENV)/.dev ## the pages in Chromium; pictures in build/screenshots
	$(BIN)/python -m pytest -m browser $(TESTS)

bench: needs-test $(VENV)/.dev ## measure; writes docs/benchmarks.md
	$(BIN)/python bench/first_run.py --write docs/benchmarks.md
	$(BIN)/python -m bench.accounting --write docs/benchmarks.md

lock: $(VENV)/.dev ## write requirements/*.lock again, keeping versions that still fit
	$(UV_COMPILE) --extra web --extra postgres --extra spark --group dev \
		-o requirements/dev.lock $(UPGRADE)
	$(UV_COMPILE) --extra web --group build -c requirements/dev.lock -o requirements/web.lock $(UPGRADE)
	$(UV_COMPILE) -c requirements/dev.lock -o requirements/library.lock $(UPGRADE)

upgrade: ## the same with the newest versions that fit
	$(MAKE) lock UPGRADE=--upgrade

vendor: ## build static/vendor again (needs node and npm)
	cd frontend && npm ci && node build.mjs

clean: ## remove what the targets above made, .venv included
	rm -rf $(VENV) $(BUILD_DIR) dist .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache
	rm -rf .hypothesis .import_linter_cache frontend/node_modules
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

needs-test: $(VENV)/.dev
	@sh scripts/needs test

$(VENV)/.made:
	@sh scripts/needs python "$(PYTHON)"
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.web: $(VENV)/.made requirements/web.lock pyproject.toml
	$(PIP) install --quiet --no-deps --require-hashes -r requirements/web.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.made requirements/dev.lock pyproject.toml
	$(PIP) install --quiet --no-deps --require-hashes -r requirements/dev.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.web
