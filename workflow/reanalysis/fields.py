"""Annotated calls with the fields of some sources out of another release; names and consequences stay as they are."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pysam

from workflow.annotated_header import knowledge_lines
from workflow.bases import Bases
from workflow.bed_source import BedSource
from workflow.case_calls import Row, batches
from workflow.closed_genes import CLOSED
from workflow.config_sections import Knowledge
from workflow.files import atomic
from workflow.tabix_source import Source
from workflow.text import open_text, read_vcf_header
from workflow.variants import KnowledgeState, read_knowledge
from workflow.vcf_source import VcfSource

MAY_MATTER = ("|HIGH|", "|MODERATE|", "splice_region_variant", "athogenic")
"""One of these stands in each record that the sieve keeps, or names among what it withholds (`workflow/candidates.py`)."""
READERS: Mapping[str, Callable[[Knowledge, Bases], Source]] = {"vcf": VcfSource, "bed": BedSource}
_LINE = re.compile(r"^##genvej_knowledge=<ID=([^,]+),")


def sources_of(knowledge: Iterable[Knowledge], bases: Bases) -> list[Source]:
    """Return the readers of those sources that annotate variants.

    Raises:
        InputError: a source is not of this assembly, or has no index.
    """
    return [READERS[one.kind](one, bases) for one in knowledge if one.kind in READERS]


def with_fields(vcf: str, output: Path, sources: Sequence[Source]) -> None:
    """Write the calls with the fields of `sources` in place of those of the same names, and an index beside them.

    A record of which nothing may be said (a gene outside of the question, without consent) has no name, and gets no field.
    """
    fresh = {source.knowledge.name: source.knowledge for source in sources}
    starts = tuple(f"{name}_" for name in fresh)
    with open_text(vcf) as lines, atomic(output) as part:
        head = [line.rstrip("\n") for line in read_vcf_header(lines)]
        closed = any(CLOSED in line for line in head)
        with pysam.BGZFile(str(part), "wb", None) as target:
            target.write("".join(f"{line}\n" for line in _head(head, sources, fresh)).encode())
            for rows in batches(lines):
                target.write("".join(_lines(rows, sources, starts, closed)).encode())
        pysam.tabix_index(str(part), preset="vcf", force=True)


def _head(head: Sequence[str], sources: Sequence[Source], fresh: Mapping[str, Knowledge]) -> Iterator[str]:
    own = tuple(f"##INFO=<ID={name}_" for name in fresh)
    yield from (line for line in head[:-1] if not line.startswith(own) and not ((match := _LINE.match(line)) and match[1] in fresh))
    yield from (line for line in knowledge_lines(fresh) if (match := _LINE.match(line)) and match[1] in fresh)
    yield from (field.header() for source in sources for field in source.info)
    yield head[-1]


def _lines(rows: Sequence[Row], sources: Sequence[Source], starts: tuple[str, ...], closed: bool) -> Iterator[str]:
    found = [source.look_up(rows[0].contig, [row.site for row in rows]) for source in sources]
    for at, row in enumerate(rows):
        kept = tuple(entry for entry in row.info if not entry.startswith(starts))
        open_ = not closed or any(entry.startswith(("HGVSg=", "CSQ=")) for entry in kept)
        values = [f"{name}={value}" for source in found for name, value in source[at].items()] if open_ else []
        yield Row(row.contig, row.site, row.before, kept, row.bcsq, row.after).with_info(values)


def that_may_matter(vcf: str, output: Path) -> int:
    """Write the records that can be candidates under any knowledge, as a plain VCF; return how many were left out.

    Of a genome's five million records some ten thousand are left; as text, they are picked out in seconds. Without gene models any record
    may be a candidate, and all are kept.
    """
    left_out = 0
    genes_known = read_knowledge(vcf).get("gene_models", KnowledgeState("", False, "")).evaluated
    with open_text(vcf) as lines, atomic(output) as part, open(part, "w", encoding="utf-8") as target:
        for line in lines:
            if line[0] == "#" or not genes_known or any(word in line for word in MAY_MATTER):
                target.write(line)
            else:
                left_out += 1
    return left_out
