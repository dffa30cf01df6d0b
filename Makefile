# CI calls nothing else. Needs make and Python 3.11 or newer; the rest goes into .venv.

.DEFAULT_GOAL := help

BIN := .venv/bin
STAMP := .venv/.installed
# Every package with its version, so that a checkout installs tomorrow what passed today.
PINS := tests/constraints.txt
# The newest interpreter that runs and is new enough; PYTHON=... chooses another.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$name; break; }; done)
ARGS ?=
comma := ,
# Python keeps what it compiled: each process would compile every module anew, and the tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE
# An environment of its own at one end of the ranges, unpinned, with the tests marked `quick` run in it; the other
# files are not even imported.
define edge
echo 'quick tests with the $(1) packages'; \
$(BIN)/uv venv --quiet --clear --no-project --python $(BIN)/python .venv-$(1) && \
$(BIN)/uv pip install --quiet --python .venv-$(1) --resolution $(2) -e '.[kit,scripts]' --group dev && \
.venv-$(1)/bin/python -m pytest -q -n auto -m quick -p no:cacheprovider \
	$$(grep -rl --include='test_*.py' 'mark\.quick' tests)
endef

.PHONY: help install update serve demo check test clients edges bench bench-peers gallery mutate conform verify schemas wheel clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo '  ARGS="..."     further arguments for serve, demo, test, clients, bench, mutate, conform and verify'

install: $(STAMP) ## set up .venv with everything the other targets need

update: $(STAMP) ## resolve every dependency anew, pin it, and show what moved
	@$(BIN)/python -m tests.pins

serve: $(STAMP) ## serve the three providers until Ctrl-C
	@exec $(BIN)/mockserver serve $(ARGS)

demo: $(STAMP) ## run five jobs of three providers, keep the clips in demo/
	@$(BIN)/mockserver demo $(ARGS)

check: $(STAMP) ## lint, format, types, contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mockserver contracts check

test: $(STAMP) ## run every test, on all cores; ARGS=--fast for a quick part of them
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

clients: $(STAMP) ## run clients of others, from PyPI, npm, the JDK and curl, against the server; ARGS="NAME" for some
	@$(BIN)/python -m tests.third_party $(ARGS)

edges: $(STAMP) ## run the quick tests with the newest and the oldest packages that pyproject.toml allows
	@$(call edge,newest,highest)
	@$(call edge,oldest,lowest-direct)

bench: $(STAMP) ## compare with a bare uvicorn app and with the last run; ARGS=--growth, ARGS="--soak 30"
	@$(BIN)/python -m tests.bench $(ARGS)

bench-peers: $(STAMP) ## the same with WireMock, Prism and aimock beside it, from npm into .bench/; needs npm and java
	@$(BIN)/python -m tests.bench.peers $(ARGS)

gallery: $(STAMP) ## pictures of the page, and a sheet of clips by their parameters, in gallery/; needs Chromium
	@$(BIN)/python -m tests.gallery $(ARGS)

mutate: $(STAMP) ## change our own source at random, show what no test notices; ARGS="mockserver/jobs --sample 40"
	@exec $(BIN)/python -m tests.mutate $(ARGS)

conform: $(STAMP) ## judge a client: ARGS="--provider NAME -- COMMAND"; without, the reference client
	@$(BIN)/mockserver conform $(or $(ARGS),--provider gmicloud -j 4 --supports resume$(comma)thumbnail$(comma)workers \
		-- $(BIN)/python -m mockserver.kit.reference_client)

verify: $(STAMP) ## judge a server: ARGS="URL --provider NAME"; without, our own
	@$(BIN)/mockserver verify $(or $(ARGS),--provider gmicloud)

schemas: $(STAMP) ## write the published JSON Schemas and the examples of the API page anew
	@$(BIN)/python -c 'from mockserver.faults.scenario import write_schema; write_schema()'
	@$(BIN)/python -c 'from mockserver.kit.conform.case import write_schema; write_schema()'
	@$(BIN)/python -m tests.control.example_calls

wheel: $(STAMP) ## build dist/*.whl
	$(BIN)/python -m build --wheel

clean: ## remove what the other targets made
	rm -rf .venv .venv-* .clients .bench build dist demo gallery .hypothesis .mypy_cache .pytest_cache .ruff_cache *.egg-info
	find mockserver tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml $(PINS)
	@python='$(PYTHON)'; \
	fail() { echo "make: $$1" >&2; exit 1; }; \
	[ -n "$$python" ] || fail 'no Python 3.11 or newer here; install one, or say make PYTHON=/path/to/python'; \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		fail "$$python is no Python 3.11 or newer; install one, or say make PYTHON=/path/to/python"; \
	"$$python" -c 'import ensurepip, venv' 2>/dev/null || \
		fail "$$python has no venv module; install it (on Debian: apt-get install python3-venv)"; \
	echo "setting up .venv with $$("$$python" --version), once; packages are downloaded, which takes a minute"; \
	rm -f $@; \
	$(BIN)/python -c '' 2>/dev/null || "$$python" -m venv --clear .venv
	@echo '  1/2  pip'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(PINS) --upgrade pip
	@echo '  2/2  mockserver, its kit and the tools for development'
	@$(BIN)/python -m pip install --quiet -c $(PINS) --build-constraint $(PINS) -e '.[kit,scripts]' --group dev
	@touch $@
