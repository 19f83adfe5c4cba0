"""What the header of an annotated VCF says: the fields that Genvej writes, and which knowledge sources were looked at."""

from collections.abc import Mapping

from workflow.config_sections import Knowledge
from workflow.tabix_source import InfoField
from workflow.variants import CSQ_FIELDS

CORE_SOURCES = ("gene_models", "hpo", "clinvar", "gnomad", "panels")
HGVS_G = InfoField("HGVSg", "1", "String", "HGVS name on the genome; left out where unknown bases beside the variant make it unsure")
_CSQ_TEXT = "Consequences by transcript, the chosen one (MANE Select, else canonical) of the gravest gene first"
CSQ = InfoField("CSQ", ".", "String", f"{_CSQ_TEXT}. Format: {'|'.join(CSQ_FIELDS)}")


def knowledge_lines(knowledge: Mapping[str, Knowledge]) -> list[str]:
    """Return a `##genvej_knowledge` line a source, also for each core source that is not configured."""
    lines = []
    for name in dict.fromkeys((*CORE_SOURCES, *knowledge)):
        status = "evaluated" if name in knowledge else "not_evaluated"
        release = knowledge[name].release.replace('"', "'") if name in knowledge else ""
        lines.append(f'##genvej_knowledge=<ID={name},Status={status},Release="{release}">')
    return lines
