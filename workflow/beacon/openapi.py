"""The Beacon's OpenAPI description, `/openapi.json`."""

from typing import Any

from workflow.beacon.documents import API, Site
from workflow.beacon.query import GRANULARITIES, LONGEST_RANGE, TYPES

RESPONSES = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/framework/json/responses"
INFORMATION = {
    "/info": "beaconInfoResponse", "/service-info": "ga4gh-service-info-1-0-0-schema", "/configuration": "beaconConfigurationResponse",
    "/entry_types": "beaconEntryTypesResponse", "/map": "beaconMapResponse", "/filtering_terms": "beaconFilteringTermsResponse",
}  # fmt: skip
POSITIONS = {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1, "maxItems": 2}
TEXT, NUMBER = {"type": "string", "minLength": 1, "maxLength": 1000}, {"type": "integer", "minimum": 0}
PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "assemblyId": (TEXT, "The assembly of the positions; another than the one served is refused."),
    "referenceName": (TEXT, "1 to 22, X, Y, MT, with or without `chr`, or the RefSeq accession."),
    "start": (POSITIONS, "0-based; two values with two of `end` make a bracket."),
    "end": (POSITIONS, f"0-based, exclusive; a range has at most {LONGEST_RANGE} bases."),
    "referenceBases": (TEXT, "REF as in VCF; IUPAC letters stand for any of their bases."),
    "alternateBases": (TEXT, "ALT as in VCF."),
    "variantType": ({"type": "string", "enum": list(TYPES)}, "Kind of variant."),
    "variantMinLength": (NUMBER, "Least bases that come, go or are exchanged."),
    "variantMaxLength": (NUMBER, "Most bases that come, go or are exchanged."),
    "geneId": (TEXT, "Symbol of a gene of the configured models: from its first to its last base."),
    "genomicAlleleShortForm": (TEXT, "HGVS name."),
}
QUERY: dict[str, tuple[dict[str, Any], str]] = {
    "filters": ({"type": "array", "items": {"type": "string"}, "maxItems": 1}, "One of /filtering_terms."),
    "requestedGranularity": ({"type": "string", "enum": list(GRANULARITIES)}, "boolean and count are served; count with a token."),
    "includeResultsetResponses": ({"type": "string", "enum": ["HIT", "MISS", "ALL", "NONE"]}, "Taken note of; there are no result sets."),
    "skip": (NUMBER, "Taken note of; there are no records."),
    "limit": (NUMBER, "Taken note of; there are no records."),
    "testMode": ({"type": "boolean"}, "Taken note of."),
}


def description(site: Site) -> dict[str, Any]:
    """Return the whole description."""
    given = [
        {"name": name, "in": "query", "schema": schema, "description": text, "style": "form", "explode": False}
        for name, (schema, text) in (PARAMETERS | QUERY).items()
    ]
    one = {"name": "id", "in": "path", "required": True, "schema": TEXT, "description": "Variant such as 7-117559590-ATCT-A (1-based)."}
    answers = _answers("beaconCountResponse")
    paths: dict[str, Any] = {
        path: {"get": {"summary": path[1:], "responses": {"200": _json(f"{RESPONSES}/{name}.json")}}} for path, name in INFORMATION.items()
    }
    paths["/g_variants"] = {
        "get": {"summary": "variants by position, gene or name", "parameters": given, "responses": answers},
        "post": {"summary": "the same as a Beacon request", "requestBody": _body(), "responses": answers},
    }
    paths["/g_variants/{id}"] = {
        "get": {"summary": "one variant", "parameters": [one, *(each for each in given if each["name"] in QUERY)], "responses": answers}
    }
    token = {"type": "http", "scheme": "bearer", "description": "Of registered requesters; without it the answer is boolean."}
    return {
        "openapi": "3.1.0", "info": {"title": site.name, "version": API}, "servers": [{"url": site.url}], "paths": paths,
        "components": {"securitySchemes": {"token": token}}, "security": [{}, {"token": []}],
    }  # fmt: skip


def _json(url: str) -> dict[str, Any]:
    return {"description": url.rpartition("/")[2], "content": {"application/json": {"schema": {"$ref": url}}}}


def _answers(name: str) -> dict[str, Any]:
    refused = _json(f"{RESPONSES}/beaconErrorResponse.json")
    return {"200": _json(f"{RESPONSES}/{name}.json")} | {str(status): refused for status in (400, 401, 404, 405, 413, 429, 500, 503)}


def _body() -> dict[str, Any]:
    parameters = {"type": "object", "properties": {name: schema for name, (schema, _) in PARAMETERS.items()}}
    pages = {"type": "object", "properties": {"skip": NUMBER, "limit": NUMBER}}
    filters = {"type": "array", "maxItems": 1, "items": {"type": "object", "properties": {"id": TEXT}, "required": ["id"]}}
    names = ("requestedGranularity", "includeResultsetResponses", "testMode")
    query = {"requestParameters": parameters, "filters": filters, "pagination": pages} | {name: QUERY[name][0] for name in names}
    schema = {"type": "object", "properties": {"meta": {"type": "object"}, "query": {"type": "object", "properties": query}}}
    return {"required": True, "content": {"application/json": {"schema": schema}}}
