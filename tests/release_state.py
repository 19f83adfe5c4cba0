"""Results folders as the stages above the page of a release write them, built in code: `python -m tests.release_state FOLDER`."""

import json
import random
import sys
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from scripts.render_release import write_page
from workflow.deliverables import CASE, SAMPLE
from workflow.files import read_json, write_json
from workflow.limits import limits_of, load_limits
from workflow.metric_history import Entry, keep
from workflow.receipts.members import TABLE, Member
from workflow.release_parts import collect
from workflow.verdicts import decide, judge_all

NOW = datetime(2026, 11, 25, 20, 30, tzinfo=UTC)
TODAY = NOW.date()
LIMITS = load_limits(None, {})
NASTY = "<script>alert(1)</script>"
ASSAY = "genvej-germline · GRCh38 · autosomes of the genome"
USUAL = {  # metric: (mean, standard deviation, unit)
    "mean_autosome_coverage": (35.5, 2.2, "x"),
    "pct_autosomes_15x": (97.3, 0.6, "%"),
    "pct_duplicates": (9.5, 2.1, "%"),
    "cross_contamination_rate": (0.0012, 0.0004, "fraction"),
    "yield_bp_q30": (1.05e11, 7e9, "bp"),
    "pct_reads_mapped": (99.5, 0.1, "%"),
    "pct_reads_properly_paired": (97.4, 0.4, "%"),
    "mad_autosome_coverage": (4.1, 0.3, "x"),
    "mean_insert_size": (412.0, 18.0, "bp"),
    "insert_size_std_deviation": (96.0, 5.0, "bp"),
}
CHANGE = {"workflow": "aaaaaaaaaaaa", "status": "first version", "from": None, "why": None, "who": None, "when": None}
UNSIGNED = CHANGE | {"status": "unsigned change", "from": "bbbbbbbbbbbb", "why": "there is no sign-off"}


def usual(dice: random.Random) -> dict[str, float]:
    return {name: max(dice.gauss(mean, spread), 0) for name, (mean, spread, _) in USUAL.items()}


def write_sample(
    results: Path, name: str, values: dict[str, Any], *, sex: str = "female", measured: str | None = None, other: str = ""
) -> str:
    """Write karyotype and release.json of a sample, judged as the workflow does, and return its decision; `other` is the same person."""
    ordered = {"female": "XX", "male": "XY"}[sex]
    found = measured or ordered
    x, y = found.count("X") / 2, found.count("Y") / 2
    karyotype = {"declared": sex, "measured": found, "used": found, "x_depth_ratio": x + 0.01, "y_depth_ratio": y + 0.004}
    write_json(results / f"coverage/{name}.karyotype.json", karyotype | {"agrees": found == ordered, "reason": "from depth", "regions": []})
    units = {metric: unit for metric, (_, _, unit) in USUAL.items()}
    given = {metric: (value, units[metric]) for metric, value in values.items() if value is not None}
    given["sex_matches_order"] = (found == ordered, "")
    given |= {"identity_matches_order": (not other, ""), "relations_match_order": (True, ""), "lanes_agree": (True, "")}
    details = {"sex_matches_order": f"ordered {sex}, measured {found}", "identity_matches_order": f"the same person as sample {other}"}
    unseen = {"cross_contamination_upper_bound": "no contamination was seen"}
    judged = judge_all(given, unseen, limits_of(LIMITS), details)
    decision, reasons, notes = decide(judged)
    record = {"sample": name, "decision": decision.value, "limits": {"name": "genvej-germline", "date": "2026-11-01"}}
    record |= {"territory": {"name": "autosomes of the genome", "bases": 2_800_000_000}, "metrics": [one.as_json() for one in judged]}
    write_json(results / f"samples/{name}/release.json", record | {"reasons": reasons, "notes": notes, "versions": {}})
    return decision.value


def write_case(results: Path, name: str, members: dict[str, str], reasons: tuple[str, ...] = (), decision: str = "") -> None:
    """Write the release.json of a case out of its members' decisions."""
    order = ("release", "resequence", "hold", "fail")
    of_members = [f"{member}: {verdict} (its reasons)" for member, verdict in members.items() if verdict != "release"]
    gravest = max([*members.values(), decision or "release"], key=order.index)
    record = {"case": name, "decision": gravest, "members": [{"sample": m, "decision": d} for m, d in members.items()], "checks": []}
    record |= {"knowledge": [], "reasons": [*of_members, *reasons] or ["all is kept"], "notes": [], "metrics": [], "versions": {}}
    write_json(results / f"cases/{name}/release.json", record)


def write_identity(results: Path, name: str, rate: float | None, *, lanes: bool | None = True) -> None:
    """Write the identity.json of a sample; `rate` None = not evaluated."""
    metrics: dict[str, Any] = {} if rate is None else {"cross_contamination_rate": {"value": rate, "unit": "fraction"}}
    missing = {} if rate is not None else {"cross_contamination_rate": "too little to judge by: 12 sites, 300 bases"}
    if lanes is None:
        missing["lanes_agree"] = "the sample has one lane"
    else:
        metrics["lanes_agree"] = {"value": lanes, "unit": ""}
    seen = rate or 0.0
    found = {"share": seen, "interval": [seen * 0.7, seen * 1.35], "detected": seen > 0.002, "smallest_detectable": 0.002, "sites": 900}
    check = {"sample": name, "metrics": metrics, "not_evaluated": missing, "details": {}}
    write_json(results / f"samples/{name}/identity.json", check | {"contamination": None if rate is None else found})


def write_grid(results: Path, samples: list[str], cases: list[str], odd: dict[tuple[str, str], tuple[str, str]]) -> None:
    """Write completeness.tsv; `odd` has (status, reason) by (subject, deliverable)."""
    lines = ["kind\tsubject\tdeliverable\tfile\tstatus\treason"]
    for kind, names, owed in (("sample", samples, SAMPLE), ("case", cases, CASE)):
        for name in names:
            for one in owed:
                status, reason = odd.get((name, one.name), ("produced", ""))
                lines.append("\t".join((kind, name, one.name, one.path.format(name=name), status, reason)))
    path = results / "release" / "completeness.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_history(store: Path, samples: int, dice: random.Random, last: date = TODAY) -> None:
    """Let the centre have sealed some samples over the last two years, with a slow drift of duplicates."""
    entries = []
    for number in range(samples):
        day = last - timedelta(days=round(730 * (samples - number) / samples))
        values = usual(dice) | {"pct_duplicates": max(dice.gauss(7.5 + 3 * number / samples, 1.6), 0.5)}
        facts = (ASSAY, "genvej-germline 2026-11-01", "", "release", f"{number:064x}")
        entries.append(Entry(f"past{number:05d}", "0001", day.isoformat(), *facts, values))
    keep(store, entries)


def write_relations(results: Path, names: list[str], kin: dict[tuple[str, str], str], findings: list[dict[str, Any]], stored: int) -> None:
    """Write release/relations.json: unrelated but for `kin` and `findings`."""
    kinship = [[0.5 if a == b else 0.01 for b in names] for a in names[:200]]
    matrix = {"samples": names, "kinship": kinship} if len(names) <= 200 else None
    expected = [{"of": a, "sample": b, "relation": relation, "why": "", "found": "yes"} for (a, b), relation in kin.items()]
    record = {"people": [], "findings": findings, "expected": expected, "matrix": matrix}
    write_json(results / "release/relations.json", record | {"not_evaluated": {}})
    for name in names:
        write_json(results / f"samples/{name}/relations.json", {"sample": name, "compared": {"run": len(names) - 1, "store": stored}})


def given_of(samples: dict[str, tuple[str, str, str]], store: Path) -> dict[str, Any]:
    """Return what the rule gives to the script; samples are {name: (case, role, sex)}."""
    cases: dict[str, list[str]] = {}
    for name, (case, _, _) in samples.items():
        cases.setdefault(case, []).append(name)
    told = {name: {"case": case, "role": role, "sex": sex, "order": ""} for name, (case, role, sex) in samples.items()}
    return {
        "samples": told,
        "cases": cases,
        "limits": LIMITS,
        "assembly": "GRCh38",
        "store": str(store),
        "decisions": [],
        "key": "demo",
        "causes": {},
        "stopped": [],
    }


SIGNED = dict.fromkeys(("kind", "about", "subject", "deliverable", "expires", "decision", "instead_of"), "")
SIGNED |= {"name": "R. Holm", "role": "quality manager", "date": "2026-11-24"}
WAIVER = SIGNED | {"kind": "waiver", "about": "case", "subject": "fam1", "deliverable": "report", "expires": "2026-12-15"}
WAIVER |= {"reason": "the clinic has its own page"}
OVERRIDE = SIGNED | {"kind": "override", "about": "sample", "subject": "eva", "decision": "release", "instead_of": "hold"}
OVERRIDE |= {"reason": "identical twin of carla, confirmed by the clinic"}
PEOPLE = {
    "anna": ("fam1", "proband", "female"), "anna-mother": ("fam1", "mother", "female"), "anna-father": ("fam1", "father", "male"),
    "bo": ("solo1", "proband", "male"), "carla": ("fam2", "proband", "female"), "carla-mother": ("fam2", "mother", "female"),
    "dan": ("solo2", "proband", "male"), "eva": ("solo3", "proband", "female"), "finn": ("solo4", "proband", "male"),
    "gry": ("solo5", "proband", "female"), "hans": ("solo6", "proband", "male"), "ida": ("solo7", "proband", "female"),
}  # fmt: skip
KIN = {("anna", "anna-mother"): "parent and child", ("anna", "anna-father"): "parent and child"}
KIN |= {("carla", "carla-mother"): "parent and child"}


def troubled(folder: Path) -> tuple[Path, dict[str, Any]]:
    """A run with holds, one to sequence again, a waiver, a missing file, a pair that is one person, a contaminated sample, a wrong sex."""
    results, dice = folder / "results", random.Random(11)
    special = {"bo": {"mean_autosome_coverage": 27.3, "pct_autosomes_15x": 93.8}, "dan": {"cross_contamination_rate": 0.046}}
    special |= {"gry": {"cross_contamination_rate": 0.0241}, "finn": {"pct_duplicates": 21.7}, "ida": {"cross_contamination_rate": None}}
    decided = {}
    for name, (_, _, sex) in PEOPLE.items():
        values = usual(dice) | special.get(name, {})
        measured = "XXY" if name == "hans" else None
        other = {"carla": "eva", "eva": "carla"}.get(name, "")
        decided[name] = write_sample(results, name, values, sex=sex, measured=measured, other=other)
        write_identity(results, name, values["cross_contamination_rate"], lanes=None if name == "eva" else True)
    decided["eva"] = "release"
    named = {"dan": {"share": 0.046, "source": "hans", "finding": "most likely hans"}}
    named["gry"] = {"share": 0.0241, "source": None, "finding": "no sample of the run fits"}
    write_json(results / "identity/sources.json", {"contaminated": named, "samples": len(PEOPLE)})
    given = given_of(PEOPLE, folder / "store") | {"decisions": [WAIVER, OVERRIDE]}
    for case, members in given["cases"].items():
        own = ("no genotype of ida in any record",) if case == "solo7" else ()
        write_case(results, case, {name: decided[name] for name in members}, own, "hold" if own else "")
    over = read_json(results / "samples/eva/release.json")
    words = "release instead of hold, decided by R. Holm (quality manager) on 2026-11-24"
    over |= {"decision": "release", "reasons": [words, *over["reasons"]], "override": {"before": "hold", "decision": "release"}}
    write_json(results / "samples/eva/release.json", over)
    odd = {
        ("finn", "gVCF"): ("missing", "the file is truncated"),
        ("finn", "gVCF, index"): ("missing", "there is no such file"),
        ("fam1", "report"): ("waived", "waived by R. Holm (quality manager) on 2026-11-24 until 2026-12-15: the clinic has its own page"),
        ("solo3", "ranking by phenotype"): ("not applicable", "the case has no phenopacket with terms"),
    }
    write_grid(results, list(PEOPLE), list(given["cases"]), odd)
    cause = {"log": "../logs/gatk_haplotypecaller/finn.3.log", "said": "gatk stopped: no space left on device"}
    given["causes"] = {f"samples/finn/finn.g.vcf.gz{end}": cause for end in ("", ".tbi")}
    given["stopped"] = [{"kind": "sample", "subject": "finn", "text": cause["said"]}]
    write_json(results / "release/change.json", UNSIGNED)
    words = "the same person as sample eva of case solo3 (log10 odds 411.2, alike at 2,210 of 2,212 sites)"
    twice = {"kind": "same person under two names", "samples": ["carla", "eva"], "words": words, "where": "run"}
    stranger = {"kind": "relation that is not in the order", "samples": ["ida", "past00042"], "where": "store"}
    stranger |= {"words": "not in the order: full sibling of sample past00042, released 2025-02-03 (log10 odds 61.7)"}
    write_relations(results, list(PEOPLE), KIN, [twice, stranger], 412)
    note = "the gVCF of carla has no record for 1,204 callable bases of chr7 (first chr7:100-200) (waived by R. Holm on 2026-11-24)"
    write_json(results / "samples/carla/completeness.json", {"sample": "carla", "metrics": {}, "notes": [note]})
    write_history(folder / "store", 412, dice)
    return results, given


def many(folder: Path, samples: int) -> tuple[Path, dict[str, Any]]:
    """A run of many samples, each a case, one in fifty with too little depth."""
    results, dice = folder / "results", random.Random(3)
    people = {f"s{number:04d}": (f"case{number:04d}", "proband", "female") for number in range(samples)}
    given = given_of(people, folder / "store")
    for number, name in enumerate(people):
        values = usual(dice) | ({"mean_autosome_coverage": 25.5} if number % 50 == 7 else {})
        decision = write_sample(results, name, values)
        write_case(results, f"case{number:04d}", {name: decision})
        write_identity(results, name, values["cross_contamination_rate"])
        for kind, subject in (("sample", name), ("case", f"case{number:04d}")):
            write_json(results / f"release/receipts/{kind}s/{subject}.json", {"files": []})
    write_relations(results, list(people), {}, [], 2000)
    write_grid(results, list(people), list(given["cases"]), {})
    write_json(results / "release/change.json", CHANGE)
    write_history(folder / "store", 2000, dice)
    return results, given


def page_of(results: Path, given: dict[str, Any]) -> Path:
    """Collect and render, and return the page."""
    index = collect(results, given, NOW)
    write_json(results / "release/index.json", index)
    write_page(index, results / "release/index.html")
    return results / "release/index.html"


if __name__ == "__main__":
    print(page_of(*troubled(Path(sys.argv[1]))))
    print(json.dumps({"bytes": Path(sys.argv[1], "results/release/index.html").stat().st_size}))


def write_members(results: Path, *rows: list[str]) -> None:
    """Write the table of who is in the cohort; a row: sample, case, role, sex, person, order, units."""
    file = results / TABLE
    file.parent.mkdir(parents=True, exist_ok=True)
    header = [field.name for field in fields(Member)]
    file.write_text("".join("\t".join(row) + "\n" for row in [header, *rows]))
