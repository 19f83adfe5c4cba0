"""Genvej's own sections of the MultiQC page, as the JSON that MultiQC takes: name, columns, a row a sample."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflow.change_words import banner

COLOURS = {"release": "#2e7d32", "resequence": "#b26a00", "hold": "#b26a00", "fail": "#b71c1c", "pass": "#2e7d32", "no": "#b71c1c"}
COVERAGE = (
    "mean_autosome_coverage",
    "median_autosome_coverage",
    "mad_autosome_coverage",
    *(f"pct_autosomes_{n}x" for n in (10, 15, 20, 30)),
)
MORE = ("pct_callable", "pct_duplicates", "pct_reads_mapped", "pct_reads_properly_paired", "mean_insert_size", "insert_size_std_deviation")
VARIANTS = ("count_snvs", "count_insertions", "count_deletions", "ratio_insertion_deletion")
RATIOS = ("ratio_heterozygous_homozygous_snv", "ratio_heterozygous_homozygous_indel", "ratio_transitions_transversions_snv")
TITLES = {
    "mean_autosome_coverage": "Mean depth",
    "median_autosome_coverage": "Median depth",
    "mad_autosome_coverage": "MAD of depth",
    "count_snvs": "SNVs",
    "ratio_insertion_deletion": "Insertions/deletions",
    "ratio_heterozygous_homozygous_snv": "Het/hom SNVs",
    "ratio_heterozygous_homozygous_indel": "Het/hom indels",
    "ratio_transitions_transversions_snv": "Ti/Tv",
    "insert_size_std_deviation": "SD of insert size",
    "sex_matches_order": "Sex as ordered",
    "cross_contamination_rate": "Contamination",
}
Rows = dict[str, dict[str, Any]]


def column(title: str, description: str = "", unit: str = "", **more: Any) -> dict[str, Any]:
    """Return a column of a table; values are shown as they are, without colour unless asked for."""
    plain: dict[str, Any] = {"title": title, "description": description, "scale": False, "suffix": f" {unit}" if unit else ""}
    return plain | more


def words(title: str, description: str) -> dict[str, Any]:
    """Return a column of words in which decisions and verdicts have their colour."""
    rules = {name: [{"s_eq": name}] for name in COLOURS}
    return column(
        title, description, cond_formatting_rules=rules, cond_formatting_colours=[{name: colour} for name, colour in COLOURS.items()]
    )


def table(name: str, title: str, about: str, columns: Mapping[str, Any], rows: Rows) -> dict[str, Any]:
    """Return a section with one table."""
    config = {
        "id": f"{name}_table",
        "title": f"Genvej: {title}",
        "namespace": "Genvej",
        "col1_header": "Case" if name == "genvej_cases" else "Sample",
    }
    return {
        "id": name,
        "section_name": title,
        "description": about,
        "plot_type": "table",
        "pconfig": config,
        "headers": columns,
        "data": rows,
    }


def metric_columns(names: Iterable[str]) -> dict[str, Any]:
    """Return a column a GA4GH metric, its id as the description."""
    formats = {"x": "{:,.1f}", "%": "{:,.2f}", "bp": "{:,.0f}"}
    columns = {}
    for name in names:
        unit = "%" if name.startswith("pct_") else "x" if name.endswith("_coverage") else "bp" if "insert_size" in name else ""
        shown = "{:,.0f}" if name.startswith("count_") else formats.get(unit, "{:,.2f}")
        columns[name] = column(TITLES.get(name, _title(name)), name, unit, format=shown)
    return columns


def _title(name: str) -> str:
    """Return a metric's id in words: pct_autosomes_15x → Autosomes 15x."""
    return name.removeprefix("pct_").removeprefix("count_").removeprefix("ratio_").replace("_", " ").capitalize()


def metric_rows(releases: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Rows:
    """Return the values of some metrics by sample; what was not evaluated has no cell."""
    return {
        one["sample"]: {
            metric["name"]: metric["value"] for metric in one["metrics"] if metric["name"] in names and metric["value"] is not None
        }
        for one in releases
    }


def decisions(releases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the section of the decisions: verdict on every metric with a limit."""
    limited = dict.fromkeys(metric["name"] for one in releases for metric in one["metrics"] if metric["limit"] is not None)
    columns = {"decision": words("Decision", "release, resequence, hold or fail")}
    columns |= {name: words(TITLES.get(name, _title(name)), f"{name}: verdict against its limit") for name in limited}
    columns["reasons"] = column("Reasons")
    rows = {
        one["sample"]: {"decision": one["decision"], "reasons": "; ".join(one["reasons"])}
        | {metric["name"]: metric["verdict"] for metric in one["metrics"] if metric["name"] in limited}
        for one in releases
    }
    return table(
        "genvej_decisions", "Release decisions", "What happens to each sample, and how every metric with a limit stands.", columns, rows
    )


def cases(releases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the section of the cases."""
    columns = {
        "decision": words("Decision", "the gravest of the members' and of the joint calls' own checks"),
        "members": column("Members"),
        "reasons": column("Reasons"),
    }
    rows = {
        one["case"]: {
            "decision": one["decision"],
            "members": ", ".join(f"{member['sample']} ({member['decision']})" for member in one["members"]),
            "reasons": "; ".join(one["reasons"]),
        }
        for one in releases
    }
    return table("genvej_cases", "Cases", "What happens to each case.", columns, rows)


def sexes(karyotypes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the section of the sex: ordered against measured."""
    columns = {
        "declared": column("Ordered"),
        "measured": column("Measured", "karyotype that fits the depth of X and Y"),
        "x_depth_ratio": column("X", "depth of X outside PAR over the autosomes", format="{:.3f}"),
        "y_depth_ratio": column("Y", "depth of Y outside PAR over the autosomes", format="{:.3f}"),
        "agrees": words("Agrees", "measured as ordered"),
        "reason": column("How"),
    }
    rows = {}
    for name, one in karyotypes.items():
        agrees = {True: "pass", False: "no", None: "not evaluated"}[one["agrees"]]
        values = {"measured": one["measured"] or "not evaluated", "agrees": agrees}
        rows[name] = {key: value for key in columns if (value := values.get(key, one.get(key))) is not None}
    return table("genvej_sex", "Sex", "Sex chromosomes by depth, against the order.", columns, rows)


def intake(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the section of what came in."""
    columns = {
        "units": column("Lanes", format="{:,.0f}"),
        "pairs": column("Read pairs", format="{:,.0f}"),
        "bases": column("Bases", format="{:,.0f}"),
    }
    rows = {one["sample"]: {"units": len(one["units"]), "pairs": one["pairs"], "bases": one["bases"]} for one in records}
    return table("genvej_intake", "Reads that came in", "Every lane verified: whole, paired, named alike.", columns, rows)


def version_section(change: Mapping[str, Any]) -> dict[str, Any]:
    """Return the section that names the version of the workflow, and an unsigned change of it."""
    return {"id": "genvej_version", "section_name": "Version of the workflow", "plot_type": "html", "data": banner(change)}


def sections(
    releases: Sequence[Mapping[str, Any]],
    of_cases: Sequence[Mapping[str, Any]],
    karyotypes: Mapping[str, Mapping[str, Any]],
    fastq: Sequence[Mapping[str, Any]],
    change: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Return all sections in the order of the page.

    Args:
        releases: release.json of every sample.
        of_cases: release.json of every case.
        karyotypes: karyotype record by sample.
        fastq: fastq.json of every sample.
        change: release/change.json.
    """
    coverage, variants = (*COVERAGE, *MORE), (*VARIANTS, *RATIOS)
    return [
        version_section(change),
        decisions(releases),
        cases(of_cases),
        table("genvej_coverage", "Coverage and reads", "GA4GH WGS-QC metrics.", metric_columns(coverage), metric_rows(releases, coverage)),
        sexes(karyotypes),
        table("genvej_variants", "Variants", "PASS calls on the autosomes.", metric_columns(variants), metric_rows(releases, variants)),
        intake(fastq),
    ]
