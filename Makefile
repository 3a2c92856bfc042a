# Thin on purpose: everything real is the `forecourt` command. Pass options on with ARGS, as in
#   make run ARGS="--port 8123 --data-dir /tmp/forecourt"
.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:

BIN := .venv/bin
READY := .venv/.ready
CHECKS := .venv-checks/bin
ARGS ?=

.PHONY: help run test check style audit bench

help:
	@echo "make run    start the portal with its database, search and worker"
	@echo "make test   run every test on real servers, the browser included"
	@echo "make check  formatting, lint, types, import contracts, templates, security rules, secrets, advisories"
	@echo "make bench  speed and size beside others: ARGS=list names the benches"
	@echo 'Options go into ARGS, as in: make run ARGS="--port 8123"'

run: $(READY)
	@$(BIN)/forecourt run $(ARGS)

test: $(READY)
	@$(BIN)/forecourt test $(ARGS)

check: style audit

style: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/djlint --check --quiet templates && $(BIN)/djlint --lint --quiet templates

audit: $(READY) $(CHECKS)/.ready
	$(BIN)/bandit --quiet --recursive --severity-level medium --configfile pyproject.toml app search 2>/dev/null
	$(CHECKS)/semgrep scan --quiet --error --metrics off --disable-version-check --config .ci/semgrep.yml app search static/js templates
	$(BIN)/forecourt audit

bench: $(READY)
	@$(BIN)/forecourt bench $(ARGS)

# The environment: the installer by hash, then every package by hash, then Forecourt itself as it lies here.
$(READY): requirements/bootstrap.txt requirements/dev.txt pyproject.toml requirements/bootstrap
	@sh requirements/bootstrap
	@touch $@

# The security rules' engine has dependencies of its own, so it lives apart from what the application runs in.
$(CHECKS)/.ready: requirements/checks.txt $(READY)
	@$(BIN)/uv venv --quiet --clear .venv-checks
	@$(BIN)/uv pip sync --quiet --python $(CHECKS)/python --require-hashes requirements/checks.txt
	@touch $@
