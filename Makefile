# `make` or `make help` lists what there is.
PORT   ?= 8000
DATA   ?= ../shared/data/fer2013.zip
VOTES  ?= ../shared/data/ferplus_votes.csv
VENV   := .venv
BIN    := $(VENV)/bin
# Processes that the tests run in; each takes up to 2 GB, for some load TensorFlow.
JOBS   ?= 2

# The first Python that TensorFlow has wheels for; else 3.14, which serves and does not train.
TRAINS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
SERVES := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHON ?= $(shell for test in '$(TRAINS)' '$(SERVES)'; do for each in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	$$each -c "$$test" 2>/dev/null && command -v $$each && exit; done; done)

.DEFAULT_GOAL := help
.PHONY: help run test test-long coverage format check check-types check-style train evaluate bench-node bench bench-load bench-soak bench-connections lock sbom slug-size test-gunicorn clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-17s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

$(BIN)/python:
	@$(or $(PYTHON),false) -c "$(SERVES)" || { echo "This needs Python 3.11 to 3.13 (3.14 serves, but cannot train): make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Python: $(PYTHON), $$($(PYTHON) --version)"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.serve: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(BIN)/python
	@$(BIN)/python -c "$(TRAINS)" || { echo "TensorFlow has no wheels for $$($(BIN)/python --version): make clean, then make PYTHON=/path/to/python3.13"; exit 1; }
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	@touch $@ $(VENV)/.serve

run: $(VENV)/.serve ## the site on http://127.0.0.1:8000
	@mkdir -p instance
	@[ -s instance/secret_key ] || (umask 077; $(BIN)/python -c 'import secrets; print(secrets.token_hex(32))' > instance/secret_key)
	@echo "The site is at http://127.0.0.1:$(PORT) (Ctrl-C stops it)"
	@LOG_FORMAT="$${LOG_FORMAT:-text}" HOST=127.0.0.1 PORT=$(PORT) SECRET_KEY="$${SECRET_KEY:-$$(cat instance/secret_key)}" $(BIN)/gunicorn wsgi:app

test: $(VENV)/.dev ## the test suite
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile

test-long: $(VENV)/.dev ## what takes long: ten thousand requests, ten thousand photos (bench/LONG.md)
	$(BIN)/python -m pytest -m long -p tests.helpers.long_table --table bench/LONG.md

coverage: $(VENV)/.dev ## the test suite, and which lines it runs
	$(BIN)/python -m pytest --cov --cov-report=term-missing:skip-covered

format: $(VENV)/.dev ## what ruff can put right by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: check-types check-style ## ruff, mypy, who imports whom, the dependencies' audit

# Two, so that make --jobs 2 has them beside one another.
check-types: $(VENV)/.dev ## mypy
	$(BIN)/mypy

check-style: $(VENV)/.dev ## ruff, who imports whom, the audit
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.audit_dependencies

train: $(VENV)/.dev ## the default training (DATA=… VOTES=…)
	$(BIN)/python -m training.train --data $(DATA) --votes $(VOTES)

evaluate: $(VENV)/.dev ## every figure of the saved models (DATA=… VOTES=…)
	$(BIN)/python -m training.evaluate --data $(DATA) --votes $(VOTES)

# The fer package is measured from an environment of its own: its TensorFlow and OpenCV are not the project's.
.venv-bench/.done: bench/requirements-fer.txt bench/requirements-load.txt | $(BIN)/python
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --no-deps fer==25.10.3
	grep -v '^#\|^fer' bench/requirements-fer.txt | .venv-bench/bin/python -m pip install --quiet --requirement /dev/stdin
	.venv-bench/bin/python -m pip install --quiet --requirement bench/requirements-load.txt
	@touch $@

# face-api and human run in Node, where there is one; the benchmark says what it leaves out.
bench-node: bench/node/package.json bench/node/package-lock.json ## face-api and human for the benchmark, into .bench-node
	@command -v npm >/dev/null || { echo "There is no Node (npm) here, so face-api and human are left out."; exit 1; }
	@mkdir -p .bench-node && cp bench/node/package*.json .bench-node
	npm ci --prefix .bench-node --ignore-scripts --no-audit --no-fund --silent

bench: $(VENV)/.dev .venv-bench/.done ## beside what one could pick instead (bench/RESULTS.md)
	@[ -d .bench-node/node_modules ] || $(MAKE) --no-print-directory bench-node || true
	$(BIN)/python -m bench.peers

bench-load: $(VENV)/.dev .venv-bench/.done ## the site under 1, 8 and 32 users (bench/LOAD.md)
	$(BIN)/python -m bench.load

bench-soak: $(VENV)/.dev ## memory over 5,000 uploads, one after the other
	$(BIN)/python -m bench.soak

.bench-servers/.done: bench/requirements-servers.txt $(VENV)/.dev
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target .bench-servers --requirement $<
	@touch $@

bench-connections: .bench-servers/.done ## servers under silent and slow connections (bench/CONNECTIONS.md)
	$(BIN)/python -m bench.connections

LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock"
lock: $(VENV)/.dev ## the pinned requirements, with hashes, from pyproject.toml's groups
	$(LOCK) --group site -o requirements.txt
	$(LOCK) --group train --constraint requirements.txt -o requirements-train.txt
	$(LOCK) --group dev --constraint requirements-train.txt -o requirements-dev.txt

sbom: $(VENV)/.dev ## what the site is made of, package by package, as CycloneDX (sbom.json)
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --mc-type application \
		--output-format JSON --output-reproducible --output-file sbom.json

slug-size: $(VENV)/.dev ## what a Heroku slug would weigh (180 MB are allowed)
	$(BIN)/python -m scripts.slug_size

# The worker relies on how gunicorn works inside, so it is tried with the version that comes next, too.
test-gunicorn: $(VENV)/.dev ## the worker's tests with the newest gunicorn, candidates included
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target .gunicorn-next --upgrade --prerelease allow --no-deps gunicorn
	GUNICORN_NEXT=1 PYTHONPATH=.gunicorn-next $(BIN)/python -m pytest -q tests/test_gunicorn_worker.py tests/test_gunicorn_workers.py tests/webapp/test_faults_live.py

clean: ## remove the environment and the caches
	rm -rf $(VENV) .venv-bench .bench-node .bench-servers .gunicorn-next sbom.json .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
