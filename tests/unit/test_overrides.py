"""A person's decision in a release record, and members lost from joint calls."""

import pytest

from workflow.decisions import Decision, overrides, waived_of, waivers
from workflow.deliverables import Owed
from workflow.errors import InputError
from workflow.joint_members import columns, refuse_lost, refuse_silent
from workflow.overrides import overridden

RECORD = {"decision": "hold", "reasons": ["duplicates are 21 %"], "notes": []}
WHO = {"name": "Rosa Q", "role": "quality manager", "date": "2026-11-25", "sha256": "00"}


def decided(**more):
    return Decision(**{"kind": "override", "about": "sample", "subject": "kid", "reason": "harmless here", "file": "o.yaml", **WHO, **more})


def param(**more):
    return overrides([decided(decision="release", **more)], "sample")["kid"]


def test_overridden_by_nobody_is_what_the_limits_lead_to():
    assert overridden(RECORD, None) == RECORD
    assert overridden(RECORD, None, ["report: waived by A"])["reasons"] == ["duplicates are 21 %", "report: waived by A"]


def test_overridden_keeps_the_decision_before_and_its_reasons():
    record = overridden(RECORD, param(instead_of="hold"))
    assert (record["decision"], record["override"]["before"], record["signed_by"]) == ("release", "hold", "Rosa Q (quality manager)")
    assert record["reasons"] == [
        "release instead of hold, decided by Rosa Q (quality manager) on 2026-11-25: harmless here",
        "duplicates are 21 %",
    ]
    assert set(record["override"]) == {"before", "decision", "name", "role", "date", "reason", "file", "sha256"}
    assert RECORD["decision"] == "hold"


def test_overridden_refuses_another_decision_than_the_person_saw():
    with pytest.raises(InputError, match="this override is of `resequence`, but the decision is now `hold`"):
        overridden(RECORD, param(instead_of="resequence"))


def test_waivers_name_who_until_when_and_why_and_are_of_one_subject():
    waiver = decided(kind="waiver", deliverable="gVCF", expires="2027-01-01")
    cells = {("sample", name): [Owed("sample", name, "gVCF", "x", "vcf", "s", (name,), "")] for name in ("kid", "mother")}
    found = waivers([waiver, decided(decision="release")], cells)
    words = "waived by Rosa Q (quality manager) on 2026-11-25 until 2027-01-01: harmless here"
    assert found == {("sample", "kid", "gVCF"): words}
    assert waived_of(found, "sample", "kid") == [f"gVCF: {words}"]
    assert waived_of(found, "sample", "mother") == []
    with pytest.raises(InputError, match=r"no `gVFC` is owed for sample kid .did you mean `gVCF`"):
        waivers([decided(kind="waiver", deliverable="gVFC", expires="2027-01-01")], cells)


def test_refuse_lost_and_silent_members():
    assert columns(["##x\n", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tkid\tmother\n"]) == ["kid", "mother"]
    refuse_lost(["kid", "mother"], ["mother", "kid"], "a.vcf")
    refuse_silent({"kid": (3, 1), "mother": (0, 0)}, ["kid", "mother"], "a.vcf")
    with pytest.raises(InputError, match="mother has no genotype in any record"):
        refuse_silent({"kid": (3, 1), "mother": (0, 4)}, ["kid", "mother"], "a.vcf")
