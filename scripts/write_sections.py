"""Settings, sections and the list of the tools' reports for MultiQC."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from workflow.digests import ROOT
from workflow.files import atomic, read_json, write_json
from workflow.receipts.members import Member, cases_of, of_each, read_members
from workflow.sections import sections

OF_SAMPLE = ("stats", "mosdepth.global.dist", "mosdepth.region.dist", "mosdepth.summary")
TEMPLATES = ROOT / "workflow" / "report" / "multiqc"


def reports(results: str, members: Sequence[Member]) -> Iterator[str]:
    """Give the tools' own reports on every sample and case."""
    for one in members:
        yield from (f"{results}/reads/{one.sample}/{unit}.fastp.json" for unit in one.units.split(","))
    yield from (f"{results}/coverage/{one.sample}.{name}.txt" for name in OF_SAMPLE for one in members)
    yield from of_each(results, "release/variants/{name}.stats.txt", cases_of(members))


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write settings, sections and the list of files for MultiQC."""
    folder = Path(output.config).parent
    members = read_members(params.results)
    names, cases = [one.sample for one in members], cases_of(members)
    releases, fastq, karyotypes, of_cases = (
        [read_json(path) for path in of_each(params.results, pattern, those)]
        for pattern, those in (
            ("samples/{name}/release.json", names),
            ("samples/{name}/fastq.json", names),
            ("coverage/{name}.karyotype.json", names),
            ("cases/{name}/release.json", cases),
        )
    )
    made = sections(releases, of_cases, dict(zip(names, karyotypes, strict=True)), fastq, read_json(input.change))
    files = [folder / f"{section['id']}_mqc.json" for section in made]
    for file, section in zip(files, made, strict=True):
        write_json(file, section)
    with atomic(output.files) as part:
        part.write_text("".join(f"{path}\n" for path in (*files, *reports(params.results, members))))
    with atomic(output.css) as part:
        shutil.copyfile(TEMPLATES / "genvej.css", part)
    settings = yaml.safe_load((TEMPLATES / "config.yaml").read_text(encoding="utf-8")) | {"custom_css_files": [output.css]}
    with atomic(output.config) as part:
        part.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
