# Thin on purpose: everything real is the `forecourt` command. Pass options on with ARGS, as in
#   make run ARGS="--port 8123 --data-dir /tmp/forecourt"
.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:

BIN := .venv/bin
READY := .venv/.ready
ARGS ?=

.PHONY: help run test check

help:
	@echo "make run    start the portal with its database, search and worker"
	@echo "make test   run every test on real servers, the browser included"
	@echo "make check  formatting, lint, types, import contracts, templates"
	@echo 'Options go into ARGS, as in: make run ARGS="--port 8123"'

run: $(READY)
	@$(BIN)/forecourt run $(ARGS)

test: $(READY)
	@$(BIN)/forecourt test $(ARGS)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	@if [ -d templates ]; then $(BIN)/djlint --check --quiet templates && $(BIN)/djlint --lint --quiet templates; fi

ifneq ($(wildcard app/cli/bench.py),)
.PHONY: bench
bench: $(READY)
	@$(BIN)/forecourt bench $(ARGS)
endif

# The environment: the installer by hash, then every package by hash, then Forecourt itself as it lies here.
$(READY): requirements/bootstrap.txt requirements/dev.txt pyproject.toml requirements/bootstrap
	@sh requirements/bootstrap
	@touch $@
