"""A results folder of many finished samples, made of a real run of one: its files under new names, its receipts with new names and seals.

    python -m scripts.bench.receipt_tree RUN/config.yaml TREE 10000

RUN is a finished run of one sample. Large and small files are hard links to those of the run, so that sixty thousand samples need folders
and receipts only; sheets, phenopackets, receipts, manifest, lists of what was owed and made are written in full size. What is measured on
such a tree is planning: nothing in it is ever read by a job.
"""

import argparse
import errno
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from workflow.change import state_of_change
from workflow.cohort import Cohort
from workflow.files import read_json, write_json
from workflow.grid import grid, write_expected
from workflow.identity import identify
from workflow.limit_sets import key_of, load_limit_sets
from workflow.phenopackets import read_phenopacket
from workflow.receipts.cohort_plan import SMALL
from workflow.receipts.cohort_table import Members
from workflow.receipts.model import COHORT_NAME, Kind, Unit, seal_of
from workflow.receipts.parts import Facts, PartsInUse, released_facts
from workflow.receipts.plain_digest import digest_of_value
from workflow.receipts.unit_inputs import Given, UnitInputs, digest_of_question
from workflow.release_key import check_key, key_in_use
from workflow.release_parts import page_params
from workflow.samples import load_cohort
from workflow.settings import Settings, load_settings

PHENOPACKET = {
    "metaData": {
        "created": "2026-01-01T00:00:00Z",
        "createdBy": "scripts/bench/receipt_tree.py",
        "resources": [{"id": "hp", "name": "Human Phenotype Ontology", "url": "http://purl.obolibrary.org/obo/hp.owl",
                       "version": "2025-01-16", "namespacePrefix": "HP", "iriPrefix": "http://purl.obolibrary.org/obo/HP_"}],
        "phenopacketSchemaVersion": "2.0",
    }
}  # fmt: skip
TERMS = ("HP:0001250", "HP:0001263", "HP:0000252", "HP:0001252", "HP:0002360", "HP:0000717", "HP:0001270", "HP:0002650")


@dataclass(frozen=True)
class Run:
    """The finished run that a tree is made of: its folder, results, and the names of its sample and case."""

    folder: Path
    results: Path
    sample: str
    case: str


def read_run(config: Path) -> Run:
    """Return the run of a config, of which the first sample and its case are taken."""
    settings = load_settings(yaml.safe_load(config.read_text(encoding="utf-8")))
    header, row = (config.parent / settings.samples).read_text(encoding="utf-8").splitlines()[:2]
    cells = dict(zip(header.split("\t"), row.split("\t"), strict=True))
    return Run(config.parent, config.parent / settings.results, cells["sample"], cells["case"])


def write_tree(run: Run, tree: Path, samples: int) -> Path:
    """Write the tree into a new folder and return its config."""
    tree.mkdir(parents=True)
    names = [f"s{number:06d}" for number in range(1, samples + 1)]
    config = _write_sheets(run, tree, names)
    _link_files(run, tree / "results", names)
    here = Path.cwd()
    os.chdir(tree)
    try:
        _write_receipts(run, config)
    finally:
        os.chdir(here)
    return tree / "config.yaml"


def add_sample(run: Run, tree: Path) -> None:
    """Add one sample to the sheets of a tree: the reads of the run under a new name, nothing of it done."""
    fastq = [one["file"] for one in read_json(run.results / f"release/receipts/samples/{run.sample}.json")["sources"]]
    for mate, file in enumerate(fastq, start=1):
        shutil.copyfile(run.folder / file, tree / f"newcomer_{mate}.fq.gz")
    with open(tree / "samples.tsv", "a", encoding="utf-8") as sheet:
        sheet.write("newcomer\tnewcase\tproband\tfemale\tyes\t\n")
    with open(tree / "units.tsv", "a", encoding="utf-8") as sheet:
        sheet.write("newcomer\tL1\tnewcomer_1.fq.gz\tnewcomer_2.fq.gz\n")


def _write_sheets(run: Run, tree: Path, names: list[str]) -> dict[str, Any]:
    """Write config, sheets and phenopackets; reads are links to those of the run."""
    config = dict(yaml.safe_load((run.folder / "config.yaml").read_text(encoding="utf-8")))
    config |= {"samples": "samples.tsv", "units": "units.tsv", "results": "results"}
    config["reference"] = {**config["reference"], "fasta": str((run.folder / config["reference"]["fasta"]).resolve())}
    (tree / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    fastq = [one["file"] for one in read_json(run.results / f"release/receipts/samples/{run.sample}.json")["sources"]]
    for folder in ("reads", "phenopackets"):
        (tree / folder).mkdir()
    rows = [
        "sample\tcase\trole\tsex\taffected\tphenopacket",
        *(f"{one}\t{_case(one)}\tproband\tfemale\tyes\tphenopackets/{one}.json" for one in names),
    ]
    (tree / "samples.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    rows = ["sample\tunit\tfastq_1\tfastq_2", *(f"{one}\tL1\treads/{one}_1.fq.gz\treads/{one}_2.fq.gz" for one in names)]
    (tree / "units.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    for name in names:
        for mate, file in enumerate(fastq, start=1):
            _link(run.folder / file, tree / f"reads/{name}_{mate}.fq.gz")
        (tree / f"phenopackets/{name}.json").write_text(json.dumps(_phenopacket(name)), encoding="utf-8")
    return config


def _case(sample: str) -> str:
    return f"c{sample[1:]}"


def _phenopacket(sample: str) -> dict[str, Any]:
    features = [{"type": {"id": term, "label": f"term {term}"}} for term in TERMS]
    return {"id": f"packet-{sample}", "subject": {"id": sample, "sex": "FEMALE"}, "phenotypicFeatures": features, **PHENOPACKET}


def _link_files(run: Run, results: Path, names: list[str]) -> None:
    """Link every file of the run that is of its sample or case, under each name; copy the others."""
    own = [file for file in sorted(run.results.rglob("*")) if file.is_file() and not {"versions", "logs", "receipts"} & set(file.parts)]
    for file in own:
        place = str(file.relative_to(run.results))
        if run.sample in place or run.case in place:
            patterns = [place.replace(run.sample, name).replace(run.case, _case(name)) for name in names]
            for target in patterns:
                _link(file, results / target)
        elif file.name not in ("manifest.json", "lineage.json", "completeness.tsv", "expected.tsv"):
            (results / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, results / place)


_made: set[str] = set()
_latest: dict[Path, Path] = {}


def _link(file: Path, target: Path) -> None:
    folder = str(target.parent)
    if folder not in _made:
        target.parent.mkdir(parents=True, exist_ok=True)
        _made.add(folder)
    try:
        os.link(_latest.get(file, file), target)
    except OSError as error:
        if error.errno != errno.EMLINK:
            raise
        shutil.copy2(file, target)  # a file system allows so many names of a file (ext4: 65,000); the next ones are of this copy
        _latest[file] = target


def _write_receipts(run: Run, config: dict[str, Any]) -> None:
    """Write receipts, the lists over all of them and the receipt of the cohort; the working directory is the tree."""
    settings = load_settings(config)
    cohort = load_cohort(settings)
    check_key(settings)
    limits = load_limit_sets(settings, cohort)
    identity = identify(settings, limits, settings.aligner)
    change = state_of_change(settings.results, settings.impact, identity["id"], None)
    page = page_params(settings, cohort, limits, [], key_in_use())
    members = Members(cohort)
    parts = PartsInUse(
        Facts(settings, identity, settings.aligner, change, released_facts(page, key_in_use(), config, members.digest(), identity, change))
    )
    inputs = UnitInputs(cohort, Given(limit_set=lambda sample: key_of(sample, limits)))
    templates = {
        kind: read_json(run.results / f"release/receipts/{kind}s/{name}.json")
        for kind, name in (("sample", run.sample), ("case", run.case))
    }
    seals = [_write_receipt(templates[unit.kind], run, unit, parts, inputs) for unit in _units(cohort)]
    members.write(settings.results)
    write_expected(settings, grid(settings, cohort))
    _write_lists(run, settings, cohort)
    content = read_json(run.results / "release/receipts/cohort.json") | {"parts": parts.of(Kind.COHORT)}
    content["inputs"] = {"receipts": digest_of_value(sorted(seals))}
    for one in content["files"]:
        status = (settings.results / one["file"]).stat()
        one |= {"bytes": status.st_size, "mtime_ns": status.st_mtime_ns}
    _write(settings.results / Unit(Kind.COHORT, COHORT_NAME).file, content)


def _units(cohort: Cohort) -> Iterator[Unit]:
    yield from (Unit(Kind.SAMPLE, name) for name in cohort.samples)
    yield from (Unit(Kind.CASE, name) for name in cohort.cases)


def _write_receipt(template: dict[str, Any], run: Run, unit: Unit, parts: PartsInUse, inputs: UnitInputs) -> str:
    """Write the receipt of a unit out of that of the run, and return its seal."""
    sample, case = (unit.name, _case(unit.name)) if unit.kind is Kind.SAMPLE else (f"s{unit.name[1:]}", unit.name)
    text = json.dumps(template["files"]).replace(run.sample, sample).replace(run.case, case)
    content = {**template, "unit": {"kind": unit.kind.value, "name": unit.name}, "files": json.loads(text)}
    content["inputs"], content["parts"] = inputs.digests(unit), parts.of(unit.kind, inputs.limit_set(unit))
    known = {one["name"]: one["digest"] for one in template["sources"]}
    content["sources"] = [_source(name, path, known) for name, path in inputs.sources(unit)]
    file = Path("results") / unit.file
    if str(file.parent) not in _made:
        file.parent.mkdir(parents=True, exist_ok=True)
        _made.add(str(file.parent))
    return _write(file, content)


def _source(name: str, path: str, known: dict[str, str]) -> dict[str, Any]:
    status = os.stat(path)
    digest = known.get(name) or digest_of_question(read_phenopacket(Path(path)))
    return {"name": name, "file": path, "bytes": status.st_size, "mtime_ns": status.st_mtime_ns, "digest": digest}


def _write(file: Path, content: dict[str, Any]) -> str:
    content["seal"] = seal_of(content)
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return str(content["seal"])


def _write_lists(run: Run, settings: Settings, cohort: Cohort) -> None:
    """Write completeness.tsv and manifest.json in full size, an entry of the run's under each name."""
    release = settings.results / "release"
    lines = (run.results / "release/completeness.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    with open(release / "completeness.tsv", "w", encoding="utf-8") as table:
        table.write(lines[0])
        for sample in cohort.samples:
            table.writelines(line.replace(run.sample, sample).replace(run.case, _case(sample)) for line in lines[1:])
    counts = read_json(run.results / "release/completeness.json")
    write_json(release / "completeness.json", {status: number * len(cohort.samples) for status, number in counts.items()})
    manifest = read_json(run.results / "release/manifest.json")
    with open(release / "manifest.json", "w", encoding="utf-8") as handle:
        entries = json.dumps([one for one in manifest["files"] if one["kind"] != "run"], indent=2)[2:-2]
        head = json.dumps({**manifest, "files": [one for one in manifest["files"] if one["kind"] == "run"]}, indent=2)
        handle.write(head.rsplit("]", 2)[0].rstrip())
        for sample in cohort.samples:
            handle.write(",\n" + entries.replace(run.sample, sample).replace(run.case, _case(sample)))
        handle.write("\n  ]\n}\n")
        handle.write("\n" * max(0, SMALL + 1 - handle.tell()))  # a tree has no sealed version to be looked at file by file


def main() -> None:
    """Write the tree that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("tree", type=Path)
    parser.add_argument("samples", type=int)
    asked = parser.parse_args()
    print(write_tree(read_run(asked.config.absolute()), asked.tree.absolute(), asked.samples))


if __name__ == "__main__":
    main()
