"""VRS identifiers against the vectors of the specification and of its reference implementation (GA4GH VRS 2.0, models.yaml)."""

import pytest

from workflow.knowledge_base.vrs import allele, identify, refget_accession, sha512t24u

CHR1, CHR7, CHR19 = (
    f"SQ.{name}" for name in ("Ya6Rs7DHhDeg7YaOSg1EoNi3U_nQ9SvO", "F-LrLMe1SRpfUZHkQmvkVKFEGaoDeHul", "IIB53T8CNeJJdUqzn9V_JnRtQadwWCbl")
)
T = {"type": "LiteralSequenceExpression", "sequence": "T"}


@pytest.mark.parametrize(("blob", "digest"), [("", "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXc"), ("ACGT", "aKF498dAxcJAqme6QYQ7EZ07-fiw8Kw2")])
def test_sha512t24u_is_that_of_the_specification(blob: str, digest: str) -> None:
    assert sha512t24u(blob.encode()) == digest
    assert refget_accession(blob.lower()) == f"SQ.{digest}"


@pytest.mark.parametrize(
    ("accession", "start", "location", "digest"),
    [
        (CHR19, 44908821, "wIlaGykfwHIpPY2Fcxtbx4TINbbODFVz", "0AePZIWZUNsUlQTamyLrjm2HWUw2opLt"),
        (CHR7, 55181319, "_G2K0qSioM74l_u3OaKR0mgLYdeTL7Xd", "Hy2XU_-rp4IMh6I_1NXNecBo8Qx8n0oE"),
    ],
)
def test_published_substitutions(accession: str, start: int, location: str, digest: str) -> None:
    assert identify(accession, start, start + 1, T) == (location, digest)
    made = allele(accession, start + 1, "C", "T", lambda *_: "C")
    assert (made["id"], made["location"]["id"]) == (f"ga4gh:VA.{digest}", f"ga4gh:SL.{location}")


def chr1(start: int, end: int) -> str:
    """Give the bases around the published repeat, CTCCTCCT at 40819438; neighbours that end it."""
    first = 40819438 - 5
    text = "GAGAGCTCCTCCTGGAGA"
    return text[max(0, start - first) : max(0, end - first)]


@pytest.mark.parametrize(("pos", "ref", "alt"), [(40819438, "G", "GCTC"), (40819446, "T", "TCCT"), (40819439, "CTCCTCCT", "CTCCTCCTCCT")])
def test_published_repeat_has_one_identifier_however_it_is_written(pos: int, ref: str, alt: str) -> None:
    made = allele(CHR1, pos, ref, alt, chr1)
    assert made["id"] == "ga4gh:VA.Oop4kjdTtKcg1kiZjIJAAR3bp7qi4aNT"
    assert (made["location"]["start"], made["location"]["end"], made["state"]["length"]) == (40819438, 40819446, 11)


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "state"),
    [
        (3, "GA", "G", ("ReferenceLengthExpression", 3, 4, 0, 1)),  # CGAC → CGC: nothing to roll
        (1, "TC", "T", ("ReferenceLengthExpression", 1, 2, 0, 1)),
        (5, "CA", "C", ("ReferenceLengthExpression", 5, 8, 2, 1)),  # AAA → AA
        (3, "G", "GT", ("LiteralSequenceExpression", 3, 3, "T", None)),  # new bases between two others
        (8, "A", "ACA", ("LiteralSequenceExpression", 7, 8, "ACA", None)),  # rolls by one base, and no repeat of the reference
        (3, "GA", "TT", ("LiteralSequenceExpression", 2, 4, "TT", None)),
    ],
)
def test_state_of_an_allele(pos: int, ref: str, alt: str, state: tuple[object, ...]) -> None:
    contig = "TCGACAAAG"
    made = allele("SQ.x", pos, ref, alt, lambda start, end: contig[start:end])
    found = made["state"]
    told = (found["length"], found["repeatSubunitLength"]) if "length" in found else (found["sequence"], None)
    assert (found["type"], made["location"]["start"], made["location"]["end"], *told) == state
