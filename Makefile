# Every target sets up what it needs in .venv; `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := node_modules/.package-lock.json
RIVALS := @huggingface/transformers@4.3.1 onnxruntime-web@1.30.0
# The tests of a file stay together: they share what is slow to make. More processes would make that more often.
PROCESSES := --numprocesses=2 --dist=loadfile
q ?= Who owns the customer experience?

export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help setup ask serve site index check test coverage eval bench bench-browser build-time browser-quality lighthouse pictures fit scale scale-browser torture fuzz mutation load lock audit sbom wasm clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

setup: $(VENV)/ready ## set up .venv; the other targets do it themselves

ask: $(VENV)/ready ## answer a question: make ask q="why do silos hurt?"
	@$(BIN)/cxkb ask -- "$(q)"

serve: $(VENV)/ready ## preview the site at http://127.0.0.1:8000/
	$(BIN)/mkdocs serve

site: $(VENV)/ready ## build the site into site/, strictly
	$(BIN)/mkdocs build --strict

index: $(VENV)/ready ## build the index that questions are answered from
	$(BIN)/cxkb index

check: $(VENV)/ready ## print every problem in docs/ and sources/
	$(BIN)/cxkb check

test: $(VENV)/ready-dev $(if $(shell command -v npm),$(PACKAGES)) ## run every check and test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cxkb check
	$(BIN)/pytest $(PROCESSES)

coverage: $(VENV)/ready-dev $(if $(shell command -v npm),$(PACKAGES)) ## run the tests and list the branches that none takes; 95 % are to be taken
	@rm -rf build/coverage && mkdir -p build/coverage
	$(BIN)/coverage run -m pytest $(PROCESSES)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	@$(BIN)/coverage json --quiet
	@$(BIN)/python -c "import json; found = json.load(open('build/coverage/report.json'))['totals']; \
	  taken = 100 * found['covered_branches'] / found['num_branches']; \
	  print(f'{taken:.1f} % of the branches are taken'); raise SystemExit(taken < 95)"

eval: $(VENV)/ready-dev ## measure search on the test questions
	$(BIN)/cxkb eval --split test

bench: $(VENV)/ready-dev ## time a question beside sentence-transformers
	$(BIN)/python benchmarks/speed.py

build-time: $(VENV)/ready-dev ## time a build of the site beside plain Material (takes minutes)
	$(BIN)/python benchmarks/build_time.py

lighthouse: $(VENV)/ready $(PACKAGES) ## score the site as Lighthouse does, 95 at least (takes minutes)
	SITE_URL=http://127.0.0.1:8765/ $(BIN)/mkdocs build --strict --site-dir .cxkb/lighthouse
	node benchmarks/lighthouse.mjs --at-least 95 .cxkb/lighthouse

pictures: site $(VENV)/ready-dev ## take pictures of the key pages, on screens and paper, into .cxkb/pictures/
	$(BIN)/python benchmarks/pictures.py

bench-browser: $(VENV)/ready-dev ## time a first answer in the browser beside other libraries (fetches half a gigabyte)
	@npm install --prefix build/rivals --ignore-scripts --no-audit --no-fund --loglevel=error $(RIVALS)
	@$(INSTALL) onnx onnxscript onnxruntime
	$(BIN)/python benchmarks/browser_speed.py

fit: $(VENV)/ready-dev ## fit ranking and confidence again, after a change of content or search
	$(BIN)/python benchmarks/fit_ranking.py --write

scale: $(VENV)/ready-dev ## build indexes of 1k to 1M passages (takes minutes and gigabytes)
	$(BIN)/python benchmarks/scale.py

torture: $(VENV)/ready-dev ## break everything on purpose, for 20 minutes, and count what was lost
	$(BIN)/python benchmarks/torture.py

fuzz: $(VENV)/ready-dev ## try any bytes on all that reads them: adversarial megabytes, then a guided fuzzer (takes half an hour)
	@$(INSTALL) --editable ".[torture]"
	$(BIN)/python benchmarks/fuzz.py

mutation: $(VENV)/ready-dev ## put faults into the core and count those that no test notices (takes minutes)
	@$(INSTALL) --editable ".[mutation]"
	$(BIN)/python benchmarks/mutation.py

load: $(VENV)/ready-dev ## ask 10,000 questions in one process; check, index and build 2,000 pages (takes minutes)
	$(BIN)/python benchmarks/load.py

scale-browser: $(VENV)/ready-dev ## measure search in the browser at 1k to 100k passages (needs node)
	$(BIN)/python benchmarks/scale_browser.py

browser-quality: $(VENV)/ready-dev ## compare the browser's answers with the terminal's (needs node)
	$(BIN)/python benchmarks/browser_quality.py

lock: $(VENV)/ready-supply ## name the hash of every file that constraints.txt may mean (needs the network)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11.5 --constraint constraints.txt --extra dev --extra supply \
	  --generate-hashes --no-annotate --no-header --output-file requirements.lock pyproject.toml

audit: $(VENV)/ready-supply $(PACKAGES) ## look for known holes in what is installed and in the workflows (needs the network)
	$(BIN)/pip-audit --disable-pip --require-hashes --requirement requirements.lock
	npm audit
	$(BIN)/zizmor --offline --persona=pedantic .github

sbom: $(VENV)/ready-dev ## write the bill of materials to build/cxkb.cdx.json, as CycloneDX
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --output-file build/cxkb.cdx.json \
	  requirements.lock

wasm: $(PACKAGES) ## build matmul.wasm from its source
	node_modules/.bin/wat2wasm search/cxkb/assets/browser/matmul.wat -o search/cxkb/assets/browser/matmul.wasm

clean: ## remove what was built, the virtual environment included
	rm -rf $(VENV) .cxkb build site node_modules

# pip takes the newest torch with gigabytes of CUDA unless constrained: see constraints.txt
PIP = $(BIN)/pip install --quiet --disable-pip-version-check
INSTALL = $(PIP) --constraint constraints.txt

# With LOCKED=1 every file has to have the hash that requirements.lock names (decisions/0017).
LOCKED_INSTALL = $(PIP) --require-hashes --requirement requirements.lock && \
	$(PIP) --no-deps --no-build-isolation --editable .

$(VENV)/ready: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) (PyTorch and a model among it: some minutes the first time)" >&2
	@$(if $(LOCKED),$(LOCKED_INSTALL),$(INSTALL) --editable .)
	@touch $@

$(VENV)/ready-dev: $(VENV)/ready
	@$(if $(LOCKED),true,$(INSTALL) --editable ".[dev]")
	@touch $@

$(VENV)/ready-supply: $(VENV)/ready-dev
	@$(if $(LOCKED),true,$(INSTALL) --editable ".[supply]")
	@touch $@

# What checks the site in a browser. Without npm these tests are skipped, in CI they fail.
$(PACKAGES): package.json package-lock.json
	@npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@
