# Everything runs in a private environment in .venv, made from requirements.lock.
# The only things needed beforehand are git, make and python3 >= 3.11 with venv and pip.

PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .uv/bin/uv
BIN := .venv/bin
PACKAGES := .venv/packages
READY := .venv/ready
CLUSTER := .venv/cluster
MUTANTS := build/mutants/venv
TORCH_PYTHON ?= $(BIN)/python
JAX_PYTHON ?= $(BIN)/python
# What JupyterLab and VS Code write into notebooks beside outputs, counts and widget state.
LANGUAGE := codemirror_mode file_extension mimetype nbconvert_exporter pygments_lexer version
EDITORS := $(LANGUAGE:%=metadata.language_info.%) metadata.interpreter metadata.papermill metadata.vscode \
	cell.metadata.editable cell.metadata.jp-MarkdownHeadingCollapsed cell.metadata.jupyter \
	cell.metadata.papermill cell.metadata.slideshow cell.metadata.vscode
STRIP := $(BIN)/nbstripout --extra-keys "$(EDITORS)"

export UV_SYSTEM_CERTS := 1
export UV_PYTHON_PREFERENCE := only-system
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1

.DEFAULT_GOAL := help
.PHONY: help setup cluster reports ledger robustness verify lab test test-slow mutants bench bench-conv bench-cluster bench-growth lint format \
	strip git-diff lock clean

help:  ## say what each target does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

setup: $(READY)  ## make the private environment

cluster: $(CLUSTER)  ## add dask to it, for sweeps on more than one machine

reports: $(READY)  ## run the notebooks on the assignment and make their pages in reports/
	@$(BIN)/normlab build 01 02 03 04 05

ledger: $(READY)  ## run the notebooks on the literature, which take longer, and make their pages
	@$(BIN)/normlab build $(patsubst notebooks/%.ipynb,%,$(wildcard notebooks/0[6-9]*.ipynb))

robustness: $(READY)  ## which verdicts are others from other seeds, or by another test?
	@$(BIN)/python -m tools.robustness

verify: $(READY)  ## check that reports/ is whole and made from what is here
	@$(BIN)/normlab verify

lab: $(READY)  ## open the notebooks in JupyterLab
	@$(BIN)/normlab lab

test: $(READY)  ## the tests that take seconds
	@$(BIN)/pytest -n 2 -q

test-slow: $(CLUSTER)  ## the tests that take minutes
	@$(BIN)/pytest -n 2 --dist loadgroup -q -m slow

mutants: $(MUTANTS)/ready  ## break the backward passes on purpose: do the tests notice?
	@$(MUTANTS)/bin/python -m tools.mutants

bench: $(READY)  ## speed, beside PyTorch and JAX if TORCH_PYTHON and JAX_PYTHON have them
	@$(BIN)/python -m benchmarks speed --torch-python $(TORCH_PYTHON) --jax-python $(JAX_PYTHON)

bench-conv: $(READY)  ## a conv net's step, beside PyTorch if TORCH_PYTHON has it
	@$(BIN)/python -m benchmarks convolution --torch-python $(TORCH_PYTHON)

bench-cluster: $(CLUSTER)  ## what dask costs a group of runs
	@$(BIN)/python -m benchmarks cluster

bench-growth: $(READY)  ## time per update against width, depth, batch, nets and workers
	@$(BIN)/python -m benchmarks growth

lint: $(READY)  ## style of code and notebooks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(STRIP) --verify notebooks/*.ipynb

format: $(READY)  ## put code and notebooks into the style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(STRIP) notebooks/*.ipynb

strip: $(READY)  ## take outputs and what editors add out of the notebooks
	@$(STRIP) notebooks/*.ipynb

git-diff: $(READY)  ## let git see the sources of notebooks alone
	@$(BIN)/nbstripout --install --attributes .gitattributes
	@git config filter.nbstripout.required false
	@git config filter.nbstripout.extrakeys "$(EDITORS)"

lock: $(UV)  ## choose versions anew: the three locks and environment.yml
	@$(UV) pip compile -q --upgrade --universal --generate-hashes --no-annotate --no-header \
		--group dev --extra fast pyproject.toml -o requirements.lock
	@$(UV) pip compile -q --upgrade --universal --generate-hashes --no-annotate --no-header \
		--python-version 3.11 --constraint requirements.lock --group pyproject.toml:mutants \
		-o tools/mutants.lock
	@$(BIN)/python -c 'import tomllib; extras = tomllib.load(open("pyproject.toml", "rb")); \
		print(*extras["project"]["optional-dependencies"]["cluster"])' | \
		$(UV) pip compile -q --upgrade --universal --generate-hashes --no-annotate --no-header \
		--python-version 3.11 --constraint requirements.lock - -o tools/cluster.lock
	@$(MAKE) --no-print-directory environment.yml

environment.yml: pyproject.toml $(READY)
	@$(BIN)/pyproject2conda yaml --req ".[fast]" --python-include "python==3.11.*" --pip-only >$@

clean:  ## remove the environment and all that was built, but not reports/
	rm -rf .venv .uv build dist

$(UV):
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and "normlab needs Python 3.11 or later, and $(PYTHON) is %d.%d; try: make PYTHON=/path/to/python3.11" % v[:2])'
	@echo "setting up: the installer"
	@$(PYTHON) -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(PACKAGES): requirements.lock | $(UV)
	@echo "setting up: the packages of requirements.lock"
	@$(UV) venv --quiet --clear --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv
	@$(UV) pip sync --quiet --python .venv --require-hashes --compile-bytecode requirements.lock
	@touch $@

# Again when what is written into the environment may change: the command, the kernel, its pins,
# the compiled engine.
$(READY): $(PACKAGES) pyproject.toml hatch_build.py src/normlab/kernel.py src/normlab/arithmetic.py \
		$(wildcard src/normlab/training/engine/*.py)
	@$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation -e .
	@$(BIN)/python -m normlab.training.engine
	@touch $@

$(CLUSTER): $(READY) tools/cluster.lock
	@echo "setting up: the packages of tools/cluster.lock"
	@$(UV) pip install --quiet --python .venv --require-hashes --compile-bytecode -r tools/cluster.lock
	@touch $@

$(MUTANTS)/ready: requirements.lock tools/mutants.lock | $(UV)
	@echo "setting up: the packages of tools/mutants.lock"
	@$(UV) venv --quiet --clear --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(MUTANTS)
	@$(UV) pip sync --quiet --python $(MUTANTS) --require-hashes requirements.lock tools/mutants.lock
	@touch $@
