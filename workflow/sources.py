"""Knowledge sources looked at before the first job: there, of the assembly in use, and of the release that the config says."""

import gzip
import re
from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path

from workflow.case_base import read_cases
from workflow.cohort import Cohort, Question
from workflow.config_sections import Knowledge
from workflow.errors import InputError
from workflow.hpo_annotations import pair_file
from workflow.laboratory import read_laboratory_table
from workflow.ontology import Ontology, read_ontology
from workflow.reference import lengths, plain_name
from workflow.settings import Settings

HPO_FILES = ("hp.obo", "phenotype.hpoa")
OTHER_NAMES = {"GRCh37": ("GRCh37", "hg19", "b37"), "GRCh38": ("GRCh38", "hg38")}
SAYS_ASSEMBLY = re.compile(r"^#[#!](?:reference=|genome-build\s|assembly=)(.*)", re.IGNORECASE)
SAYS_LENGTH = re.compile(r"^##contig=<(?=.*\bID=([^,>]+))(?=.*\blength=(\d+))|^##sequence-region\s+(\S+)\s+1\s+(\d+)")


def check_sources(settings: Settings, cohort: Cohort) -> None:
    """Refuse knowledge that is missing, of another assembly or release than said, and terms that the HPO release does not use.

    Raises:
        InputError: naming the key of the config, or the phenopacket.
    """
    for question in cohort.new_questions():
        _check_records(question, settings.reference.name)
    for source in settings.knowledge.values():
        check_there(source.path, f"knowledge.{source.name}.path", settings.file)
        if source.path.is_file() and not source.path.stat().st_size:
            raise InputError(
                f"`knowledge.{source.name}.path` names {source.path}, which is empty", file=settings.file, remedy="fetch it again"
            )
        if source.kind == "hpo":
            _check_ontology(source, settings, cohort)
        elif source.kind == "laboratory":
            read_laboratory_table(source.path)
        elif source.kind == "inhouse":
            from workflow.cohort_store.inhouse import check_inhouse  # pyarrow is loaded only where it is needed

            check_inhouse(source, settings.reference.name)
        elif source.path.is_file() and source.kind != "cases":
            _check_index(source, settings.file)
            _check_assembly(source, settings)


def check_there(path: Path, key: str, file: str) -> None:
    """Refuse a key of the config that names a file or folder which is not there."""
    if not path.exists():
        raise InputError(
            f"`{key}` names {path}, which is not there", file=file, remedy="check the path; it is relative to the working directory"
        )


def _check_ontology(source: Knowledge, settings: Settings, cohort: Cohort) -> None:
    for name in HPO_FILES:
        check_there(source.path / name, f"knowledge.{source.name}.path", settings.file)
    check_there(pair_file(source.path), f"knowledge.{source.name}.path", settings.file)
    ontology = read_ontology(source.path / "hp.obo")
    if ontology.release != source.release.rpartition("/")[2].removeprefix("v"):
        what = f"`knowledge.hpo.release` is {source.release}, but {source.path / 'hp.obo'} is release {ontology.release}"
        raise InputError(what, file=settings.file, remedy="correct the one that is wrong")
    if solved := settings.knowledge.get("solved_cases"):
        check_there(solved.path, f"knowledge.{solved.name}.path", settings.file)
        read_cases(solved.path, ontology)
    for question in cohort.new_questions():
        _check_terms(question, ontology)


def _check_terms(question: Question, ontology: Ontology) -> None:
    """Refuse terms that the release does not use, labels of other terms, and an observed term whose more general term is excluded."""
    names = {name.casefold(): term_id for term_id, name in zip(ontology.ids, ontology.names, strict=True)}
    excluded = {}
    for term in question.terms:
        number = ontology.require(term.id, file=question.file)
        if term.excluded:
            excluded[number] = term.id
        if (labelled := names.get(term.label.casefold(), term.id)) != term.id:
            what = f"{term.id} is {ontology.name(term.id)}, but its label is that of {labelled}, {ontology.name(labelled)}"
            raise InputError(what, file=question.file, remedy="find out which is meant")
    for term in question.terms:
        if not term.excluded and (above := ontology.ancestors(ontology.index[term.id]) & excluded.keys()):
            general = excluded[min(above)]
            named = f"{general} ({ontology.name(general)}), of which it is a kind,"
            what = f"{term.id} ({ontology.name(term.id)}) is observed, but {named} is excluded"
            raise InputError(what, file=question.file, remedy="keep what is true of the person")


def _check_records(question: Question, assembly: str) -> None:
    """Refuse a phenopacket whose files or variants are on another assembly than the reference."""
    for record in question.records:
        if record.assembly and not _names(record.assembly, assembly):
            what = f"the phenopacket names a variant or file on {record.assembly}, but `reference.name` is {assembly}"
            raise InputError(what, file=question.file, remedy=f"give its positions on {assembly}, or leave them out")


def _check_index(source: Knowledge, file: str) -> None:
    """Refuse a VCF or BED that cannot be looked up by position."""
    if source.kind in {"vcf", "bed"} and not any(Path(f"{source.path}{end}").exists() for end in (".tbi", ".csi")):
        what = f"`knowledge.{source.name}` ({source.path}) has no index beside it"
        raise InputError(what, file=file, remedy=f"compress it with `bgzip` and index it with `tabix -p {source.kind}`")


def _check_assembly(source: Knowledge, settings: Settings) -> None:
    """Refuse a source whose header names another assembly, or gives a primary contig the length of the other one."""
    assembly = settings.reference.name
    other = "GRCh37" if assembly == "GRCh38" else "GRCh38"
    for line in _header(source.path):
        named = SAYS_ASSEMBLY.match(line)
        if (named and _names(named[1], other) and not _names(named[1], assembly)) or _has_length_of(line, other, lengths(assembly)):
            what = f"`knowledge.{source.name}` ({source.path}) is on {other}, but `reference.name` is {assembly}"
            raise InputError(what, file=settings.file, remedy=f"give the source's release for {assembly}")


def _names(text: str, assembly: str) -> bool:
    return any(name.lower() in text.lower() for name in OTHER_NAMES[assembly])


def _has_length_of(line: str, other: str, expected: Mapping[str, int]) -> bool:
    """Say whether a header line gives a contig the length that it has in the `other` assembly and not in the expected one."""
    if not (match := SAYS_LENGTH.match(line)):
        return False
    contig, length = plain_name(match[1] or match[3]), int(match[2] or match[4])
    return length == lengths(other).get(contig) != expected.get(contig)


def _header(path: Path) -> Iterator[str]:
    """Give the first lines of a text file, plain or gzip, that begin with #."""
    try:
        with open(path, "rb") as probe:
            packed = probe.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rt", errors="replace") if packed else open(path, errors="replace") as handle:
            yield from takewhile(lambda line: line.startswith("#"), handle)
    except (OSError, EOFError) as error:
        raise InputError(f"the file cannot be read ({type(error).__name__})", file=path, remedy="fetch it again") from None
