# Makegood: `make run` runs it, `make test` tests it. Needs Python 3.11 and make.
PYTHON ?= python3.11
BIN := .venv/bin
# Compiled once and kept, whatever the environment says: processes start in a third of the time.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/var/bytecode

.PHONY: run setup setup-dev check test test-journeys test-sqlite torture bench code screenshots messages clean
TESTS := $(BIN)/python -W ignore tests/servers.py
PYTEST := $(BIN)/python -m pytest

run: setup                      ## everything on one machine; Ctrl-C stops it
	@$(BIN)/python manage.py demo
	@PATH="$(CURDIR)/$(BIN):$$PATH" exec $(BIN)/honcho start

setup: .venv/installed .env locale/compiled     ## install only
setup-dev: .venv/installed-dev .env locale/compiled

.venv/installed: requirements.txt
	@sh bin/install requirements.txt "$(PYTHON)"
	@touch $@

.venv/installed-dev: requirements-dev.txt
	@sh bin/install requirements-dev.txt "$(PYTHON)"
	@touch .venv/installed $@

.env: bin/write_env.py | .venv/installed
	@$(BIN)/python bin/write_env.py && touch $@

CATALOGUES := $(wildcard locale*/*/LC_MESSAGES/django.po)
locale/compiled: $(CATALOGUES) | .venv/installed
	@for folder in $(sort $(foreach po,$(CATALOGUES),$(firstword $(subst /, ,$(po))))); do \
	  $(BIN)/pybabel -q compile --domain django --directory $$folder || exit 1; done
	@touch $@

test: setup-dev                 ## all of it on PostgreSQL, the rules and journeys on SQLite
	@$(MAKE) --no-print-directory --jobs=4 --output-sync=target \
	  test-postgres-1 test-postgres-2 test-journeys check test-sqlite

test-postgres-%: setup-dev
	$(TESTS) $(PYTEST) -q --part $*/2 --ignore=tests/journeys

test-journeys: setup-dev        ## through running processes, in a browser
	$(TESTS) $(PYTEST) -q tests/journeys

test-sqlite: setup-dev
	$(TESTS) --sqlite $(PYTEST) -q

torture: setup-dev              ## the long runs: 5 000 examples, 100 000 cases; within an hour
	TORTURE=1 $(TESTS) $(PYTEST) -q -m "torture or property"

screenshots: setup-dev          ## docs/images, from the demo as it starts
	$(TESTS) $(BIN)/python manage.py shell -v 0 -c "from tests.journeys.screenshots import main; main()"

bench: setup-dev                ## the table of docs/benchmarks.md, side by side
	$(TESTS) --durable $(BIN)/python -m tests.bench.run

check: setup-dev                ## style, types, import order, missing migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --quiet --check --lint templates
	$(BIN)/mypy .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run

code:                           ## what an authenticator app of the demo's staff shows: make code EMAIL=...
	@$(BIN)/python manage.py code "$(EMAIL)"

messages: setup-dev             ## takes changed texts up into the Chinese catalogue; needs gettext
	$(BIN)/python manage.py makemessages --locale zh_Hans --no-location --no-obsolete \
	  --ignore .venv --ignore var --ignore tests --ignore node_modules

clean:                          ## forgets this machine's data, keeps the code
	rm -rf var .env
