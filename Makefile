# `make help` lists what there is. Needs Python 3.11 or newer and make; everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
RUN_READY := .venv/ready-run
DEV_READY := .venv/ready-dev
# Most tests wait for processes that they have started: three at a time on two cores.
PYTEST := $(BIN)/pytest -q -n 3 --dist loadfile
SEED = $(shell $(PYTHON) -c 'import random; print(random.randrange(10**9))')

.DEFAULT_GOAL := help
.PHONY: help demo run test check format lint types imports unit arabic contract integration webhooks fuzz fuzz-api faults soak torch-tests clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUN_READY) ## start everything, send both sample articles, show what comes back, stop everything
	@$(BIN)/python -m deploy.local demo

run: $(RUN_READY) ## keep the service up in the foreground; Ctrl-C stops all of it
	@$(BIN)/python -m deploy.local run

test: $(DEV_READY) ## every test but those of training and the longest faults
	@$(PYTEST)

check: format lint types imports ## what a change must pass, and the tests do not see

format: $(DEV_READY) ## is the code formatted (mend with .venv/bin/ruff format)
	@$(BIN)/ruff format --check --quiet . || ($(BIN)/ruff format --diff --quiet .; exit 1)

lint: $(DEV_READY) ## ruff
	@$(BIN)/ruff check --quiet .

types: $(DEV_READY) ## mypy --strict
	@$(BIN)/mypy

imports: $(DEV_READY) ## who may import whom
	@$(BIN)/lint-imports --no-cache

fuzz: MINUTES ?= 3
fuzz: $(DEV_READY) ## hostile texts, files and requests for MINUTES=3, from SEED=…; the log of the tests names it
	@$(BIN)/pytest tests/fuzz --timeout=0 --fuzz-minutes=$(MINUTES) --fuzz-seed=$(SEED)

fuzz-api: $(DEV_READY) ## thousands of requests made up by Schemathesis, against a stack of their own
	@$(BIN)/python -m tests.fuzz

faults: $(DEV_READY) ## each fault by itself, then five minutes of storm: nothing that was accepted is lost
	@$(PYTEST) -m 'long or not long' tests/faults
	@$(BIN)/python -m tests.faults.storm

soak: MINUTES ?= 10
soak: RATE ?= 10
soak: $(DEV_READY) ## RATE jobs a second for MINUTES, measured and drawn; fails on growth over 5 %
	@$(BIN)/python -m benchmarks.soak --minutes $(MINUTES) --rate $(RATE)

torch-tests: $(DEV_READY) ## what converting and training need besides; installs torch
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-convert.txt -r requirements-train.txt
	@$(PYTEST) tests/unit/engines tests/unit/hub tests/unit/training tests/integration/pull

unit arabic contract integration webhooks: $(DEV_READY) ## one layer of the tests
	@$(PYTEST) tests/$@

clean: ## remove the environment and the caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Khulasa needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

$(RUN_READY): requirements.txt pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(DEV_READY): requirements-dev.txt $(RUN_READY)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
