"""What a phenopacket tells of the patient: features with their sources, laboratory results, and variants it names."""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workflow.cohort import Measurement, Record, Term
from workflow.errors import InputError

LOINC = re.compile(r"(?i:LOINC):(\d{1,7}-\d)")
HPO_TERM = re.compile(r"HP:\d{7}")
IMAGING = re.compile(r"(?i)\b(imaging|radiograph\w*|x-?ray|ultraso\w+|echocardiogra\w+|tomograph\w*|magnetic resonance|MRI|CT|PET|DICOM)\b")
Content = Mapping[str, Any]


def read_features(content: Content, file: Path) -> tuple[Term, ...]:
    """Return the phenotypic features, each term once, with what their evidence names.

    Raises:
        InputError: a term is both observed and excluded.
    """
    terms: dict[str, Term] = {}
    for feature in content.get("phenotypicFeatures", ()):
        source = "; ".join(_evidence(feature))
        kind = "imaging" if IMAGING.search(source) else "clinical"
        onset = _onset(feature.get("onset"))
        term = Term(feature["type"]["id"], feature["type"].get("label", ""), feature.get("excluded", False), kind, source, onset)
        if terms.setdefault(term.id, term).excluded != term.excluded:
            raise InputError(f"{term.id} is both observed and excluded", file=file, remedy="keep what is true of the person")
    return tuple(terms.values())


def _evidence(feature: Content) -> Iterator[str]:
    """Give each piece of evidence in words: its code's label, and the reference with its description."""
    for one in feature.get("evidence") or ():
        reference = one.get("reference") or {}
        named = reference.get("id") or reference.get("reference")
        parts = [(one.get("evidenceCode") or {}).get("label"), reference.get("description"), named]
        if text := ", ".join(str(part) for part in parts if part):
            yield text


def _onset(onset: Any) -> str:
    """Return the HPO term of an age of onset; ages in years are not turned into one."""
    term = ((onset or {}).get("ontologyClass") or {}).get("id", "") if isinstance(onset, Mapping) else ""
    return term if HPO_TERM.fullmatch(term) else ""


def read_measurements(content: Content, file: Path) -> tuple[Measurement, ...]:
    """Return the laboratory results with a LOINC code.

    Raises:
        InputError: a code is no LOINC code, or a quantity has no unit, or another unit than its reference range.
    """
    found = []
    for one in content.get("measurements", ()):
        code, label = str(one["assay"]["id"]), str(one["assay"].get("label", ""))
        match = LOINC.fullmatch(code)
        if match:
            found.append(_measurement(match[1], label, one.get("value") or {}, file))
        elif code.upper().startswith("LOINC"):
            raise InputError(f"`{code}` is no LOINC code", file=file, remedy="write it as LOINC:2157-6")
    return tuple(found)


def _measurement(loinc: str, label: str, value: Content, file: Path) -> Measurement:
    quantity = value.get("quantity")
    if not isinstance(quantity, Mapping):
        words = value.get("ontologyClass") or {}
        return Measurement(loinc, label, finding=str(words.get("label") or words.get("id") or "no value"))
    unit, reference = _unit(quantity.get("unit")), quantity.get("referenceRange") or {}
    if not unit:
        raise InputError(f"the result of LOINC {loinc} has no unit", file=file, remedy="give `unit` as the laboratory reported it")
    if reference and (other := _unit(reference.get("unit"))) != unit:
        what = f"the result of LOINC {loinc} is in {unit}, its reference range in {other or 'no unit'}"
        raise InputError(what, file=file, remedy="give both in one unit; Genvej converts none")
    number, low, high = (_number(one, loinc, file) for one in (quantity.get("value"), reference.get("low"), reference.get("high")))
    if number is None:
        raise InputError(f"the result of LOINC {loinc} has no value", file=file, remedy="give `value` as a number")
    if low is not None and high is not None and low > high:
        raise InputError(f"the reference range of LOINC {loinc} ends below its start", file=file, remedy="exchange `low` and `high`")
    return Measurement(loinc, label, number, unit, low, high)


def _unit(unit: Any) -> str:
    """Return a unit's label, or the part of its identifier after the prefix where it has none."""
    if not isinstance(unit, Mapping):
        return ""
    return str(unit.get("label") or str(unit.get("id", "")).rpartition(":")[2]).strip()


def _number(value: Any, loinc: str, file: Path) -> float | None:
    """Return a number; None where there is none."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(f"a number of LOINC {loinc} is none", file=file, remedy="write it without quotation marks and without unit")
    return float(value)


def read_records(content: Content) -> Iterator[Record]:
    """Give every variant that the interpretations name as a VCF record, and every file's assembly (without position)."""
    for one in content.get("files") or ():
        if assembly := (one.get("fileAttributes") or {}).get("genomeAssembly"):
            yield Record(str(assembly), "", 0, "")
    for interpretation in content.get("interpretations") or ():
        for genomic in (interpretation.get("diagnosis") or {}).get("genomicInterpretations") or ():
            descriptor = (genomic.get("variantInterpretation") or {}).get("variationDescriptor") or {}
            if record := descriptor.get("vcfRecord"):
                position = str(record.get("pos", "0"))
                yield Record(
                    str(record.get("genomeAssembly", "")),
                    str(record.get("chrom", "")),
                    int(position) if position.isdecimal() else 0,
                    str(record.get("ref", "")),
                )
