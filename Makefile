# Makegood: `make run` runs it, `make test` tests it. Needs Python 3.11 and make.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: run setup setup-dev check test torture bench messages screenshots clean

run: setup                      ## everything on one machine; Ctrl-C stops it
	@$(BIN)/python manage.py demo
	@PATH="$(CURDIR)/$(BIN):$$PATH" exec $(BIN)/honcho start

setup: .venv/installed .env     ## install only
setup-dev: .venv/installed-dev .env

.venv/installed: requirements.txt
	@sh bin/install requirements.txt "$(PYTHON)"
	@touch $@

.venv/installed-dev: requirements-dev.txt
	@sh bin/install requirements-dev.txt "$(PYTHON)"
	@touch .venv/installed $@

.env:
	@$(BIN)/python bin/write_env.py
