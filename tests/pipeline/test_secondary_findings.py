"""A pathogenic variant outside of the question, in real reads: without consent it is told nowhere; with consent in a section of its own.

The demo's patient is asked another question: the published LMNA variant is in the reads, the features have nothing to do with the gene.
"""

import base64
import csv
import gzip
import json
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import pysam
import pytest
import yaml

from tests.pipeline.conftest import RESULTS, snakemake

CASE = "lmna"
pytestmark = pytest.mark.slow
RAW = (".cram", ".crai", ".tbi", ".g.vcf.gz", f"small_variants/{CASE}.vcf.gz", f"cases/{CASE}/{CASE}.vcf.gz", ".npz", ".npy")
"""The calls themselves, which name no variant and say nothing of it; the annotated call set is looked at by itself."""


@pytest.fixture(scope="module")
def work(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the finished demo, without what was interpreted and sealed, that asks another question."""
    folder = tmp_path_factory.mktemp("secondary")
    (folder / "results").mkdir()
    subprocess.run(["cp", "-al", finished / RESULTS, folder / RESULTS], check=True)
    for part in ("cases", "interpretation", "family", "release", "provenance", "annotation"):
        subprocess.run(["chmod", "-R", "u+w", folder / RESULTS / part], check=False)
        shutil.rmtree(folder / RESULTS / part, ignore_errors=True)
    shutil.copytree(finished / ".snakemake", folder / ".snakemake", symlinks=True)
    shutil.copytree(finished / "config", folder / "config")
    (folder / "resources").symlink_to(finished / "resources")
    ask_another_question(folder, first_candidate(finished))
    return folder


def first_candidate(finished: Path) -> dict[str, str]:
    with open(finished / RESULTS / f"cases/{CASE}/candidates.tsv", newline="") as handle:
        return next(csv.DictReader(handle, delimiter="\t"))


def ask_another_question(folder: Path, found: dict[str, str]) -> None:
    (folder / "found.json").write_text(json.dumps(found))
    packet = folder / f"config/demo/phenopackets/{CASE}.json"
    content = json.loads(packet.read_text())
    content["phenotypicFeatures"] = [{"type": {"id": "HP:0000365", "label": "Hearing impairment"}}]
    packet.write_text(json.dumps(content))
    lines = ["##fileformat=VCFv4.1", "##contig=<ID=1>", '##INFO=<ID=ALLELEID,Number=1,Type=Integer,Description="id">']
    lines += [f'##INFO=<ID={name},Number=.,Type=String,Description="{name}">' for name in ("CLNSIG", "CLNREVSTAT", "CLNDN")]
    told = "ALLELEID=77;CLNSIG=Pathogenic;CLNREVSTAT=reviewed_by_expert_panel;CLNDN=An_illness_of_the_heart"
    lines += ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO", f"1\t{found['pos']}\t.\t{found['ref']}\t{found['alt']}\t.\t.\t{told}"]
    (folder / "clinvar.vcf").write_text("\n".join(lines) + "\n")
    pysam.tabix_index(str(folder / "clinvar.vcf"), preset="vcf", force=True)
    (folder / "secondary.tsv").write_text("# made up\ngene\tdisease\nLMNA\tan illness\nNTRK1\tanother\n")
    config = yaml.safe_load((folder / "config/demo.yaml").read_text())
    del config["consent"], config["frequency_store"]  # here the sample sheet says it
    config["knowledge"]["clinvar"] = {"path": "clinvar.vcf.gz", "release": "2026-05-01"}
    config["interpretation"] = {"secondary_findings": {"path": "secondary.tsv", "release": "of a test"}}
    (folder / "config/demo.yaml").write_text(yaml.safe_dump(config))


def consent(folder: Path, word: str) -> None:
    sheet = folder / "config/demo/samples.tsv"
    header, *rows = sheet.read_text().splitlines()
    if "secondary_findings" not in header:
        header, rows = f"{header}\tsecondary_findings", [f"{row}\t" for row in rows]
    sheet.write_text("\n".join([header, *(f"{row.rpartition(chr(9))[0]}\t{word}" for row in rows)]) + "\n")


PACKED = re.compile(rb'(?<= data-z=")([^"]+)')
"""The bodies of cards further down a case's page."""


def told_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give every file of the results that is no raw call, unpacked."""
    for file in sorted((folder / RESULTS).rglob("*")):
        name = file.relative_to(folder / RESULTS).as_posix()
        if file.is_file() and not name.endswith(RAW):
            content = file.read_bytes()
            content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
            yield name, PACKED.sub(lambda match: zlib.decompress(base64.b64decode(match[1])), content)


def needles(folder: Path) -> list[bytes]:
    """Return what would tell the variant: its names, its place, ClinVar's word."""
    found = json.loads((folder / "found.json").read_text())
    names = [found["hgvs_c"].partition(":")[2], found["hgvs_p"].partition(":")[2], found["hgvs_g"], found["pos"]]
    return [text.encode() for text in [*names, "An_illness_of_the_heart", "An illness of the heart"]]


def interpretation(folder: Path) -> dict:
    return json.loads((folder / RESULTS / f"interpretation/{CASE}.json").read_text())


@pytest.fixture(scope="module")
def without(work: Path) -> Path:
    consent(work, "unknown")
    done = snakemake(work)
    assert done.returncode == 0, done.stderr[-4000:]
    return work


def test_without_consent_no_file_tells_the_finding(without: Path) -> None:
    wanted = needles(without)
    telling = [(name, needle) for name, content in told_in(without) for needle in wanted if needle in content]
    assert telling == []


def test_without_consent_the_annotated_calls_hold_the_call_and_no_word_about_it(without: Path) -> None:
    found = json.loads((without / "found.json").read_text())
    with pysam.VariantFile(str(without / RESULTS / f"cases/{CASE}/{CASE}.vcf.gz")) as calls:
        records = list(calls)
        (record,) = [one for one in records if str(one.pos) == found["pos"]]
        assert not {"CSQ", "HGVSg", "clinvar_CLNSIG"} & set(record.info)
        assert any("CSQ" in one.info for one in records), "other genes are annotated"
        assert "LMNA" not in str(calls.header)
        assert "genvej_closed=<Genes=2," in str(calls.header)


def test_without_consent_the_interpretation_says_that_it_did_not_look(without: Path) -> None:
    told = interpretation(without)
    section = told["secondary_findings"]
    assert (section["consent"], section["findings"], section["not_reported"]) == (False, [], None)
    assert "not looked at, as the proband has not consented" in section["because"]
    assert "LMNA" not in {row["gene"] for row in told["candidates"]}


def test_with_consent_the_finding_stands_in_a_section_of_its_own(without: Path) -> None:
    consent(without, "yes")
    done = snakemake(without, f"{RESULTS}/cases/{CASE}/report.html")
    assert done.returncode == 0, done.stderr[-4000:]
    found, told = json.loads((without / "found.json").read_text()), interpretation(without)
    page = (without / RESULTS / f"cases/{CASE}/report.html").read_text()
    assert 'id="secondary"' in page
    assert found["hgvs_p"].partition(":")[2] in page
    (row,) = told["secondary_findings"]["findings"]
    assert (row["gene"], row["hgvs_p"], row["clinvar_record"]["stars"]) == ("LMNA", found["hgvs_p"], 3)
    assert row["acmg_points"] == 0, "ClinVar's word on the variant itself is shown and never counted"
    assert "LMNA" not in {one["gene"] for one in told["candidates"]}
    assert sum(told["counts"].values()) == 2 * told["counts"]["records in the call set"]
