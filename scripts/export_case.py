"""The case for other programs: a Phenopacket with the interpretation, and a VCF of the candidates with plain INFO fields."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pysam

from workflow.case_phenopacket import phenopacket_of
from workflow.case_vcf import header_of, lines_of, with_verdicts
from workflow.files import atomic, read_json, write_json
from workflow.variant_keys import key_of


def write_vcf(path: str, calls: str, report: Mapping[str, Any], source: str) -> None:
    """Write the candidates as a bgzipped VCF with its index, checked by reading every record anew."""
    candidates = with_verdicts(report["candidates"], report["verdicts"])
    with atomic(path) as part:
        with pysam.VariantFile(calls) as records, pysam.BGZFile(str(part), "wb", None) as out:
            lines = [*header_of(records, source), *lines_of(records, candidates)]
            out.write("".join(f"{line}\n" for line in lines).encode())
        pysam.tabix_index(str(part), preset="vcf", force=True, keep_original=True)
        check_vcf(part, len({key_of(one) for one in candidates}))


def check_vcf(path: Path, expected: int) -> None:
    """Stop if a VCF cannot be read whole: that is a fault of the program, not of the input."""
    with pysam.VariantFile(str(path)) as written:
        if (found := sum(1 for _ in written)) != expected:
            raise ValueError(f"{found} of {expected} records were written")


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write phenopacket, VCF and its index of one case."""
    report = read_json(input.report)
    write_json(output.phenopacket, phenopacket_of(report, params.case, f"Genvej {params.version}"))
    write_vcf(output.vcf, input.vcf, report, f"Genvej_{params.version}")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
