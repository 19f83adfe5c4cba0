"""A case of two people in files as the stages above the report write them, small enough to build in a test."""

import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pysam

NASTY = "<script>alert(1)</script>"
SEQUENCE = "".join(random.Random(5).choices("ACGT", k=3000))
POSITION = 1500  # 0-based, of the first candidate
MEMBERS = ("child", "mother")
CHANGE = {"workflow": "aaaaaaaaaaaa", "status": "first version", "from": None, "why": None, "who": None, "when": None}
TERMS = [
    {"id": "HP:0003323", "label": "Progressive muscle weakness", "excluded": False},
    {"id": "HP:0001249", "label": NASTY, "excluded": True},
]


LINE = {"criterion": "PM2", "code": "PM2_Supporting", "strength": "supporting", "points": 1, "direction": "pathogenic"}
LINE |= {"fact": "not found among 800,000 people", "source": "gnomad", "release": "4.1", "date": "4.1"}
PERSON = LINE | {
    "criterion": "PS3",
    "code": "PS3",
    "strength": "strong",
    "points": 4,
    "fact": "the protein does not fold",
    "date": "2026-10-01",
}
PERSON |= {"source": "evidence sheet", "author": "Dr Curie", "reference": "PMID:12345678"}
AGAINST = LINE | {
    "criterion": "BP7",
    "code": "BP7",
    "points": 0,
    "direction": "benign",
    "why_not": "vetoed by Dr Curie on 2026-10-02: splicing",
}
EVIDENCE: dict[str, Any] = {
    "criteria": "PS3,PM2_Supporting",
    "evidence_lines": [PERSON, LINE, AGAINST],
    "conflicts": ["ClinVar 2026-10 says Benign (1 stars), the points say likely pathogenic"],
    "vetoes": [{"criterion": "BP7", "author": "Dr Curie", "date": "2026-10-02", "reason": "splicing", "met": "BP7, -1 points"}],
    "criteria_not_evaluated": {"PS1": "no ClinVar release is configured"},
    "history": [{"version": "0001", "workflow": "bbbbbbbbbbbb", "class": "uncertain significance", "acmg_points": "3", "criteria": "PM2"}],
    "posterior": 0.93,
    "pair": {"chrom": "1", "pos": 1801, "ref": "A", "alt": "C", "hgvs_c": "NM_1.1:c.9A>C", "phase": "in trans",
        "how": "one from each parent"},
    "de_novo": {
        "confirmed": False,
        "parents": [
            {"role": "mother", "state": "mosaic", "depth": 40, "alt": 3, "fraction": 0.075, "error_rate": 0.001, "p_error": 1e-6,
             "p_heterozygous": 1e-8, "mosaic": True},
            {"role": "father", "state": "not known", "mosaic": False},
        ],
    },
    "segregation": {
        "meioses": 0.0, "affected_with": [], "affected_without": [], "unaffected_with": [], "unaffected_without": ["mother"], "against": [],
    },
    "imprinting": None,
    "effect": {"category": "amino-acid change", "decay": None, "removed": None, "note": ""},
    "transcripts": [
        {"gene": "LMNA", "transcript": "NM_1.1", "terms": ["missense_variant"], "hgvs_c": "NM_1.1:c.745C>T",
         "hgvs_p": "NP_1.1:p.(Arg249Trp)", "note": "", "mane": True, "canonical": True},
    ],
    "population": None,
    "clinvar_record": None,
    "tier": "1",
    "panels": [{"panel": "Muscle", "version": "2.1", "inheritance": "AD", "confidence": "green"}],
    "phase": "in trans",
    "parent_of_origin": "",
}  # fmt: skip


def other_base(base: str) -> str:
    return "A" if base != "A" else "C"


def write_json(path: Path, content: object) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return str(path)


def write_reference(folder: Path) -> str:
    fasta = folder / "reference.fa"
    fasta.write_text(f">1\n{SEQUENCE}\n>2\n{'N' * 100}\n")
    pysam.faidx(str(fasta))
    return str(fasta)


def write_cram(folder: Path, sample: str, fasta: str, alt_every: int) -> str:
    """Reads of 100 bases every 10; each `alt_every`-th carries the variant at POSITION (0 = none)."""
    path = folder / f"{sample}.cram"
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "1", "LN": 3000}, {"SN": "2", "LN": 100}]}
    with pysam.AlignmentFile(str(path), "wc", header=header, reference_filename=fasta) as out:
        for number, start in enumerate(range(1000, 2000, 5)):
            bases = list(SEQUENCE[start : start + 100])
            if alt_every and number % alt_every == 0 and start <= POSITION < start + 100:
                bases[POSITION - start] = other_base(bases[POSITION - start])
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.query_sequence, read.flag = f"secret-read-name-{number}", "".join(bases), 16 * (number % 2)
            read.reference_id, read.reference_start, read.mapping_quality, read.cigarstring = 0, start, 60, "100M"
            read.query_qualities = pysam.qualitystring_to_array("I" * 100)
            out.write(read)
    pysam.index(str(path))
    return str(path)


def write_vcf(folder: Path, *, named: bool = True) -> str:
    """The calls; with `named` False as records of genes that may not be told of."""
    path = folder / "case1.vcf"
    lines = ["##fileformat=VCFv4.2", "##contig=<ID=1,length=3000>", '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">']
    lines += ['##INFO=<ID=HGVSg,Number=1,Type=String,Description="n">']
    lines += ['##FORMAT=<ID=AD,Number=R,Type=Integer,Description="a">', '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="d">']
    lines += [
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="q">',
        "#" + "\t".join(["CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *MEMBERS]),
    ]
    for row in candidates():
        lines.append(
            "\t".join(
                map(
                    str,
                    [
                        "1",
                        row["pos"],
                        ".",
                        row["ref"],
                        row["alt"],
                        50,
                        "PASS",
                        f"HGVSg=1:g.{row['pos']}" if named else ".",
                        "GT:AD:DP:GQ",
                        "0|1:10,10:20:99",
                        "0/0:20,0:20:60",
                    ],
                )
            )
        )
    path.write_text("\n".join(lines) + "\n")
    return str(pysam.tabix_index(str(path), preset="vcf", force=True))


def candidates() -> list[dict[str, Any]]:
    """Two candidates: the variant of the reads, and a deletion further down in a gene without a phenotype score."""
    ref = SEQUENCE[POSITION]
    base = {
        "case": "case1",
        "chrom": "1",
        "genotype": "0|1",
        "zygosity_model": "heterozygous: autosomal dominant (possible)",
        "inheritance_score": -0.7,
        "models": [
            {
                "name": "de novo, dominant",
                "mode": "autosomal dominant",
                "fit": "possible",
                "reasons": ["mother without it"],
                "missing": ["father not sequenced"],
            },
        ],
        "acmg_points": 7,
        "class": "likely pathogenic",
        **EVIDENCE,
        "evidence": "",
        "not_evaluated": "clinvar,gnomad",
        "depth": 20,
        "allele_balance": 0.5,
        "filter": "PASS",
        "transcript": "NM_1.1",
        "frequency": "not evaluated",
        "clinvar": "not evaluated",
    }
    first = base | {
        "rank": 1,
        "gene": "LMNA",
        "pos": POSITION + 1,
        "ref": ref,
        "alt": other_base(ref),
        "consequence": "missense_variant",
        "hgvs_c": "NM_1.1:c.745C>T",
        "hgvs_p": "NP_1.1:p.(Arg249Trp)",
        "hgvs_g": f"1:g.{POSITION + 1}{ref}>{other_base(ref)}",
        "phenotype_score": 3.5,
        "variant_score": 2.0,
        "score": 5.5,
        "gene_rank": 1,
        "inheritance_note": "",
        "reasons": ["missense variant", f"said by a file: {NASTY}"],
    }
    second = first | {
        "rank": 2,
        "gene": "",
        "pos": 1801,
        "ref": SEQUENCE[1800:1803],
        "alt": SEQUENCE[1800],
        "consequence": "intergenic_variant",
        "hgvs_c": "",
        "hgvs_p": "",
        "phenotype_score": "no known disease",
        "gene_rank": "no known disease",
        "score": 0.5,
        "variant_score": 0.5,
        "inheritance_note": NASTY,
    }
    return [first, second]


def interpretation() -> dict[str, Any]:
    terms = [
        {"id": "HP:0003323", "label": "Progressive muscle weakness", "kind": "observed", "excluded": False, "log_lr": 3.5, "share": 3.5,
         "because": "shown by 80 % of patients with the disease"},
        {"id": "HP:0003236", "label": "Elevated creatine kinase", "kind": "laboratory", "excluded": False, "log_lr": 1.2, "share": 1.2,
         "because": "shown by 60 %", "source": "LOINC 2157-6 Creatine kinase: 900 U/L (reference 30 to 200)"},
        {"id": "HP:0001249", "label": NASTY, "kind": "excluded", "excluded": True, "log_lr": -0.1, "share": -0.1, "because": "absent here"},
    ]  # fmt: skip
    gene = {"symbol": "LMNA", "phenotype_score": 3.5, "rank": 1, "disease": {"id": "OMIM:181350", "name": "Muscular dystrophy"}}
    gene |= {"terms": terms, "not_told_log_lr": -0.4, "modes": ["autosomal recessive"]}
    gene |= {"posterior": 0.31, "usual_log_lr": -0.2, "onset": {"disease": ["Adult onset"], "patient": [], "fits": None}, "solved_cases": 2}
    withheld = {key: candidates()[0][key] for key in ("chrom", "pos", "ref", "alt", "consequence", "hgvs_c", "hgvs_p")}
    return {
        "case": "case1",
        "proband": "child",
        "terms": TERMS,
        "ranked_by": "phenotype and variant",
        "reason": "",
        "genes": [gene, gene | {"symbol": "TTN", "rank": 2}, gene | {"symbol": "FAR", "rank": 3}],
        "counts": {"not in the proband": 3},
        "withheld": [withheld | {"gene": "RARE", "why": f"more frequent than 0.01 {NASTY}"}],
        "not_evaluated": {"clinvar": "not configured"},
        "candidates": candidates(),
        "prior": "each of 4,900 genes is equally likely beforehand",
        "notes": ["LOINC 718-7 Haemoglobin: 8 mmol/L gave no feature: it is within its reference range"],
        "family": family_found(),
        "order": {
            "genes": ["LMNA"],
            "panels": [{"name": "Muscle", "version": "2.1", "genes": 1, "not_ordered": ["TTN"]}],
            "of_gene": {},
        },
        "secondary_findings": {
            "configured": True,
            "consent": False,
            "release": "3.2",
            "because": "child says no",
            "inside": [],
            "genes_outside": 80,
            "findings": [],
            "not_reported": None,
        },
        "evidence_elsewhere": [
            {
                "variant": "1-1700-A-C",
                "criterion": "PS3",
                "direction": "pathogenic",
                "author": "Dr Curie",
                "date": "2026-10-01",
                "fact": "no fold",
            }
        ],
        "not_assessed_for_effect": {
            "genes": ["LMNA"],
            "found": 1,
            "variants": [withheld | {"gene": "LMNA", "category": "intronic: not assessed for effect", "population": "not evaluated"}],
        },
    }


def family_found() -> dict[str, Any]:
    """What `examine_family` found: a mother and a child, two errors, a chromosome that may be from one parent."""
    counts = {
        "contig": "1",
        "type": "snv",
        "sites": 500,
        "in_neither_parent": 0,
        "nothing_from_the_mother": 2,
        "nothing_from_the_father": 0,
    }
    row = {"contig": "1", "informative": 90, "both": 2, "mother_only": 88, "father_only": 0, "p": 1e-20, "reason": "", "parent": "mother"}
    return {
        "members": [{"sample": name, "karyotype": "XX"} for name in MEMBERS],
        "mendelian": {"evaluated": True, "sites": 500, "errors": 2, "by_chromosome": [counts], "rate": 0.004, "reason": ""},
        "parentage": {"mother": {"verdict": "confirmed", "sites": 500, "without_common_allele": 2, "share": 0.004}},
        "uniparental": [row | {"verdict": "uniparental, from the mother", "kind": "isodisomy"}],
        "consanguinity": {
            "runs": [["1", 0, 2_000_000]], "total_bases": 2_000_000, "territory_bases": 0, "evaluated": False, "f_roh": None,
            "statement": "not evaluated", "reason": "runs can be seen in 0 Mb of the autosomes, 1,000 Mb are needed",
        },
    }  # fmt: skip


def sample_release(sample: str, decision: str) -> dict[str, Any]:
    metric = {
        "name": "mean_autosome_coverage",
        "value": 20.5,
        "unit": "x",
        "limit": 30,
        "margin": -9.5,
        "verdict": "fail",
        "source": "a ministry",
    }
    return {
        "sample": sample,
        "decision": decision,
        "limits": {"name": "set", "date": "2026-11-01"},
        "metrics": [metric],
        "reasons": ["mean depth is 20.5x"],
        "notes": [],
        "versions": {"genvej": "0.1.0", "bwa": "0.7.17" if sample == "child" else "0.7.18"},
    }


def case_release() -> dict[str, Any]:
    knowledge = [
        {"name": "hpo", "status": "evaluated", "release": "2025-01-16"},
        {"name": "gnomad", "status": "not_evaluated", "release": ""},
    ]
    return {
        "case": "case1",
        "decision": "hold",
        "reasons": ["child: hold"],
        "notes": [],
        "checks": [{"name": "the joint VCF has records", "verdict": "pass", "facts": "2 records"}],
        "knowledge": knowledge,
        "metrics": [],
        "versions": {"genvej": "0.1.0", "gatk": "4.6.2.0"},
    }


def write_models(folder: Path) -> str:
    """LMNA with two coding exons of which the second ends past the reads; TTN outside the territory; nothing of FAR."""
    rows = []
    for gene, exons in (("LMNA", ((1401, 1600), (2001, 2200))), ("TTN", ((2801, 2900),))):
        span = (exons[0][0], exons[-1][1])
        rows += [
            ("gene", *span, f"ID=gene:{gene};Name={gene};biotype=protein_coding"),
            ("mRNA", *span, f"ID=transcript:NM_{gene};Parent=gene:{gene};biotype=protein_coding;tag=MANE_Select"),
        ]
        rows += [(kind, *exon, f"Parent=transcript:NM_{gene}") for exon in exons for kind in ("exon", "CDS")]
    path = folder / "models.gff3"
    path.write_text("##gff-version 3\n" + "".join(f"1\tx\t{kind}\t{start}\t{end}\t.\t+\t0\t{more}\n" for kind, start, end, more in rows))
    return str(path)


def write_bed(folder: Path, name: str, *lines: tuple[str, int, int]) -> str:
    path = folder / name
    path.write_text("".join(f"{contig}\t{start}\t{end}\n" for contig, start, end in lines))
    return str(path)


def make_case(folder: Path) -> SimpleNamespace:
    """Return what `main` of collect_report takes: input, output and params, with every file written below `folder`."""
    fasta = write_reference(folder)
    callable_ = [
        pysam.tabix_index(write_bed(folder, f"{name}.bed", ("1", 1020, 1980 + 100 * (name == "mother"))), preset="bed", force=True)
        for name in MEMBERS
    ]
    karyotype = {"declared": "female", "measured": None, "reason": "X has no sequence", "agrees": None}
    vcf = write_vcf(folder)
    return SimpleNamespace(
        input=SimpleNamespace(
            interpretation=write_json(folder / "interpretation.json", interpretation()),
            family=write_json(folder / "family.json", family_found() | {"reads": {}}),
            vcf=vcf,
            tbi=f"{vcf}.tbi",
            decision=write_json(folder / "case_release.json", case_release()),
            decisions=[
                write_json(folder / f"{name}.release.json", sample_release(name, "hold" if name == "child" else "release"))
                for name in MEMBERS
            ],
            karyotypes=[write_json(folder / f"{name}.karyotype.json", karyotype) for name in MEMBERS],
            crams=[write_cram(folder, "child", fasta, 2), write_cram(folder, "mother", fasta, 0)],
            callable=callable_,
            territory=write_bed(folder, "territory.bed", ("1", 0, 2500)),
            fasta=fasta,
            models=write_models(folder),
            clinvar=[],
        ),
        output=[str(folder / "report.json")],
        params=SimpleNamespace(
            case={
                "name": "case1",
                "proband": "child",
                "members": [
                    {
                        "sample": "child",
                        "role": "proband",
                        "sex": "female",
                        "affected": "yes",
                        "material": NASTY,
                        "order": "",
                        "mother": "",
                        "father": "",
                    },
                    {
                        "sample": "mother",
                        "role": "mother",
                        "sex": "female",
                        "affected": "no",
                        "material": "",
                        "order": "R1",
                        "mother": "",
                        "father": "",
                    },
                ],
                "terms": TERMS,
            },
            verdicts=[],
            base=[],
            par=[],
            clinvar=[],
            labels={"mean_autosome_coverage": "mean depth over the autosomes"},
            reference="GRCh38",
            caller="gatk",
            callable={"min_depth": 10, "min_mapping_quality": 20},
            gap_genes=20,
            views=30,
        ),
    )
