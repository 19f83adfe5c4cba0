"""Settings, sections and the list of the tools' reports for MultiQC."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from workflow.digests import ROOT
from workflow.files import atomic, read_json, write_json
from workflow.sections import sections

TEMPLATES = ROOT / "workflow" / "report" / "multiqc"


def main(*, input: Any, output: Any, **_: Any) -> None:
    """Write settings, sections and the list of files for MultiQC."""
    folder = Path(output.config).parent
    releases, of_cases = [read_json(path) for path in input.samples], [read_json(path) for path in input.cases]
    karyotypes = {one["sample"]: read_json(path) for one, path in zip(releases, input.karyotypes, strict=True)}
    made = sections(releases, of_cases, karyotypes, [read_json(path) for path in input.fastq], read_json(input.change))
    files = [folder / f"{section['id']}_mqc.json" for section in made]
    for file, section in zip(files, made, strict=True):
        write_json(file, section)
    with atomic(output.files) as part:
        part.write_text("".join(f"{path}\n" for path in (*files, *input.reports)))
    with atomic(output.css) as part:
        shutil.copyfile(TEMPLATES / "genvej.css", part)
    settings = yaml.safe_load((TEMPLATES / "config.yaml").read_text(encoding="utf-8")) | {"custom_css_files": [output.css]}
    with atomic(output.config) as part:
        part.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
