"""Write a heterozygous single-nucleotide variant into half of the fragments that cover it.

A fragment is changed as a whole: both mates, where both cover the position. Base qualities stay. Fragments are ordered by
strand and then by a hash of the read name, and every second one is taken: half of them in all and half on each strand
(to within one fragment), the same ones on every machine, whatever else is in the reads.
"""

import gzip
from pathlib import Path
from typing import Any

import pysam

from workflow.files import atomic
from workflow.spiking import Variant, edited, edits_of, half_of, name_of, of_mate


def main(*, input: Any, output: Any, params: Any, **_: object) -> None:
    """Write `params.variant` into half of the fragments of a FASTQ pair, found by their alignments in a BAM."""
    variant = Variant(**params.variant)
    originals = [gzip.decompress(Path(path).read_bytes()).splitlines(keepends=True) for path in input.fastq]
    names = {name_of(header) for header in originals[0][::4]}
    with pysam.AlignmentFile(input.bam) as bam:
        covering = edits_of(bam.fetch(variant.contig, variant.position - 1, variant.position), names, variant)
    chosen = half_of(covering)
    for mate, (lines, path) in enumerate(zip(originals, output, strict=True)):
        with atomic(path) as part:
            part.write_bytes(gzip.compress(b"".join(edited(lines, of_mate(chosen, mate))), compresslevel=4, mtime=0))
    reverse = sum(edits[0].reverse for edits in chosen.values())
    print(f"{variant} written into {len(chosen)} of the {len(covering)} fragments that cover it ({reverse} of them on the reverse strand)")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
