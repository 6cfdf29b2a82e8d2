# The gateway and its cache plugins. `make help` lists what there is to make.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

# What is built: the executable, and one library for each cache type.
plugins  := local redis s3
products := gateway $(plugins:%=gateway-cache-%)

# make run
HOST   := 127.0.0.1
PORT   := 8000
CONFIG := examples/quickstart.yaml

# make soak
SECONDS := 1200

# make install
PREFIX  := /usr/local
DESTDIR :=

release := .build/release
sources := Sources Plugins Tests examples packaging/PluginKit Package.swift
scripts := .ci/run $(wildcard scripts/*.sh examples/*/*.sh) packaging/debian/gateway.postinst packaging/debian/gateway.postrm
python  := Benchmarks Tests scripts

.PHONY: help
help: ## List the targets
	@echo "make TARGET, where TARGET is"
	sed -En 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' Makefile | expand -t 24

.PHONY: run
run: build ## Build, and start the gateway on http://HOST:PORT with CONFIG
	@scripts/run.sh $(release)/gateway '$(CONFIG)' '$(HOST)' '$(PORT)'

.PHONY: test
test: prerequisites-test build lint test-packages ## Build, check the format and run all tests
	@scripts/test.sh

.PHONY: build
build: prerequisites-build ## Build the gateway and its plugins in release mode
	@scripts/build.sh $(products)

.PHONY: lint
lint: prerequisites-lint ## Check the sources, the scripts and the documents
	@swift format lint --strict --configuration .swift-format --recursive $(sources)
	shellcheck $(scripts)
	.build-tools/lint/bin/ruff check --quiet $(python)
	python3 -B -m unittest discover --quiet --start-directory Tests/Scripts
	scripts/documents.py
	scripts/structure.py --check
	scripts/templates.py --check
	scripts/page.py --check
	echo "lint: the sources are in form"

.PHONY: structure
structure: ## Print dependency cycles, duplicate type names, large files and undocumented declarations
	@scripts/structure.py

.PHONY: format
format: ## Bring the sources into form
	@swift format --in-place --configuration .swift-format --recursive $(sources)

.PHONY: reference
reference: build ## Make docs/configuration.md, docs/litellm-keys.md and docs/plugin-checks.md anew
	@$(release)/gateway reference > docs/configuration.md
	$(release)/gateway reference --migrating > docs/litellm-keys.md
	$(release)/gateway plugins check --list > docs/plugin-checks.md
	sed -i '/^<!-- Made by .gateway reference --metrics/q' docs/metrics.md
	(echo; $(release)/gateway reference --metrics) >> docs/metrics.md

.PHONY: templates
templates: ## Put the examples and packaging/projects into `gateway plugins new`
	@scripts/templates.py

.PHONY: page
page: ## Put the page of GET /ui into the gateway
	@scripts/page.py

.PHONY: install
install: ## Install what was built below DESTDIR/PREFIX
	@scripts/install.sh install '$(DESTDIR)' '$(PREFIX)' $(plugins)

.PHONY: install-development
install-development: ## Install only what plugins are built with: the header, PluginKit and the pkg-config file
	@scripts/install.sh install-development '$(DESTDIR)' '$(PREFIX)' $(plugins)

.PHONY: uninstall
uninstall: ## Remove what was installed below DESTDIR/PREFIX
	@scripts/install.sh uninstall '$(DESTDIR)' '$(PREFIX)' $(plugins)

.PHONY: deb
deb: prerequisites-deb build ## Make the Debian packages gateway and gateway-plugin-dev, in .build/packages
	@scripts/deb.sh $(plugins)

.PHONY: release
release: deb ## Make an archive, its bill of materials and checksums, in .build/distribution
	@scripts/release.sh $(plugins)

.PHONY: test-packages
test-packages: prerequisites-packages release ## Check what is packaged: contents, manual pages, completions, unit, manifests, archive
	@.build-tools/packages/bin/python -B -m unittest discover --start-directory Tests/Packages

.PHONY: test-deb
test-deb: prerequisites-installed deb ## Install the packages in a Debian of their own with systemd, upgrade them under load and remove them
	@python3 -B Tests/Packages/Installed .build/packages

.PHONY: test-image
test-image: prerequisites-installed build ## Build the last stage of the Containerfile, and run the image
	@python3 -B Tests/Packages/Installed/image.py

.PHONY: test-release
test-release: prerequisites-deb ## Build the commit twice, in two folders, and compare the archives
	@scripts/rebuild.sh

.PHONY: bench
bench: prerequisites-bench build ## Compare with nginx, Varnish, Envoy, ferrogw and LiteLLM; QUICK=1 for three minutes of it
	@QUICK='$(QUICK)' python3 Benchmarks $(release)/gateway

.PHONY: bench-instructions
bench-instructions: prerequisites-instructions build ## Count instructions for a request; fail if they grew. WRITE=1 accepts them
	@Benchmarks/instructions.py $(if $(WRITE),--write) $(release)/gateway

.PHONY: test-asan
test-asan: prerequisites-test ## Run the tests within one process, and a minute of load, with AddressSanitizer
	@scripts/sanitize.sh address

.PHONY: test-tsan
test-tsan: prerequisites-test ## The same with ThreadSanitizer
	@scripts/sanitize.sh thread

.PHONY: soak
soak: prerequisites-test build ## Honest and hostile load for SECONDS; fail on a wrong answer or growth
	@python3 Tests/Soak --seconds '$(SECONDS)' $(release)/gateway

.PHONY: fuzz-forms
fuzz-forms: SECONDS := 60
fuzz-forms: prerequisites-test build ## Compare all forms of answers with the openai package for SECONDS, or CASES; SEED, CASE
	@scripts/build.sh FormsProbe
	.build-tools/venv/bin/python -B Tests/Forms --gateway $(release)/gateway --seconds '$(SECONDS)' \
		$(if $(CASES),--cases '$(CASES)') $(if $(SEED),--seed '$(SEED)') $(if $(CASE),--case '$(CASE)') \
		$(release)/FormsProbe

.PHONY: fuzz-controls
fuzz-controls: SECONDS := 60
fuzz-controls: prerequisites-test build ## Compare the cache's controls with a model of docs/caching.md for SECONDS; SEED, CASE
	@scripts/build.sh ControlsProbe
	python3 -B Tests/Controls --probe $(release)/ControlsProbe --seconds '$(SECONDS)' \
		$(if $(CASES),--cases '$(CASES)') $(if $(SEED),--seed '$(SEED)') $(if $(CASE),--only '$(CASE)') \
		$(release)/gateway

.PHONY: clean
clean: ## Remove what was built
	@rm -rf .build .build-asan .build-tsan .build-tools

kinds := build lint test deb packages installed bench instructions
.PHONY: $(kinds:%=prerequisites-%)
$(kinds:%=prerequisites-%): prerequisites-%:
	@scripts/prerequisites.sh $*
