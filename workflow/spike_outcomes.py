"""What a run made of each spiked variant: called or not and why, its names, its rank; and the table over all of them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.bases import Bases
from workflow.calibration import LEVELS, TERM_GROUPS, shares
from workflow.case_base import SolvedCase
from workflow.csq_field import effects
from workflow.files import read_json
from workflow.hgvs_edits import trimmed_change
from workflow.hgvs_names import TranscriptNamer
from workflow.intervals import read_bed
from workflow.published_spikes import Spike, Written
from workflow.spike_background import OFFERED, Background, GeneRanks
from workflow.spiking import Variant
from workflow.transcript import Transcript
from workflow.variants import AnnotatedVariant, Genotype, read_annotated

Row = dict[str, Any]
CALLED, FLAGGED, NOT_ASSESSED, MISSED = "called", "flagged", "not assessed", "missed"
NEAR_SPLICE_SITE = re.compile(r"c\.[-*]?\d+[+-][1-8][ACGT_di]")
RANKS = {
    "rank": "candidates of the run",
    "offered": f"the gene and {OFFERED} other genes with a disease, a variant in each",
    "offered_lopo": "the same, own publication left out",
    "all_genes": "terms alone, all genes with a disease",
    "all_genes_lopo": "the same, own publication left out",
}


def outcome(spike: Spike, written: Written, results: Path, transcripts: Sequence[Transcript], bases: Bases) -> Row:
    """Return what became of one spike.

    `status`: called · flagged by the caller's filters · not assessed: no call, and too few reads to see one (callable.bed.gz) · missed: no
    call where a call is owed. `listed` says where the interpretation tells of it.
    """
    variant, interpretation = spike.variant, read_json(results / f"interpretation/{spike.case}.json")
    record = next((one for one in read_annotated(results / f"cases/{spike.case}/{spike.case}.vcf.gz") if _is(variant, one)), None)
    genotype = record.genotypes[spike.case] if record else None
    names = names_of(spike, record, transcripts, bases)
    candidate = next((one for one in interpretation["candidates"] if _told(variant, one)), None)
    return {
        "case": spike.case, "gene": spike.gene, "variant": str(variant), "patient": spike.patient, "source": spike.source,
        "patients_with_variant": len(spike.patients), "terms": len(spike.observed), "excluded_terms": len(spike.excluded),
        "terms_not_in_release": spike.unknown_terms, "fragments": written.over, "fragments_changed": written.changed,
        "status": status(record, genotype, _covered(variant, results / f"samples/{spike.case}/callable.bed.gz")),
        "genotype": text_of(genotype), "genotype_right": text_of(genotype) == spike.genotype if genotype else None,
        "reads": sum(genotype.allele_depths) if genotype and genotype.allele_depths else None,
        "variant_reads": genotype.allele_depths[1] if genotype and genotype.allele_depths else None,
        "listed": listed(variant, interpretation), "rank": candidate["rank"] if candidate else None,
        "candidates": len(interpretation["candidates"]), "score": candidate["score"] if candidate else None,
        "weight": candidate["variant_score"] + candidate["inheritance_score"] if candidate else None, **names,
    }  # fmt: skip


def _is(variant: Variant, record: AnnotatedVariant) -> bool:
    return (record.contig, record.pos, record.ref, record.alt) == (variant.contig, variant.position, variant.ref, variant.alt)


def _told(variant: Variant, named: Mapping[str, Any]) -> bool:
    return (named["chrom"], named["pos"], named["ref"], named["alt"]) == (variant.contig, variant.position, variant.ref, variant.alt)


def _covered(variant: Variant, callable_bed: Path) -> bool:
    """Tell whether every base of REF is callable."""
    start, end = variant.position - 1, variant.position - 1 + len(variant.ref)
    return any(first <= start and end <= last for first, last in read_bed(callable_bed).get(variant.contig, []))


def status(record: AnnotatedVariant | None, genotype: Genotype | None, covered: bool) -> str:
    """Return called, flagged, not assessed or missed."""
    if record is None or genotype is None or 1 not in genotype.alleles:
        return MISSED if covered else NOT_ASSESSED
    return FLAGGED if record.filters else CALLED


def text_of(genotype: Genotype | None) -> str:
    """Return a genotype as VCF writes it, unphased, the reference first; empty without one."""
    return "/".join(sorted("." if one is None else str(one) for one in genotype.alleles)) if genotype else ""


def listed(variant: Variant, interpretation: Mapping[str, Any]) -> str:
    """Return where an interpretation tells of a variant, empty where it does not."""
    if any(_told(variant, one) for one in interpretation["candidates"]):
        return "candidate"
    withheld = next((one["why"] for one in interpretation["withheld"] if _told(variant, one)), "")
    apart = next((one["category"] for one in interpretation["not_assessed_for_effect"]["variants"] if _told(variant, one)), "")
    return "; ".join(filter(None, [f"withheld: {withheld}" if withheld else "", f"no candidate: {apart}" if apart else ""]))


def names_of(spike: Spike, record: AnnotatedVariant | None, transcripts: Sequence[Transcript], bases: Bases) -> Row:
    """Return published and own HGVS names on the published transcript; of a variant without a call, as its place gives them."""
    published = {kind: spike.names.get(kind, "") for kind in ("c", "p")}
    accession = published["c"].partition(":")[0].partition(".")[0]
    if record:
        found = {one.transcript.partition(".")[0]: (one.hgvs_c, one.hgvs_p) for one in record.consequences}
    else:
        found = named_by_place(spike.variant, transcripts, bases)
    own = dict(zip(("c", "p"), found.get(accession, ("", "")), strict=True))
    row: Row = {"named_from": "call" if record else "place"}
    for kind in ("c", "p"):
        row[f"published_{kind}"], row[f"hgvs_{kind}"] = published[kind], own[kind]
        row[f"hgvs_{kind}_equal"] = plain_name(published[kind]) == plain_name(own[kind]) if published[kind] else None
    return row


def named_by_place(variant: Variant, transcripts: Sequence[Transcript], bases: Bases) -> dict[str, tuple[str, str]]:
    """Return {accession without version: (c. name, p. name)}."""
    change = trimmed_change(variant.contig, variant.position, variant.ref, variant.alt)
    namers = [TranscriptNamer(one, bases) for one in transcripts]
    near = {one.transcript.source_id: ["splice_region_variant"] for one in namers if NEAR_SPLICE_SITE.match(one.names(change).coding)}
    found = effects(change, namers, near, {})
    return {one.namer.transcript.id.partition(".")[0]: (one.names.coding, one.names.protein) for one in found}


def plain_name(name: str) -> str:
    """Return an HGVS name without accession and parentheses, which papers use as they please."""
    return name.rpartition(":")[2].replace("(", "").replace(")", "")


def with_background(rows: Iterable[Row], background: Background) -> list[Row]:
    """Add the ranks of each case's gene beside others."""
    patients = {one.id: one for one in background.left_out.patients}
    return [row | vars(_ranks(row["patient"], row["weight"], patients, background)) for row in rows]


def _ranks(patient: str, weight: float | None, patients: Mapping[str, SolvedCase], background: Background) -> GeneRanks:
    return background.ranks(patients[patient], weight) if patient in patients else GeneRanks(None, None, None, None)


def all_patients(rows: Iterable[Row], spikes: Iterable[Spike], background: Background) -> Row:
    """Return the shares of ranks over every patient whose variant was called, with the call of the one patient that was run."""
    patients, called = {one.id: one for one in background.left_out.patients}, {row["case"]: row for row in rows if row["status"] == CALLED}
    found = [
        {"terms": len(patients[name].observed) if name in patients else 0}
        | vars(_ranks(name, called[spike.case]["weight"], patients, background))
        for spike in spikes
        if spike.case in called
        for name in spike.patients
    ]
    return _tables(found, [name for name in RANKS if name != "rank"])


def summary_of(rows: Sequence[Row]) -> Row:
    """Return counts and shares: every share of ranks is of the variants called, one without a rank being a miss."""
    called = [row for row in rows if row["status"] == CALLED]
    named = {kind: [row for row in rows if row[f"hgvs_{kind}_equal"] is not None] for kind in ("c", "p")}
    return {
        "variants": len(rows),
        "status": {name: sum(row["status"] == name for row in rows) for name in (CALLED, FLAGGED, NOT_ASSESSED, MISSED)},
        "genotype_right": sum(bool(row["genotype_right"]) for row in called),
        "first_in_run": {"n": len(called), "right": sum(row["rank"] == 1 for row in called)},
        "called_and_no_candidate": [f"{row['case']}: {row['listed'] or 'told nowhere'}" for row in called if row["rank"] is None],
        **{f"hgvs_{kind}": {"n": len(of), "equal": sum(row[f"hgvs_{kind}_equal"] for row in of)} for kind, of in named.items()},
        **_tables(called, list(RANKS)),
    }


def _shares(rows: Sequence[Row], name: str) -> dict[str, float]:
    return shares(float("inf") if row[name] is None else row[name] for row in rows)


def _tables(rows: Sequence[Row], names: Sequence[str]) -> Row:
    """Return `ranks` and, by number of terms, `by_terms`: the shares at rank 1, 5 and 10 for each kind of rank."""
    groups = {f"{title} terms": [row for row in rows if low <= row["terms"] <= high] for title, low, high in TERM_GROUPS}
    return {
        "ranks": {name: {"among": RANKS[name], **_shares(rows, name)} for name in names},
        "by_terms": {title: {name: _shares(own, name) for name in names} for title, own in groups.items()},
    }


def lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines of the table for people."""
    yield f"{summary['variants']} published variants: " + ", ".join(f"{count} {name}" for name, count in summary["status"].items())
    yield f"genotype right in {summary['genotype_right']} of {summary['status'][CALLED]} called"
    yield from (f"HGVS.{kind} as published: {summary[f'hgvs_{kind}']['equal']} of {summary[f'hgvs_{kind}']['n']}" for kind in ("c", "p"))
    yield f"rank 1 in the run: {summary['first_in_run']['right']} of {summary['first_in_run']['n']} called"
    yield from (f"called and no candidate: {text}" for text in summary["called_and_no_candidate"])
    yield from rank_lines("rank among, one patient a variant", summary)


def rank_lines(title: str, tables: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines of `ranks` and `by_terms`."""
    yield f"{title:68}{'n':>5}" + "".join(f"{f'top {level}':>8}" for level in LEVELS) + "   per cent of called"
    for name, row in tables["ranks"].items():
        yield _line(row["among"], row)
        yield from (_line(f"  {group}", own[name]) for group, own in tables["by_terms"].items() if own[name]["n"])


def _line(title: str, row: Mapping[str, Any]) -> str:
    return f"{title:68}{row['n']:>5}" + "".join(f"{row[f'top{level}']:>8}" for level in LEVELS)
