# make run     the venue on 127.0.0.1, with simulated makers and takers
# make test    every test
# make help    the rest
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NATIVE := $(shell find native CMakeLists.txt -type f)

.DEFAULT_GOAL := help
.PHONY: help run test bench lint format proto lock native native-wire native-engine clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/.dependencies: requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

$(VENV)/.built: $(VENV)/.dependencies pyproject.toml $(NATIVE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

native: $(VENV)/.built ## build the C++ core and install the project into .venv

# While working on one half of the core: rebuild that half alone, in place of the installed one.
native-wire native-engine: native-%: $(VENV)/.dependencies
	$(BIN)/cmake -S . -B build/$* -G Ninja -DPython_EXECUTABLE=$(abspath $(BIN)/python) \
		-Dnanobind_DIR=$$($(BIN)/python -m nanobind --cmake_dir) > /dev/null
	$(BIN)/cmake --build build/$* --target _$*
	mkdir -p $$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/tidegate/$*
	cp build/$*/_$*.*.so $$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/tidegate/$*/

run: native ## bring the venue up with simulated makers and takers and show its status
	$(BIN)/tidegate demo

test: native ## every test
	$(BIN)/python -m pytest

bench: native ## measure; writes benchmarks/results/latest.json and plots
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	$(BIN)/python -m benchmarks

lint: native ## style, types, protos
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy tidegate client/tidegate_client
	cd proto && ../$(BIN)/buf lint
	$(BIN)/python scripts/generate_proto.py --check

format: native ## format the Python code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

proto: native ## regenerate proto/gen
	$(BIN)/python scripts/generate_proto.py

lock: ## resolve pyproject.toml into the lock files
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev --extra bench pyproject.toml -o requirements-bench.lock

clean: ## remove everything that was built
	rm -rf $(VENV) build var .pytest_cache .mypy_cache .ruff_cache .hypothesis
