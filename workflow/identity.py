"""The identity of a version of the workflow: a short id over everything that may change a result, and its parts by name.

Two runs with one id would give the same results on the same reads. Samples, cases and paths are no part of it, nor is what only shows
results (page templates, styles, progress): a genome more, another folder or a mended page is no other version. The contents of the
reference and of the knowledge are too large to be hashed whenever a Snakefile is read: names, releases and sizes stand for them here;
provenance/ has their digests, and a comparison of two results trees uses those.
"""

import functools
import hashlib
import io
import json
import re
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workflow.digests import ROOT, code_of, digest_of, meaning_of
from workflow.remembered import remembered
from workflow.run_record import files_of_source
from workflow.settings import Settings
from workflow.tools import read_pins, tools_for

RESULT_RULES = (
    "common", "reference", "intake", "reads", "alignment", "coverage", "identity", "screening", "gatk", "freebayes", "small_variants",
    "relations", "annotation", "family", "interpretation", "evidence", "completeness", "release", "report",
)  # fmt: skip
"""Rule files that results come from, in the order of the data."""
OTHER_RULES = (
    "demo", "provenance", "receipts", "scoring", "validation", "depth_curve", "release_page", "planning", "reanalysis",
    "object_storage", "retention", "cohort",
)  # fmt: skip
"""Rule files that change no result; a rule file must stand in one of the two lists."""
NO_RESULT = frozenset(
    {
        "render_report",
        "check_deliverables",
        "list_completeness",
        "seal_release",
        "judge_change",
        "name_sources",
        "list_relations",
        "store_fingerprints",
    }
)
"""Scripts that show, list or keep results and change none."""
DECIDING = ("limit", "borderline", "unless", "without_value")
OF_CASES = frozenset({"evidence", "secondary_findings", "verdicts"})
"""Keys that name files about cases, or files that are told by their content."""
PYTHON_PACKAGES = "Python packages"
Parts = dict[str, dict[str, Any]]


def identify(settings: Settings, limits: Mapping[str, Any], aligner: str) -> dict[str, Any]:
    """Return `{id, code, tools, parameters, knowledge}`: 12 hexadecimal digits, and the named values that they stand for.

    Args:
        settings: the config.
        limits: the limit sets of the release decision, as plain data, by order type or role.
        aligner: the aligner in use, which may not be the configured one.
    """
    parts: Parts = {
        "code": code_parts(settings.caller),
        "tools": tool_parts(aligner, settings.caller),
        "parameters": parameter_parts(settings, limits, aligner),
        "knowledge": {source.name: _source(source) for source in settings.knowledge.values()},
    }
    return {"id": short_id(parts), **parts}


def short_id(parts: Mapping[str, Any]) -> str:
    """Return 12 hexadecimal digits of the SHA-256 over the parts, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def code_parts(caller: str) -> dict[str, str]:
    """Return a digest by file of the code that results come from; the other caller's rule file is left out."""
    parts = {"Snakefile": _digest_of_rules(ROOT / "Snakefile")}
    for name in RESULT_RULES:
        if name in {"gatk", "freebayes"} - {caller}:
            continue
        parts[f"rules/{name}.smk"] = _digest_of_rules(ROOT / "rules" / f"{name}.smk")
        parts |= dict(_behind(name))
    return parts | {f"workflow/{name}.py": meaning_of(f"workflow/{name}.py") for name in ("alignment", "genome")}


def _behind(name: str) -> Iterator[tuple[str, str]]:
    """Give (file, digest) of each script and table that a rule file names a digest of."""
    text = (ROOT / "rules" / f"{name}.smk").read_text(encoding="utf-8")
    for script in dict.fromkeys(re.findall(r'code_of\("(\w+)"\)', text)):
        if script not in NO_RESULT:
            yield f"scripts/{script}.py", code_of(script)
    for arguments in re.findall(r"digest_of\(([^()*]*)\)", text):
        for table in re.findall(r'"([^"]+)"', arguments):
            yield table, digest_of(table)


@functools.cache
def _digest_of_rules(path: Path) -> str:
    """Return a digest (16 hexadecimal digits) of a rule file's tokens: comments, its docstring and layout do not count."""
    content = path.read_bytes()
    return str(remembered("rules 1", [content], lambda: _digest_of_tokens(content)))


def _digest_of_tokens(content: bytes) -> str:
    idle = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
    tokens = [token for token in tokenize.tokenize(io.BytesIO(content).readline) if token.type not in idle]
    words = [token.string for token in (tokens[1:] if tokens[0].type == tokenize.STRING else tokens)]
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]


def tool_parts(aligner: str, caller: str) -> dict[str, str]:
    """Return the pinned version of each tool in use, and a digest of the pinned Python packages."""
    names = [name for name in tools_for(aligner=aligner, caller=caller) if name != "multiqc"]
    return {name: read_pins()[name].version for name in names} | {PYTHON_PACKAGES: digest_of("envs/python.lock")}


def parameter_parts(settings: Settings, limits: Mapping[str, Any], aligner: str) -> dict[str, Any]:
    """Return every value of the config that may change a result, by its dotted key; `regions` and contigs by their content."""
    parts: dict[str, Any] = {"aligner": aligner, "caller": settings.caller}
    for name in ("callable", "calling", "interpretation"):
        parts |= {f"{name}.{key}": value for key, value in vars(getattr(settings, name)).items() if key not in OF_CASES}
    parts["interpretation.secondary_findings"] = _secondary(settings)
    parts["reference.name"] = settings.reference.name
    parts["reference.contigs"] = _contigs(settings)
    parts["regions"] = _digest(settings.regions.read_bytes()) if settings.regions else None
    parts["identity.sites"] = _digest(settings.identity.sites.read_bytes()) if settings.identity.sites else "base panel"
    for which, chosen in limits.items():
        of = "" if which == "default" else f" of {which}"
        parts[f"release.limits{of}"] = f"{chosen['name']} {chosen['date']}"
        for metric, one in chosen["metrics"].items():
            parts |= {f"release.limits.{metric}.{key}{of}": one[key] for key in DECIDING if key in one}
    return parts


def _secondary(settings: Settings) -> str | None:
    """Return release and digest of the list of secondary findings, None where there is none."""
    found = settings.interpretation.secondary_findings
    return f"{found.release} {_digest(found.path.read_bytes())}" if found and found.path.is_file() else None


def _contigs(settings: Settings) -> str | None:
    """Return a digest of the reference's contigs and lengths out of its index, None if there is none yet."""
    beside = Path(f"{settings.reference.fasta}.fai")
    folder = settings.reference.index
    index = folder / beside.name if folder and (folder / beside.name).is_file() else beside
    if not index.is_file():
        return None
    return _digest("\n".join("\t".join(line.split("\t")[:2]) for line in index.read_text().splitlines()).encode())


def _source(source: Any) -> dict[str, Any]:
    """Return what is known of a knowledge source without reading it; its size tells a file that was replaced under the same release."""
    size = sum(Path(file).stat().st_size for file in files_of_source(source.path))
    return {"release": source.release, "kind": source.kind, "fields": list(source.fields), "bytes": size}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
