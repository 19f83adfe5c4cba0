"""What another release of a table (ClinVar, frequencies, a laboratory's own) does to a case: its records at the candidates, before and now.

Looked at are the candidates, the variants that were left out by name, and, of ClinVar, all calls of the case against variants that became
(likely) pathogenic or ceased to be: that word alone can bring a variant into the list.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import pysam

from workflow.bases import Bases
from workflow.bed_source import BedSource
from workflow.config_sections import Knowledge
from workflow.errors import InputError
from workflow.tabix_source import Site
from workflow.text import open_text
from workflow.vcf_source import VcfSource

NOTHING = "no record"
SEVERE = "athogenic"
Key = tuple[str, int, str, str]
Told = tuple[list[Mapping[str, str]], list[str]]


class TableAnswers:
    """Two releases of one table."""

    def __init__(self, now: Knowledge, old: Path, release: str, fasta: Path, results: Path) -> None:
        bases = Bases(fasta)
        kind = VcfSource if now.kind == "vcf" else BedSource
        before = Knowledge(now.name, old, release, now.kind, now.fields)
        self.name, self.results = now.name, results
        self.files = old, now.path
        self.sources = [kind(one, bases) for one in (before, now)]

    def of(self, interpretation: Mapping[str, Any]) -> Told | None:
        """Return (candidates whose record differs, why the answer may change); None where the old release cannot be read any more."""
        rows = [*interpretation["candidates"], *interpretation.get("withheld", ())]
        by_key = {(row["chrom"], row["pos"], row["ref"], row["alt"]): row["gene"] for row in rows}
        try:
            touched = list(self._differing(sorted(by_key), by_key))
            if self.name == "clinvar":
                touched += self._of_calls(str(interpretation["case"]), by_key)
        except (OSError, ValueError, InputError):
            return None
        if not touched:
            return [], []
        return touched, [f"{self.name} says something else of {len(touched)} variants of it: {', '.join(_names(touched))}"]

    def _differing(self, keys: Sequence[Key], genes: Mapping[Key, str]) -> Iterator[Mapping[str, str]]:
        """Give the variants of which the two releases say different things."""
        for contig, group in groupby(keys, key=lambda key: key[0]):
            own = list(group)
            sites = [Site(pos, ref, alt) for _, pos, ref, alt in own]
            before, now = (source.look_up(contig, sites) for source in self.sources)
            for key, one, other in zip(own, before, now, strict=True):
                if one != other:
                    yield _told(key, genes.get(key, ""), one, other)

    @cached_property
    def _turned(self) -> list[Key]:
        """Return the alleles that are called (likely) pathogenic in one release only; contigs as the new file has them."""
        before, now = (_severe(file) for file in self.files)
        return sorted(before ^ now)

    def _of_calls(self, case: str, known: Mapping[Key, str]) -> Iterator[Mapping[str, str]]:
        """Give the calls of a case that became (likely) pathogenic or ceased to be, beyond the variants already looked at."""
        with pysam.VariantFile(str(self.results / f"cases/{case}/{case}.vcf.gz")) as calls:
            names = {_plain(contig): contig for contig in map(str, calls.header.contigs)}
            for contig, pos, ref, alt in self._turned:
                own = names.get(_plain(contig))
                if own and (own, pos, ref, alt) not in known and _has(calls, own, pos, ref, alt):
                    yield from self._differing([(own, pos, ref, alt)], known)


def _has(calls: pysam.VariantFile, contig: str, pos: int, ref: str, alt: str) -> bool:
    """Return whether a case's calls, split, hold a variant."""
    return any((one.pos, one.ref, one.alts) == (pos, ref, (alt,)) for one in calls.fetch(contig, pos - 1, pos))


def _severe(file: Path) -> set[Key]:
    """Return the alleles of a ClinVar VCF whose CLNSIG names pathogenic or likely pathogenic; read once, line by line."""
    found = set()
    with open_text(file) as lines:
        for line in lines:
            if SEVERE in line and not line.startswith("#"):
                contig, pos, _, ref, alts, _, _, info, *_ = line.rstrip("\n").split("\t")
                word = next((item[7:] for item in info.split(";") if item.startswith("CLNSIG=")), "")
                if SEVERE in word and "onflicting" not in word:
                    found |= {(contig, int(pos), ref, alt) for alt in alts.split(",")}
    return found


def _plain(contig: str) -> str:
    return contig.removeprefix("chr").replace("MT", "M")


def _told(key: Key, gene: str, before: Mapping[str, str], now: Mapping[str, str]) -> Mapping[str, str]:
    """Return what is told of a variant: the fields that differ, before and now."""
    contig, pos, ref, alt = key
    fields = [name for name in dict.fromkeys([*before, *now]) if before.get(name) != now.get(name)]
    what = "; ".join(f"{name} {before.get(name, NOTHING)} → {now.get(name, NOTHING)}" for name in fields[:4])
    return {"gene": gene, "variant": f"{contig}:{pos} {ref}>{alt}", "what": what}


def _names(touched: Sequence[Mapping[str, str]], most: int = 3) -> list[str]:
    names = [f"{one['gene']} {one['variant']}".strip() for one in touched]
    return names[:most] + ([f"and {len(names) - most} more"] if len(names) > most else [])
