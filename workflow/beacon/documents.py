"""The Beacon's documents, as the GA4GH's schemas of Beacon v2 have them (framework 2.x, https://github.com/ga4gh-beacon/beacon-v2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.beacon.query import TERMS, Query
from workflow.beacon.records import BeaconRelease
from workflow.cohort_store.masking import Row

API = "v2.0.0"
MODEL = (
    "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/models/json/beacon-v2-default-model/genomicVariations/defaultSchema.json"
)
FRAMEWORK = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/framework/json/configuration"
SCHEMAS = [{"entityType": "genomicVariation", "schema": "beacon-g_variant-v2.0.0"}]
Document = dict[str, Any]


@dataclass(frozen=True)
class Site:
    """Who runs the Beacon: its identifier (reversed domain), name, organisation, and address as clients see it."""

    id: str = "org.example.beacon"
    name: str = "Genvej Beacon"
    organization: str = "not named"
    url: str = "http://127.0.0.1:5050"
    environment: str = "test"


class Documents:
    """All documents of one release on one site."""

    def __init__(self, site: Site, release: BeaconRelease) -> None:
        self.site, self.release = site, release

    def told(self, query: Query, number: int, row: Row | None, granularity: str) -> Document:
        """Return the answer to a query: whether there is such a variant, and, for a count, how many.

        Args:
            query: as it was understood.
            number: variants found.
            row: of the only one.
            granularity: what is answered, boolean or count.
        """
        summary: Document = {"exists": number > 0}
        document = {"meta": self._meta(query, granularity), "responseSummary": summary}
        if granularity == "count":
            summary["numTotalResults"] = number
            document["info"] = {"counted": "variants", "minimumPeople": self.release.minimum, "release": self.release.number}
            if row is not None:
                known = row.groups.get(query.group, (None, None)) if query.filters else (row.ac, row.an)
                document["info"] |= {name: value for name, value in zip(("alleleCount", "alleleNumber"), known, strict=True) if value}
        return document

    def failed(self, status: int, message: str) -> Document:
        """Return the document of an error; the request is not repeated."""
        return {"meta": self._meta(Query(), "boolean"), "error": {"errorCode": status, "errorMessage": message}}

    def _meta(self, query: Query, granularity: str) -> Document:
        received: Document = {
            "apiVersion": API,
            "requestedSchemas": [],
            "pagination": {"skip": query.skip, "limit": query.limit},
            "requestedGranularity": query.granularity,
            "includeResultsetResponses": query.include,
        }
        if query.parameters:
            received["requestParameters"] = {"g_variant": dict(query.parameters)}
        if query.filters:
            received["filters"] = list(query.filters)
        return {"beaconId": self.site.id, "apiVersion": API, "returnedSchemas": SCHEMAS, "returnedGranularity": granularity} | {
            "receivedRequestSummary": received,
            "testMode": False,
        }

    def _informed(self, response: Mapping[str, Any]) -> Document:
        return {"meta": {"beaconId": self.site.id, "apiVersion": API, "returnedSchemas": []}, "response": dict(response)}

    def info(self) -> Document:
        """Return `/info`."""
        release = self.release
        text = (
            f"Small variants of {release.assembly} seen in at least {release.minimum} people whose consent covers this Beacon. "
            "A variant that is not found was not seen, or in too few people to be told."
        )
        about = {"release": release.number, "assembly": release.assembly, "minimumPeople": release.minimum, "variants": release.told["all"]}
        return self._informed(
            {
                "id": self.site.id, "name": self.site.name, "apiVersion": API, "environment": self.site.environment,
                "organization": {"id": self.site.id, "name": self.site.organization}, "description": text,
                "version": f"release {release.number}", "createDateTime": release.when, "updateDateTime": release.when, "info": about,
            }
        )  # fmt: skip

    def service_info(self) -> Document:
        """Return `/service-info`, as the GA4GH's own standard for services has it."""
        return {
            "id": self.site.id, "name": self.site.name, "type": {"group": "org.ga4gh", "artifact": "beacon", "version": API},
            "organization": {"name": self.site.organization, "url": self.site.url}, "version": f"release {self.release.number}",
            "createdAt": self.release.when, "updatedAt": self.release.when, "environment": self.site.environment,
        }  # fmt: skip

    def configuration(self) -> Document:
        """Return `/configuration`."""
        security = {"defaultGranularity": "boolean", "securityLevels": ["PUBLIC", "REGISTERED"]}
        status = {"prod": "PROD", "dev": "DEV"}.get(self.site.environment, "TEST")
        return self._informed(
            {"$schema": f"{FRAMEWORK}/beaconConfigurationSchema.json", "maturityAttributes": {"productionStatus": status}}
            | {"securityAttributes": security, "entryTypes": _entry_types()}
        )

    def entry_types(self) -> Document:
        """Return `/entry_types`."""
        return self._informed({"$schema": f"{FRAMEWORK}/entryTypesSchema.json", "entryTypes": _entry_types()})

    def map(self) -> Document:
        """Return `/map`."""
        url = f"{self.site.url}/g_variants"
        one = {"entryType": "genomicVariation", "rootUrl": url, "singleEntryUrl": url + "/{id}"}
        one["openAPIEndpointsDefinition"] = f"{self.site.url}/openapi.json"
        return self._informed({"$schema": f"{FRAMEWORK}/beaconMapSchema.json", "endpointSets": {"genomicVariation": one}})

    def filtering_terms(self) -> Document:
        """Return `/filtering_terms`: groups that are large enough, and leave enough people outside."""
        names = {group: term for term, group in TERMS.items()}
        terms = []
        for group in self.release.groups:
            told = {"id": names[group], "type": "NCI Thesaurus"} if group in names else {"id": group, "type": "custom"}
            terms.append(told | {"label": group.partition("=")[2], "scopes": ["genomicVariation"]})
        thesaurus = {"id": "ncit", "name": "NCI Thesaurus", "url": "http://purl.obolibrary.org/obo/ncit.owl"}
        thesaurus |= {"nameSpacePrefix": "NCIT", "iriPrefix": "http://purl.obolibrary.org/obo/NCIT_"}
        return self._informed({"filteringTerms": terms, "resources": [thesaurus] if terms else []})


def _entry_types() -> Document:
    schema = {"id": "beacon-g_variant-v2.0.0", "name": "Default schema for a genomic variation"}
    schema |= {"referenceToSchemaDefinition": MODEL, "schemaVersion": "v2.0.0"}
    one = {
        "id": "genomicVariation", "name": "Genomic variations", "partOfSpecification": "Beacon v2.0.0", "defaultSchema": schema,
        "description": "Small variants with people enough behind them", "nonFilteredQueriesAllowed": True,
        "ontologyTermForThisType": {"id": "SO:0001059", "label": "sequence_alteration"},
    }  # fmt: skip
    return {"genomicVariation": one}
