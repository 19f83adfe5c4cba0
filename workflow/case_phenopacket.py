"""A case as a Phenopacket (GA4GH v2): features, laboratory results, and the interpretation, gene by gene.

Nothing of the person goes in but the sample's name, the sex that was ordered, and what the case's own phenopacket told.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflow.case_verdicts import latest_verdicts
from workflow.variant_keys import Key, key_of

Data = Mapping[str, Any]
MOST_GENES = 10
"""Genes whose candidates are given beside those that a person judged."""
SEX = {"female": "FEMALE", "male": "MALE"}
CLASSES = {
    "pathogenic": "PATHOGENIC", "likely pathogenic": "LIKELY_PATHOGENIC", "uncertain significance": "UNCERTAIN_SIGNIFICANCE",
    "likely benign": "LIKELY_BENIGN", "benign": "BENIGN",
}  # fmt: skip
STATUS = {"causative": "CAUSATIVE", "contributing": "CONTRIBUTORY", "not relevant": "REJECTED", "uncertain": "CANDIDATE"}
ZYGOSITY = {
    "heterozygous": ("GENO:0000135", "heterozygous"), "homozygous": ("GENO:0000136", "homozygous"),
    "hemizygous": ("GENO:0000134", "hemizygous"),
}  # fmt: skip
"""Allelic states of the Genotype Ontology (GENO)."""
RESOURCES = {
    "hpo": ("hp", "human phenotype ontology", "http://purl.obolibrary.org/obo/hp.owl", "HP", "http://purl.obolibrary.org/obo/HP_"),
    "geno": ("geno", "Genotype Ontology", "http://purl.obolibrary.org/obo/geno.owl", "GENO", "http://purl.obolibrary.org/obo/GENO_"),
    "loinc": ("loinc", "Logical Observation Identifiers Names and Codes", "https://loinc.org", "LOINC", "https://loinc.org/"),
    "omim": ("omim", "Online Mendelian Inheritance in Man", "https://www.omim.org", "OMIM", "https://www.omim.org/entry/"),
    "orpha": ("orphanet", "Orphanet", "https://www.orpha.net", "ORPHA", "https://www.orpha.net/ORDO/Orphanet_"),
    "ucum": ("ucum", "Unified Code for Units of Measure", "https://ucum.org", "UCUM", "https://ucum.org/"),
}
EPOCH = "1970-01-01"


def phenopacket_of(report: Data, case: Data, made_by: str) -> dict[str, Any]:
    """Return the phenopacket of a case.

    `created` is the day of the newest verdict or knowledge release that was used, so that the same content is the same file; the time of
    the run stands in provenance/run.json.

    Args:
        report: report.json.
        case: the case's members and measurements as plain data (`workflow.family.case_of`).
        made_by: program and version.
    """
    proband = next(one for one in report["question"]["members"] if one["sample"] == report["question"]["proband"])
    content = {
        "id": report["case"],
        "subject": {"id": proband["sample"], "sex": SEX.get(proband["sex"], "UNKNOWN_SEX")},
        "phenotypicFeatures": [feature_of(term) for term in report["question"]["terms"]],
        "measurements": [measurement_of(one) for one in case["measurements"]],
        "interpretations": list(interpretations(report)),
        "metaData": meta_data(report, case, made_by),
    }
    return {name: value for name, value in content.items() if value}


def feature_of(term: Data) -> dict[str, Any]:
    """Return a feature; one that came of a laboratory result or a scan names it as its evidence."""
    found: dict[str, Any] = {"type": {"id": term["id"], "label": term["label"] or term["id"]}}
    if term["excluded"]:
        found["excluded"] = True
    if term["source"]:
        found["description"] = ": ".join(filter(None, (term["kind"], term["source"])))
    return found


def measurement_of(one: Data) -> dict[str, Any]:
    """Return a laboratory result as it was given, with its reference range."""
    assay = {"id": f"LOINC:{one['loinc']}", "label": one["label"] or one["loinc"]}
    if one["value"] is None:
        return {"assay": assay, "value": {"ontologyClass": {"id": one["finding"], "label": one["finding"]}}}
    unit = {"id": f"UCUM:{one['unit']}", "label": one["unit"]}
    quantity: dict[str, Any] = {"unit": unit, "value": one["value"]}
    if one["low"] is not None and one["high"] is not None:
        quantity["referenceRange"] = {"unit": unit, "low": one["low"], "high": one["high"]}
    return {"assay": assay, "value": {"quantity": quantity}}


def interpretations(report: Data) -> Iterable[dict[str, Any]]:
    """Give an interpretation for each gene: those that a person judged, and the first MOST_GENES by rank."""
    judged = latest_verdicts(report["verdicts"])
    by_gene: dict[str, list[Data]] = {}
    for one in report["candidates"]:
        by_gene.setdefault(one["gene"], []).append(one)
    for number, (gene, rows) in enumerate(by_gene.items(), start=1):
        if gene and gene != "not evaluated" and (number <= MOST_GENES or any(key_of(one) in judged for one in rows)):
            yield _interpretation(report, gene, rows, judged)


def _interpretation(report: Data, gene: str, rows: Sequence[Data], judged: Mapping[Key, str]) -> dict[str, Any]:
    disease = next((one for one in report["genes"] if one["symbol"] == gene and one.get("disease")), None)
    named = {"id": disease["disease"]["id"], "label": disease["disease"]["name"]} if disease else None
    diagnosis: dict[str, Any] = {"disease": named} if named else {}
    diagnosis["genomicInterpretations"] = [_genomic(report, one, judged.get(key_of(one), "")) for one in rows]
    return {
        "id": f"{report['case']}-{gene}",
        "progressStatus": progress_of(report["verdicts"], [judged.get(key_of(one), "") for one in rows]),
        "diagnosis": diagnosis,
        "summary": _summary(rows[0]),
    }


def progress_of(verdicts: Sequence[Data], judged: Iterable[str]) -> str:
    """Return the progress of a gene's interpretation: solved or unsolved where the latest verdict says so of the case."""
    if not verdicts:
        return "IN_PROGRESS"
    conclusion = verdicts[0]["conclusion"]
    if conclusion == "explained":
        return "SOLVED" if "causative" in judged else "COMPLETED"
    return "UNSOLVED" if conclusion == "not explained" else "IN_PROGRESS"


def _summary(one: Data) -> str:
    points = one["acmg_points"]
    judged = f"{one['class']}, {points} points" if isinstance(points, int) else "not classified"
    return f"Rank {one['rank']}, {one['zygosity']}, {one['model']}; {judged}. Draft for a specialist, made by a program."


def _genomic(report: Data, one: Data, judged: str) -> dict[str, Any]:
    return {
        "subjectOrBiosampleId": report["question"]["proband"],
        "interpretationStatus": STATUS.get(judged, "CANDIDATE"),
        "variantInterpretation": {
            "acmgPathogenicityClassification": CLASSES.get(one["class"], "NOT_PROVIDED"),
            "variationDescriptor": descriptor_of(one, report["question"]["reference"]),
        },
    }


def descriptor_of(one: Data, assembly: str) -> dict[str, Any]:
    """Return a variant with its names, its VCF record and its zygosity; genes are named by symbol alone."""
    names = [
        {"syntax": syntax, "value": one[key]}
        for syntax, key in (("hgvs.g", "hgvs_g"), ("hgvs.c", "hgvs_c"), ("hgvs.p", "hgvs_p"))
        if one[key] not in {"", "not evaluated"}
    ]
    record = {"genomeAssembly": assembly, "chrom": one["chrom"], "pos": str(one["pos"]), "ref": one["ref"], "alt": one["alt"]}
    found: dict[str, Any] = {
        "id": f"{one['chrom']}-{one['pos']}-{one['ref']}-{one['alt']}",
        "label": names[0]["value"] if names else "",
        "geneContext": {"valueId": one["gene"], "symbol": one["gene"]},
        "expressions": names,
        "vcfRecord": {**record, "filter": one["filter"]},
        "moleculeContext": "genomic",
    }
    if state := ZYGOSITY.get(one["zygosity"]):
        found["allelicState"] = {"id": state[0], "label": state[1]}
    return {name: value for name, value in found.items() if value}


def meta_data(report: Data, case: Data, made_by: str) -> dict[str, Any]:
    """Return who made it, of which day, and the vocabularies that are used, with their releases."""
    releases = {one["name"]: one["release"] for one in report["knowledge"] if one["evaluated"]}
    diseases = {(gene.get("disease") or {"id": ""})["id"].partition(":")[0].lower() for gene in report["genes"]}
    used = {"hpo": bool(report["question"]["terms"]), "geno": bool(report["candidates"]), "omim": "omim" in diseases}
    used |= {"orpha": "orpha" in diseases, "loinc": bool(case["measurements"]), "ucum": bool(case["measurements"])}
    keys = ("id", "name", "url", "namespacePrefix", "iriPrefix")
    resources = [
        {**dict(zip(keys, RESOURCES[name], strict=True)), "version": releases.get(name, "not stated")} for name in used if used[name]
    ]
    days = [one["date"] for one in report["verdicts"]] + [day for text in releases.values() if (day := _day(text))]
    return {
        "created": f"{max(days, default=EPOCH)}T00:00:00Z",
        "createdBy": made_by,
        "resources": resources,
        "phenopacketSchemaVersion": "2.0.2",
    }


def _day(text: str) -> str:
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
