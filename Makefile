# Two commands set a fresh machine up: `make demo` and `make test`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
export OMP_NUM_THREADS ?= 1

.PHONY: demo test test-all check bench bench-gpu gallery docs clean

$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: $(VENV)/ready  ## the main job on a bundled real table, in under 4 minutes
	env -u OMP_NUM_THREADS $(BIN)/python -m examples.demo

test: $(VENV)/ready check  ## lint, types and the tests, in under 10 minutes
	$(BIN)/python -m pytest -n 2

test-all: $(VENV)/ready check
	$(BIN)/python -m pytest -n 2 -m 'not gpu'

check: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

bench: $(VENV)/ready
	$(BIN)/python -m benchmarks.loop
	$(BIN)/python -m benchmarks.overhead
	$(BIN)/python -m benchmarks.population

bench-gpu: $(VENV)/ready  ## on CUDA: the price of watching, populations, and the tests that need a GPU
	$(BIN)/python -c 'import sys, torch; sys.exit(0 if torch.cuda.is_available() else "no CUDA device here")'
	$(BIN)/python -m benchmarks.overhead --device cuda
	$(BIN)/python -m benchmarks.population --device cuda
	$(BIN)/python -m pytest -m gpu

gallery: $(VENV)/ready  ## sick and healthy trainings: what is detected, named, and falsely alarmed
	$(BIN)/python -m benchmarks.gallery --seeds 0,1,2

docs: $(VENV)/ready  ## one page a rule, from its docstring
	$(BIN)/python -m docs.generate

clean:
	rm -rf $(VENV) runs dist
