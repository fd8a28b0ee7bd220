# Every target makes what it needs from nothing: python3 (3.11 or newer) and make are enough.
#   make demo    make test    make check    make help

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

# Two workers: each of them runs its own NATS and PostgreSQL servers.
WORKERS ?= 2
# The browser that tests look at pages with: make test CHROMIUM=/usr/bin/google-chrome
CHROMIUM ?= chromium
export CHROMIUM
# Arguments for pytest or the demo: make test ARGS="-k ledger", make demo ARGS="--seed 7"
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check browser bench bench-replay bench-matching bench-scheduling bench-feedback chaos fuzz format constraints clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## run a whole mentoring program of six months through the three services (about two minutes)
	$(BIN)/mentoring demo $(ARGS)

test: $(STAMP) browser ## run every test, on real servers (TEST_BACKEND=auto|docker|binary)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not chaos and not fuzz and not bench" $(ARGS)

check: $(STAMP) ## lint, types, import contracts, frozen schemas, architecture tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m shared.events.freeze --check
	$(BIN)/python -m pytest -q tests/architecture

browser: ## find the Chromium that tests look at pages with, or install Debian's (as root)
	@command -v "$(CHROMIUM)" >/dev/null || { \
	  [ "$(CHROMIUM)" = chromium ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  echo "Installing Debian's chromium, once" && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  { echo "The tests of pages need a Chromium: install one (on Debian: apt-get install chromium)," >&2; \
	    echo "or name yours: make $(or $(MAKECMDGOALS),test) CHROMIUM=/path/to/chrome" >&2; exit 1; }

bench: $(STAMP) ## measure against a naive, a hand-written and a Node.js peer (several minutes)
	$(BIN)/python -m tests.bench $(ARGS)

bench-replay: $(STAMP) ## measure replays; ARGS=--full rebuilds a million events and more (an hour)
	$(BIN)/python -m tests.bench.replay $(ARGS)

bench-matching: $(STAMP) ## measure choices against scipy, a package and loops; ARGS="--sizes 1000 10000 100000 --write" for the page
	$(BIN)/python -m tests.bench.matching $(ARGS)

bench-scheduling: $(STAMP) ## measure plans against interval code with pandas, grids and a per-minute search; ARGS="--sizes 10000 --write" for the page
	$(BIN)/python -m tests.bench.scheduling $(ARGS)

bench-feedback: $(STAMP) ## measure program reports against pandas over the same exported log, and sealing; ARGS="--sizes 1000 10000 100000 --write" for the page
	$(BIN)/python -m tests.bench.feedback $(ARGS)

chaos: $(STAMP) ## kill everything at random moments while events flow (many minutes)
	$(BIN)/python -m pytest -s -m chaos $(ARGS)

fuzz: $(STAMP) ## long Hypothesis runs, every minute of seven years in every zone (many minutes)
	$(BIN)/python -m pytest -m fuzz $(ARGS)

format: $(STAMP) ## format the code and apply safe fixes
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

constraints: ## pin again every package, from a clean environment and the newest versions
	rm -rf build/pins
	$(PYTHON) -m venv build/pins
	build/pins/bin/pip install --quiet -e '.[test,check]'
	{ sed -n '/^#/p' constraints.txt; build/pins/bin/pip freeze --exclude-editable; } > build/constraints.txt
	mv build/constraints.txt constraints.txt

clean: ## remove the virtual environment and every cache
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing into $(VENV): a minute or two, once"
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,check]'
	@touch $@
