"""Which programs, in which versions, made a file: read from its own header, so that it is true of the file and not of the machine."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pysam


def programs_of_reads(path: str | Path) -> dict[str, str]:
    """Return {program: version} of an alignment file's @PG lines."""
    with pysam.AlignmentFile(str(path), check_sq=False) as reads:
        return programs_of_header(reads.header.to_dict())


def programs_of_header(header: Mapping[str, Any]) -> dict[str, str]:
    """Return {program: version} of a SAM header's @PG lines; those without a version are left out."""
    found = ((line.get("PN") or line.get("ID", ""), line.get("VN", "")) for line in header.get("PG", []))
    return {name: version for name, version in found if name and version}


def programs_of_calls(path: str | Path) -> dict[str, str]:
    """Return {program: version} of a VCF's header."""
    with pysam.VariantFile(str(path)) as calls:
        return programs_of_lines(str(calls.header).splitlines())


def programs_of_lines(lines: Iterable[str]) -> dict[str, str]:
    """Return {program: version} of VCF header lines as GATK and freebayes write them."""
    found = {}
    for line in lines:
        if line.startswith("##GATKCommandLine") and (version := re.search(r'Version="([^"]+)"', line)):
            found["gatk"] = version[1]
        elif source := re.match(r"##source=(\S+) v(\S+)", line):
            found[source[1].lower()] = source[2]
    return found
