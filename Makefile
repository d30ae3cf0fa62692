# Everything that a developer or a newcomer runs. Needs a Python and make; whatever is made lies in build/.

SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDEXPANSION:
.DEFAULT_GOAL := help

# The Python versions for the project's own environment, best first; and the one of the Amazon MWAA images.
PYTHONS := 3.12 3.11 3.13 3.10
MWAA_PYTHON := 3.11
MWAA_AIRFLOWS := 2.11.2 2.10.3
MWAA_PINS := ../shared/mwaa

UV := build/tools/bin/uv
PYTHON := build/venv/bin/python
DOCS_PYTHON := build/docs/bin/python
# Each file of tests on one of two workers, so that they share its servers; the long ones come first.
PYTEST := $(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=10
LOCK := tests/pins/airflow-3.3.2.txt

# The list of the package's files is part of the wheel's stamp, since make would not see a file that is gone.
PACKAGE_FILES := $(shell find airflow_provider_dzlineage -name __pycache__ -prune -o -type f -print | LC_ALL=C sort)
METADATA := setup.cfg pyproject.toml LICENSE $(wildcard README.md)
WHEEL := build/stamps/wheel-$(firstword $(shell echo $(PACKAGE_FILES) | cksum))
VENV := build/stamps/venv
AIRFLOWS := $(MWAA_AIRFLOWS:%=build/stamps/airflow-%)
DBT := build/stamps/dbt
# The listeners of OpenLineage for Spark: the first one that Maven Central has, nearly that of AWS's published sample; and a new one.
SPARK_LISTENERS := 1.12.0 1.53.0
SPARK := build/stamps/spark
DOCS := build/stamps/docs

# Only interpreters of this machine.
export UV_PYTHON_DOWNLOADS := never
# The machine's own certificates where it has some, as pip does: a company's network may need them.
export UV_SYSTEM_CERTS ?= $(if $(wildcard /etc/ssl/certs/* /etc/ssl/cert.pem /etc/pki/tls/certs/*),true,false)
# No airflow.cfg in the caller's home folder, and nothing of the caller's own environments.
export AIRFLOW_HOME := $(CURDIR)/build/airflow-home
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The documentation is built with what tests/pins/docs.txt pins; what a next MkDocs would change is no news.
export NO_MKDOCS_2_WARNING := 1
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

.PHONY: help venv setup demo demo-all up test test-fast test-docs lint docs docs-serve examples bench golden chaos lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

venv: $(VENV) ## make the project's own environment, build/venv, and nothing else

setup: $(VENV) $(AIRFLOWS) $(DBT) $(SPARK) $(DOCS) ## make all environments in build/

demo: $(VENV) ## the main job on this machine: a real Airflow, SQS and the catalog, then their report
	@exec $(PYTHON) -m tools.demo

demo-all: $(VENV) $(DBT) $(SPARK) ## Spark, dbt and Airflow through the HTTP endpoint into one graph
	@exec $(PYTHON) -m tools.story

up: $(VENV) ## the same, and it stays up for exploring
	@exec $(PYTHON) -m tools.demo --stay

test: setup ## all tests: fast, integration, end to end on each Airflow
	@exec $(PYTEST) --hypothesis-profile=ci

test-fast: $(VENV) ## the tests that start nothing; a minute
	@exec $(PYTEST) -m "not integration and not e2e"

lint: $(VENV) ## ruff, mypy and import-linter
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(PYTHON) -m mypy
	@build/venv/bin/lint-imports

docs: $(DOCS) ## the documentation into build/site; a broken link is an error
	@exec $(DOCS_PYTHON) -m mkdocs --quiet build --strict

docs-serve: $(DOCS) ## the documentation on loopback, while you write it
	@exec $(DOCS_PYTHON) -m mkdocs --quiet serve

test-docs: $(VENV) ## the tests of README, docs and examples: links, commands, configuration, names; seconds
	@exec $(PYTHON) -m pytest -q tests/unit/docs

examples: $(VENV) ## write examples/configuration/ and the files that docs/ shows anew
	@exec $(PYTHON) -m tools.docs.examples

bench: $(VENV) ## the benchmarks: a table, and build/bench.json
	@exec $(PYTHON) tests/benchmarks --json build/bench.json

golden: $(VENV) ## write the golden files of names and events anew; git diff shows what has changed
	@$(PYTHON) -m tests.unit.golden.texts

chaos: $(VENV) ## carry EVENTS (2000) while everything goes wrong: a table, and build/chaos.json
	@exec $(PYTHON) tests/chaos --events $(or $(EVENTS),2000) --json build/chaos.json

# The commands that follow build/tools, and no lock file to start from, make the result the same on each machine.
lock: $(UV) ## work out tests/pins/airflow-3.3.2.txt anew from setup.cfg
	@{ echo '# The environment of `make setup`: Airflow 3.3.2, the extras local, receiver and dev, for Python 3.10 to 3.13.' && \
	   echo '# Made by `make lock` from setup.cfg and airflow-3.3.2.in.' && \
	   $(UV) pip compile --quiet --universal --python-version 3.10 --python build/tools/bin/python \
	     --no-header --no-annotate --extra local --extra receiver --extra dev setup.cfg $(LOCK:.txt=.in); } >build/lock.txt
	@mv build/lock.txt $(LOCK)
	@echo "wrote $(LOCK)"

	@for name in dbt spark docs; do \
	  { echo "# Made by \`make lock\` from $$name.in." && \
	    $(UV) pip compile --quiet --universal --python-version 3.10 --no-header --no-annotate tests/pins/$$name.in; } \
	  >build/lock.txt && mv build/lock.txt tests/pins/$$name.txt && echo "wrote tests/pins/$$name.txt" || exit 1; \
	done

clean: ## remove all that was made
	rm -rf build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv itself; from here on it installs everything.
$(UV): tests/pins/tools.txt
	@python=$$(.ci/find-python -m ensurepip $(PYTHONS)) || exit 1; \
	echo "build/tools: uv, with $$python"; \
	rm -rf build/tools && \
	"$$python" -m venv build/tools && \
	build/tools/bin/python -m pip install --quiet --requirement tests/pins/tools.txt || { rm -rf build/tools; exit 1; }
	@touch $@

# The project's own environment: Airflow 3.3.2, this checkout in editable form, the extras.
$(VENV): $(UV) setup.cfg pyproject.toml $(LOCK)
	@rm -f $@; mkdir -p $(@D)
	@python=$$(.ci/find-python $(PYTHONS)) || exit 1; \
	echo "build/venv: Airflow 3.3.2, with $$python (a first time takes a minute or two)"; \
	$(UV) venv --quiet --allow-existing --python "$$python" build/venv
	@$(UV) pip install --quiet --python $(PYTHON) --constraint $(LOCK) --editable '.[local,receiver,dev]'
	@touch $@

# By way of the source distribution, so that build/lib of an earlier build cannot slip in.
$(WHEEL): $(UV) $(PACKAGE_FILES) $(METADATA)
	@echo "build/dist: the wheel"
	@rm -rf build/dist build/stamps/wheel-*; mkdir -p $(@D)
	@$(UV) build --quiet --python build/tools/bin/python --out-dir build/dist
	@touch $@

# The Airflow of an Amazon MWAA image, with its pins and the wheel of this checkout.
build/stamps/airflow-%: $(WHEEL) $$(wildcard $(MWAA_PINS)/constraints-$$*.txt)
	@rm -f $@
	@pins=$(MWAA_PINS)/constraints-$*.txt; environment=build/airflow-$*; \
	if [ ! -f "$$pins" ]; then echo "$$environment: skipped, there is no $$pins"; exit 0; fi; \
	python=$$(.ci/find-python $(MWAA_PYTHON)) || { echo "$$environment: skipped"; exit 0; }; \
	echo "$$environment: Airflow $*, with $$python"; \
	$(UV) venv --quiet --allow-existing --python "$$python" "$$environment" && \
	$(UV) pip install --quiet --python "$$environment/bin/python" --constraint "$$pins" \
	  --reinstall-package airflow-provider-dzlineage \
	  "apache-airflow==$*" apache-airflow-providers-openlineage statsd build/dist/*.whl && \
	touch $@

# dbt with the wheel of this checkout and without Airflow.
$(DBT): $(WHEEL) tests/pins/dbt.txt
	@rm -f $@; mkdir -p $(@D)
	@python=$$(.ci/find-python 3.11 3.12 3.10) || { echo "build/dbt: skipped"; exit 0; }; \
	echo "build/dbt: dbt, with $$python"; \
	$(UV) venv --quiet --allow-existing --python "$$python" build/dbt && \
	$(UV) pip install --quiet --python build/dbt/bin/python --requirement tests/pins/dbt.txt && \
	$(UV) pip install --quiet --python build/dbt/bin/python --no-deps --reinstall build/dist/*.whl && \
	touch $@

# MkDocs, and what importing the command line needs; the package itself is this checkout.
$(DOCS): $(UV) tests/pins/docs.txt
	@rm -f $@; mkdir -p $(@D)
	@python=$$(.ci/find-python $(PYTHONS)) || exit 1; \
	echo "build/docs: MkDocs, with $$python"; \
	$(UV) venv --quiet --allow-existing --python "$$python" build/docs && \
	$(UV) pip install --quiet --python $(DOCS_PYTHON) --requirement tests/pins/docs.txt && \
	touch $@

# Spark 3.3.0 and Python 3.10 as AWS Glue 4.0 has them, and the listeners from Maven Central.
$(SPARK): $(UV) tests/pins/spark.txt
	@rm -f $@; mkdir -p $(@D)
	@for program in java mvn; do \
	  command -v $$program >/dev/null || { echo "build/spark: skipped, there is no $$program"; exit 0; }; \
	done; \
	python=$$(.ci/find-python 3.10) || { echo "build/spark: skipped"; exit 0; }; \
	echo "build/spark: Spark 3.3.0, with $$python"; \
	$(UV) venv --quiet --allow-existing --python "$$python" build/spark && \
	$(UV) pip install --quiet --python build/spark/bin/python --requirement tests/pins/spark.txt && \
	for version in $(SPARK_LISTENERS); do \
	  mvn --batch-mode dependency:copy -DoutputDirectory="$(CURDIR)/build/spark/jars" \
	    -Dartifact=io.openlineage:openlineage-spark_2.12:$$version >build/maven.log 2>&1 || \
	    { cat build/maven.log; exit 1; }; \
	done && \
	touch $@
