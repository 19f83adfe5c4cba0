"""Evidence of a whole case: what the job writes of candidates, people's evidence, history, tiers and secondary findings."""

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pysam
import pytest

from scripts.classify_candidates import main
from workflow.classification_history import history_of, read_history
from workflow.errors import InputError

# Two genes of three exons on one contig; ONE begins its protein at base 111, TWO at base 1111.
SEQUENCE = ("ACGTCAGCAT" * 220)[:2200]
HEADER = """##fileformat=VCFv4.2
##contig=<ID=1,length=2200>
##INFO=<ID=CSQ,Number=.,Type=String,Description="c">
##INFO=<ID=HGVSg,Number=1,Type=String,Description="g">
##INFO=<ID=gnomad_AF,Number=1,Type=Float,Description="f">
##INFO=<ID=gnomad_AC,Number=1,Type=Integer,Description="f">
##INFO=<ID=gnomad_AN,Number=1,Type=Integer,Description="f">
##INFO=<ID=clinvar_CLNSIG,Number=.,Type=String,Description="s">
##INFO=<ID=clinvar_CLNREVSTAT,Number=.,Type=String,Description="s">
##INFO=<ID=clinvar_ALLELEID,Number=1,Type=Integer,Description="s">
##FILTER=<ID=LowQual,Description="q">
##FORMAT=<ID=GT,Number=1,Type=String,Description="g">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="g">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="g">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="g">
##genvej_knowledge=<ID=gene_models,Status=evaluated,Release="models 1">
##genvej_knowledge=<ID=hpo,Status=not_evaluated,Release="">
##genvej_knowledge=<ID=clinvar,Status=evaluated,Release="2026-05">
##genvej_knowledge=<ID=gnomad,Status=evaluated,Release="4.1">
##genvej_knowledge=<ID=dosage,Status=evaluated,Release="2026-04">
##genvej_knowledge=<ID=panels,Status=not_evaluated,Release="">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tkid
"""
CSQ = "{alt}|{terms}|{impact}|{gene}|{gene}|NM_{gene}.1|protein_coding|1/3|NM_{gene}.1:{c}|{p}|NM_{gene}.1|YES|1|||"
DOSAGE = "#ClinGen Gene Curation List\n#Gene Symbol\tGene ID\tHaploinsufficiency Score\tDate Last Evaluated\nONE\t1\t3\t2024-02-02\n"


def variant(gene: str, pos: int, terms: str, impact: str, c: str, p: str = "", more: str = "", filters: str = "PASS") -> str:
    ref = SEQUENCE[pos - 1]
    alt = next(base for base in "ACGT" if base != ref)
    p = f"NM_{gene}.1:{p}" if p else ""
    info = f"CSQ={CSQ.format(alt=alt, terms=terms, impact=impact, gene=gene, c=c, p=p)};HGVSg=NC_000001.11:g.{pos}{ref}>{alt}{more}"
    return f"1\t{pos}\t.\t{ref}\t{alt}\t99\t{filters}\t{info}\tGT:AD:DP:GQ\t0/1:15,15:30:99\n"


def models() -> str:
    text = "##gff-version 3\n"
    for gene, start in (("ONE", 101), ("TWO", 1101)):
        blocks = [(start, start + 99), (start + 200, start + 299), (start + 400, start + 599)]
        coding = [(start + 10, start + 99), (start + 200, start + 299), (start + 400, start + 519)]
        text += f"1\tx\tgene\t{start}\t{start + 599}\t.\t+\t.\tID=gene:{gene};Name={gene}\n"
        text += f"1\tx\tmRNA\t{start}\t{start + 599}\t.\t+\t.\tID=transcript:NM_{gene};version=1;Parent=gene:{gene};tag=MANE_Select\n"
        for kind, parts in (("exon", blocks), ("CDS", coding)):
            text += "".join(f"1\tx\t{kind}\t{low}\t{high}\t.\t+\t0\tParent=transcript:NM_{gene}\n" for low, high in parts)
    return text


STOP = ("ONE", 141, "stop_gained", "HIGH", "c.31C>T", "p.Arg11Ter")
OTHER = ("TWO", 1141, "stop_gained", "HIGH", "c.31C>T", "p.Arg11Ter")
DEEP = ("ONE", 250, "intron_variant", "MODIFIER", "c.90+50A>C")
TOLD = ";clinvar_CLNSIG=Pathogenic;clinvar_CLNREVSTAT=reviewed_by_expert_panel;clinvar_ALLELEID=7"


def row(rank: int, gene: str, pos: int, terms: str, _: str, c: str, p: str = "") -> dict[str, Any]:
    ref = SEQUENCE[pos - 1]
    alt = next(base for base in "ACGT" if base != ref)
    return {
        "rank": rank, "case": "c", "gene": gene, "chrom": "1", "pos": pos, "ref": ref, "alt": alt, "consequence": terms, "hgvs_c": c,
        "hgvs_p": p, "phenotype_score": 2.0, "acmg_points": "not evaluated", "class": "not evaluated", "evidence": "because",
        "not_evaluated": "hpo,panels,acmg", "transcript": f"NM_{gene}.1", "posterior": 0.2 if gene == "ONE" else 0.5,
    }  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> SimpleNamespace:
    (tmp_path / "ref.fa").write_text(f">1\n{SEQUENCE}\n")
    pysam.faidx(str(tmp_path / "ref.fa"))
    (tmp_path / "models.gff3").write_text(models())
    (tmp_path / "dosage.tsv").write_text(DOSAGE)
    (tmp_path / "clinvar.vcf").write_text(
        "##fileformat=VCFv4.1\n##contig=<ID=1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t5\t.\tC\tA\t.\t.\tCLNSIG=Benign\n"
    )
    pysam.tabix_index(str(tmp_path / "clinvar.vcf"), preset="vcf", force=True)
    lines = [
        variant(*STOP),
        variant(*DEEP),
        variant(*OTHER, more=TOLD),
        variant("TWO", 1150, "missense_variant", "MODERATE", "c.40A>C", "p.Lys14Gln"),
    ]
    lines.sort(key=lambda line: int(line.split("\t")[1]))
    (tmp_path / "c.vcf").write_text(HEADER + "".join(lines))
    pysam.tabix_index(str(tmp_path / "c.vcf"), preset="vcf", force=True)
    rows = [row(1, *STOP), row(2, *OTHER)]
    ranked = {
        "case": "c", "genes": [], "counts": {"records in the call set": 4, "candidates listed": 2, "rest": 2}, "withheld": [],
        "not_evaluated": {"hpo": "not configured", "panels": "x", "acmg": "y"}, "candidates": rows,
    }  # fmt: skip
    (tmp_path / "ranked.json").write_text(json.dumps(ranked))
    (tmp_path / "ranked.tsv").write_text("\t".join(name for name in rows[0]) + "\n")
    found = {"members": [{"sample": "kid", "karyotype": "XX"}], "uniparental": [], "consanguinity": {"runs": []}, "reads": {}}
    (tmp_path / "family.json").write_text(json.dumps(found))
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tkid\n"
    (tmp_path / "phased.vcf").write_text("##fileformat=VCFv4.2\n" + columns)
    members = [{"sample": "kid", "role": "proband", "sex": "female", "affected": "yes"}]
    params = SimpleNamespace(
        case={"name": "c", "proband": "kid", "members": members}, evidence=[], assembly="GRCh38", versions=str(tmp_path / "versions"),
        par=[], clinvar=["clinvar", str(tmp_path / "clinvar.vcf.gz"), "2026-05", "vcf", []],
        limits={"max_frequency": 0.01, "min_depth": 10},
    )  # fmt: skip
    files = {
        name: str(tmp_path / file)
        for name, file in (
            ("ranked", "ranked.json"),
            ("table", "ranked.tsv"),
            ("vcf", "c.vcf.gz"),
            ("fasta", "ref.fa"),
            ("models", "models.gff3"),
            ("dosage", "dosage.tsv"),
            ("family", "family.json"),
            ("phased", "phased.vcf"),
        )
    }
    return SimpleNamespace(folder=tmp_path, params=params, input=SimpleNamespace(**files))


def classify(
    case: SimpleNamespace, *, outside: tuple[str, ...] = (), consent: bool = False, ordered: tuple[str, ...] = ()
) -> tuple[list[dict[str, str]], Any]:
    case.params.order = {"genes": list(ordered), "panels": [], "of_gene": {"ONE": [{"panel": "P", "version": "2"}]}}
    case.input.scope = case.input.secondary = case.input.symbols = []
    if outside:
        case.input.scope, case.input.secondary = case.folder / "scope.json", case.folder / "s.tsv"
        told = {"release": "r", "consents": {"kid": "yes" if consent else "no"}, "consent": consent, "inside": [], "outside": len(outside)}
        case.input.scope.write_text(json.dumps(told | {"because": "b"}))
        case.input.secondary.write_text("\n".join(["gene", *outside]) + "\n")
    output = SimpleNamespace(table=case.folder / "out.tsv", interpretation=case.folder / "out.json")
    main(input=case.input, output=output, params=case.params)
    with open(output.table, newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t")), json.loads(output.interpretation.read_text())


def test_main_fills_points_class_and_evidence(case: SimpleNamespace) -> None:
    rows, told = classify(case)
    first, second = rows
    assert (first["criteria"], first["acmg_points"], first["class"]) == ("PVS1,PM2_Supporting", "9", "likely pathogenic")
    assert first["evidence"].startswith("PVS1 +8: an early stop, decay of the messenger expected; ClinGen dosage sensitivity: sufficient")
    assert first["evidence"].endswith("; because")
    assert (second["criteria"], second["class"], second["clinvar_stars"]) == ("PM2_Supporting", "uncertain significance", "3")
    lines = told["candidates"][0]["evidence_lines"]
    assert [(line["criterion"], line["source"], line["release"]) for line in lines] == [
        ("PVS1", "dosage", "2026-04"),
        ("PM2", "gnomad", "4.1"),
    ]
    assert told["candidates"][1]["conflicts"] == ["ClinVar 2026-05 says Pathogenic (3 stars), the points say uncertain significance"]
    assert told["not_evaluated"] == {"hpo": "not configured", "panels": "no genes or panels are ordered for this case"}
    assert told["candidates"][0]["effect"]["decay"] is True


def test_main_tells_the_centres_own_counts_or_that_they_were_not_evaluated(case: SimpleNamespace) -> None:
    rows, told = classify(case)
    assert [(row["inhouse"], one["inhouse"]) for row, one in zip(rows, told["candidates"], strict=True)] == [("not evaluated", None)] * 2
    fields = "".join(f'##INFO=<ID=inhouse_{name},Number=1,Type={kind},Description="i">\n' for name, kind in
                     (("AC", "Integer"), ("AN", "Integer"), ("recurrent", "String")))  # fmt: skip
    header = HEADER.replace("##FILTER", f'{fields}##genvej_knowledge=<ID=inhouse,Status=evaluated,Release="7">\n##FILTER', 1)
    lines = [variant(*STOP, more=";inhouse_AC=9;inhouse_AN=60;inhouse_recurrent=yes"), variant(*OTHER)]
    (case.folder / "c.vcf").write_text(header + "".join(lines))
    pysam.tabix_index(str(case.folder / "c.vcf"), preset="vcf", force=True)
    rows, told = classify(case)
    assert [row["inhouse"] for row in rows] == ["9/60", "not told"]
    assert [one["inhouse"]["recurrent"] for one in told["candidates"]] == [True, False]


def test_main_passes_the_probability_on_where_no_candidate_is_moved(case: SimpleNamespace) -> None:
    rows, _ = classify(case, outside=("ABSENT",), consent=True)
    assert [one["posterior"] for one in rows] == ["0.2", "0.5"]


def test_main_keeps_tiers_apart_and_names_the_panels(case: SimpleNamespace) -> None:
    rows, told = classify(case, ordered=("ONE",))
    assert [one["tier"] for one in rows] == ["1", "gene-agnostic"]
    assert told["candidates"][0]["panels"][0]["version"] == "2"
    assert "panels" not in told["not_evaluated"]


def test_main_lists_rare_variants_that_nobody_assessed(case: SimpleNamespace) -> None:
    _, told = classify(case)
    (found,) = told["not_assessed_for_effect"]["variants"]
    assert (found["pos"], found["category"]) == (250, "intronic, outside of the splice region: not assessed for effect")


def judgement(variant: str, **more: str) -> dict[str, str]:
    cells = {"criterion": "PS3", "strength": "strong", "direction": "pathogenic", "fact": "no product", "author": "A. Berg", "hgvs": ""}
    return {"variant": variant, **cells, "date": "2026-03-01", "reference": "PMID:1", **more}


def test_main_counts_peoples_evidence_and_vetoes(case: SimpleNamespace) -> None:
    place = f"1-141-{SEQUENCE[140]}-{next(base for base in 'ACGT' if base != SEQUENCE[140])}"
    veto = judgement("NM_ONE.1:c.31C>T".replace("C>T", f"{SEQUENCE[140]}>{place[-1]}"), criterion="PVS1", direction="veto", strength="")
    case.params.evidence = [judgement(place), veto]
    rows, told = classify(case)
    assert (rows[0]["criteria"], rows[0]["acmg_points"]) == ("PS3,PM2_Supporting", "5")
    assert "(A. Berg, 2026-03-01)" in rows[0]["evidence"]
    assert told["candidates"][0]["vetoes"][0]["met"] == "PVS1, +8 points"
    case.params.evidence = [judgement("1-250-" + SEQUENCE[249] + "-" + next(base for base in "ACGT" if base != SEQUENCE[249]))]
    _, told = classify(case)
    assert [one["criterion"] for one in told["evidence_elsewhere"]] == ["PS3"]


def test_main_refuses_evidence_on_a_variant_that_the_case_has_not(case: SimpleNamespace) -> None:
    case.params.evidence = [judgement(f"1-300-{SEQUENCE[299]}-{next(base for base in 'ACGT' if base != SEQUENCE[299])}")]
    with pytest.raises(InputError, match=r"the calls of case c have no variant 1-300-.*of which A\. Berg judges PS3"):
        classify(case)


def test_main_moves_secondary_findings_to_their_own_section_with_consent(case: SimpleNamespace) -> None:
    rows, told = classify(case, outside=("TWO",), consent=True)
    assert [(one["gene"], one["posterior"]) for one in rows] == [("ONE", "0.7")], "the probability among the candidates that are left"
    section = told["secondary_findings"]
    assert [(one["gene"], one["pos"]) for one in section["findings"]] == [("TWO", 1141)], "ClinVar calls it pathogenic, with stars"
    assert section["not_reported"] == 1, "the missense variant is not likely pathogenic"
    assert sum(told["counts"].values()) - 4 == 4
    text = json.dumps({name: part for name, part in told.items() if name != "secondary_findings"})
    assert "TWO" not in text


def test_main_without_consent_tells_nothing_that_depends_on_the_calls(case: SimpleNamespace) -> None:
    _, told = classify(case, outside=("TWO",))
    section = told["secondary_findings"]
    assert (section["findings"], section["not_reported"]) == ([], None)
    assert "TWO" not in json.dumps(told)


def seal(folder: Path, number: int, **cells: str) -> None:
    version = folder / f"{number:04d}" / "cases" / "c"
    version.mkdir(parents=True)
    (folder / f"{number:04d}" / "manifest.json").write_text(json.dumps({"workflow": {"workflow": f"w{number}"}}))
    told = {"chrom": "1", "pos": "141", "ref": "A", "alt": "C", **cells}
    (version / "candidates.tsv").write_text("\t".join(told) + "\n" + "\t".join(told.values()) + "\n")


def test_history_keeps_what_differed_and_is_the_same_when_nothing_changed(tmp_path: Path) -> None:
    now = {"chrom": "1", "pos": 141, "ref": "A", "alt": "C", "class": "pathogenic", "acmg_points": 10, "criteria": "PVS1,PS3"}
    seal(tmp_path, 1, **{"class": "not evaluated", "acmg_points": "not evaluated"})
    seal(tmp_path, 2, **{"class": "uncertain significance", "acmg_points": "1", "criteria": "PM2_Supporting"})
    seal(tmp_path, 3, **{"class": "uncertain significance", "acmg_points": "1", "criteria": "PM2_Supporting"})
    sealed = read_history(tmp_path, "c")
    (told,) = history_of(now, sealed)
    assert (told["version"], told["workflow"], told["class"]) == ("0003", "w3", "uncertain significance")
    seal(tmp_path, 4, **{"class": "pathogenic", "acmg_points": "10", "criteria": "PVS1,PS3"})
    assert history_of(now, read_history(tmp_path, "c")) == [told], "a run that changes nothing writes the same bytes"
    assert read_history(tmp_path / "none", "c") == []
