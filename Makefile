# Genvej. `make` lists what can be made.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help env dev validation-tools depth-curve data demo test test-long evaluate-contamination evaluate-identity evaluate-phenotypes evaluate-families evaluate-spikes reanalysis evaluate-reanalysis beacon beacon-env plan cohort-demo evaluate-plan faults cluster-env slurm-test slurm-bench retention progress restore scale lint format envs lock bench impact clean
export PATH := $(CURDIR)/.venv/bin:$(PATH)
CORES ?= $(shell nproc)
UV := 0.13.9

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

env:  ## set up all tools at their pinned releases; afterwards `. .venv/bin/activate`
	@scripts/setup/environment.sh envs/python.lock
	@.venv/bin/python -m scripts.setup.tools

dev:
	@scripts/setup/environment.sh envs/python.lock envs/dev.lock
	@.venv/bin/python -m scripts.setup.tools --tests
	@.venv/bin/python -m scripts.setup.beacon --tests

retention: env  ## what the retention policy lets go: `make retention CONFIG=WORK/config.yaml` lists, APPLY=yes removes [DIRECTORY=WORK]
	@test -n "$(CONFIG)" || { echo "name the config of a run: make retention CONFIG=WORK/config.yaml" >&2; exit 2; }
	@.venv/bin/python -m scripts.apply_retention --config "$(CONFIG)" $(if $(DIRECTORY),--directory "$(DIRECTORY)") $(if $(filter yes,$(APPLY)),--apply)

progress: env  ## how far runs are: `make progress CONFIG=WORK/config.yaml` or RUNS="results other/results" [WATCH=yes] [PAGE=FILE]
	@test -n "$(CONFIG)$(RUNS)" || { echo "name a run: make progress CONFIG=WORK/config.yaml, or RUNS=its results folder" >&2; exit 2; }
	@.venv/bin/python -m scripts.show_progress $(RUNS) $(if $(CONFIG),--config "$(CONFIG)") $(if $(DIRECTORY),--directory "$(DIRECTORY)") \
	  $(if $(filter yes,$(WATCH)),--watch) $(if $(PAGE),--page "$(PAGE)")

restore: env  ## raw reads made again from the CRAM: `make restore CONFIG=WORK/config.yaml SAMPLE=NAME` [TO=FOLDER] [DIRECTORY=WORK]
	@test -n "$(CONFIG)" -a -n "$(SAMPLE)" || { echo "name config and sample: make restore CONFIG=WORK/config.yaml SAMPLE=NAME" >&2; exit 2; }
	@.venv/bin/python -m scripts.restore_reads --config "$(CONFIG)" --sample "$(SAMPLE)" $(if $(DIRECTORY),--directory "$(DIRECTORY)") \
	  $(if $(TO),--output "$(TO)")

validation-tools: env  ## build the scorer of the target `validation` now, instead of when it is first needed
	@.venv/bin/python -m scripts.setup.tools --validation

depth-curve: env  ## accuracy by depth: `make depth-curve CONFIG=WORK/config.yaml [SAMPLES=A,B] [DEPTHS=5,10] [DERIVE=A] [MORE="…"]`
	@test -n "$(CONFIG)" || { echo "name the config of a run: make depth-curve CONFIG=WORK/config.yaml" >&2; exit 1; }
	@.venv/bin/python -m scripts.depth_curve --config "$(CONFIG)" --cores $(CORES) $(if $(SAMPLES),--samples "$(SAMPLES)") \
	  $(if $(DEPTHS),--depths "$(DEPTHS)") $(if $(DERIVE),--derive "$(DERIVE)") $(if $(MORE),-- $(MORE))

HPO ?= resources/reference/demo/hpo
evaluate-phenotypes: env  ## ranking of published patients: `make evaluate-phenotypes CASES=FILE [HPO=FOLDER] [AGAINST=FOLDER] [OUTPUT=FOLDER]`
	@test -n "$(CASES)" || { echo "name the patients: make evaluate-phenotypes CASES=cases.json.gz" >&2; exit 2; }
	@test "$(HPO)" != resources/reference/demo/hpo || snakemake $(HPO)/hp.obo --snakefile rules/demo.smk --directory . --cores 1 --quiet rules
	@OMP_NUM_THREADS=1 .venv/bin/python -m scripts.evaluate_phenotypes --hpo "$(HPO)" --cases "$(CASES)" $(if $(AGAINST),--against "$(AGAINST)") \
	  --output "$(if $(filter-out impact,$(OUTPUT)),$(OUTPUT),results/evaluation)"

data: env  ## prepare the demo's data under resources/reference/demo/
	@snakemake --snakefile rules/demo.smk --directory . --cores $(CORES) --quiet rules

demo: data  ## the main job on real reads, results under results/demo/, the person counted in results/demo_store/
	@snakemake --snakefile Snakefile --directory . --configfile config/demo.yaml --cores $(CORES) -- all cohort
	@echo "Counted: results/demo/cohort_store/index.html; \`make beacon\` looks variants up at http://127.0.0.1:5050/lookup#1-156134910-C-T"

test: dev data lint  ## env + all checks and tests, two files of tests at a time
	pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-long: dev  ## half an hour: options that few use, lost reads and calls, a few faults
	pytest -m long

cluster-env: env  ## the plugins for SLURM, for config/profiles/slurm; the nodes see the same folder, or `make env` there
	@.venv/bin/python -m scripts.setup.cluster

slurm-test: dev cluster-env  ## a real SLURM of one node (Debian, root), ended afterwards unless KEEP=yes; the demo through it and through object storage, jobs that come to harm; ONLY="node" for a part
	@.venv/bin/python -m scripts.setup.cluster --tests
	@.venv/bin/python -m scripts.setup.slurm start
	@trap '$(if $(KEEP),:,.venv/bin/python -m scripts.setup.slurm stop)' EXIT; pytest tests/cluster -m cluster --durations=10 $(if $(ONLY),-k "$(ONLY)")

slurm-bench: dev cluster-env  ## how fast jobs reach such a SLURM, and how often it is asked: benchmarks/slurm.tsv; WAYS="genvej;plugin" BESIDE="0,8" JOBS=400
	@trap '$(if $(KEEP),:,.venv/bin/python -m scripts.setup.slurm stop)' EXIT; .venv/bin/python -m scripts.bench.submission $(if $(WAYS),--ways "$(WAYS)") $(if $(BESIDE),--beside "$(BESIDE)") $(if $(JOBS),--jobs $(JOBS))

faults: dev  ## every fault at every stage, a quarter to three quarters of an hour; table: benchmarks/faults.tsv; ONLY="disk" for a part
	@python -m tests.faults.suite --jobs $(CORES) $(if $(ONLY),--only "$(ONLY)")

lint: dev  ## style, types and workflow lint
	ruff check
	ruff format --check
	mypy --strict workflow scripts
	snakemake --lint --snakefile rules/demo.smk
	@work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; python -m tests.pipeline.tiny_person $$work; \
	  snakemake --lint --snakefile Snakefile --directory $$work --configfile $$work/config.yaml

format: dev  ## rewrite the Python code in the project's format
	ruff check --fix
	ruff format

envs: env  ## write envs/*.yaml from envs/tools.yaml and the lock files
	@.venv/bin/python -m scripts.setup.write_envs

lock: env  ## resolve envs/*.in anew into envs/*.lock
	@python3 -m venv .tools/lock && .tools/lock/bin/python -m pip install -q uv==$(UV)
	@for name in python dev multiqc whatshap cluster object_storage object_storage_test beacon; do (cd envs && env -u PIP_FIND_LINKS -u UV_FIND_LINKS \
	  ../.tools/lock/bin/uv pip compile -q $$(case $$name in cluster|object_storage) echo --no-deps ;; esac) \
	  --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" $$name.in -o $$name.lock); done

scale: env  ## how planning grows with the cohort, 100 to 60,000 finished samples beside plain Snakemake: table benchmarks/scale.tsv; SAMPLES="100,1000"
	@work="$(or $(WORK),results/evaluation/scale)"; mkdir -p "$$work"; test -e "$$work/one/results/release/receipts/cohort.json" || \
	  { .venv/bin/python -m tests.pipeline.tiny_person "$$work/one" && (cd "$$work/one" && \
	  snakemake --snakefile "$(CURDIR)/Snakefile" --directory . --configfile config.yaml --cores $(CORES) --quiet rules); }
	@.venv/bin/python -m scripts.bench.scale "$(or $(WORK),results/evaluation/scale)/one/config.yaml" $(if $(SAMPLES),--samples "$(SAMPLES)") $(if $(PLAIN),--plain "$(PLAIN)")

bench: env  ## ours beside the field's usual chains: CPU, wall, memory, disk, accuracy; SETS="real 2.5" CHAINS="ours light" for a part
	@.venv/bin/python -m scripts.setup.tools --validation || echo "accuracy will not be measured"
	@.venv/bin/python -m scripts.bench $(if $(SETS),--sets "$(SETS)") $(if $(CHAINS),--chains "$(CHAINS)") --cores $(CORES)

evaluate-identity: env  ## are mistaken identities caught, families found: COHORT=folder of VCFs [PEDIGREE=file] [DEPTHS=30,10,5] [RESULT=FILE]
	@test -n "$(COHORT)" || { echo "name a cohort: make evaluate-identity COHORT=folder of VCFs of the same people" >&2; exit 2; }
	@.venv/bin/python -m scripts.evaluate_identity "$(COHORT)" $(if $(PEDIGREE),--pedigree "$(PEDIGREE)") $(if $(DEPTHS),--depths "$(DEPTHS)") \
	  $(if $(RESULT),--output "$(RESULT)")

evaluate-contamination: env  ## truth against estimate on mixed reads: SHEET= (config/README.md), REFERENCE=, REGIONS=, TABLE= [LEVELS=0,2] [SEEDS=3]
	@test -n "$(SHEET)" -a -n "$(REFERENCE)" -a -n "$(REGIONS)" || { echo "name SHEET=, REFERENCE= and REGIONS= (config/README.md)" >&2; exit 2; }
	@.venv/bin/python -m scripts.evaluate_contamination --sheet "$(SHEET)" --reference "$(REFERENCE)" --regions "$(REGIONS)" \
	  --output "$(or $(TABLE),contamination.tsv)" $(if $(LEVELS),--levels "$(LEVELS)") $(if $(SEEDS),--seeds "$(SEEDS)")

evaluate-families: env  ## families with known truth: right model or not; GIAB=FOLDER for the real trio; WORK=, SETS="simulated,boy,real"
	@.venv/bin/python -m scripts.evaluate_families --directory "$(or $(WORK),results/evaluation/families)" --cores $(CORES) \
	  $(if $(GIAB),--giab "$(GIAB)") $(if $(SETS),--only "$(SETS)")

beacon-env: env  ## the web server of the Beacon, beside the run-time environment
	@.venv/bin/python -m scripts.setup.beacon

DEMO_NAMES := --site-name "Genvej Beacon, demo" --site-organization "invented consent" --genes resources/reference/demo/gene_models.gff3.gz --reference resources/reference/demo/GRCh38.chr1.fa
beacon: beacon-env  ## a Beacon v2 over the frequency store, on loopback: `make beacon STORE=DIR [PORT=5050] [MORE="--genes FILE …"]`; without STORE the demo's
	@test -n "$(STORE)" -o -e results/demo_store || { echo "there is no store of the demo yet: make demo, or name one: make beacon STORE=DIR" >&2; exit 2; }
	@exec .venv/bin/python scripts/serve_beacon.py serve --store "$(or $(STORE),results/demo_store)" --port "$(or $(PORT),5050)" \
	  $(if $(STORE),,$(DEMO_NAMES)) $(MORE)

plan: env  ## what a run would do now and what that costs: `make plan CONFIG=WORK/config.yaml [LIMITS="cpu_hours=100"] [PARTITION=…] [MORE="…"]`
	@test -n "$(CONFIG)" || { echo "name the config of a run: make plan CONFIG=WORK/config.yaml" >&2; exit 2; }
	@.venv/bin/python -m scripts.plan_run --configfile "$(CONFIG)" --directory "$(or $(WORK),$(dir $(CONFIG)))" \
	  $(if $(PARTITION),--partition "$(PARTITION)",$(if $(filter command line,$(origin CORES)),--cores $(CORES))) $(if $(LIMITS),--limit $(LIMITS)) $(MORE)

COHORT_WORK ?= results/cohort
cohort-demo: env  ## twelve invented people, cheap to run, with a real HPO release, under results/cohort/ (COHORT_WORK=, PEOPLE=)
	@snakemake resources/reference/demo/hpo_2023/hp.obo --snakefile rules/demo.smk --directory . --cores 1 --quiet rules
	@.venv/bin/python -m scripts.make_cohort --directory "$(COHORT_WORK)" $(if $(PEOPLE),--people $(PEOPLE))

evaluate-plan: cohort-demo  ## plans held against what then runs, on the cohort: benchmarks/plan.tsv; ONLY="hpo caller" for a part
	@.venv/bin/python -m scripts.evaluate_plan --directory "$(COHORT_WORK)" --cores $(CORES) $(if $(ONLY),--only "$(ONLY)")

evaluate-spikes: data  ## published variants in real reads end to end: CASES=FILE [WORK=FOLDER] [OUTPUT=FOLDER] [ONLY=3]
	@test -n "$(CASES)" || { echo "name the patients: make evaluate-spikes CASES=cases.json.gz" >&2; exit 2; }
	@.venv/bin/python -m scripts.evaluate_spikes --cases "$(CASES)" --directory "$(or $(WORK),results/evaluation/spikes)" --cores $(CORES) \
	  --output "$(if $(filter-out impact,$(OUTPUT)),$(OUTPUT),results/evaluation)" $(if $(ONLY),--only "$(ONLY)")

reanalysis: env  ## new knowledge for open cases, beside the results: `make reanalysis CONFIG=WORK/config.yaml [WORK=FOLDER] [MORE="…"]`
	@test -n "$(CONFIG)" || { echo "name the config of a run: make reanalysis CONFIG=WORK/config.yaml" >&2; exit 2; }
	@snakemake --snakefile Snakefile --directory "$(or $(WORK),$(dir $(CONFIG)))" --configfile "$(CONFIG)" --cores $(CORES) $(MORE) -- reanalysis

evaluate-reanalysis: env  ## published patients over dated HPO releases: CASES=FILE HPO="OLDEST … NEWEST" [NUMBER=240] [WORK=FOLDER] [TABLE=FILE]
	@test -n "$(CASES)" -a $(words $(HPO)) -gt 1 || { echo "name CASES=cases.json.gz and HPO=\"folder folder …\", the oldest first" >&2; exit 2; }
	@OMP_NUM_THREADS=1 .venv/bin/python -m scripts.evaluate_reanalysis --cases "$(CASES)" --hpo $(HPO) --number $(or $(NUMBER),240) \
	  --directory "$(or $(WORK),results/evaluation/reanalysis)" --output "$(or $(TABLE),results/evaluation/reanalysis.tsv)"

OUTPUT ?= impact
impact: env  ## what a change does to results: FROM=, TO= (results trees; or commits, on CONFIG=), OUTPUT=, LIMITS=; status 3 = beyond a limit
	@test -n "$(FROM)" -a -n "$(TO)" || { echo "error: name what to compare: make impact FROM=results TO=other_results" >&2; exit 2; }
	@.venv/bin/python -m scripts.compare_$(if $(CONFIG),commits,releases) "$(FROM)" "$(TO)" --output "$(OUTPUT)" \
	  $(if $(CONFIG),--config "$(CONFIG)") $(if $(LIMITS),--limits "$(LIMITS)") $(if $(WORK),--directory "$(WORK)")

clean:  ## remove caches of tools; never results, never installed tools
	rm -rf .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
