"""The code behind each rule, by rule: what it runs and how, what its params are computed with, the tools and packages that it needs.

A digest is over tokens: comments, layout and docstrings do not count, and neither do `log`, `benchmark`, `threads`, `resources` and
`priority`, which change no result. Helpers and constants that stand between the rules count for the rules that name them.
"""

import functools
import io
import itertools
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from workflow.digests import ROOT, code_of, digest_of, files_behind, imports_of, meaning_of
from workflow.files import short_digest
from workflow.page import TEMPLATES
from workflow.receipts.stages import COHORT, stage_of_rule
from workflow.remembered import remembered

IDLE_TOKENS = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER}
IDLE_SECTIONS = frozenset({"log", "benchmark", "threads", "resources", "priority", "conda", "localrule", "message"})
HEAD = re.compile(r"(?:rule (\w+)|use rule (\w+) as (\w+) with):")
SECTION = re.compile(r" {4}(\w+):")
OUTPUT_WILDCARD = re.compile(r"\{(sample|case)\}")
SHARED_RULES: Mapping[str, tuple[str, ...]] = {
    "samtools_dict": ("alignment", "calls"),
    "minibwa_index": ("alignment",),
    "bwa_index": ("alignment",),
    "accept_intake": (),
    "gatk_compose_str_table": ("calls",),
    "list_territory": ("identity", "coverage", "calls", "joint_calls", "completeness", "report"),
    "select_sites": ("identity",),
    "gather_fingerprints": ("relations",),
}
"""Rules that make a file for all samples at once, and the stages that read it."""
OF_COHORT = frozenset({"identity", "relations", "release", "release_page", "provenance"})
"""Rule files whose rules without a sample or case are of the cohort as a whole."""
UNCOUNTED = frozenset(
    {
        "digests",
        "time_limits",
        "errors",
        "settings",
        "identity",
        "run_record",
        "change",
        "deliverables",
        "grid",
        "receipts",
        "summary",
        "samples",
    }
)
"""Modules whose functions reach a rule as a digest or a value that is counted by itself, or change no result."""
PACKAGES = {"yaml": "pyyaml", "jinja2": "jinja2", "numpy": "numpy", "pysam": "pysam", "scipy": "scipy", "jsonschema": "jsonschema"}
"""Packages of the lock file that results may depend on, by the name that is imported."""


@dataclass(frozen=True)
class RuleCode:
    """What stands behind one rule: digests by item, and the names of the tools' environments and packages.

    Attributes:
        items: {`rule NAME`, script, module or table: digest (16 hexadecimal digits)}.
        envs: environments (files of envs/ without their ending).
        packages: names in envs/python.lock.
    """

    name: str
    stage: str
    items: Mapping[str, str]
    envs: frozenset[str]
    packages: frozenset[str]


@dataclass(frozen=True)
class _Block:
    """A rule, or a helper, constant or import that stands between rules."""

    name: str
    words: tuple[str, ...]
    text: str
    file: str
    imported: str = ""
    parent: str = ""


@functools.cache
def rules_by_stage(caller: str) -> Mapping[str, tuple[RuleCode, ...]]:
    """Return the rules of each stage of a sample or case; the rules of the other caller are left out."""
    blocks = [block for file in sorted((ROOT / "rules").glob("*.smk")) for block in _blocks(file) if file.stem not in _idle(caller)]
    rules = {block.name: block for block in blocks if HEAD.match(block.text)}
    helpers = {block.name: block for block in blocks if not HEAD.match(block.text)}
    found: dict[str, list[RuleCode]] = {}
    for block in rules.values():
        whole = rules[block.parent].text + block.text if block.parent else block.text
        wildcard = OUTPUT_WILDCARD.search(whole.partition("output:")[2].partition("log:")[0])
        stage = stage_of_rule(block.name, block.file, wildcard[1]) if wildcard else ""
        for one in (
            [stage] if stage else SHARED_RULES.get(block.name, () if wildcard or Path(block.file).stem not in OF_COHORT else (COHORT,))
        ):
            found.setdefault(one, []).append(_code_of_rule(block, whole, one, helpers))
    return {stage: tuple(those) for stage, those in found.items()}


def _idle(caller: str) -> frozenset[str]:
    """Return the rule files of which no results come."""
    others = {"gatk", "freebayes"} - {caller} | ({"screening"} if caller == "freebayes" else set())
    return frozenset({"demo", "scoring", "validation", "depth_curve"} | others)


def _blocks(file: Path) -> Iterator[_Block]:
    """Give the blocks of a rule file: what begins at the first column, with what is indented below it."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if re.match(r"[A-Za-z@]", line)] + [len(lines)]
    for first, after in itertools.pairwise(starts):
        text = "".join(lines[first:after])
        if head := HEAD.match(text):
            kept = _without_idle_sections(text)
            yield _Block(head[1] or head[3], _words(kept), text, file.name, parent=head[2] or "")
        elif definition := re.match(r"(?:def (\w+)\(|([A-Z]\w*)\s*=)", text):
            yield _Block(definition[1] or definition[2], _words(text), text, file.name)
        elif imported := re.match(r"from workflow\.([\w.]+) import (.+)", text):
            for name in re.findall(r"\w+", imported[2]):
                yield _Block(name, (), text, file.name, imported[1])


def _without_idle_sections(text: str) -> str:
    """Return a rule's text without the sections that change no result."""
    kept, idle = [], False
    for line in text.splitlines(keepends=True):
        if section := SECTION.match(line):
            idle = section[1] in IDLE_SECTIONS
        if not idle:
            kept.append(line)
    return "".join(kept)


def _words(text: str) -> tuple[str, ...]:
    """Return the tokens of a piece of a rule file, layout and comments apart."""
    return tuple(remembered("words 1", [text.encode()], lambda: _tokens(text)))


def _tokens(text: str) -> list[str]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, IndentationError):
        return text.split()
    return [token.string for token in tokens if token.type not in IDLE_TOKENS]


def _code_of_rule(block: _Block, whole: str, stage: str, helpers: Mapping[str, _Block]) -> RuleCode:
    """Return what stands behind a rule; `whole` is its text with that of the rule it is a variant of."""
    used = _used(block.words, helpers)
    own = "\0".join((*block.words, *(word for name in sorted(used) if not helpers[name].imported for word in helpers[name].words)))
    items = {f"rule {block.name}": short_digest(own)}
    scripts = re.findall(r'code_of\("(\w+)"\)', whole)
    items |= {f"scripts/{script}.py": code_of(script) for script in scripts}
    for arguments in re.findall(r"digest_of\(([^()*]*)\)", whole):
        items |= {table: digest_of(table) for table in re.findall(r'"([^"]+)"', arguments)}
    if block.name == "render_report":
        items["templates of the page"] = digest_of(*TEMPLATES)
    modules = {helpers[name].imported for name in used if helpers[name].imported.split(".")[0] not in UNCOUNTED | {""}}
    items |= {f"workflow/{name}.py": meaning_of(f"workflow/{name}.py") for name in sorted(modules) if _is_module(name)}
    envs = frozenset(re.findall(r"envs/(\w+)\.yaml", whole))
    packages = {name for script in scripts for name in _packages_behind(script)}
    return RuleCode(block.name, stage, items, envs, frozenset(packages))


def _is_module(name: str) -> bool:
    return (ROOT / "workflow" / f"{name}.py").is_file()


def _used(words: tuple[str, ...], helpers: Mapping[str, _Block]) -> set[str]:
    """Return the helpers that some tokens name, and those that these name."""
    found: set[str] = set()
    waiting = list(words)
    while waiting:
        name = waiting.pop()
        if name in helpers and name not in found:
            found.add(name)
            waiting.extend(helpers[name].words)
    return found


@functools.cache
def _packages_behind(script: str) -> frozenset[str]:
    """Return the packages of the lock file that a script or a module behind it imports."""
    return frozenset(package for file in files_behind(ROOT / "scripts" / f"{script}.py") for package in _imported(file))


@functools.cache
def _imported(file: Path) -> frozenset[str]:
    names = {name.partition(".")[0] for name in imports_of(file)}
    return frozenset(PACKAGES[name] for name in names & PACKAGES.keys())
