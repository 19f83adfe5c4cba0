"""What is asked of the Beacon, read strictly: what is unknown or of the wrong type is refused, never passed over.

Positions are as the Beacon's standard has them: 0-based, `end` exclusive. GET gives lists with commas, POST as JSON.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow.accessions import accession, aliases
from workflow.beacon.errors import BeaconError
from workflow.cohort_store.model import ALL
from workflow.reference import lengths

LONGEST_RANGE = 5_000_000
"""Bases of a range that is answered: more is a download, and keeps others waiting."""
MOST_BASES = 1_000
ASSEMBLIES = {"grch38": "GRCh38", "hg38": "GRCh38", "grch37": "GRCh37", "hg19": "GRCh37"}
GRANULARITIES = ("boolean", "count", "aggregated", "record")
TYPES = {"SNP": "SNP", "SNV": "SNP", "MNP": "MNP", "INS": "INS", "DEL": "DEL", "INDEL": "INDEL"}
TERMS = {"NCIT:C16576": "sex=female", "NCIT:C20197": "sex=male"}
"""Filtering terms with an ontology's name; other groups go by the store's names, such as `ancestry=EUR`."""
PARAMETERS = frozenset(
    {
        "assemblyId", "referenceName", "start", "end", "referenceBases", "alternateBases", "variantType", "variantMinLength",
        "variantMaxLength", "geneId", "genomicAlleleShortForm",
    }
)  # fmt: skip
ELSEWHERE = frozenset({"mateName", "aminoacidChange", "clinicalInterpretations", "requestedSchema", "requestedSchemas"})
QUERY = frozenset({"requestedGranularity", "includeResultsetResponses", "testMode", "filters", "pagination"})
META = frozenset({"apiVersion", "requestedSchemas", "$schema"})
_BASES = re.compile(r"[ACGTUNRYSWKMBDHV]{1,1000}")


@dataclass(frozen=True)
class Query:
    """A request that was understood.

    Attributes:
        parameters: the request's own, as they were understood; positions are lists.
        group: of the filter, `all` without one.
        granularity: what was asked for.
        skip, limit: pages; there are no records, so they change nothing.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    group: str = ALL
    granularity: str = "boolean"
    include: str = "HIT"
    skip: int = 0
    limit: int = 10

    @property
    def contig(self) -> str:
        """The chromosome, 1 to 22, X, Y, MT; empty where none is named."""
        return str(self.parameters.get("referenceName", ""))


def read_get(values: Mapping[str, list[str]], assembly: str, groups: tuple[str, ...]) -> Query:
    """Return a query that came as parameters of the address.

    Raises:
        BeaconError: it is not understood.
    """
    known = PARAMETERS | ELSEWHERE | (QUERY - {"pagination"}) | {"skip", "limit", "apiVersion"}
    if set(values) - known:
        raise BeaconError(400, "A parameter is not known here; /openapi.json lists those that are.")
    lists = {name: [part for text in texts for part in text.split(",")] for name, texts in values.items()}
    single = {name: texts[0] for name, texts in values.items() if len(texts) == 1}
    for name in values:
        if name not in {"start", "end", "filters", "requestedSchemas", "requestedSchema"} and name not in single:
            raise BeaconError(400, f"`{name}` is given twice.")
    parameters: dict[str, Any] = {name: single[name] for name in sorted((PARAMETERS | ELSEWHERE) & single.keys())}
    parameters |= {name: [_digits(text, name) for text in lists[name]] for name in ("start", "end") if name in lists}
    lengths_ = ("variantMinLength", "variantMaxLength")
    parameters |= {name: _digits(single[name], name) for name in lengths_ if name in single}
    query: dict[str, Any] = {name: single[name] for name in ("requestedGranularity", "includeResultsetResponses") if name in single}
    if "testMode" in single:
        query["testMode"] = {"true": True, "false": False}.get(single["testMode"].lower(), single["testMode"])
    query["pagination"] = {name: _digits(single[name], name) for name in ("skip", "limit") if name in single}
    query["filters"] = [{"id": text} for text in lists.get("filters", []) if text]
    return understood(parameters, query, assembly, groups)


def read_post(body: object, assembly: str, groups: tuple[str, ...]) -> Query:
    """Return a query that came as the Beacon's request body.

    Raises:
        BeaconError: it is not understood.
    """
    if not isinstance(body, dict) or set(body) - {"meta", "query", "$schema"}:
        raise BeaconError(400, "The body is not a Beacon request: an object with `meta` and `query`.")
    meta, query = body.get("meta", {}), body.get("query", {})
    if not isinstance(meta, dict) or set(meta) - META:
        raise BeaconError(400, "`meta` is not as the standard has it: `apiVersion`, `requestedSchemas`.")
    if not isinstance(query, dict) or set(query) - QUERY - {"requestParameters", "filtersLogic"}:
        raise BeaconError(400, "`query` holds something that is not known here; /openapi.json lists what is.")
    parameters = query.get("requestParameters", {})
    if isinstance(parameters, dict) and set(parameters) == {"g_variant"}:
        parameters = parameters["g_variant"]
    if not isinstance(parameters, dict) or set(parameters) - PARAMETERS - ELSEWHERE:
        raise BeaconError(400, "`requestParameters` holds something that is not known here; /openapi.json lists what is.")
    return understood(parameters, query, assembly, groups)


def understood(parameters: Mapping[str, Any], query: Mapping[str, Any], assembly: str, groups: tuple[str, ...]) -> Query:
    """Return a request of known keys as a query.

    Raises:
        BeaconError: a value is of the wrong type, or what is asked is not served.
    """
    if set(parameters) & (ELSEWHERE - {"requestedSchema", "requestedSchemas"}):
        raise BeaconError(400, "`mateName`, `aminoacidChange` and `clinicalInterpretations` are not served here.")
    read = {name: _value(name, value, assembly) for name, value in parameters.items() if name in PARAMETERS}
    _check_together(read, assembly)
    filters, group = _filters(query.get("filters", []), groups)
    page = query.get("pagination", {})
    if not isinstance(page, dict):
        raise BeaconError(400, "`pagination` is not an object with `skip` and `limit`.")
    if not isinstance(query.get("testMode", False), bool):
        raise BeaconError(400, "`testMode` is neither true nor false.")
    return Query(
        read, filters, group,
        _one_of(query.get("requestedGranularity", "boolean"), GRANULARITIES, "requestedGranularity"),
        _one_of(query.get("includeResultsetResponses", "HIT"), ("HIT", "MISS", "ALL", "NONE"), "includeResultsetResponses"),
        _number(page.get("skip", 0), "skip", 10**9), _number(page.get("limit", 10), "limit", 10**9),
    )  # fmt: skip


def _value(name: str, value: object, assembly: str) -> Any:
    if name in {"start", "end"}:
        values = value if isinstance(value, list) else [value]
        if not 1 <= len(values) <= 2:
            raise BeaconError(400, f"`{name}` takes one position, or two of a bracket.")
        return [_number(one, name, 10**9) for one in values]
    if name in {"variantMinLength", "variantMaxLength"}:
        return _number(value, name, 10**9)
    if not isinstance(value, str) or not 1 <= len(value) <= MOST_BASES:
        raise BeaconError(400, f"`{name}` is not a text of 1 to {MOST_BASES} letters.")
    return _text(name, value, assembly)


def _text(name: str, value: str, assembly: str) -> str:
    if name == "assemblyId":
        if ASSEMBLIES.get(value.lower().partition(".")[0]) != assembly:
            raise BeaconError(400, f"This Beacon serves {assembly} only; positions on other assemblies are not converted.")
        return assembly
    if name == "referenceName":
        return _contig(value, assembly)
    if name in {"referenceBases", "alternateBases"}:
        if not _BASES.fullmatch(value.upper()):
            raise BeaconError(400, f"`{name}` holds other letters than bases; write the base before an insertion or deletion too.")
        return value.upper().replace("U", "T")
    if name == "variantType":
        return _one_of(value.upper(), tuple(TYPES), name)
    return value


def _contig(value: str, assembly: str) -> str:
    for name in lengths(assembly):
        if value in aliases(name):
            other = "GRCh37" if assembly == "GRCh38" else "GRCh38"
            if value == accession(other, name) != accession(assembly, name):
                raise BeaconError(400, f"This Beacon serves {assembly} only, and that accession is of {other}.")
            return name
    raise BeaconError(400, "`referenceName` is no chromosome that is served: 1 to 22, X, Y, MT, with or without `chr`, or its accession.")


def _check_together(read: Mapping[str, Any], assembly: str) -> None:
    """Refuse what the standard does not allow together, or what lies outside of the chromosome."""
    names = set(read)
    places = names & {"referenceName", "start", "end", "referenceBases", "alternateBases"}
    if len([one for one in ("geneId", "genomicAlleleShortForm") if one in names]) + bool(places) > 1:
        raise BeaconError(400, "Ask by position, by `geneId` or by `genomicAlleleShortForm`, one at a time.")
    if not places:
        return
    if not {"referenceName", "start"} <= names:
        raise BeaconError(400, "`referenceName` and `start` are needed.")
    if "assemblyId" not in names:
        raise BeaconError(400, f"`assemblyId` is needed with positions; this Beacon serves {assembly}.")
    starts, ends = read["start"], read.get("end", [])
    if (len(starts) == 2 and len(ends) != 2) or (len(ends) == 2 and len(starts) != 2):
        raise BeaconError(400, "A bracket needs two values of `start` and two of `end`.")
    if not ends and "alternateBases" not in names:
        raise BeaconError(400, "`start` without `end` needs `alternateBases`.")
    if starts != sorted(starts) or ends != sorted(ends) or (ends and ends[0] <= starts[0]):
        raise BeaconError(400, "`end` lies before `start`.")
    if max(starts) >= lengths(assembly)[read["referenceName"]]:
        raise BeaconError(400, "`start` lies behind the end of the chromosome.")
    if max(ends, default=0) - starts[0] > LONGEST_RANGE:
        raise BeaconError(400, f"That is more than {LONGEST_RANGE} bases; ask for a shorter range.")


def _filters(given: object, groups: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    if not isinstance(given, list) or len(given) > 1:
        raise BeaconError(400, "One filter at a time: what filters have in common could be too few people.")
    if not given:
        return (), ALL
    one = given[0]
    if (
        not isinstance(one, dict)
        or set(one) - {"id", "includeDescendantTerms", "similarity", "scope"}
        or not isinstance(one.get("id"), str)
    ):
        raise BeaconError(400, "A filter is an object with the `id` of a term of /filtering_terms; it cannot be negated or compared.")
    group = TERMS.get(one["id"], one["id"])
    if group not in groups:
        raise BeaconError(400, "That filter is not known here; /filtering_terms lists those that are.")
    return (one["id"],), group


def _one_of(value: object, allowed: tuple[str, ...], name: str) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise BeaconError(400, f"`{name}` is none of {', '.join(allowed)}.")
    return value


def _number(value: object, name: str, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise BeaconError(400, f"`{name}` is not a whole number from 0 to {most}.")
    return value


def _digits(text: str, name: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII):
        raise BeaconError(400, f"`{name}` is not a whole number.")
    return int(text)
