"""The proof that a sample's CRAM holds every read of its FASTQ files: both read to their end, compared by counts and hashes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.files import read_json, write_json
from workflow.retention.proof import make_proof, reference_of
from workflow.retention.read_digest import digest_cram, digest_fastq


def main(*, input: Any, output: Any, params: Any, wildcards: Any, threads: int, **_: Any) -> None:
    """Write `<results>/retention/{sample}.proof.json`, or refuse where anything differs."""
    cram, units = Path(input.cram), list(params.units)
    before = cram.stat()
    paths = [Path(path) for path in input.fastq]
    with ThreadPoolExecutor(max_workers=max(1, min(2, threads))) as pool:
        held = pool.submit(digest_cram, cram, str(input.fasta), 1)
        fastq = [digest_fastq(path) for path in paths]
        digests = held.result()
    files = {unit: (fastq[2 * number], fastq[2 * number + 1]) for number, unit in enumerate(units)}
    groups = {unit: f"{wildcards.sample}.{unit}" for unit in units}
    alignment = dict(params.alignment) | reference_of(Path(input.dictionary))
    proof = make_proof(wildcards.sample, cram, digests, read_json(input.record), files, groups, alignment)
    after = cram.stat()
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise InputError("the file changed while it was read", file=cram, remedy="run the same command again")
    write_json(output[0], proof)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
