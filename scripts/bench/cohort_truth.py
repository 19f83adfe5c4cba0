"""Are the store's counts true? `python -m scripts.bench.cohort_truth VCF… [--store DIR] [--gaps N]`.

With `--store` the counts of a store that holds all samples of the VCFs, callable everywhere, are compared with those of
`bcftools +fill-tags` for every site. With `--gaps N` the first N samples go into a new store with invented gaps of callability, and
AC and AN are compared with a count that takes the genotypes one by one out of the VCF. Prints how many sites differ; status 1 if any does.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import cyvcf2
import numpy as np
from numpy.typing import NDArray

from workflow.cohort_store.sources import of_vcfs
from workflow.cohort_store.versions import create
from workflow.cohort_store.view import open_view
from workflow.cohort_store.writing import open_writer
from workflow.reference import plain_name

Key = tuple[str, int, str, str]
Told = dict[Key, tuple[int, ...]]
TAGS = r"%CHROM\t%POS\t%REF\t%ALT\t%AC\t%AN\t%AC_Hom\t%AC_Hemi\n"


def of_bcftools(vcf: Path) -> Told:
    """Return AC, AN, homozygotes and hemizygotes that bcftools counts, of the sites that anybody has."""
    fill = ["bcftools", "+fill-tags", str(vcf), "-Ou", "--", "-t", "AC,AN,AC_Hom,AC_Hemi"]
    tagged = subprocess.run(fill, check=True, capture_output=True).stdout
    table = subprocess.run(["bcftools", "query", "-f", TAGS, "-"], input=tagged, check=True, capture_output=True).stdout
    found: Told = {}
    for chrom, pos, ref, alt, *counts in (line.split("\t") for line in table.decode().splitlines()):
        ac, an, hom, hemi = map(int, counts)
        if ac:
            found[plain_name(chrom), int(pos), ref, alt] = ac, an, hom // 2, hemi
    return found


def of_store(store: Path) -> Told:
    """Return the same out of a store."""
    with open_view(store) as view:
        contigs = sorted({contig for contig, _ in view.windows})
        rows = [row for contig in contigs for table in view.region(contig, 1, 1 << 28) for row in table]
    return {(one.contig, one.pos, one.ref, one.alt): (found.ac, found.an, found.hom, found.hemi) for one, found in rows}


def different(ours: Told, theirs: Told) -> int:
    """Return at how many sites two counts differ, and show some."""
    wrong = [key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)]
    for key in wrong[:5]:
        print(key, ours.get(key), theirs.get(key))
    return len(wrong)


def gaps(vcfs: Sequence[Path], folder: Path, count: int, dice: random.Random) -> dict[str, list[tuple[str, int, int]]]:
    """Invent callable stretches for the first samples; return them by sample."""
    spans, names = [], cyvcf2.VCF(str(vcfs[0])).samples[:count]
    for vcf in vcfs:
        places = [(record.CHROM, record.POS) for record in cyvcf2.VCF(str(vcf), samples=names[:1])]
        spans.append((places[0][0], places[0][1] - 1, places[-1][1]))
    found = {name: [stretch for span in spans for stretch in _stretches(*span, dice)] for name in names}
    for name, stretches in found.items():
        (folder / f"{name}.bed").write_text("".join(f"{contig}\t{start}\t{end}\n" for contig, start, end in stretches))
    return found


def _stretches(contig: str, start: int, end: int, dice: random.Random) -> Iterator[tuple[str, int, int]]:
    while start < end:
        stop = min(end, start + dice.randint(1, 4000))
        if dice.random() < 0.8:
            yield contig, start, stop
        start = stop


def one_by_one(vcfs: Sequence[Path], stretches: dict[str, list[tuple[str, int, int]]]) -> Told:
    """Count genotypes one by one."""
    found: Told = {}
    names = list(stretches)
    for vcf in vcfs:
        reader = cyvcf2.VCF(str(vcf), samples=names)
        for record in reader:
            genotypes: NDArray[np.int16] = record.genotype.array()[:, :-1]
            ac = an = hom = hemi = 0
            for name, genotype in zip(reader.samples, genotypes.tolist(), strict=True):
                if not any(contig == record.CHROM and start < record.POS <= end for contig, start, end in stretches[name]):
                    continue
                alleles = [allele for allele in genotype if allele >= 0]
                an += len(alleles)
                ac += sum(alleles)
                hom += len(alleles) == 2 and sum(alleles) == 2
                hemi += len(alleles) == 1 and sum(alleles) == 1
            if ac:
                found[plain_name(record.CHROM), record.POS, record.REF, record.ALT[0]] = ac, an, hom, hemi
    return found


def with_gaps(vcfs: Sequence[Path], count: int) -> tuple[int, int]:
    """Return sites that differ, and all sites, of a new store with gaps."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stretches = gaps(vcfs, folder, count, random.Random(1))
        create(folder / "store", "GRCh38", 5)
        with open_writer(folder / "store", "truth") as writer:
            writer.add(list(of_vcfs(vcfs, folder, {}, "GRCh38", list(stretches), beacon=False)))
        ours, theirs = of_store(folder / "store"), one_by_one(vcfs, stretches)
        assert all(ac <= an for ac, an, _, _ in ours.values())
        return different(ours, theirs), len(theirs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare."""
    parser = argparse.ArgumentParser(prog="cohort_truth", description=__doc__)
    parser.add_argument("vcf", nargs="+", type=Path)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--gaps", type=int, metavar="N")
    given = parser.parse_args(arguments)
    wrong = 0
    if given.store:
        theirs = {key: counts for vcf in given.vcf for key, counts in of_bcftools(vcf).items()}
        named = {key[0] for key in theirs}
        ours = {key: counts for key, counts in of_store(given.store).items() if key[0] in named}
        wrong += (found := different(ours, theirs))
        print(f"bcftools: {found} of {len(theirs)} sites differ")
    if given.gaps:
        found, sites = with_gaps(given.vcf, given.gaps)
        wrong += found
        print(f"gaps: {found} of {sites} sites differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
