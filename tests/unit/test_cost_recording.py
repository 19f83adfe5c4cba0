"""What the main process notes of a job's files."""

from pathlib import Path
from types import SimpleNamespace

import snakemake.api  # noqa: F401 - first, or its modules import one another in a circle
from snakemake.io import flag

from workflow.costs.recording import _line_of


def test_a_line_has_the_outputs_of_a_job_and_not_its_benchmark(tmp_path: Path) -> None:
    made = [tmp_path / name for name in ("calls.vcf", "part.vcf", "job.tsv")]
    for file, size in zip(made, (2_000_000, 1_000_000, 100), strict=True):
        file.write_bytes(bytes(size))
    calls, part, benchmark = str(made[0]), flag(str(made[1]), "temp"), str(made[2])
    job = SimpleNamespace(wildcards_dict={"sample": "s"}, rule=SimpleNamespace(name="call"), benchmark=benchmark)
    line = _line_of(job, [calls, part, benchmark], SimpleNamespace(of=lambda _: 1.5))
    assert line["outputs"] == [[2.0, False], [1.0, True]]
    assert (line["rule"], line["gb"]) == ("call", 1.5)
