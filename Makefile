# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

# `make` lists what there is. Everything is installed and cached inside this checkout, in .venv and .cache; `make clean`
# removes it all.

# The first that is new enough; `make PYTHON=/path/to/python3.11` names another one.
ifndef PYTHON
  PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && echo "$$python" && exit; \
    done; echo python3)
endif
# What pytest, or ansible-playbook, is given on top: make unit ARGS="-k token -x", make demo ARGS=-v
ARGS ?=
# Many tests wait for a server, so that two more run than there are cores. Each begins at another place of the list: most
# files stay whole, and share what takes long to start.
CORES := $(shell "$(PYTHON)" -c 'import os; \
    print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())')
SIDE_BY_SIDE := -n $(shell expr $(CORES) + 2) --dist worksteal

BIN := .venv/bin
LINT_BIN := .cache/venv/lint/bin
DOCS_BIN := .cache/venv/docs/bin
LINK := .cache/dev/ansible_collections/damops/elvis

# Tools that insist on a place of their own get one in here.
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/.cache/hypothesis
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Ansible refuses to start in a locale that is not UTF-8, or that was never generated on this machine.
ifneq ($(shell LC_ALL='$(LC_ALL)' "$(PYTHON)" -c 'import locale; locale.setlocale(locale.LC_ALL, ""); \
    print(locale.getlocale()[1])' 2> /dev/null),UTF-8)
  export LC_ALL := C.UTF-8
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Use it

.PHONY: demo
demo: .venv ## run the example playbook against an emulated Elvis server (or yours: set ELVIS_SERVER_URL)
	@$(BIN)/python -m tools.demo $(ARGS)

# --- Test it

.PHONY: test
test: .venv ## run the tests
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

.PHONY: unit
unit: .venv ## run the unit tests
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS) tests/unit

.PHONY: emulator
emulator: .venv ## run the emulated server's own tests
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS) emulator/tests

.PHONY: coverage
coverage: .venv ## show which lines of plugins/ the unit tests run
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --cov --cov-report=term $(ARGS) tests/unit

.PHONY: integration
integration: .venv ## run the playbooks against the emulated server, all of them in both places of execution
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --everywhere $(ARGS) tests/integration

.PHONY: awx
awx: .venv ## run jobs as AWX does, with ansible-runner and AWX's own credential code
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS) tests/awx

.PHONY: eda
eda: .venv ## run the rulebook of examples/eda with ansible-rulebook, in a storm of events too (some minutes; needs Java)
	$(BIN)/python -m pytest $(ARGS) tests/eda

.PHONY: fuzz
fuzz: .venv ## try many more examples than the tests do, new ones each time (some minutes; ARGS="-k token")
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --hypothesis-profile=long $(ARGS) tests/fuzz emulator/tests/fuzz

.PHONY: chaos
chaos: .venv ## run the work modules on a server that is unkind, with twenty new seeds (another number: ARGS=100)
	$(BIN)/python -m pytest --new-seeds $(or $(ARGS),20) tests/integration/test_chaos.py

.PHONY: kills
kills: .venv ## kill fifty uploads with SIGKILL, and look for lost files (some minutes)
	KILLS=50 $(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS) tests/unit/plugins/module_utils/_transfers/test_killed_uploads.py

.PHONY: bench
bench: .venv ## measure what tasks cost, and write docs/performance.md (leave the machine alone; a part: ARGS="tasks")
	@$(BIN)/python -m tests.bench $(ARGS)

.PHONY: load
load: .venv ## open hundreds of sessions, make thousands of calls, and show what it took (some minutes)
	$(BIN)/python -m pytest tests/load emulator/load $(ARGS)

# --- Check it

.PHONY: lint
lint: lint-venv ## run every static check (some of them: make lint ONLY="ruff mypy")
	@$(LINT_BIN)/python -m tools.lint $(ONLY)

.PHONY: matrix
matrix: .venv ## run the tests with every supported ansible-core (an hour and more; some of them: make matrix ARGS=2.18)
	@$(BIN)/python -m tools.matrix $(ARGS)

.PHONY: sanity
sanity: lint-venv ## run ansible-test sanity on every Python that it finds
	@$(LINT_BIN)/python -m tools.lint --all-pythons ansible-test

.PHONY: format
format: lint-venv ## format the code, and fix what can be fixed safely
	$(LINT_BIN)/ruff check --fix-only --quiet .
	$(LINT_BIN)/ruff format .

# --- Build it

.PHONY: build
build: .venv ## build the artifact for Galaxy, in dist/
	$(BIN)/python -m tools.collection dist

.PHONY: wheel
wheel: .venv ## build the wheel of the emulated server in dist/emulator, and try it in an empty environment
	$(BIN)/python -m tools.wheel --try dist/emulator

.PHONY: release
release: .venv lint-venv ## make a release: VERSION=1.2.3; with ARGS=--dry-run only show what that would do
	@$(LINT_BIN)/python -m tools.release "$(VERSION)" $(ARGS)

.PHONY: ee
ee: lint-venv ## make the execution environment for AWX, and try it where a container engine is there
	@$(LINT_BIN)/python -m tools.ee

.PHONY: docs
docs: docs-venv ## build the site for readers, in .cache/docs/site
	@$(DOCS_BIN)/python -m tools.site

.PHONY: docs-test
docs-test: docs ## open every page of the site in Chromium, as wide as a phone and a desktop
	$(DOCS_BIN)/python -m pytest $(ARGS) tests/site

.PHONY: changelog
changelog: lint-venv ## turn the fragments into the changelog of the version in galaxy.yml
	PATH="$(CURDIR)/$(LINT_BIN):$$PATH" antsibull-changelog release --refresh --reload-plugins

# --- Keep house

.PHONY: lock
lock: lock-venv ## make requirements/*.txt from requirements/*.in
	@for name in test build lint docs eda lock; do \
	  echo "Locking requirements/$$name.txt …"; \
	  .cache/venv/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-annotate --custom-compile-command "make lock" $(LOCK_ARGS) requirements/$$name.in -o requirements/$$name.txt || exit; \
	done

.PHONY: upgrade
upgrade: LOCK_ARGS := --upgrade
upgrade: lock ## the same, taking the newest versions

.PHONY: clean
clean: ## remove everything that was installed, cached or built
	rm -rf .venv .cache dist changelogs/.plugin-cache.yaml

# The virtual environments. The script returns at once when nothing changed, so these are asked every time.
.PHONY: .venv lint-venv docs-venv lock-venv
.venv: $(LINK) python
	@$(PYTHON) -m tools.setup_venv .venv requirements/test.txt --editable emulator

lint-venv: $(LINK) python
	@$(PYTHON) -m tools.setup_venv .cache/venv/lint requirements/build.txt requirements/lint.txt

docs-venv: $(LINK) python
	@$(PYTHON) -m tools.setup_venv .cache/venv/docs requirements/docs.txt

lock-venv: python
	@$(PYTHON) -m tools.setup_venv .cache/venv/lock requirements/lock.txt

.PHONY: python
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || { \
	  echo "Python 3.11 or newer is needed; '$(PYTHON)' is: $$($(PYTHON) --version 2>&1 | head -n 1)" >&2; \
	  echo "Name another one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; \
	  exit 1; }

# Gives this checkout its real name: ansible_collections.damops.elvis
$(LINK):
	@mkdir -p $(@D)
	@ln -sfn ../../../.. $@
