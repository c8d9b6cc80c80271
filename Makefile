# Every target sets itself up: nothing but Python 3.11+ is needed. Another Python: make PYTHON=python3.12 …
.DEFAULT_GOAL := help
.PHONY: help demo test mutants soak coverage lint bench bench-full bench-compare docs format clean

PYTHON ?= $(shell for p in .venv/bin/python python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
RUN := .venv/bin/python -m
CHECKED := src $(patsubst %/,%,$(sort $(dir $(wildcard examples/*.py benchmarks/*.py))))

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | while IFS='	' read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

# environment.cli.dev brings .venv up to date with the extras `cli` and `dev`; cheap when there is nothing to do
environment.%:
	@python="$(PYTHON)"; test -n "$$python" \
		|| { echo "assignkit needs Python 3.11 or newer, and none was found: install it, or say make PYTHON=/path/to/python" >&2; exit 1; }; \
	"$$python" .ci/environment.py $(subst ., ,$*)

demo: environment.cli.sql ## run a small sales desk end to end
	@.venv/bin/assignkit demo

# Bytecode is kept even where the environment says not to: tests start hundreds of processes, and each would compile all
# modules for itself. `make clean` removes it.
test mutants soak coverage: export PYTHONDONTWRITEBYTECODE =

# worksteal keeps tests of one room in one worker, as far as that is fast: its servers and processes start once
test: environment.cli.dev ## run all tests on all cores; ARGS="-k name" narrows them
	@$(RUN) pytest -q -rs -n auto --dist worksteal $(ARGS)

mutants: environment.cli.dev ## plant bugs one at a time: do the tests notice? ARGS="NAME …" or ARGS=--operators
	@$(RUN) tests.mutants $(ARGS)

SEED ?= $(shell date +%s)
soak: environment.cli.dev ## search for broken promises and hostile inputs for half an hour; SEED=… replays a search
	@echo "make soak SEED=$(SEED)"
	@$(RUN) tests.soak --seed $(SEED) $(ARGS)

coverage: environment.cli.dev ## run all tests and say which lines and branches they miss
	@$(RUN) pytest -q -rs -n auto --dist worksteal --cov --cov-report=term $(ARGS)

lint: environment.cli.dev ## check style, types, layers and dependencies
	@$(RUN) ruff check --quiet
	@$(RUN) ruff format --check --quiet
	@$(RUN) mypy --no-error-summary $(CHECKED)
	@.venv/bin/lint-imports --no-logo
	@$(RUN) deptry src

bench: environment.cli.dev ## measure for some minutes, and compare with the promised figures; ARGS="NAME …"
	@$(RUN) benchmarks $(ARGS)

bench-full: environment.cli.dev ## measure everything, other engines at all sizes too
	@$(RUN) benchmarks --full $(ARGS)

bench-compare: environment.cli.dev ## is this slower than BASE=revision? ARGS="NAME … --rounds N --tolerance 0.2"
	@test -n "$(BASE)" || { echo "say what to compare with: make bench-compare BASE=main" >&2; exit 2; }
	@$(RUN) benchmarks.compare "$(BASE)" $(ARGS)

docs: environment.cli.sql.docs ## build the documentation into docs/_build/html
	@$(RUN) sphinx --quiet --fail-on-warning --keep-going --builder html --jobs auto docs docs/_build/html
	@echo "docs/_build/html/index.html"

format: environment.cli.dev ## lay out the code and mend what can be mended by itself
	@$(RUN) ruff check --quiet --fix-only
	@$(RUN) ruff format --quiet

clean: ## remove what was generated; .venv stays
	@rm -rf .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache \
		build dist docs/_build htmlcov
	@find src tests examples benchmarks docs .ci -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
