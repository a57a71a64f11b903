# make run    the site on http://127.0.0.1:8000     make train   the default training (DATA=… VOTES=…)
# make test   the whole test suite                  make check   ruff, mypy, who imports whom, the dependencies' audit
# make bench  beside what one could pick instead    (bench/RESULTS.md)
# make bench-load  the site under 1, 8 and 32 users (bench/LOAD.md)
PYTHON ?= python3
PORT   ?= 8000
DATA   ?= ../shared/data/fer2013.zip
VOTES  ?= ../shared/data/ferplus_votes.csv
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test check train evaluate bench bench-load lock clean

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.serve: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	@touch $@ $(VENV)/.serve

run: $(VENV)/.serve
	@mkdir -p instance
	@[ -s instance/secret_key ] || (umask 077; $(BIN)/python -c 'import secrets; print(secrets.token_hex(32))' > instance/secret_key)
	@echo "The site is at http://127.0.0.1:$(PORT) (Ctrl-C stops it)"
	@LOG_FORMAT="$${LOG_FORMAT:-text}" HOST=127.0.0.1 PORT=$(PORT) SECRET_KEY="$${SECRET_KEY:-$$(cat instance/secret_key)}" $(BIN)/gunicorn wsgi:app

test: $(VENV)/.dev
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.audit_dependencies

train: $(VENV)/.dev
	$(BIN)/python -m training.train --data $(DATA) --votes $(VOTES)

evaluate: $(VENV)/.dev
	$(BIN)/python -m training.evaluate --data $(DATA) --votes $(VOTES)

# The fer package is measured from an environment of its own: its TensorFlow and OpenCV are not the project's.
.venv-bench/.done: bench/requirements-fer.txt bench/requirements-load.txt | $(BIN)/python
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --no-deps fer==25.10.3
	grep -v '^#\|^fer' bench/requirements-fer.txt | .venv-bench/bin/python -m pip install --quiet --requirement /dev/stdin
	.venv-bench/bin/python -m pip install --quiet --requirement bench/requirements-load.txt
	@touch $@

bench: $(VENV)/.dev .venv-bench/.done
	$(BIN)/python -m bench.peers

bench-load: $(VENV)/.dev .venv-bench/.done
	$(BIN)/python -m bench.load

lock:
	uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock" requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock" requirements-train.in -o requirements-train.txt
	uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
