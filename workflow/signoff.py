"""The sign-off of a change of version: `impact/<from>_<to>.json`, which holds every signature on the report `impact/<from>_<to>/`.

A signature holds the SHA-256 of what was signed: on another report it counts no more. Signatures are added and never taken away or
changed, so that a verdict and a later, other one both stay to be read; the last one on the report as it lies there counts. Where the config
names people (`release.people`), a signature counts only if it is made with the key of the person whom it names.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow.ed25519 import decode_base64, verify
from workflow.errors import InputError
from workflow.files import read_json, sha256_of, write_json
from workflow.names import looks_like_cpr
from workflow.signing import Person, id_of, public_bytes, signature_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

REPORT, CHANGES, SUMMARY = "report.html", "changes.tsv", "summary.json"
LONGEST_NAME, LONGEST_COMMENT = 100, 2000
AGAIN = "run `make impact` again, read the new report and sign that"


class Verdict(StrEnum):
    """What a person says of a change."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Standing:
    """Whether a change is signed: the signature that counts, or None and why none does."""

    signature: Mapping[str, Any] | None
    why_none: str = ""


def file_of(folder: Path, before: str, after: str) -> Path:
    """Return the sign-off file of a change in a folder of reports."""
    return folder / f"{before}_{after}.json"


def standing(folder: Path, before: str, after: str, people: Mapping[str, Person] | None = None) -> Standing:
    """Return the signature that counts for a change: the last one, if the report is the one that was signed.

    Args:
        folder: the folder of the reports.
        before: id of the version before.
        after: id of the version after.
        people: who may sign; None takes names on trust.

    Raises:
        InputError: the sign-off file is not one.
    """
    file = file_of(folder, before, after)
    if not file.is_file():
        return Standing(None, "there is no sign-off")
    content = read_signoff(file)
    if (content["from"], content["to"]) != (before, after):
        return Standing(None, "the sign-off is about other versions than its name says")
    report = file.with_suffix("") / REPORT
    if not report.is_file():
        return Standing(None, "the report that was signed is not beside its sign-off")
    last = content["signatures"][-1]
    if last["report_sha256"] != sha256_of(report):
        return Standing(None, "the report is not the one that was signed")
    if people is not None and not _is_signed_by(people.get(last["who"]), last, before, after):
        return Standing(None, "the last sign-off is not made with the key of the person whom it names")
    return Standing(last)


def _to_be_signed(signature: Mapping[str, Any], before: str, after: str) -> bytes:
    """Return the bytes that a key signs: all that a signature says, and of which change."""
    said = {key: value for key, value in signature.items() if key != "signature"}
    return b"genvej sign-off\n" + json.dumps({"from": before, "to": after, **said}, sort_keys=True).encode()


def _is_signed_by(person: Person | None, signature: Mapping[str, Any], before: str, after: str) -> bool:
    content = decode_base64(str(signature.get("signature", "")))
    return bool(person and content and verify(_to_be_signed(signature, before, after), content, person.public_key))


def read_signoff(file: Path) -> dict[str, Any]:
    """Return the content of a sign-off file.

    Raises:
        InputError: it is no JSON, or holds no signature.
    """
    remedy = "put it back from a copy, or move it away and sign again"
    try:
        content: dict[str, Any] = read_json(file)
        whole = content["from"] and content["to"] and all(_is_whole(one) for one in content["signatures"])
    except (ValueError, KeyError, TypeError):
        raise InputError("this is no sign-off file", file=file, remedy=remedy) from None
    if not whole or not content["signatures"]:
        raise InputError("this sign-off file holds no whole signature", file=file, remedy=remedy)
    return content


def _is_whole(signature: Mapping[str, Any]) -> bool:
    return bool(signature["who"] and signature["when"] and signature["report_sha256"] and Verdict(signature["verdict"]))


def sign(report: Path, *, who: str, when: str, verdict: Verdict, comment: str = "", key: "Ed25519PrivateKey | None" = None) -> Path:
    """Add a signature on the report in a folder `<from>_<to>`, and return the sign-off file beside that folder.

    Args:
        report: the folder that `make impact` wrote.
        who: who signs; a name or initials, never a CPR number.
        when: the time, ISO 8601.
        verdict: what they say.
        comment: why, in their words.
        key: their private key; without it, the signature is a name alone and proves no identity.

    Raises:
        InputError: the name will not do, or the report is not whole or has changed since it was made.
    """
    _check_text("the name", who, LONGEST_NAME)
    if not who.strip():
        raise InputError("the name of who signs is empty", remedy="give it with `--by`")
    _check_text("the comment", comment, LONGEST_COMMENT)
    summary = check_report(report)
    file = report.parent / f"{report.name}.json"
    content = read_signoff(file) if file.is_file() else {"from": summary["from"]["id"], "to": summary["to"]["id"], "signatures": []}
    digests = {f"{name.split('.')[0]}_sha256": sha256_of(report / name) for name in (REPORT, CHANGES, SUMMARY)}
    signature = {"who": who.strip(), "when": when, "verdict": verdict.value, "comment": comment.strip(), **digests}
    if key:
        signature["key"] = id_of(public_bytes(key))
        signature["signature"] = signature_of(_to_be_signed(signature, content["from"], content["to"]), key)
    write_json(file, content | {"signatures": [*content["signatures"], signature]})
    return file


def check_report(report: Path) -> dict[str, Any]:
    """Return the summary of a report whose files are as `make impact` left them.

    Raises:
        InputError: a file is missing, or is not the one that was written.
    """
    for name in (REPORT, CHANGES, SUMMARY):
        if not (report / name).is_file():
            raise InputError(
                f"this is no report of a change: {name} is not in it", file=report, remedy="name the folder that `make impact` wrote"
            )
    try:
        summary: dict[str, Any] = read_json(report / SUMMARY)
        known = {name: summary["files"][name] for name in (REPORT, CHANGES)}
        named = f"{summary['from']['id']}_{summary['to']['id']}"
    except (ValueError, KeyError, TypeError):
        raise InputError("this is not the summary that was written", file=report / SUMMARY, remedy=AGAIN) from None
    for name, digest in known.items():
        if sha256_of(report / name) != digest:
            raise InputError("the file has changed since the report was made", file=report / name, remedy=AGAIN)
    if report.resolve().name != named:
        raise InputError(
            f"the report is about {named}, not what its folder's name says", file=report, remedy="give the folder its name back"
        )
    return summary


def _check_text(what: str, text: str, longest: int) -> None:
    """Refuse what must not stand in a file that is kept and shown; the text is not repeated."""
    if looks_like_cpr(text):
        raise InputError(f"{what} holds what looks like a CPR number", remedy="leave it out: a CPR number must not stand in names or logs")
    if len(text) > longest or not text.isprintable():
        raise InputError(f"{what} is longer than {longest} characters or holds control characters", remedy="shorten it to plain text")
