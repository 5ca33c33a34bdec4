# Everything a person needs; `make help` lists it.
PORT   ?= 8501
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

# Two worker processes; tests/conftest.py says how they share the work.
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test check lint format bench bench-browser bench-users goldens system clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.runtime ## Start the dashboard on http://127.0.0.1:8501 (PORT=8502 for another port)
	$(BIN)/python -m streamlit run app.py --server.address=127.0.0.1 --server.port=$(PORT)

test: system $(VENV)/.dev lint ## Everything: lint, types and all tests, the browser ones included
	$(PYTEST) -n $(WORKERS)

check: $(VENV)/.dev lint ## The quick part, under 3 minutes: no browser, no slow tests
	$(PYTEST) -n $(WORKERS) -m "not browser and not slow"

lint: $(VENV)/.dev ## Style, format and types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## Rewrite the code in the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: system $(VENV)/.dev ## Time the model, the queue simulation and the workbook
	$(BIN)/python -m tests.bench.bench_model
	$(BIN)/python -m tests.bench.bench_queue
	$(BIN)/python -m tests.bench.bench_workbook

bench-browser: system $(VENV)/.dev ## Time one slider step to screen, against the floor of an empty app
	$(BIN)/python -m tests.bench.bench_browser

bench-users: $(VENV)/.dev ## Time the reruns of 25 people at once
	$(BIN)/python -m tests.bench.bench_users

goldens: $(VENV)/.dev ## Write the golden results anew; read the diff before committing it
	$(BIN)/python tests/goldens/regenerate.py

system: ## Install what the tests need from the system (Chromium), or say how
	@sh tools/system_packages.sh

clean: ## Remove the environment and all that was built
	rm -rf $(VENV) build

# The stamp files say which requirements the environment was made from.
$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and '$(PYTHON)' was not found. Try: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Try: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "'$(PYTHON)' cannot make environments. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime
