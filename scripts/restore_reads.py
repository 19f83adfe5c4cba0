"""The FASTQ files of a sample made again from its CRAM, each proved to hold the reads that were removed.

    python -m scripts.restore_reads --config WORK/config.yaml --sample NAME [--directory WORK] [--output FOLDER]

They are written where units.tsv has them, so that the next run aligns the sample anew; with --output into a folder, and the run goes on
from its CRAM. Reads come in another order than they came in, and without what stood behind the first blank of their first line.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from workflow.errors import InputError
from workflow.genome import load_genome
from workflow.jobs import run_command
from workflow.retention.command import Run, alone, load_run, parser
from workflow.retention.proof import load_proof, proof_path
from workflow.retention.removal_log import append_events
from workflow.retention.restoring import restore
from workflow.schema import nearest


def destinations(run: Run, sample: str, folder: Path | None) -> dict[str, tuple[Path, Path]]:
    """Return where the reads of each unit go.

    Raises:
        InputError: the sample is unknown, or a file is there already.
    """
    if sample not in run.cohort.units:
        what = f"there is no sample `{sample}` ({nearest(sample, run.cohort.units)})"
        raise InputError(what, file=run.settings.samples, remedy="give --sample a name of the sheet")
    found = {unit.name: (Path(unit.fastq_1), Path(unit.fastq_2)) for unit in run.cohort.units[sample]}
    if folder:
        found = {name: (folder / f"{sample}.{name}_1.fastq.gz", folder / f"{sample}.{name}_2.fastq.gz") for name in found}
    if there := next((path for pair in found.values() for path in pair if path.exists()), None):
        raise InputError("the file is there already", file=there, remedy="move it away, or name another folder with --output (OUTPUT=)")
    return found


def work(run: Run, sample: str, folder: Path | None) -> None:
    """Restore a sample's reads.

    Raises:
        InputError: there is no proof to compare with, or the CRAM does not hold the reads.
    """
    files = destinations(run, sample, folder)
    proof = load_proof(run.settings.results, sample)
    if proof is None:
        what = f"there is no proof of what the raw reads of sample `{sample}` were"
        raise InputError(what, file=proof_path(run.settings.results, sample), remedy="only reads that a proof tells of can be restored")
    proved = {unit["unit"] for unit in proof["units"]}
    files = {name: pair for name, pair in files.items() if name in proved}
    cram = run.settings.results / "samples" / sample / f"{sample}.cram"
    if not cram.is_file():
        raise InputError("the CRAM is not there", file=cram, remedy="put it back from the newest version under release/versions")
    facts = restore(cram, load_genome(run.settings).fasta, proof, files)
    if folder is None:
        append_events(run.settings.results, facts)
    for fact in facts:
        print(f"{fact['file']}: {fact['bytes']:,} bytes, the reads that were proved")


def main(arguments: Sequence[str]) -> None:
    """Do what the command line says."""
    options = parser(__doc__, "restore_reads")
    options.add_argument("--sample", required=True, help="name of the sample")
    options.add_argument("--output", type=Path, help="folder (default: where units.tsv has the files)")
    chosen = options.parse_args(arguments)
    folder = chosen.output.absolute() if chosen.output else None
    run = load_run(chosen.config, chosen.directory)
    with alone():
        work(run, chosen.sample, folder)


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
