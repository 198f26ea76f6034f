# Everything a newcomer types. The first target of a kind installs what it needs into .venv; after that all work offline.

ARGS ?=
BIN := .venv/bin
RUN := $(BIN)/python -m

# Some containers forbid Python to keep what it compiled; then every process compiles Django again, and tests take twice as long.
unexport PYTHONDONTWRITEBYTECODE

# The pages' style, from npm by its lock file. Where it cannot be had the pages have our own style only, and read well.
FETCH_ASSETS = @[ var/assets/.complete -nt src/quarterday/web/assets/package-lock.json ] || \
	env -u DATABASE_URL QUARTERDAY_DATA_FOLDER=var $(BIN)/quarterday assets || echo "Going on without the pages' style."

.DEFAULT_GOAL := help
.PHONY: help demo test check style types imports structure bench prove mutants screenshots clean lock lock-migrations install-demo install-dev

help:  ## what can be typed
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile
	@echo "  ARGS=... is passed on, as in: make demo ARGS='--no-serve', make test ARGS='tests/engine -x'"

demo: install-demo  ## build a sample MSP, bill fourteen months of it, and look at it
	$(FETCH_ASSETS)
	@$(BIN)/quarterday demo $(ARGS)

# In the order of tests/conftest.py: the slow browser tests come early. By the number of tests they came last, one core
# idle. CI runs the sweeps as well.
test: install-dev  ## all tests but the long ones, with the embedded PostgreSQL or that of DATABASE_URL
	$(FETCH_ASSETS)
	@$(RUN) pytest -n auto --dist loadfile --no-loadscope-reorder -m "not prove$(if $(CI),, and not sweep)" $(ARGS)

check: style types imports structure  ## style, types, import contracts, migrations, documents; -k runs all of them

style: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install-dev
	$(BIN)/mypy

imports: install-dev
	$(BIN)/lint-imports

structure: install-dev
	$(RUN) pytest tests/structure

bench: install-dev  ## the speeds we promise, measured on this machine
	@$(RUN) benchmarks $(ARGS)

prove: install-dev  ## the long checks behind docs/promises.md; without ARGS also `make mutants`
	$(FETCH_ASSETS)
	@$(RUN) pytest -m "prove or sweep" $(ARGS)
	$(if $(ARGS),,@$(RUN) tests.mutants)

mutants: install-dev  ## make small mistakes in the code, which tests must notice; or in some files: ARGS='engine.money'
	@$(RUN) tests.mutants $(ARGS)

screenshots: install-dev  ## take the pictures of the guide again
	$(FETCH_ASSETS)
	@$(RUN) pytest -m screenshots tests/browser --screenshots docs/guide/images $(ARGS)

clean:  ## stop the embedded PostgreSQL; remove the demo's data and what tests and checks left
	@for folder in var/postgres var/tests/postgres; do \
		if [ -d "$$folder" ]; then $(RUN) quarterday.config.cluster remove "$$folder"; fi; \
	done
	find var -mindepth 1 -maxdepth 1 ! -name assets -exec rm -rf {} + 2>/dev/null || true
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage mutants

lock: install-dev  ## compile requirements/*.in into *.txt with hashes; dev first, so that all three agree
	@cd requirements && compile() { \
		"$(CURDIR)/$(BIN)/uv" pip compile --quiet --generate-hashes --no-emit-index-url --universal \
			--python-version 3.11 --custom-compile-command 'make lock' "$$@"; \
	} && compile bootstrap.in -o bootstrap.txt && compile dev.in -o dev.txt && \
	compile demo.in -c dev.txt -o demo.txt && compile runtime.in -c dev.txt -o runtime.txt

lock-migrations: install-dev  ## note the migrations that have landed, so that none of them is edited later
	@$(RUN) tests.structure.migrations

install-demo:
	@sh requirements/install.sh demo

install-dev:
	@sh requirements/install.sh dev
