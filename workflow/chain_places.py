"""Where in the chain from reads to decision a parameter, a tool or a file of the project enters.

Places: alignment, karyotype, calls, annotation, ranking, coverage, decision, `limit <metric>`, page; what is shared enters everywhere.
"""

from collections.abc import Mapping, Sequence

from workflow.identity import PYTHON_PACKAGES
from workflow.tools import read_pins

EVERYWHERE = "everything"
PARAMETER_ENTERS: Mapping[str, tuple[str, ...]] = {
    "aligner": ("alignment",),
    "caller": ("calls",),
    "calling": ("calls",),
    "regions": ("calls", "coverage", "karyotype"),
    "callable.min_depth": ("coverage", "ranking"),
    "callable.min_mapping_quality": ("coverage", "karyotype"),
    "interpretation.gap_genes": ("page",),
    "interpretation.secondary_findings": ("annotation", "ranking"),
    "interpretation": ("ranking",),
    "identity": ("karyotype", "decision"),
    "release.limits": ("decision",),
    "reference": (EVERYWHERE,),
}
"""By key or the start of one, the longest that fits; `release.limits.<metric>` enters at `limit <metric>`."""
TOOL_ENTERS: Mapping[str, tuple[str, ...]] = {
    "alignment": ("alignment",),
    "reads": ("coverage",),
    "coverage": ("coverage", "karyotype"),
    "gatk": ("calls",),
    "freebayes": ("calls",),
    "annotation": ("calls", "annotation"),
    "phasing": ("ranking",),
}
"""By environment: the annotation environment also joins, filters and normalises calls."""
CODE_ENTERS: Mapping[str, tuple[str, ...]] = {
    "scripts/list_territory.py": ("calls", "coverage", "karyotype"),
    "rules/intake.smk": ("coverage",),
    "scripts/verify_fastq.py": ("coverage",),
    "scripts/merge_fastq_records.py": ("coverage",),
    "scripts/accept_intake.py": (),
    "rules/reads.smk": ("coverage",),
    "rules/alignment.smk": ("alignment",),
    "workflow/alignment.py": ("alignment",),
    "rules/coverage.smk": ("coverage", "karyotype"),
    "scripts/list_callable.py": ("coverage",),
    "scripts/decide_karyotype.py": ("karyotype",),
    "scripts/collect_qc.py": ("coverage",),
    "rules/identity.smk": ("karyotype", "decision"),
    "scripts/select_sites.py": ("karyotype", "decision"),
    "scripts/count_sites.py": ("karyotype", "decision"),
    "scripts/check_identity.py": ("decision",),
    "rules/screening.smk": ("calls",),
    "scripts/screen_reads.py": ("calls",),
    "scripts/join_tiers.py": ("calls",),
    "scripts/filter_calls.py": ("calls",),
    "rules/gatk.smk": ("calls",),
    "rules/freebayes.smk": ("calls",),
    "rules/small_variants.smk": ("calls",),
    "workflow/genome.py": ("calls",),
    "rules/relations.smk": ("decision",),
    "scripts/fingerprint_sample.py": ("decision",),
    "scripts/gather_fingerprints.py": ("decision",),
    "scripts/relate_sample.py": ("decision",),
    "rules/annotation.smk": ("calls", "annotation"),
    "scripts/annotate_variants.py": ("annotation",),
    "resources/refseq_accessions.tsv": ("annotation",),
    "rules/family.smk": ("ranking",),
    "scripts/examine_family.py": ("ranking",),
    "resources/imprinted_genes.tsv": ("ranking",),
    "rules/interpretation.smk": ("ranking",),
    "scripts/rank_candidates.py": ("ranking",),
    "rules/evidence.smk": ("annotation", "ranking"),
    "scripts/decide_scope.py": ("annotation", "ranking"),
    "scripts/classify_candidates.py": ("ranking",),
    "rules/completeness.smk": ("decision",),
    "scripts/check_calls.py": ("decision",),
    "scripts/cover_genes.py": ("decision",),
    "rules/release.smk": ("decision",),
    "scripts/decide_release.py": ("decision",),
    "scripts/decide_case.py": ("decision",),
    "rules/report.smk": ("page",),
    "scripts/collect_report.py": ("page",),
    "scripts/export_case.py": ("page",),
    "workflow/report/methods.yaml": ("page",),
    "workflow/schemas/report.schema.yaml": ("page",),
}
"""By file; one that is not named here enters everywhere."""


def places_of_parameter(name: str) -> Sequence[str]:
    """Return the places at which a parameter enters, by its dotted key."""
    name = name.partition(" of ")[0]  # of which order or role the limit is makes no difference
    if name.startswith("release.limits."):
        return (f"limit {name.removeprefix('release.limits.').rsplit('.', 1)[0]}",)
    start = max((key for key in PARAMETER_ENTERS if name == key or name.startswith(f"{key}.")), key=len, default="")
    return PARAMETER_ENTERS.get(start, (EVERYWHERE,))


def places_of_tool(name: str) -> set[str]:
    """Return the places at which a tool enters: those of its environments."""
    if name == PYTHON_PACKAGES or name not in read_pins():
        return {EVERYWHERE}
    return {place for env in read_pins()[name].envs for place in TOOL_ENTERS.get(env, ())} or {EVERYWHERE}


def places_of_code(name: str) -> Sequence[str]:
    """Return the places at which a file of the project enters."""
    return CODE_ENTERS.get(name, (EVERYWHERE,))
