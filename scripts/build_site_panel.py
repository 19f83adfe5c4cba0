"""Make a laboratory's own panel of common variants from VCFs of a population: `identity.sites` of the config takes the file.

    python -m scripts.build_site_panel --assembly GRCh38 --name NAME --release RELEASE --output PANEL.tsv.gz VCF …

A frequency is INFO/AF, else AC/AN, else counted from the genotypes. Kept are single-nucleotide variants with one alternative base,
a frequency of 0.05 to 0.95 and no filter, `--spacing` bases apart or more.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pysam

from workflow.errors import InputError
from workflow.frequency_sites import LEAST_SPACING, common_site
from workflow.reference import AUTOSOMES, plain_name
from workflow.site_panel import Row, panel_of, write_panel

ORDER = {name: number for number, name in enumerate((*AUTOSOMES, "X", "Y"))}


def sites_of(vcf: Path) -> Iterator[Row]:
    """Yield the common sites of a sorted VCF, read to its end, on chromosomes 1 to 22, X and Y.

    Raises:
        InputError: it cannot be read as VCF.
    """
    try:
        with pysam.VariantFile(str(vcf)) as records:
            for (contig, _), same in groupby(records, key=lambda record: (record.chrom, record.start)):
                if plain_name(contig) in ORDER and (site := common_site(contig, list(same), ("AF",))):
                    yield site
    except (OSError, ValueError) as error:
        raise InputError("this cannot be read as VCF", file=vcf, remedy="give sorted VCF, plain or bgzipped") from error


def spaced(rows: Sequence[Row], spacing: int) -> list[Row]:
    """Return sites in the order of the genome, the first of those closer together than `spacing` bases."""
    kept: list[Row] = []
    for row in sorted(rows, key=lambda row: (ORDER[plain_name(row[0])], row[1])):
        if not kept or kept[-1][0] != row[0] or row[1] - kept[-1][1] >= spacing:
            kept.append(row)
    return kept


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """Return the command line's values."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vcf", nargs="+", type=Path)
    parser.add_argument("--assembly", required=True, choices=["GRCh37", "GRCh38"])
    parser.add_argument("--name", required=True, help="name of the panel")
    parser.add_argument("--release", required=True, help="release or date of the population's data")
    parser.add_argument("--spacing", type=int, default=LEAST_SPACING, help="least distance of two sites (bases)")
    parser.add_argument("--output", required=True, type=Path)
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Write the panel; return 1 with one sentence where that cannot be done."""
    chosen = arguments(words)
    try:
        rows = spaced([row for vcf in chosen.vcf for row in sites_of(vcf)], chosen.spacing)
        if not rows:
            raise InputError(
                "there is no common variant in the VCFs", file=chosen.vcf[0], remedy="give variants with frequencies or genotypes"
            )
        source = ", ".join(vcf.name for vcf in chosen.vcf)
        write_panel(chosen.output, panel_of(rows, name=chosen.name, assembly=chosen.assembly, release=chosen.release, source=source))
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{chosen.output}: {len(rows)} sites")
    return 0


if __name__ == "__main__":
    sys.exit(main())
